// How the identity endpoints of the platforms want to be asked, and how they answer, by their documentation:
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
// https://learn.microsoft.com/azure/app-service/overview-managed-identity
// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
// https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code
// Those of Azure Machine Learning and Azure Cloud Shell as @azure/identity asks them (msal-node).
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { MachineIdentity } from './identity-endpoint';

export interface DialectAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
}

export interface Dialect {
  readonly path: RegExp;
  readonly method: 'GET' | 'POST';
  /** The parameters that name a user-assigned identity. */
  readonly ids: Readonly<Record<string, keyof MachineIdentity>>;
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** What its answers have besides the token. */
  readonly fields: readonly string[];
  /** What the machine says of it in the environment of the agent. */
  readonly environment: (origin: string, thumbprint: string) => Readonly<Record<string, string>>;
  /** It is asked over TLS, and its certificate is known by its thumbprint. */
  readonly isTls?: boolean;
  /** What is wrong with a request, whose path and method are right. */
  readonly findMistake: (request: IncomingMessage, url: URL) => DialectAnswer | undefined;
  readonly refuse: (description: string, error?: string) => DialectAnswer;
  /** To a request that names no identity, where there is no system-assigned one. Absent: as IMDS, which then takes the only other one. */
  readonly refuseDefault?: () => DialectAnswer;
}

/** The secret that a request to an endpoint in a sandbox has to know. */
export const HEADER_SECRET = 'b7a1c9d8e3f2450697a8b1c2d3e4f506';
const ALL_FIELDS = ['client_id', 'expires_in', 'expires_on', 'ext_expires_in', 'not_before'];
const IMDS_PATH = /^\/metadata\/identity\/oauth2\/token\/?$/;

export const IMDS: Dialect = {
  path: IMDS_PATH,
  method: 'GET',
  ids: { client_id: 'clientId', object_id: 'objectId', msi_res_id: 'resourceId' },
  headers: { server: 'IMDS/150.870.65.1854' },
  fields: ALL_FIELDS,
  environment: (origin) => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: origin }),
  findMistake: (request, url) => {
    if (request.headers['x-forwarded-for'] !== undefined) {
      return refuseAsImds('X-Forwarded-For is not allowed: the request came through a proxy.');
    }
    if (!hasMetadata(request)) {
      return refuseAsImds('Required metadata header not specified', 'bad_request_102');
    }
    return (url.searchParams.get('api-version') ?? '') < '2018-02-01'
      ? {
          status: 400,
          body: {
            error: 'Bad request. api-version is invalid or was not specified in the request.',
            'newest-versions': ['2025-04-07', '2023-11-15', '2021-12-13'],
          },
        }
      : undefined;
  },
  refuse: refuseAsImds,
};

/** Container Instances: at the address of IMDS, with errors of its own (https://github.com/Azure/azure-sdk-for-net/issues/45547). */
export const CONTAINER_INSTANCES: Dialect = {
  ...IMDS,
  headers: { server: 'Kestrel' },
  refuse: () => refuseAsContainerInstances('IdentityNotFound'),
  refuseDefault: () => refuseAsContainerInstances('DefaultIdentityNotDefined'),
};

/** Also that of Functions and Container Apps. */
export const APP_SERVICE: Dialect = {
  path: /^\/msi\/token$/,
  method: 'GET',
  ids: {
    client_id: 'clientId',
    principal_id: 'objectId',
    object_id: 'objectId',
    mi_res_id: 'resourceId',
  },
  headers: {},
  fields: ['client_id', 'expires_on', 'not_before'],
  environment: (origin) => ({
    IDENTITY_ENDPOINT: `${origin}/msi/token`,
    IDENTITY_HEADER: HEADER_SECRET,
  }),
  findMistake: ({ headers }, url) =>
    headers['x-identity-header'] !== HEADER_SECRET || !hasVersion(url, '2019-08-01')
      ? { status: 401, body: '' }
      : undefined,
  refuse: (description) => {
    const isUnknown = /not found|multiple/i.test(description);
    const message = isUnknown
      ? 'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.'
      : description;
    return refuseAsAppService(message);
  },
  // https://github.com/Azure/azure-sdk-for-net/issues/22328: the only user-assigned identity has to be named, too.
  refuseDefault: () => refuseAsAppService('Unable to load the proper Managed Identity.'),
};

/** That of App Service in Windows containers, at an address of its own (https://github.com/Azure/azure-sdk-for-net/issues/17425). */
export const WINDOWS_CONTAINER: Dialect = {
  ...APP_SERVICE,
  path: /^\/MSI\/token\/$/,
  environment: (origin) => ({
    IDENTITY_ENDPOINT: `${origin}/MSI/token/`,
    IDENTITY_HEADER: HEADER_SECRET,
    MSI_ENDPOINT: `${origin}/MSI/token/`,
    MSI_SECRET: HEADER_SECRET,
  }),
};
export const WINDOWS_CONTAINER_ADDRESS = '100.64.100.2';

export const MACHINE_LEARNING: Dialect = {
  ...APP_SERVICE,
  ids: { clientid: 'clientId' },
  environment: (origin) => ({ MSI_ENDPOINT: `${origin}/msi/token`, MSI_SECRET: HEADER_SECRET }),
  findMistake: ({ headers }, url) =>
    headers['secret'] !== HEADER_SECRET || !hasVersion(url, '2017-09-01')
      ? { status: 401, body: '' }
      : undefined,
};

export const CLOUD_SHELL: Dialect = {
  ...IMDS,
  headers: {},
  path: /^\/oauth2\/token$/,
  method: 'POST',
  ids: {},
  environment: (origin) => ({ MSI_ENDPOINT: `${origin}/oauth2/token` }),
  findMistake: (request) => (hasMetadata(request) ? undefined : refuseAsImds('No metadata')),
};

export const SERVICE_FABRIC: Dialect = {
  ...APP_SERVICE,
  path: /^\/metadata\/identity\/oauth2\/token$/,
  ids: {},
  isTls: true,
  environment: (origin, thumbprint) => ({
    IDENTITY_ENDPOINT: `${origin}/metadata/identity/oauth2/token`,
    IDENTITY_HEADER: HEADER_SECRET,
    IDENTITY_SERVER_THUMBPRINT: thumbprint,
  }),
  findMistake: ({ headers }, url) =>
    headers['secret'] !== HEADER_SECRET || !hasVersion(url, '2019-07-01-preview')
      ? { status: 401, body: '' }
      : undefined,
};

/**
 * A server of Azure Arc: it asks to read a file that it has just made.
 * @param folder where the file really is
 * @param named where the server says that it is; a path of Windows ends in a backslash
 */
export function arc(
  folder: string,
  options: { readonly named?: string; readonly makeSecret?: MakeSecret } = {},
): Dialect {
  const { named = '/var/opt/azcmagent/tokens', makeSecret = writeFileSync } = options;
  const secrets = new Set<string>();
  return {
    ...IMDS,
    headers: {},
    ids: {},
    environment: (origin) => ({
      IDENTITY_ENDPOINT: `${origin}/metadata/identity/oauth2/token`,
      IMDS_ENDPOINT: origin,
    }),
    findMistake: (request, url) => {
      if (!hasMetadata(request) || !hasVersion(url, '2020-06-01')) {
        return refuseAsImds('Bad request');
      }
      const { authorization = '' } = request.headers;
      if (secrets.has(authorization.replace(/^Basic /, ''))) {
        return undefined;
      }
      const [name, secret] = [`${randomUUID()}.key`, `${HEADER_SECRET}${secrets.size}`];
      secrets.add(secret);
      mkdirSync(folder, { recursive: true });
      makeSecret(join(folder, name), secret);
      const headers = {
        'www-authenticate': `Basic realm=${named}${named.endsWith('\\') ? '' : '/'}${name}`,
      };
      return { status: 401, headers, body: '' };
    },
  };
}

export type MakeSecret = (path: string, secret: string) => void;

function refuseAsImds(description: string, error = 'invalid_request'): DialectAnswer {
  return { status: 400, body: { error, error_description: description } };
}

export function refuseAsAppService(message: string, status = 400): DialectAnswer {
  return { status, body: { statusCode: status, message, correlationId: randomUUID() } };
}

function refuseAsContainerInstances(code: string): DialectAnswer {
  return { status: 404, body: { error: { code, message: `${code} `, details: [] } } };
}

function hasMetadata({ headers }: IncomingMessage): boolean {
  return headers['metadata']?.toString().toLowerCase() === 'true';
}

function hasVersion(url: URL, version: string): boolean {
  return url.searchParams.get('api-version') === version;
}
