import { isGuid } from '../guid';
import { parseJsonObject, type Fields } from '../json-object';
import { isAzureDevOpsHost } from '../hosts';
import type { ReceivedBody } from './response-body';

/** An answer of Azure DevOps, or of whoever stands in its place. All of it but the status is foreign text. */
export interface HttpResponse extends ReceivedBody {
  /** The address that was asked; the last one, where a call was redirected. */
  readonly url: URL;
  readonly status: number;
  /** The value of a header, by its name in any case. */
  readonly header: (name: string) => string | undefined;
  /** All of them, by name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as UTF-8, up to 1 MiB of it. */
  readonly text: string;
  /** The first host of the redirects that may not receive the token. From there on, no request carried it. */
  readonly tokenWithheldFrom?: string | undefined;
  /** JSON was asked for. */
  readonly isJsonWanted: boolean;
  /** There was another attempt before. */
  readonly isRetried: boolean;
}

// What every answer of Azure DevOps has some of, whichever of its services it comes from.
const AZURE_DEVOPS_HEADERS = [
  'activityid',
  'x-tfs-processid',
  'x-tfs-session',
  'x-vss-e2eid',
  'x-vss-resourcetenant',
  'x-vss-userdata',
];
const SIGN_IN_HOST =
  /^(?:login\.(?:microsoftonline|windows|live)\.(?:com|net)|(?:.+\.)?vssps\.(?:visualstudio|dev\.azure)\.com)$/;
const SIGN_IN_PATH = /\/_sign(?:ed)?in\b/i;

export function isSuccessStatus(status: number): boolean {
  return status >= 200 && status < 300;
}

const parsedFields = new WeakMap<HttpResponse, { readonly fields: Fields | undefined }>();

/** The body, where it is a JSON object. It is parsed once: a megabyte can take a quarter of a second. */
export function parseFields(response: HttpResponse): Fields | undefined {
  const parsed = parsedFields.get(response) ?? { fields: parseJsonObject(response.text) };
  parsedFields.set(response, parsed);
  return parsed.fields;
}

/** What Azure DevOps says is wrong: its error bodies have a `message`, some answers only a header. */
export function readServerMessage(response: HttpResponse): string | undefined {
  const message = parseFields(response)?.['message'];
  if (typeof message === 'string') {
    return message;
  }
  const header = response.header('x-tfs-serviceerror');
  try {
    return header === undefined ? undefined : decodeURIComponent(header.replaceAll('+', ' '));
  } catch {
    return header;
  }
}

/** By what the support of Azure DevOps finds the request in its logs. */
export function readActivityId({ header }: HttpResponse): string | undefined {
  return header('activityid') ?? header('x-vss-e2eid');
}

/** The Microsoft Entra tenant that the organization is connected to; all zeros: to none. */
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

/** The tenant of the organization that has accepted a token; nothing if it is connected to none. */
export function readOwnTenantId(headers: HttpResponse['headers']): string | undefined {
  const tenant = headers['x-vss-resourcetenant'];
  return isGuid(tenant) && /[1-9a-f]/i.test(tenant) ? tenant : undefined;
}

/** Where an answer would send its reader. */
export function readRedirect({ status, header, url }: HttpResponse): URL | undefined {
  const location = header('location');
  return status >= 300 && status < 400 && location !== undefined && URL.canParse(location, url.href)
    ? new URL(location, url)
    : undefined;
}

/** Whether this is a page on which a person would sign in: Azure DevOps sends one to whomever it does not know. */
export function isSignIn(response: HttpResponse): boolean {
  const target = readRedirect(response);
  if (target !== undefined) {
    return SIGN_IN_HOST.test(target.hostname) || SIGN_IN_PATH.test(target.pathname);
  }
  const { status, text, isJsonWanted } = response;
  if (!isSuccessStatus(status) || !isHtml(response)) {
    return status === 203;
  }
  // Whoever asks for a page may get one that speaks of signing in.
  return isJsonWanted
    ? hasAzureDevOpsHeader(response) || /\bsign.?in\b/i.test(text)
    : /<title>[^<]*\bsign.?in\b/i.test(text);
}

export function isHtml({ header }: HttpResponse): boolean {
  return /^text\/html\b/i.test(header('content-type') ?? '');
}

/** Whether Azure DevOps answered: its cloud, or what speaks like it at an address that the step names. */
export function isFromAzureDevOps(response: HttpResponse): boolean {
  return (
    isAzureDevOpsHost(response.url.host) ||
    hasAzureDevOpsHeader(response) ||
    /^(?:TF|VS)\d{5,}/.test(readServerMessage(response) ?? '')
  );
}

/** Whether an answer carries what answers of Azure DevOps do; a page of a proxy or a firewall does not. */
export function hasAzureDevOpsHeader({ header }: HttpResponse): boolean {
  return AZURE_DEVOPS_HEADERS.some((name) => header(name) !== undefined);
}
