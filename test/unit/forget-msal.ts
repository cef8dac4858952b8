/**
 * The library keeps its first client, and its tokens, for the life of the process: every test starts anew.
 * Loaded as the task loads it, by `import()`, because there are two copies of it, for each kind of module.
 */
export async function forgetMsal(): Promise<void> {
  const { ManagedIdentityApplication } = await import('@azure/msal-node');
  const application = new ManagedIdentityApplication() as unknown as {
    managedIdentityClient: { constructor: Record<string, unknown> };
  };
  const client = application.managedIdentityClient.constructor;
  delete client['identitySource'];
  delete client['sourceName'];
  Reflect.deleteProperty(ManagedIdentityApplication, 'nodeStorage');
  // Makes a new, empty store.
  new ManagedIdentityApplication();
}
