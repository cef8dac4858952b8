// The identity endpoint of an Azure virtual machine (IMDS), written from its documentation:
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
// https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
import { X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { issueCertificate } from './certificates';
import { send, spoil, type Fault } from './faults';
import { IMDS, type Dialect, type DialectAnswer } from './identity-dialects';
import { issueOpaqueToken, issueToken, type Claims, type OpaqueForm } from './token-issuer';

/** A managed identity that the machine has. */
export interface MachineIdentity {
  readonly clientId: string;
  readonly objectId: string;
  /** Its own Azure resource id; for a system-assigned one that of the machine. */
  readonly resourceId: string;
  readonly isSystemAssigned: boolean;
}

export const AZURE_DEVOPS = '499b84ac-1321-427f-aa17-267ca6975798';
export const TENANT_ID = '7e9c6d20-0b1f-4c5e-9a53-2f0d6c1b8e47';

const GROUP = '/subscriptions/3f1e2d4c-5b6a-4798-8c9d-0e1f2a3b4c5d/resourceGroups/agents/providers';

export const SYSTEM_ASSIGNED: MachineIdentity = {
  clientId: '0a8f5c1e-6b7d-4e3a-9f20-1c2d3e4f5a6b',
  objectId: '5d4c3b2a-1f0e-4d9c-8b7a-6f5e4d3c2b1a',
  resourceId: `${GROUP}/Microsoft.Compute/virtualMachines/agent-1`,
  isSystemAssigned: true,
};
export const DEPLOY: MachineIdentity = {
  clientId: '91c7d3b5-2e4f-4a60-8d1b-7c5e9f3a2b84',
  objectId: 'c2b1a0f9-8e7d-4c6b-9a5f-4e3d2c1b0a98',
  resourceId: `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/deploy`,
  isSystemAssigned: false,
};
export const RELEASE: MachineIdentity = {
  clientId: 'e6a4f2d0-9b8c-4d7e-a1f3-5b6c7d8e9f01',
  objectId: '2f4e6d8c-0a1b-4c3d-9e5f-7a8b9c0d1e2f',
  resourceId: `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/release`,
  isSystemAssigned: false,
};

/** What the endpoint does to one request in place of the proper response. */
export type IdentityFault =
  | Fault
  /** Responds properly, with other claims in the token or other fields around it. */
  | {
      readonly kind: 'altered';
      readonly claims?: Claims;
      readonly fields?: Readonly<Record<string, unknown>>;
    };

/** The documented response of an endpoint that is busy or being updated. */
export function busy(status: number, headers: Readonly<Record<string, string>> = {}): Fault {
  return {
    kind: 'response',
    status,
    headers: { ...IMDS.headers, ...headers },
    body: { error: 'unavailable', error_description: 'The service is temporarily unavailable' },
  };
}

export interface IdentityEndpointOptions {
  readonly identities?: readonly MachineIdentity[];
  /** One for each request, in order; undefined for the proper response. */
  readonly faults?: readonly (IdentityFault | undefined)[];
  /** For the requests after those, given the milliseconds since the first request. */
  readonly lastingFault?: (sinceFirstMs: number) => IdentityFault | undefined;
  readonly lifetimeSeconds?: number;
  /** Its tokens are of this form, and cannot be read. */
  readonly form?: OpaqueForm;
  /** The platform; IMDS where nothing else is said. */
  readonly dialect?: Dialect;
  /** The time at which tokens are issued, in milliseconds since 1970. */
  readonly now?: () => number;
  readonly host?: string;
  readonly port?: number;
}

export interface RecordedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface IdentityEndpoint {
  readonly origin: string;
  /** What the machine says of it in the environment of the agent. */
  readonly environment: Readonly<Record<string, string>>;
  readonly requests: readonly RecordedRequest[];
  readonly tokens: readonly string[];
  /** Replaces the faults that are still to come. */
  plan(faults: readonly (IdentityFault | undefined)[]): void;
  close(): Promise<void>;
}

/** By what a client may name the resource, to the audience of the token. */
const AUDIENCES = new Map([
  [AZURE_DEVOPS, AZURE_DEVOPS],
  ['https://management.azure.com/', 'https://management.azure.com/'],
  // The Azure CLI says it so.
  ['https://management.core.windows.net/', 'https://management.core.windows.net/'],
]);

export async function startIdentityEndpoint(
  options: IdentityEndpointOptions = {},
): Promise<IdentityEndpoint> {
  const requests: RecordedRequest[] = [];
  const tokens: string[] = [];
  const sockets = new Set<Socket>();
  let faults = [...(options.faults ?? [])];

  const { dialect = IMDS } = options;
  const serve = (request: IncomingMessage, response: ServerResponse, form: string) => {
    const url = new URL(request.url ?? '/', 'http://imds');
    new URLSearchParams(form).forEach((value, name) => {
      url.searchParams.append(name, value);
    });
    requests.push({ method: request.method ?? '', url, headers: request.headers, at: Date.now() });
    const sinceFirstMs = Date.now() - (requests[0]?.at ?? 0);
    const fault = faults.length > 0 ? faults.shift() : options.lastingFault?.(sinceFirstMs);
    const answer = answerTo(request, url, { ...options, ...alterations(fault) });
    if (answer.token !== undefined) {
      tokens.push(answer.token);
    }
    const headers = { ...dialect.headers, ...answer.headers };
    if (fault === undefined || fault.kind === 'altered') {
      send(response, answer.status, { body: answer.body, headers });
    } else {
      spoil(fault, response, { body: answer.body, headers });
    }
  };
  const respond = (request: IncomingMessage, response: ServerResponse) => {
    let form = '';
    request.on('data', (piece: Buffer) => {
      form += piece.toString();
    });
    request.on('end', () => {
      serve(request, response, form);
    });
  };
  const host = options.host ?? '127.0.0.1';
  const certificate = await issueCertificate([host]);
  const server =
    dialect.isTls === true ? createTlsServer(certificate, respond) : createServer(respond);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `${dialect.isTls === true ? 'https' : 'http'}://${host}:${port}`;
  const { fingerprint } = new X509Certificate(certificate.cert);
  return {
    origin,
    environment: dialect.environment(origin, fingerprint.replaceAll(':', '')),
    requests,
    tokens,
    plan: (next) => {
      faults = [...next];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        sockets.forEach((socket) => socket.destroy());
      }),
  };
}

interface AnswerOptions extends IdentityEndpointOptions {
  readonly claims?: Claims;
  readonly fields?: Readonly<Record<string, unknown>>;
}

function alterations(fault: IdentityFault | undefined): Pick<AnswerOptions, 'claims' | 'fields'> {
  return fault?.kind === 'altered'
    ? {
        ...(fault.claims === undefined ? {} : { claims: fault.claims }),
        ...(fault.fields === undefined ? {} : { fields: fault.fields }),
      }
    : {};
}

function answerTo(request: IncomingMessage, url: URL, options: AnswerOptions): DialectAnswer {
  const { dialect = IMDS } = options;
  const wrong = findMistake(request, url, dialect);
  if (wrong !== undefined) {
    return wrong;
  }
  const audience = AUDIENCES.get(url.searchParams.get('resource') ?? '');
  if (audience === undefined) {
    return dialect.refuse(
      'AADSTS500011: The resource principal was not found.',
      'invalid_resource',
    );
  }
  const identity = chooseIdentity(
    url.searchParams,
    options.identities ?? [SYSTEM_ASSIGNED],
    dialect,
  );
  return 'status' in identity ? identity : grant(identity, audience, options);
}

function grant(identity: MachineIdentity, audience: string, options: AnswerOptions): DialectAnswer {
  const lifetime = options.lifetimeSeconds ?? 86_400;
  const now = Math.floor((options.now ?? Date.now)() / 1000);
  const claims = {
    aud: audience,
    iss: `https://sts.windows.net/${TENANT_ID}/`,
    iat: now,
    nbf: now,
    exp: now + lifetime,
    aio: 'E2NgYPA9G7k+dcsn6S/ZAA==',
    appid: identity.clientId,
    appidacr: '2',
    idp: `https://sts.windows.net/${TENANT_ID}/`,
    oid: identity.objectId,
    rh: '1.AAAAIG2cfh8LXkyaUy8NbBuOR6yEm0khE39CqhcmfKaXV5gAAAA.',
    sub: identity.objectId,
    tid: TENANT_ID,
    uti: 'c0FtcGxlVW5pcXVlSWQ',
    ver: '1.0',
    xms_mirid: identity.resourceId,
    ...options.claims,
  };
  const { form } = options;
  const token = form === undefined ? issueToken(claims) : issueOpaqueToken(claims, form);
  const { dialect = IMDS } = options;
  const all = {
    client_id: identity.clientId,
    expires_in: String(lifetime),
    expires_on: String(now + lifetime),
    ext_expires_in: String(lifetime),
    not_before: String(now),
  };
  return {
    status: 200,
    token,
    body: {
      access_token: token,
      ...Object.fromEntries(Object.entries(all).filter(([name]) => dialect.fields.includes(name))),
      resource: audience,
      token_type: 'Bearer',
      ...options.fields,
    },
  };
}

function findMistake(
  request: IncomingMessage,
  url: URL,
  dialect: Dialect,
): DialectAnswer | undefined {
  if (!dialect.path.test(url.pathname)) {
    return { status: 404, body: { error: 'Not found' } };
  }
  if (request.method !== dialect.method) {
    return { status: 405, body: { error: 'Method not allowed' } };
  }
  const names = [...url.searchParams.keys()];
  return new Set(names).size === names.length
    ? dialect.findMistake(request, url)
    : dialect.refuse('Duplicate query parameters are not allowed', 'bad_request');
}

function chooseIdentity(
  query: URLSearchParams,
  identities: readonly MachineIdentity[],
  { ids, refuse, refuseDefault }: Dialect,
): MachineIdentity | DialectAnswer {
  const named = Object.keys(ids).filter((name) => query.has(name));
  const [name] = named;
  if (named.length > 1) {
    return refuse('Only one identity may be named');
  }
  if (name === undefined) {
    const others = identities.filter(({ isSystemAssigned }) => !isSystemAssigned);
    const only = refuseDefault === undefined ? others[0] : undefined;
    const chosen = identities.find(({ isSystemAssigned }) => isSystemAssigned) ?? only;
    if (chosen !== undefined && (chosen.isSystemAssigned || others.length === 1)) {
      return chosen;
    }
    if (refuseDefault !== undefined) {
      return refuseDefault();
    }
    return others.length > 1
      ? refuse(
          'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request',
        )
      : refuse('Identity not found');
  }
  const field = ids[name];
  const wanted = query.get(name)?.toLowerCase();
  return (
    identities.find(
      (identity) => field !== undefined && String(identity[field]).toLowerCase() === wanted,
    ) ?? refuse('Identity not found')
  );
}
