/** The steps of a remedy, each on a line of its own. */
export function numberSteps(steps: readonly string[]): string {
  return steps.map((step, index) => `${index + 1}. ${step}`).join('\n');
}
