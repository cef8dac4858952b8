// The repositories of an organization: the real `git http-backend`, and Git LFS as much as cloning and pushing needs.
// https://git-scm.com/docs/git-http-backend, https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface GitServer {
  readonly serveGit: (request: IncomingMessage, response: ServerResponse) => void;
  /** Runs git in a bare repository, such as `MyOrg/SecretSauce/app`; returns what it prints. */
  git(repository: string, ...args: readonly string[]): string;
  /** Makes a repository with a first commit of these files, by path. */
  seed(repository: string, files: Readonly<Record<string, string | Submodule>>): void;
  /** Keeps a large file; returns the text by which a repository refers to it. */
  keepLargeFile(content: string): string;
  /** The large files that the server has. */
  largeFiles(): readonly string[];
  close(): void;
}

/** The commit of another repository, with the URL that `.gitmodules` names. */
export interface Submodule {
  readonly repository: string;
  readonly url: string;
}

const AUTHOR = {
  GIT_AUTHOR_NAME: 'Test User',
  GIT_AUTHOR_EMAIL: 'user@example.com',
  GIT_COMMITTER_NAME: 'Test User',
  GIT_COMMITTER_EMAIL: 'user@example.com',
};

/** What a server has. */
interface Content {
  readonly root: string;
  readonly largeFiles: Map<string, Buffer>;
  readonly seeded: string[];
}

type Prepare = (server: GitServer) => void;

/** What each function has made. To make it takes a second and more than a hundred processes; to copy it, some milliseconds. */
const templates = new Map<Prepare, Content>();

/** Opens a server with repositories of its own, as `prepare` has made them for the first server. */
export function openGitServer(prepare: Prepare): GitServer {
  const template = templates.get(prepare) ?? makeTemplate(prepare);
  const root = makeRoot();
  cpSync(template.root, root, { recursive: true });
  const { largeFiles, seeded } = template;
  return serve({ root, largeFiles: new Map(largeFiles), seeded: [...seeded] });
}

function makeTemplate(prepare: Prepare): Content {
  const content: Content = { root: makeRoot(), largeFiles: new Map(), seeded: [] };
  const server = serve(content);
  prepare(server);
  process.once('exit', () => {
    server.close();
  });
  templates.set(prepare, content);
  return content;
}

const makeRoot = () => mkdtempSync(join(tmpdir(), 'git-server-'));

function serve({ root, largeFiles, seeded }: Content): GitServer {
  const environment = {
    PATH: process.env['PATH'],
    HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    ...AUTHOR,
  };
  const run = (folder: string, args: readonly string[], input = '') =>
    execFileSync('git', args, { cwd: folder, env: environment, encoding: 'utf8', input }).trim();
  const folderOf = (repository: string) => join(root, `${repository}.git`);
  /** Azure DevOps does not tell capital letters apart, and has the organization in its older hosts. */
  const findRepository = (host: string, path: string) => {
    const [, legacy] = /^([\w-]+)\.visualstudio\.com$/.exec(host) ?? [];
    const inOrganization = path.replace(/^DefaultCollection\//i, '').replace('/_git/', '/');
    const name = legacy === undefined ? path.replace('/_git/', '/') : `${legacy}/${inOrganization}`;
    return seeded.find((repository) => repository.toLowerCase() === name.toLowerCase());
  };

  return {
    serveGit: (request, response) => {
      const url = new URL(request.url ?? '/', 'http://git');
      const [, path = '', rest = ''] =
        /^\/(.*?)(?:\.git)?(\/info\/.*|\/git-.*)$/.exec(url.pathname) ?? [];
      const repository = findRepository(request.headers.host ?? '', path);
      if (repository === undefined) {
        response.writeHead(404).end();
      } else if (rest.startsWith('/info/lfs/')) {
        void serveLargeFiles(request, response, largeFiles);
      } else {
        serveSmart(request, response, {
          ...environment,
          GIT_PROJECT_ROOT: root,
          PATH_INFO: `/${repository}.git${rest}`,
          QUERY_STRING: url.search.slice(1),
        });
      }
    },
    git: (repository, ...args) => run(folderOf(repository), args),
    seed: (repository, files) => {
      const folder = folderOf(repository);
      seeded.push(repository);
      mkdirSync(folder, { recursive: true });
      // Without the samples of hooks.
      run(folder, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main']);
      const work = mkdtempSync(join(root, 'work-'));
      run(work, ['init', '--quiet', '--template=', '--initial-branch=main']);
      for (const [path, content] of Object.entries(files)) {
        if (typeof content === 'string') {
          writeFileSync(join(work, path), content);
        } else {
          const commit = run(folderOf(content.repository), ['rev-parse', 'main']);
          run(work, ['update-index', '--add', '--cacheinfo', `160000,${commit},${path}`]);
          run(work, ['config', '-f', '.gitmodules', `submodule.${path}.path`, path]);
          run(work, ['config', '-f', '.gitmodules', `submodule.${path}.url`, content.url]);
          mkdirSync(join(work, path));
        }
      }
      run(work, ['add', '--all', '.']);
      run(work, ['commit', '--quiet', '--message', 'Begin']);
      run(work, ['push', '--quiet', folder, 'main']);
      rmSync(work, { recursive: true });
    },
    keepLargeFile: (content) => {
      const id = createHash('sha256').update(content).digest('hex');
      largeFiles.set(id, Buffer.from(content));
      return `version https://git-lfs.github.com/spec/v1\noid sha256:${id}\nsize ${content.length}\n`;
    },
    largeFiles: () => [...largeFiles.values()].map(String),
    close: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Speaks to `git http-backend` as a web server does (CGI). */
function serveSmart(
  request: IncomingMessage,
  response: ServerResponse,
  environment: NodeJS.ProcessEnv,
): void {
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...environment,
      GIT_HTTP_EXPORT_ALL: '1',
      // Only who is named may push.
      REMOTE_USER: 'member',
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: request.headers['git-protocol']?.toString(),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  backend.stdin.on('error', () => undefined);
  request.pipe(backend.stdin);
  let head: Buffer | undefined = Buffer.alloc(0);
  backend.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end >= 0) {
      const headers = head.subarray(0, end).toString().split('\r\n');
      const entries = headers.map((line) => line.split(/: */, 2) as [string, string]);
      const { Status: status = '200', ...others } = Object.fromEntries(entries);
      response.writeHead(Number.parseInt(status, 10), others);
      response.write(head.subarray(end + 4));
      head = undefined;
    }
  });
  backend.on('close', () => response.end());
}

async function serveLargeFiles(
  request: IncomingMessage,
  response: ServerResponse,
  files: Map<string, Buffer>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const path = request.url ?? '';
  const [, base = ''] = /^(.*\/info\/lfs)\//.exec(path) ?? [];
  const id = /\/objects\/([0-9a-f]{64})$/.exec(path)?.[1];
  if (id !== undefined && request.method === 'PUT') {
    files.set(id, body);
    response.end();
  } else if (id !== undefined) {
    response.end(files.get(id));
  } else if (path.endsWith('/objects/batch')) {
    const origin = `https://${request.headers.host ?? ''}`;
    response.writeHead(200, { 'content-type': 'application/vnd.git-lfs+json' });
    response.end(JSON.stringify(planTransfer(body, `${origin}${base}/objects`, files)));
  } else {
    // It keeps no locks.
    response.writeHead(404, { 'content-type': 'application/vnd.git-lfs+json' });
    response.end('{"message":"Not found"}');
  }
}

interface Batch {
  readonly operation: 'upload' | 'download';
  readonly objects: readonly { readonly oid: string; readonly size: number }[];
}

function planTransfer(body: Buffer, base: string, files: ReadonlyMap<string, Buffer>): unknown {
  const { operation, objects } = JSON.parse(body.toString()) as Batch;
  return {
    transfer: 'basic',
    objects: objects.map(({ oid, size }) => {
      const isThere = files.has(oid);
      const isToMove = operation === 'upload' ? !isThere : isThere;
      const actions = isToMove ? { actions: { [operation]: { href: `${base}/${oid}` } } } : {};
      return { oid, size, ...actions };
    }),
  };
}
