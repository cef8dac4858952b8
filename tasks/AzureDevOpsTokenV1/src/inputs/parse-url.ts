import { AZURE_DEVOPS_HOST, findService, mayGetToken, TOKEN_RECIPIENTS } from '../hosts';
import { untrustedText } from '../untrusted-text';
import { findMacro } from './macro';
import { describeMissing, refuse, type Parsed } from './parse-values';
import type { Organization } from './task-inputs';

export interface Place {
  /** The organization that a path is relative to. */
  readonly organization: Organization;
  /** Hosts outside Azure DevOps that may get the token. */
  readonly allowedHosts: readonly string[];
}

const EXPECTED =
  'a path such as _apis/projects or SecretSauce/_apis/git/repositories, or an https URL';
// Spaces are allowed, because names of projects contain them and the URL parser encodes them.
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** Whether a text is a complete URL. Otherwise it is a path below the organization. */
export function isCompleteUrl(text: string): boolean {
  return /^https?:\/\/[^/]/i.test(text);
}

/** Parses the URL of a REST call: a path below the organization, or a complete URL of a host that may get the token. */
export function parseAddress(text: string, { organization, allowedHosts }: Place): Parsed<URL> {
  const isUrl = isCompleteUrl(text);
  const path = (isUrl ? text.replace(/^[^/]+\/\/[^/?#]*/, '') : text).replace(/\?.*$/s, '');
  const problem = findProblem(text, path) ?? (isUrl ? undefined : findProblemOfPath(text, path));
  if (problem !== undefined) {
    return problem;
  }
  const address = isUrl ? text : locate(text, decode(path), organization);
  if (!URL.canParse(address)) {
    return refuse(text, EXPECTED);
  }
  const url = new URL(address);
  return mayGetToken(url, allowedHosts) ? { value: url } : refuseHost(text);
}

/** Refuses what two programs could read differently. */
function findProblem(text: string, path: string): { readonly problem: string } | undefined {
  const variable = findMacro(text);
  if (variable !== undefined) {
    return { problem: `contains ${describeMissing(variable)}` };
  }
  if (CONTROL.test(text) || path.includes('\\')) {
    return refuse(text, `${EXPECTED}, without backslashes and invisible characters`);
  }
  if (/^https?:\/\/[^/?]*@/i.test(text)) {
    return refuse(text, `${EXPECTED}, without a user name`);
  }
  if (text.includes('#')) {
    return refuse(
      text,
      `${EXPECTED}. The text after a # is not sent to a server. Write %23 for a # in a name`,
    );
  }
  const decoded = decode(path);
  if (decoded === undefined) {
    return refuse(
      text,
      `${EXPECTED}. Two hexadecimal digits must follow a percent sign. Write %25 for a percent sign in a name`,
    );
  }
  return decoded.split(/[/\\]/).some((segment) => /^\.{1,2}$/.test(segment.trim()))
    ? refuse(text, `${EXPECTED}, without "." or ".." as a segment`)
    : undefined;
}

/** Refuses what could lead a path out of the organization. */
function findProblemOfPath(text: string, path: string): { readonly problem: string } | undefined {
  if (/^(?:[a-z][a-z0-9+.-]*:|\?|$)/i.test(path)) {
    return refuse(text, EXPECTED);
  }
  if (/^\/|\/\//.test(path)) {
    return refuse(
      text,
      `${EXPECTED}. It must not begin with a slash or contain two slashes in a row. Check whether a variable is empty`,
    );
  }
  return /[/\\]/.test(decode(path.replaceAll('/', '')) ?? '/')
    ? refuse(text, `${EXPECTED}. For a path with encoded slashes, write the complete URL`)
    : undefined;
}

/** Decodes a path as often as a server might; undefined if it cannot be decoded. */
function decode(path: string): string | undefined {
  try {
    let decoded = decodeURIComponent(path);
    for (let next = decodeLoosely(decoded); next !== decoded; next = decodeLoosely(decoded)) {
      decoded = next;
    }
    return decoded;
  } catch {
    return undefined;
  }
}

/** Decodes only the separators of a path, if the rest is decoded already. */
function decodeLoosely(path: string): string {
  return path.replace(/%(?:25|2e|2f|5c)/gi, (code) => decodeURIComponent(code));
}

function locate(text: string, path: string | undefined, organization: Organization): string {
  const { host } = new URL(organization.url);
  if (host !== AZURE_DEVOPS_HOST) {
    return `${organization.url}/${text}`;
  }
  const service = findService((path ?? '').split('/'));
  const name = service.isInOrganization ? `${organization.name}/` : '';
  return `https://${service.host}/${name}${text}`;
}

function refuseHost(text: string): { readonly problem: string } {
  // The origin is shown as written, because the agent masks a secret only in its exact form.
  const [origin = ''] = /^[^/]+\/\/[^/?]*/.exec(text) ?? [];
  const shown = untrustedText(origin) === origin ? origin : 'another host';
  return {
    problem: `is a URL of ${shown}, but the token may not be sent to this host. ${TOKEN_RECIPIENTS}`,
  };
}
