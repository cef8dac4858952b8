// The identity endpoint of an Azure virtual machine (IMDS), written from its documentation:
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
// https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { send, spoil, type Fault } from './faults';
import { issueToken, type Claims } from './token-issuer';

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

/** What the endpoint does to one request instead of answering it properly. */
export type IdentityFault =
  | Fault
  /** Answers properly, with other claims in the token or other fields around it. */
  | {
      readonly kind: 'altered';
      readonly claims?: Claims;
      readonly fields?: Readonly<Record<string, unknown>>;
    };

/** The documented answer of an endpoint that is busy or being updated. */
export function busy(status: number, headers: Readonly<Record<string, string>> = {}): Fault {
  return {
    kind: 'answer',
    status,
    headers: { server: SERVER, ...headers },
    body: { error: 'unavailable', error_description: 'The service is temporarily unavailable' },
  };
}

export interface IdentityEndpointOptions {
  readonly identities?: readonly MachineIdentity[];
  /** One for each request, in order; undefined for a proper answer. */
  readonly faults?: readonly (IdentityFault | undefined)[];
  /** For the requests after those, given the milliseconds since the first request. */
  readonly lastingFault?: (sinceFirstMs: number) => IdentityFault | undefined;
  readonly lifetimeSeconds?: number;
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
  readonly requests: readonly RecordedRequest[];
  readonly tokens: readonly string[];
  /** Replaces the faults that are still to come. */
  plan(faults: readonly (IdentityFault | undefined)[]): void;
  close(): Promise<void>;
}

const SERVER = 'IMDS/150.870.65.1854';
const TOKEN_PATH = /^\/metadata\/identity\/oauth2\/token\/?$/;
/** By what a client may name the resource, to the audience of the token. */
const AUDIENCES = new Map([
  [AZURE_DEVOPS, AZURE_DEVOPS],
  ['https://management.azure.com/', 'https://management.azure.com/'],
]);

export async function startIdentityEndpoint(
  options: IdentityEndpointOptions = {},
): Promise<IdentityEndpoint> {
  const requests: RecordedRequest[] = [];
  const tokens: string[] = [];
  const sockets = new Set<Socket>();
  let faults = [...(options.faults ?? [])];

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://imds');
    requests.push({ method: request.method ?? '', url, headers: request.headers, at: Date.now() });
    const sinceFirstMs = Date.now() - (requests[0]?.at ?? 0);
    const fault = faults.length > 0 ? faults.shift() : options.lastingFault?.(sinceFirstMs);
    const answer = answerTo(request, url, { ...options, ...alterations(fault) });
    if (answer.token !== undefined) {
      tokens.push(answer.token);
    }
    const headers = { server: SERVER };
    if (fault === undefined || fault.kind === 'altered') {
      send(response, answer.status, { body: answer.body, headers });
    } else {
      spoil(fault, response, { body: answer.body, headers });
    }
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${host}:${port}`,
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

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly token?: string;
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

function answerTo(request: IncomingMessage, url: URL, options: AnswerOptions): Answer {
  const wrong = findMistake(request, url);
  if (wrong !== undefined) {
    return wrong;
  }
  const audience = AUDIENCES.get(url.searchParams.get('resource') ?? '');
  if (audience === undefined) {
    return refuse('invalid_resource', 'AADSTS500011: The resource principal was not found.');
  }
  const identity = chooseIdentity(url.searchParams, options.identities ?? [SYSTEM_ASSIGNED]);
  return 'status' in identity ? identity : grant(identity, audience, options);
}

function grant(identity: MachineIdentity, audience: string, options: AnswerOptions): Answer {
  const lifetime = options.lifetimeSeconds ?? 86_400;
  const now = Math.floor((options.now ?? Date.now)() / 1000);
  const token = issueToken({
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
  });
  return {
    status: 200,
    token,
    body: {
      access_token: token,
      client_id: identity.clientId,
      expires_in: String(lifetime),
      expires_on: String(now + lifetime),
      ext_expires_in: String(lifetime),
      not_before: String(now),
      resource: audience,
      token_type: 'Bearer',
      ...options.fields,
    },
  };
}

function findMistake(request: IncomingMessage, url: URL): Answer | undefined {
  if (!TOKEN_PATH.test(url.pathname)) {
    return { status: 404, body: { error: 'Not found' } };
  }
  if (request.method !== 'GET') {
    return { status: 405, body: { error: 'Method not allowed' } };
  }
  if (request.headers['x-forwarded-for'] !== undefined) {
    return refuse(
      'bad_request',
      'X-Forwarded-For is not allowed: the request came through a proxy.',
    );
  }
  if (request.headers['metadata']?.toString().toLowerCase() !== 'true') {
    return refuse('bad_request_102', 'Required metadata header not specified');
  }
  const names = [...url.searchParams.keys()];
  if (new Set(names).size !== names.length) {
    return refuse('bad_request', 'Duplicate query parameters are not allowed');
  }
  if ((url.searchParams.get('api-version') ?? '') < '2018-02-01') {
    return {
      status: 400,
      body: {
        error: 'Bad request. api-version is invalid or was not specified in the request.',
        'newest-versions': ['2025-04-07', '2023-11-15', '2021-12-13'],
      },
    };
  }
  return undefined;
}

function chooseIdentity(
  query: URLSearchParams,
  identities: readonly MachineIdentity[],
): MachineIdentity | Answer {
  const named = (['client_id', 'object_id', 'msi_res_id'] as const).filter((name) =>
    query.has(name),
  );
  const [name] = named;
  if (named.length > 1) {
    return refuse('invalid_request', 'Only one of client_id, object_id and msi_res_id is allowed');
  }
  if (name === undefined) {
    const others = identities.filter(({ isSystemAssigned }) => !isSystemAssigned);
    const chosen = identities.find(({ isSystemAssigned }) => isSystemAssigned) ?? others[0];
    if (chosen !== undefined && (chosen.isSystemAssigned || others.length === 1)) {
      return chosen;
    }
    return others.length > 1
      ? refuse(
          'invalid_request',
          'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request',
        )
      : refuse('invalid_request', 'Identity not found');
  }
  const field = { client_id: 'clientId', object_id: 'objectId', msi_res_id: 'resourceId' } as const;
  const wanted = query.get(name)?.toLowerCase();
  return (
    identities.find((identity) => identity[field[name]].toLowerCase() === wanted) ??
    refuse('invalid_request', 'Identity not found')
  );
}

function refuse(error: string, description: string): Answer {
  return { status: 400, body: { error, error_description: description } };
}
