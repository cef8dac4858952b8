import {
  AZURE_DEVOPS_HOST,
  isAzureDevOpsHost,
  mayGetToken,
  parseLegacyHost,
  TOKEN_RECIPIENTS,
} from '../hosts';
import { refuse, type Parsed } from './parse-values';
import type { Organization } from './task-inputs';

// At most 50 letters, digits and hyphens. The first and the last character are not hyphens.
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/i;
// Without anything that has to be decoded, or that two programs could read differently.
const PLAIN_URL = /^(https?:\/\/[a-z0-9.:[\]-]+)((?:\/[\w.~-]+)*)\/?$/i;
const HOST =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

const EXPECTED =
  'the name of an organization such as MyOrg, or its URL such as https://dev.azure.com/MyOrg';

/** @param allowedHosts hosts outside Azure DevOps that the step names */
export function parseOrganization(
  text: string,
  allowedHosts: readonly string[],
): Parsed<Organization> {
  if (NAME.test(text)) {
    return { value: onAzureDevOps(text) };
  }
  const url = parsePlainUrl(text);
  if (url === undefined) {
    return refuse(text, EXPECTED);
  }
  const name = readName(url);
  if (name !== undefined) {
    return { value: onAzureDevOps(name) };
  }
  if (isAzureDevOpsHost(url.host)) {
    return refuse(text, EXPECTED);
  }
  return mayGetToken(url, allowedHosts)
    ? {
        value: {
          name: /[^/]+$/.exec(withoutSlash(url.href))?.[0] ?? '',
          url: withoutSlash(url.href),
        },
      }
    : {
        problem: `is "${text}", but the token may not be sent to this host. ${TOKEN_RECIPIENTS}`,
      };
}

/** Whether a text is the URL of a collection on another server than Azure DevOps Services. */
export function isOtherServer(text: string): boolean {
  const url = parsePlainUrl(text);
  return url !== undefined && !isAzureDevOpsHost(url.host);
}

/** Parses a list of hosts, one on each line. */
export function parseHosts(text: string): Parsed<readonly string[]> {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  const wrong = lines.findIndex((line) => line !== '' && !isHost(line.toLowerCase()));
  if (wrong < 0) {
    return { value: lines.filter((line) => line !== '').map((line) => line.toLowerCase()) };
  }
  const { problem } = refuse(
    lines[wrong] ?? '',
    'a host such as devops.example.com or 127.0.0.1:8080, without scheme, path or wildcard',
  );
  return { problem: lines.length === 1 ? problem : `(line ${wrong + 1}) ${problem}` };
}

function onAzureDevOps(name: string): Organization {
  return { name, url: `https://${AZURE_DEVOPS_HOST}/${name}` };
}

/** The name of the organization if this is its URL on Azure DevOps Services; undefined otherwise. */
function readName({ protocol, host, pathname }: URL): string | undefined {
  const path = withoutSlash(pathname);
  if (protocol !== 'https:') {
    return undefined;
  }
  const legacy = parseLegacyHost(host);
  if (
    legacy !== undefined &&
    legacy.service === undefined &&
    /^(?:\/DefaultCollection)?$/i.test(path)
  ) {
    return legacy.organization;
  }
  return host === AZURE_DEVOPS_HOST && NAME.test(path.slice(1)) ? path.slice(1) : undefined;
}

/** Parses a URL that the parser of the platform returns as it is written, with nothing decoded, removed or added. */
function parsePlainUrl(text: string): URL | undefined {
  const [, origin, path] = PLAIN_URL.exec(text) ?? [];
  if (origin === undefined || path === undefined || !URL.canParse(text)) {
    return undefined;
  }
  const url = new URL(text);
  return withoutSlash(url.href) === `${origin.toLowerCase()}${path}` ? url : undefined;
}

function isHost(line: string): boolean {
  // The URL parser turns a host such as 0x7f.1 into another one, 127.0.0.1.
  return HOST.test(line) && parsePlainUrl(`http://${line.replace(/:80$/, '')}`) !== undefined;
}

function withoutSlash(text: string): string {
  return text.replace(/\/$/, '');
}
