import { isGuid } from '../guid';
import { parseJson, toFields, type Fields } from '../json-object';
import type { CodingProblem } from './content-coding';
import { hasSignInTitle, isSignInPage } from './web-page';

/** The body of a response, as far as it was received. */
export interface ReceivedBody {
  /** Its beginning: 1 MiB at most. */
  readonly bytes: Buffer;
  /** All of a body that is kept and larger than `bytes`. */
  readonly pieces?: readonly Buffer[] | undefined;
  /** The last kilobytes of the body. */
  readonly end?: Buffer | undefined;
  /** Whether `bytes` or `pieces` contain the whole received body. */
  readonly isKept: boolean;
  /** Whether the body was received to its end and could be decoded. */
  readonly isWhole: boolean;
  readonly codingProblem?: CodingProblem | undefined;
  /** The content coding that the author requested, so that the body still has it: untrusted text. */
  readonly coding?: string | undefined;
}

/** A response of Azure DevOps or of another server. Everything except the status is untrusted text. */
export interface HttpResponse extends ReceivedBody {
  /** The URL that was requested last, after any redirects. */
  readonly url: URL;
  readonly status: number;
  /** The value of a header, by its name in any case. */
  readonly header: (name: string) => string | undefined;
  /** All headers, by name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The first MiB of the body as UTF-8. */
  readonly text: string;
  /** The first host of the redirects that may not receive the token. From there on, no request carried it. */
  readonly tokenWithheldFrom?: string | undefined;
  /** Whether the request accepts JSON. */
  readonly isJsonWanted: boolean;
  /** Whether there was an earlier attempt. */
  readonly isRetried: boolean;
  /** Whether the server has accepted the token for an earlier request of the same client. */
  readonly isAfterSuccess: boolean;
}

// Every response of every service of Azure DevOps has at least one of these headers.
const AZURE_DEVOPS_HEADERS = [
  'activityid',
  'x-tfs-processid',
  'x-tfs-session',
  'x-vss-e2eid',
  'x-vss-resourcetenant',
  'x-vss-userdata',
];
const FRONT_DOOR_HEADERS = ['x-azure-ref', 'x-msedge-ref'];
const SIGN_IN_HOST =
  /^(?:login\.(?:microsoftonline|windows|live)\.(?:com|net)|(?:.+\.)?vssps\.(?:visualstudio|dev\.azure)\.com)$/;
const SIGN_IN_PATH = /\/_sign(?:ed)?in\b/i;

export function isSuccessStatus(status: number): boolean {
  return status >= 200 && status < 300;
}

const parsedBodies = new WeakMap<HttpResponse, { readonly json: unknown }>();

/** The body if it is JSON. It is parsed only once, because a megabyte can take a quarter of a second. */
export function parseBody(response: HttpResponse): unknown {
  const parsed = parsedBodies.get(response) ?? { json: parseJson(response.text) };
  parsedBodies.set(response, parsed);
  return parsed.json;
}

/** The body if it is a JSON object. */
export function parseFields(response: HttpResponse): Fields | undefined {
  return toFields(parseBody(response));
}

/** The ID by which the support of Azure DevOps finds the request in its logs. */
export function readActivityId({ header }: HttpResponse): string | undefined {
  return header('activityid') ?? header('x-vss-e2eid');
}

/** The Microsoft Entra tenant that the organization is connected to. All zeros: it is connected to none. */
export function readTenantId({ header }: HttpResponse): string | undefined {
  const tenant = header('x-vss-resourcetenant');
  if (isGuid(tenant)) {
    return tenant;
  }
  const challenge = header('www-authenticate') ?? '';
  const authority = /authorization_uri="?https:\/\/[^/\s,"]+\/([0-9a-f-]{36})/i.exec(
    challenge,
  )?.[1];
  return isGuid(authority) ? authority : undefined;
}

/** The ID of the anonymous user, as which an organization with public projects treats an identity without membership. */
export const ANONYMOUS_USER = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';

/** The tenant of the organization that has accepted a token; undefined if it is connected to none. */
export function readOwnTenantId(headers: HttpResponse['headers']): string | undefined {
  const tenant = headers['x-vss-resourcetenant'];
  return isGuid(tenant) && /[1-9a-f]/i.test(tenant) ? tenant : undefined;
}

/** The URL to which a response redirects. */
export function readRedirect({ status, header, url }: HttpResponse): URL | undefined {
  const location = header('location');
  return status >= 300 && status < 400 && location !== undefined && URL.canParse(location, url.href)
    ? new URL(location, url)
    : undefined;
}

/** Whether the response is a sign-in page or leads to one. Azure DevOps sends it if it does not accept the token. */
export function isSignIn(response: HttpResponse): boolean {
  const target = readRedirect(response);
  if (target !== undefined) {
    return SIGN_IN_HOST.test(target.hostname) || SIGN_IN_PATH.test(target.pathname);
  }
  const { status, text, isJsonWanted } = response;
  if (status === 203 || !isSuccessStatus(status) || !isHtml(response)) {
    return status === 203;
  }
  // An author who requests a web page can get one with a form for signing in.
  return isJsonWanted ? isSignInPage(text) : hasSignInTitle(text);
}

export function isHtml({ header }: HttpResponse): boolean {
  return /^text\/html\b/i.test(header('content-type') ?? '');
}

/** Whether the response has a header of Azure DevOps. A page of a proxy or a firewall has none. */
export function hasAzureDevOpsHeader({ header }: HttpResponse): boolean {
  return AZURE_DEVOPS_HEADERS.some((name) => header(name) !== undefined);
}

/** Whether the front end of Azure DevOps sent the response: HTTP.sys, IIS or Azure Front Door. */
export function isFromFrontEnd({ header }: HttpResponse): boolean {
  return (
    /^Microsoft-(?:HTTPAPI|IIS)\b/i.test(header('server') ?? '') ||
    FRONT_DOOR_HEADERS.some((name) => header(name) !== undefined)
  );
}
