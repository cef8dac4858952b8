// As what one build is packed. The code, the pages and the version are the same in each.

/** How an edition differs from the extension as its manifests have it. */
export interface Edition {
  /** What tfx sets in the manifest of the extension. */
  readonly extension: Readonly<Record<string, unknown>>;
  /** What is set in task.json. */
  readonly task: Readonly<Record<string, string>>;
}

export type EditionName = 'private' | 'public' | 'preview';

export const EDITIONS: Readonly<Record<EditionName, Edition>> = {
  /** Seen by those only with whom its publisher shares it. */
  private: { extension: {}, task: {} },
  /** For everybody, in the Marketplace. */
  public: { extension: { galleryFlags: ['Public'] }, task: {} },
  /**
   * To be tried in an organization that has the public one, too. The Marketplace takes one id of an extension and one id of a task once.
   * The name of the task differs because a pipeline names it: of two tasks with one name, each pipeline would have to say which it
   * means, or fails as ambiguous (microsoft/coe-starter-kit#219, jfrog/jfrog-azure-devops-extension#623). The id of the contribution
   * is below that of the extension, and can stay.
   */
  preview: {
    extension: {
      id: 'azure-devops-managed-identity-preview',
      name: 'Azure DevOps Managed Identity (preview)',
      galleryFlags: ['Preview'],
    },
    task: {
      id: '1281c39a-840c-4865-af5a-5d24bb956581',
      name: 'AzureDevOpsTokenPreview',
      friendlyName: 'Azure DevOps token (preview)',
      instanceNameFormat: 'Get a token for Azure DevOps (preview)',
    },
  },
};
