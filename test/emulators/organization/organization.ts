// Organizations of Azure DevOps Services on this machine: who may come in, and what the REST API shows a member.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { authorityFile, issueCertificate } from '../certificates';
import { send, spoil, type Fault } from '../faults';
import { DEPLOY, RELEASE, SYSTEM_ASSIGNED, TENANT_ID } from '../identity-endpoint';
import { issueOidcToken, type JobOidcToken } from './job-oidc-token';
import { listOf, LOCATIONS, PROJECT, RESOURCES, type Member } from './content';
import { ARTIFACT_HOST, refuseVersion, RestApi, type RestApiOptions } from './rest-api';
import { OWN_HEADERS, refuse, signInPage, unauthorized } from './error-responses';
import { readIssuedClaims } from '../token-issuer';

/** What a limit of the service makes of a request. */
export interface Limited {
  /** Sent in place of the response. */
  readonly fault?: Fault;
  /** Added to those of the response. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds before the response. */
  readonly delayMs?: number;
}

export interface OrganizationOptions extends RestApiOptions {
  /** The tokens that the identity endpoint has issued: no other is taken. */
  readonly issued?: readonly string[];
  readonly members?: readonly Member[];
  /** The OIDC token of the jobs of its pipelines; absent: it issues none. */
  readonly oidc?: JobOidcToken;
  readonly tenantId?: string;
  /** Whoever is not known is let in as an anonymous user: the organization has a public project. */
  readonly isPublic?: boolean;
  /** One for each request, in order; undefined for a proper answer. */
  readonly faults?: readonly (Fault | undefined)[];
  /** For the requests after those. */
  readonly lastingFault?: Fault;
  /** Called for each request: what a limit of the service makes of it. */
  readonly limit?: (url: URL) => Limited;
  /** Fields that replace those of a proper answer. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970: a token that has expired by then is not taken. */
  readonly now?: () => number;
  /** Only whoever shows a certificate of the authority of the emulators may connect. */
  readonly wantsCertificate?: boolean;
  /** Without TLS. */
  readonly isPlain?: boolean;
  /** The names that the certificate is for. */
  readonly hosts?: readonly string[];
  readonly port?: number;
  /** Answers what is below `/_git/`, to those whom the organization lets in. */
  readonly serveGit?: (request: IncomingMessage, response: ServerResponse) => void;
}

export interface OrganizationRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  /** Milliseconds since some moment. */
  readonly at: number;
  /** The beginning of its body. */
  body: Buffer;
  /** Of all of its body, in bytes. */
  size: number;
}

export interface OrganizationServer {
  readonly origin: string;
  readonly port: number;
  readonly requests: readonly OrganizationRequest[];
  /** How many connections were opened. */
  connections(): number;
  close(): Promise<void>;
}

/** The hosts of Azure DevOps, by which an organization and its services are reached. */
export const HOSTS = [
  'dev.azure.com',
  ...[
    'vssps',
    'vsaex',
    'vsrm',
    'vstmr',
    'feeds',
    'pkgs',
    'almsearch',
    'auditservice',
    'extmgmt',
    'advsec',
    'artifacts',
    'analytics',
    'status',
  ].map((service) => `${service}.dev.azure.com`),
  'app.vssps.visualstudio.com',
  'myorg.visualstudio.com',
  'marketplace.visualstudio.com',
  ARTIFACT_HOST,
];
export const MEMBERS: readonly Member[] = [
  { objectId: SYSTEM_ASSIGNED.objectId, displayName: 'agent-1' },
  { objectId: DEPLOY.objectId, displayName: 'deploy' },
  { objectId: RELEASE.objectId, displayName: 'release' },
];
/** What is kept of a body; more is only counted. */
const LARGEST_BODY = 4 * 1024 * 1024;
/** There are these organizations, and no other. */
const NAMES = ['MyOrg', 'OtherOrg'];

export async function startOrganization(
  options: OrganizationOptions = {},
): Promise<OrganizationServer> {
  const requests: OrganizationRequest[] = [];
  const sockets = new Set<Socket>();
  const faults = [...(options.faults ?? [])];
  let connections = 0;

  const restApi = new RestApi(options);
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(`http://${request.headers.host ?? 'unknown.invalid'}${request.url ?? '/'}`);
    const { method = '', headers } = request;
    const record = { method, url, headers, at: performance.now(), body: Buffer.alloc(0), size: 0 };
    requests.push(record);
    const limited = options.limit?.(url) ?? {};
    const fault = limited.fault ?? (faults.length > 0 ? faults.shift() : options.lastingFault);
    if (url.pathname.includes('/_git/') || (fault !== undefined && fault.kind !== 'response')) {
      respond(request, response, { record, fault, limited });
      return;
    }
    request.on('data', (chunk: Buffer) => {
      record.size += chunk.length;
      if (record.size <= LARGEST_BODY) {
        record.body = Buffer.concat([record.body, chunk]);
      }
    });
    request.on('end', () => {
      setTimeout(() => {
        respond(request, response, { record, fault, limited });
      }, limited.delayMs ?? 0);
    });
  };
  const respond = (
    request: IncomingMessage,
    response: ServerResponse,
    {
      record,
      fault,
      limited,
    }: { record: OrganizationRequest; fault: Fault | undefined; limited: Limited },
  ) => {
    const { url } = record;
    const answer = answerTo(request, record, { ...options, restApi });
    const isProper = answer.status === 200 && !Buffer.isBuffer(answer.body);
    const content = {
      body: isProper ? { ...(answer.body as object), ...options.fields } : answer.body,
      headers: {
        ...OWN_HEADERS,
        'x-vss-resourcetenant': options.tenantId ?? TENANT_ID,
        ...answer.headers,
        ...limited.headers,
      },
    };
    if (fault !== undefined) {
      spoil(fault, response, content);
    } else if (isProper && options.serveGit !== undefined && url.pathname.includes('/_git/')) {
      options.serveGit(request, response);
    } else {
      send(response, answer.status, content);
    }
  };
  const { isPlain = false, hosts = [...HOSTS, '127.0.0.1', 'localhost'] } = options;
  const server = isPlain
    ? createServer(serve)
    : createTlsServer(
        {
          ...(await issueCertificate(hosts)),
          ...(options.wantsCertificate === true
            ? { requestCert: true, ca: readFileSync(await authorityFile()) }
            : {}),
        },
        serve,
      );
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${isPlain ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        sockets.forEach((socket) => socket.destroy());
      }),
  };
}

type Answer = Extract<Fault, { kind: 'response' }>;

function answerTo(
  request: IncomingMessage,
  record: OrganizationRequest,
  options: OrganizationOptions & { readonly restApi: RestApi },
): Answer {
  const { url } = record;
  if (request.rawHeaders.filter((name) => name.toLowerCase() === 'authorization').length > 1) {
    // What git sends if a header is configured and another one is added to it.
    return refuse(400, 'The request has more than one Authorization header.');
  }
  const parts = url.pathname.split('/').slice(1);
  // Services outside every organization, and those that have their own word for it.
  const isOutside =
    /^(?:status\.dev\.azure|(?:app\.vssps|marketplace|\w+\.artifacts)\.visualstudio)\.com$/;
  const legacy = isOutside.test(url.hostname)
    ? undefined
    : /^([\w-]+)\.visualstudio\.com$/.exec(url.hostname)?.[1];
  const hasName = legacy === undefined && !isOutside.test(url.hostname);
  const name = hasName ? (parts.shift() ?? '') : (legacy ?? 'MyOrg');
  const path = parts
    .slice(url.hostname === ARTIFACT_HOST ? 1 : 0)
    .join('/')
    .toLowerCase();
  const organization = NAMES.find((own) => own.toLowerCase() === name.toLowerCase());
  if (organization === undefined) {
    return { kind: 'response', status: 404, body: '<html><title>404</title></html>' };
  }
  const asked = /^_apis(?:\/(?<area>\w+))?$/.exec(path)?.groups;
  if (request.method === 'OPTIONS' && asked !== undefined) {
    // Without an area: those of all. The Azure CLI asks so.
    const area = asked['area'];
    const locations = area === undefined ? Object.values(LOCATIONS).flat() : LOCATIONS[area];
    return { kind: 'response', status: 200, body: listOf(locations ?? []) };
  }
  const { authorization = '' } = request.headers;
  const oidcResponse =
    options.oidc && issueOidcToken({ ...record, authorization }, path, options.oidc);
  if (oidcResponse !== undefined) {
    return oidcResponse;
  }
  const who = identify(request, options);
  if (who !== 'anonymous' && 'kind' in who) {
    return who;
  }
  const member = who === 'anonymous' ? undefined : who;
  if (path.includes('/_git/')) {
    return { kind: 'response', status: 200, body: {} };
  }
  const ofRestApi = refuseVersion(record) ?? options.restApi.answer(record, path);
  const resource = RESOURCES[path];
  if (ofRestApi !== undefined) {
    return ofRestApi;
  }
  if (resource === undefined) {
    const [project = ''] = path.split('/');
    return project === '_apis' || project === PROJECT.name.toLowerCase()
      ? refuse(404, `The controller for path '${url.pathname}' was not found.`)
      : refuse(404, `VS800075: The project with id '${project}' does not exist.`);
  }
  const tenantId = options.tenantId ?? TENANT_ID;
  const body = resource({ origin: url.origin, organization, tenantId, member });
  return { kind: 'response', status: 200, body };
}

/** The member that sends a request, or the error response. */
function identify(
  request: IncomingMessage,
  options: OrganizationOptions,
): Member | 'anonymous' | Answer {
  const { issued = [], members = MEMBERS, tenantId = TENANT_ID } = options;
  const token = readToken(request.headers.authorization);
  if (token === undefined || !issued.includes(token)) {
    const isForPeople = request.headers['x-tfs-fedauthredirect'] !== 'Suppress';
    return isForPeople && !request.url?.includes('/_git/')
      ? signInPage(203)
      : unauthorized(tenantId, describeUser('aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa'));
  }
  const claims = readIssuedClaims(token) as unknown as OwnClaims;
  if (claims.exp !== undefined && claims.exp * 1000 <= (options.now ?? Date.now)()) {
    return unauthorized(tenantId, 'TF400813: The token has expired.');
  }
  const member = members.find(({ objectId }) => objectId === claims.oid);
  if (claims.tid === tenantId && member !== undefined) {
    return member;
  }
  return options.isPublic === true ? 'anonymous' : unauthorized(tenantId, describeUser(claims.oid));
}

function describeUser(id: string): string {
  return `TF400813: The user '${id}' is not authorized to access this resource.`;
}

/** A bearer token, or the password of Basic authentication, which Azure DevOps takes as well. */
export function readToken(header = ''): string | undefined {
  const [scheme = '', value = ''] = header.split(' ');
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value;
    case 'basic':
      return Buffer.from(value, 'base64')
        .toString()
        .replace(/^[^:]*:/, '');
    default:
      return undefined;
  }
}

interface OwnClaims {
  readonly oid: string;
  readonly tid: string;
  /** Seconds since 1970. */
  readonly exp?: number;
}
