// Microsoft Entra, as far as applications ask it for tokens with a client assertion, written from its documentation:
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
import { createVerify, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { send, spoil, type Fault } from './faults';
import { AZURE_DEVOPS, TENANT_ID } from './identity-endpoint';
import { startPublicServer } from './public-server';
import {
  issueOpaqueToken,
  issueToken,
  TOKEN_KEY,
  type Claims,
  type OpaqueForm,
} from './token-issuer';

export const ENTRA_HOST = 'login.microsoftonline.com';

/** An application, or a user-assigned managed identity. */
export interface Application {
  readonly clientId: string;
  readonly objectId: string;
  readonly isDisabled?: boolean;
  /** Its federated credentials: the issuers and subjects that it trusts. */
  readonly credentials: readonly { readonly issuer: string; readonly subject: string }[];
  /** In place of those of a token. */
  readonly claims?: Claims;
}

export interface EntraOptions {
  readonly applications: readonly Application[];
  /** One for each request, in order; undefined for the proper response. */
  readonly faults?: readonly (Fault | undefined)[];
  readonly lastingFault?: Fault;
  readonly lifetimeSeconds?: number;
  /** Its tokens are of this form, and cannot be read. */
  readonly form?: OpaqueForm;
  /** In place of those of a token response. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface Entra {
  readonly port: number;
  /** `POST /{tenant}/oauth2/v2.0/token` and the like. */
  readonly requests: readonly string[];
  readonly headers: readonly IncomingMessage['headers'][];
  readonly tokens: readonly string[];
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly token?: string;
}

export async function startEntra(options: EntraOptions): Promise<Entra> {
  const requests: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const tokens: string[] = [];
  const faults = [...(options.faults ?? [])];
  const serve = (request: IncomingMessage, response: ServerResponse, form: string) => {
    const { pathname } = new URL(request.url ?? '/', `https://${ENTRA_HOST}`);
    requests.push(`${request.method ?? ''} ${pathname}`);
    headers.push(request.headers);
    const fault = faults.length > 0 ? faults.shift() : options.lastingFault;
    const answer = answerTo(request.method, pathname, { form, options });
    const content = { body: answer.body, headers: { 'x-ms-request-id': randomUUID() } };
    if (fault !== undefined) {
      spoil(fault, response, content);
      return;
    }
    if (answer.token !== undefined) {
      tokens.push(answer.token);
    }
    send(response, answer.status, content);
  };
  const server = await startPublicServer(ENTRA_HOST, (request, response) => {
    let form = '';
    request.on('data', (piece: Buffer) => {
      form += piece.toString();
    });
    request.on('end', () => {
      serve(request, response, form);
    });
  });
  return { port: server.port, requests, headers, tokens, close: () => server.close() };
}

interface Asked {
  readonly form: string;
  readonly options: EntraOptions;
}

function answerTo(method: string | undefined, path: string, { form, options }: Asked): Answer {
  const [, tenant = '', rest = ''] = /^\/([^/]+)\/(.*)$/.exec(path) ?? [];
  const isConfiguration = rest === 'v2.0/.well-known/openid-configuration';
  if (!isConfiguration && rest !== 'oauth2/v2.0/token') {
    return { status: 404, body: {} };
  }
  if (tenant !== TENANT_ID) {
    const text = `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`;
    return refuse(400, 'invalid_tenant', [90002, text]);
  }
  if (isConfiguration) {
    return { status: 200, body: configurationOf(tenant) };
  }
  return method === 'POST'
    ? grant(new URLSearchParams(form), options)
    : refuse(400, 'invalid_request', [900561, 'The endpoint only accepts POST requests.']);
}

function configurationOf(tenant: string): object {
  const base = `https://${ENTRA_HOST}/${tenant}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
  };
}

function grant(form: URLSearchParams, options: EntraOptions): Answer {
  const clientId = form.get('client_id') ?? '';
  const application = options.applications.find((one) => one.clientId === clientId);
  if (
    form.get('grant_type') !== 'client_credentials' ||
    form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  ) {
    return refuse(400, 'unsupported_grant_type', [70003, 'The app requested an unsupported grant']);
  }
  if (form.get('scope') !== `${AZURE_DEVOPS}/.default`) {
    return refuse(400, 'invalid_scope', [70011, `The scope ${form.get('scope') ?? ''} is wrong`]);
  }
  if (application === undefined) {
    const text = `Application with identifier '${clientId}' was not found in the directory 'MyOrg'.`;
    return refuse(400, 'unauthorized_client', [700016, text]);
  }
  if (application.isDisabled === true) {
    return refuse(401, 'unauthorized_client', [7000112, `Application '${clientId}' is disabled.`]);
  }
  return (
    judgeAssertion(form.get('client_assertion') ?? '', application) ?? issue(application, options)
  );
}

function judgeAssertion(assertion: string, { credentials }: Application): Answer | undefined {
  const [header = '', payload = '', signature = ''] = assertion.split('.');
  const isSigned = createVerify('RSA-SHA256')
    .update(`${header}.${payload}`)
    .verify(TOKEN_KEY, signature, 'base64url');
  if (!isSigned) {
    return refuse(401, 'invalid_client', [700027, 'The signature of the assertion is wrong.']);
  }
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<
    string,
    unknown
  >;
  if (Number(claims['exp']) * 1000 < Date.now()) {
    const text = 'Client assertion is not within its valid time range.';
    return refuse(401, 'invalid_client', [700024, text]);
  }
  const isKnown =
    claims['aud'] === 'api://AzureADTokenExchange' &&
    credentials.some(
      ({ issuer, subject }) => claims['iss'] === issuer && claims['sub'] === subject,
    );
  const text =
    `No matching federated identity record found for presented assertion subject '${String(claims['sub'])}'. Check your federated ` +
    'identity credential Subject, Audience and Issuer against the presented assertion.';
  return isKnown ? undefined : refuse(401, 'invalid_client', [700213, text]);
}

function issue({ clientId, objectId, claims }: Application, options: EntraOptions): Answer {
  const { lifetimeSeconds = 3599, form, fields } = options;
  const now = Math.floor(Date.now() / 1000);
  const all = {
    aud: AZURE_DEVOPS,
    iss: `https://sts.windows.net/${TENANT_ID}/`,
    iat: now,
    nbf: now,
    exp: now + lifetimeSeconds,
    appid: clientId,
    appidacr: '2',
    oid: objectId,
    sub: objectId,
    tid: TENANT_ID,
    uti: randomUUID(),
    ver: '1.0',
    ...claims,
  };
  const token = form === undefined ? issueToken(all) : issueOpaqueToken(all, form);
  const times = { expires_in: lifetimeSeconds, ext_expires_in: lifetimeSeconds };
  const body = { token_type: 'Bearer', ...times, access_token: token, ...fields };
  return { status: 200, token, body };
}

/** An error as Microsoft Entra words it. */
export function refuse(
  status: number,
  error: string,
  [code, text]: readonly [code: number, text: string],
): Answer {
  const [trace, correlation] = [randomUUID(), randomUUID()];
  const timestamp = new Date().toISOString().replace('T', ' ').slice(0, 19);
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}Z`,
      error_codes: [code],
      timestamp: `${timestamp}Z`,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://${ENTRA_HOST}/error?code=${code}`,
    },
  };
}
