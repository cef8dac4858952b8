/** What to do if only Microsoft can find the cause. Its support asks for the activity ID, if the response has one. */
export function describeSupport(activityId: string | undefined): string {
  return activityId === undefined
    ? 'contact Microsoft support'
    : 'give the activity ID to Microsoft support';
}
