/** What to do if only Microsoft can find the cause. Its support asks for this ID, if the response has one. */
export function describeSupport(
  name: 'activity ID' | 'correlation ID',
  id: string | undefined,
): string {
  return id === undefined ? 'contact Microsoft support' : `give the ${name} to Microsoft support`;
}
