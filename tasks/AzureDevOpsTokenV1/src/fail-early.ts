/**
 * Ends the step with an error where the task library is not, or cannot be, loaded. Parses on any Node.js.
 * @param message one line of our own words
 */
export function failEarly(message: string): void {
  console.log('##vso[task.logissue type=error]' + message);
  console.log('##vso[task.complete result=Failed]' + message);
}
