// Where the pages of a version can be read. Nothing here invents the place: whoever packs the extension names it.

/** The pages of one version of the extension. */
export interface DocsSite {
  /** The URL of the top folder of the repository, with a slash at its end. */
  readonly folder: string;
  /** The URL of the repository itself. */
  readonly repository: string;
}

const VERSION = '{version}';

/**
 * Reads `--docs-url`, for example `https://github.com/OWNER/REPOSITORY/blob/v{version}`.
 * @param version of the extension, which replaces `{version}`
 * @throws {Error} if pages of the same version cannot be found by it
 */
export function parseDocsUrl(text: string, version: string): DocsSite {
  const refuse = (reason: string) => new Error(`--docs-url is ${text}. ${reason}`);
  if (!URL.canParse(text.replace(VERSION, version))) {
    throw refuse('It must be the URL of the top folder of the repository.');
  }
  const url = new URL(text.replace(VERSION, version));
  if (url.protocol !== 'https:' || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw refuse('It must be an https URL without a user, a query and a fragment.');
  }
  if (!text.includes(VERSION)) {
    throw refuse(
      `It must contain ${VERSION}, so that each version of the task links to its own pages.`,
    );
  }
  const folder = url.href.replace(/\/*$/, '/');
  const [repository = folder] = folder.split(/\/(?:-\/)?(?:blob|tree|src)\//);
  return { folder, repository };
}

/** What tfx sets in the manifest of the extension. */
export function toManifestLinks({
  folder,
  repository,
}: DocsSite): Readonly<Record<string, unknown>> {
  return {
    links: {
      home: { uri: `${folder}README.md` },
      getstarted: { uri: `${folder}README.md` },
      learn: { uri: `${folder}docs/troubleshooting.md` },
      support: { uri: `${folder}README.md` },
    },
    repository: { type: 'git', uri: repository },
  };
}

/** A link in Markdown to another page of the repository. Pictures are in the package, and stay as they are. */
const LINK = /(?<!!)\[((?:[^[\]]|!\[[^\]]*\])*)\]\((?!https?:|#|mailto:)([^()\s]+)\)/g;

/** Makes the links of a page absolute. Without a site, no reader of the package could follow them: they become text. */
export function linkPage(markdown: string, site: DocsSite | undefined): string {
  return markdown.replace(LINK, (_, text: string, path: string) =>
    site === undefined ? text : `[${text}](${new URL(path, site.folder).href})`,
  );
}
