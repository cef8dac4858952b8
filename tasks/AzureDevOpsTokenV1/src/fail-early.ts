/**
 * Ends the step with an error if the rest of the task is not loaded. Parses on any Node.js.
 * @param message one line without untrusted text
 */
export function failEarly(message: string): void {
  console.log('##vso[task.logissue type=error]' + message);
  console.log('##vso[task.complete result=Failed]' + message);
}
