import { AZURE_DEVOPS_HOST, findService, mayGetToken, WHO_MAY_GET_TOKEN } from '../hosts';
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
  'a path such as _apis/projects or SecretSauce/_apis/git/repositories, or a URL of https';
// Spaces are allowed, because names of projects contain them and the URL parser encodes them.
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** Whether a text is a complete URL. Otherwise it is a path below the organization. */
export function isWholeUrl(text: string): boolean {
  return /^https?:\/\/[^/]/i.test(text);
}

/** Parses the URL of a REST call: a path below the organization, or a complete URL of a host that may get the token. */
export function parseAddress(text: string, { organization, allowedHosts }: Place): Parsed<URL> {
  const isUrl = isWholeUrl(text);
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
    return { problem: `holds ${describeMissing(variable)}. Define it, or correct its name.` };
  }
  if (CONTROL.test(text) || path.includes('\\')) {
    return refuse(text, `${EXPECTED}, without backslashes and invisible characters`);
  }
  if (/^https?:\/\/[^/?]*@/i.test(text)) {
    return refuse(text, `${EXPECTED}, without a user name`);
  }
  if (text.includes('#')) {
    return refuse(text, `${EXPECTED}: a server never sees what follows a #, so write %23 for one`);
  }
  const decoded = decode(path);
  if (decoded === undefined) {
    return refuse(
      text,
      `${EXPECTED}: a percent sign is followed by two digits, so write %25 for one`,
    );
  }
  return decoded.split(/[/\\]/).some((segment) => /^\.{1,2}$/.test(segment.trim()))
    ? refuse(text, `${EXPECTED}, without . and .. between its slashes`)
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
      `${EXPECTED}: no slash comes first, or follows another one (is a variable empty?)`,
    );
  }
  return /[/\\]/.test(decode(path.replaceAll('/', '')) ?? '/')
    ? refuse(text, `${EXPECTED}: with encoded slashes write the whole URL`)
    : undefined;
}

/** Decodes a path as often as a server might; undefined if it cannot be decoded. */
function decode(path: string): string | undefined {
  try {
    let decoded = decodeURIComponent(path);
    for (let again = decodeLoosely(decoded); again !== decoded; again = decodeLoosely(decoded)) {
      decoded = again;
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
  const shown = untrustedText(origin) === origin ? origin : 'a host';
  return { problem: `names ${shown}, and that host may not get the token. ${WHO_MAY_GET_TOKEN}` };
}
