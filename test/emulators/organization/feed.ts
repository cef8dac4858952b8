// A feed of Azure Artifacts on this machine: what the clients of npm, Python, NuGet and Maven ask of it. It lets in who shows
// the token, as a bearer or as the password of Basic authentication, and hands downloads to a store by signed URLs.
// https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md, https://peps.python.org/pep-0503/,
// https://learn.microsoft.com/nuget/api/service-index
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { startPublicServer, type PublicServer } from '../public-server';
import { packForCargo, readCargoIndex } from './feed-cargo';
import { hashOf, packForNpm, packForPython, PARENT_POM } from './feed-content';
import { readToken } from './organization';
import { STORE_HOST } from './rest-api';

export const FEED_HOST = 'pkgs.dev.azure.com';
/** Below this path is everything of the feed. */
export const FEED_PATH = '/MyOrg/SecretSauce/_packaging/sauces/';
export const FEED_URL = `https://${FEED_HOST}${FEED_PATH}`;
export const TARBALL_URL = `${FEED_URL}npm/registry/pepper/-/pepper-1.0.0.tgz`;
const WHEEL = 'pepper-1.0.0-py3-none-any.whl';

export interface FeedOptions {
  /** The tokens that the identity endpoint has issued: no other is taken. */
  readonly issued: readonly string[];
  /** A repository of Maven whose files the feed passes on, as from an upstream source. */
  readonly mavenUpstream: string;
}

export interface FeedRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly status: number;
}

export interface Feed {
  readonly port: number;
  readonly requests: readonly FeedRequest[];
  /** What was published, by the path or the name of the file. */
  readonly published: ReadonlyMap<string, Buffer>;
  /** Where its downloads are. */
  readonly store: PublicServer;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

interface Asked {
  readonly method: string;
  /** Below the feed. */
  readonly path: string;
  readonly body: Buffer;
}

const NOT_FOUND: Answer = { status: 404 };
const CHALLENGE: Answer = {
  status: 401,
  headers: {
    'www-authenticate': [
      'Bearer authorization_uri=https://login.microsoftonline.com/7e9c6d20-0b1f-4c5e-9a53-2f0d6c1b8e47',
      `Basic realm="https://${FEED_HOST}/"`,
      'TFS-Federated',
    ],
  },
};
const json = (body: object): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export async function startFeed({ issued, mavenUpstream }: FeedOptions): Promise<Feed> {
  const requests: FeedRequest[] = [];
  const published = new Map<string, Buffer>();
  const files = new Map([
    ['/pepper.tgz', packForNpm()],
    [`/${WHEEL}`, packForPython()],
    ['/pepper.crate', packForCargo()],
  ]);
  const store = await startPublicServer(STORE_HOST, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://store');
    const content = files.get(pathname);
    // A store takes the signature of the URL or a header, not both.
    const isSigned = searchParams.has('sig') && request.headers.authorization === undefined;
    response.writeHead(content !== undefined && isSigned ? 200 : 400).end(content);
  });
  const download = (file: string): Answer => {
    return {
      status: 303,
      headers: { location: `https://${STORE_HOST}${file}?sv=2019-07-07&sr=b&sig=abc%2Fdef` },
    };
  };
  const kinds: Readonly<Record<string, (asked: Asked) => Answer>> = {
    npm: (asked) => serveNpm(asked, { published, download, tarball: files.get('/pepper.tgz')! }),
    pypi: (asked) => servePython(asked, { published, download, wheel: files.get(`/${WHEEL}`)! }),
    nuget: (asked) => serveNuGet(asked, published),
    Cargo: ({ path }) => serveCargo(path.slice('Cargo/'.length), download),
    maven: (asked) => serveMaven(asked, published, mavenUpstream),
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const { method = '', url = '/', headers } = request;
    const { authorization } = headers;
    const path = decodeURIComponent(new URL(url, FEED_URL).pathname);
    const isKnown = issued.includes(readToken(authorization) ?? '');
    const kind = path.startsWith(FEED_PATH) ? path.slice(FEED_PATH.length).split('/')[0] : '';
    const asked = { method, path: path.slice(FEED_PATH.length), body: Buffer.concat(chunks) };
    const answer = isKnown ? (kinds[kind ?? '']?.(asked) ?? NOT_FOUND) : CHALLENGE;
    requests.push({ method, url, authorization, status: answer.status });
    response.writeHead(answer.status, answer.headers).end(method === 'HEAD' ? '' : answer.body);
  };
  const server = await startPublicServer(FEED_HOST, (request, response) => {
    void serve(request, response);
  });
  return {
    port: server.port,
    requests,
    published,
    store,
    close: async () => {
      await Promise.all([server.close(), store.close()]);
    },
  };
}

type Published = Map<string, Buffer>;
type Download = (file: string) => Answer;

function serveNpm(
  { method, path, body }: Asked,
  setting: { published: Published; download: Download; tarball: Buffer },
): Answer {
  if (method === 'PUT') {
    const { _attachments: attachments } = JSON.parse(body.toString()) as {
      _attachments: Readonly<Record<string, { data: string }>>;
    };
    for (const [name, { data }] of Object.entries(attachments)) {
      setting.published.set(name, Buffer.from(data, 'base64'));
    }
    return json({ success: true });
  }
  if (path === 'npm/registry/pepper/-/pepper-1.0.0.tgz') {
    return setting.download('/pepper.tgz');
  }
  const dist = {
    tarball: TARBALL_URL,
    shasum: hashOf('sha1', setting.tarball, 'hex'),
    integrity: `sha512-${hashOf('sha512', setting.tarball, 'base64')}`,
  };
  return path === 'npm/registry/pepper'
    ? json({
        name: 'pepper',
        'dist-tags': { latest: '1.0.0' },
        versions: { '1.0.0': { name: 'pepper', version: '1.0.0', dist } },
      })
    : NOT_FOUND;
}

function servePython(
  { method, path, body }: Asked,
  setting: { published: Published; download: Download; wheel: Buffer },
): Answer {
  if (method === 'POST' && path === 'pypi/upload/') {
    const text = body.toString('latin1');
    const [head = '', name = ''] = /filename="([^"]+)"[^]*?\r\n\r\n/.exec(text) ?? [];
    const start = text.indexOf(head) + head.length;
    const content = text.slice(start, text.indexOf('\r\n--', start));
    setting.published.set(name, Buffer.from(content, 'latin1'));
    return { status: 200 };
  }
  if (path === 'pypi/simple/pepper/') {
    const hash = hashOf('sha256', setting.wheel, 'hex');
    const link = `<a href="../../download/pepper/1.0.0/${WHEEL}#sha256=${hash}">${WHEEL}</a>`;
    const headers = { 'content-type': 'text/html' };
    return { status: 200, headers, body: `<!DOCTYPE html><html><body>${link}</body></html>` };
  }
  return path === `pypi/download/pepper/1.0.0/${WHEEL}` ? setting.download(`/${WHEEL}`) : NOT_FOUND;
}

function serveCargo(path: string, download: Download): Answer {
  const body = readCargoIndex(path, `${FEED_URL}Cargo/`);
  if (path === 'download/pepper/1.0.0/download') {
    return download('/pepper.crate');
  }
  return body === undefined ? NOT_FOUND : { status: 200, body };
}

function serveNuGet({ method, path, body }: Asked, published: Published): Answer {
  if (method === 'PUT' && path === 'nuget/v2/') {
    published.set('nuget', body);
    return { status: 202 };
  }
  const resources = [{ '@id': `${FEED_URL}nuget/v2/`, '@type': 'PackagePublish/2.0.0' }];
  return path === 'nuget/v3/index.json' ? json({ version: '3.0.0', resources }) : NOT_FOUND;
}

function serveMaven({ method, path, body }: Asked, published: Published, upstream: string): Answer {
  const file = path.replace(/^maven\/v1\//, '');
  if (method === 'PUT') {
    published.set(file, body);
    return { status: 201 };
  }
  const own =
    file === 'com/example/pepper/1.0.0/pepper-1.0.0.pom' ? PARENT_POM : published.get(file);
  const source = join(upstream, file);
  if (own === undefined && existsSync(source) && statSync(source).isFile()) {
    return { status: 200, body: readFileSync(source) };
  }
  return own === undefined ? NOT_FOUND : { status: 200, body: own };
}
