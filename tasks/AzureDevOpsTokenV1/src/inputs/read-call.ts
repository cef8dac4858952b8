import { METHODS } from '../method';
import { isBelowOrganization } from '../service-hosts';
import type { InputReader } from './input-reader';
import { isWholeUrl, parseAddress } from './parse-address';
import { parseReadableFile, parseWritableFile } from './parse-files';
import { parseHeaders } from './parse-headers';
import { parseStatuses } from './parse-statuses';
import {
  parseBoolean,
  parseChoice,
  parseCount,
  parseExpression,
  parseVersion,
} from './parse-values';
import type { Organization, RequestedCall } from './task-inputs';

/** What an empty input stands for, as `task.json` has it. */
export const CALL_DEFAULTS = {
  url: '',
  method: 'GET',
  apiVersion: '7.1',
  headers: '',
  body: '',
  bodyFile: '',
  query: '',
  outputFile: '',
  secretResult: 'false',
  expectedStatus: '2xx',
  failWhen: '',
  requestTimeoutInSeconds: '100',
  maxRetries: '5',
} as const;

export const CALL_INPUTS = Object.keys(CALL_DEFAULTS) as (keyof typeof CALL_DEFAULTS)[];
/** What a relative path of `outputFile` is relative to. */
export const WORKING_FOLDER_VARIABLE = 'System.DefaultWorkingDirectory';

/** Whether the step makes a call, and whether to an organization that has to be known. */
export function isCallRelative(reader: InputReader): boolean | undefined {
  const text = reader.text('url');
  return text === '' ? undefined : !isWholeUrl(text);
}

/**
 * The call that the step makes; nothing where it makes none.
 * @param organization undefined where it is not known, which is a problem only for a path
 */
export function readCall(
  reader: InputReader,
  organization: Organization | undefined,
  allowedHosts: readonly string[],
): RequestedCall | undefined {
  if (reader.text('url') === '') {
    tellIgnored(reader);
    return undefined;
  }
  const url = reader.read('url', (text) =>
    // Where it is not known, that has been said; the rest of the path is looked at all the same.
    parseAddress(text, { organization: organization ?? ANY_ORGANIZATION, allowedHosts }),
  );
  const version = reader.read('apiVersion', parseVersion, CALL_DEFAULTS.apiVersion);
  const isAzureDevOps = url !== undefined && isBelowOrganization(url, organization?.url);
  const call = {
    method:
      reader.read('method', (text) => parseChoice(text, METHODS), CALL_DEFAULTS.method) ?? 'GET',
    url: url ?? new URL(ANY_ORGANIZATION.url),
    organization,
    apiVersion: isAzureDevOps ? version : undefined,
    isVersionDefault: version === CALL_DEFAULTS.apiVersion,
    headers: reader.readIfSet('headers', parseHeaders) ?? new Map<string, string>(),
    body: readBody(reader),
    bodyFile: readBodyFile(reader),
    query: reader.readIfSet('query', parseExpression),
    failWhen: reader.readIfSet('failWhen', parseExpression),
    outputFile: readOutputFile(reader),
    isResultSecret: reader.read('secretResult', parseBoolean, CALL_DEFAULTS.secretResult) ?? false,
    isExpected:
      reader.read('expectedStatus', parseStatuses, CALL_DEFAULTS.expectedStatus) ?? (() => false),
    requestTimeoutMs: readTimeout(reader),
    maxRetries:
      reader.read('maxRetries', (text) => parseCount(text, 0, 20), CALL_DEFAULTS.maxRetries) ?? 0,
  };
  findConflicts(reader, call);
  return call;
}

const ANY_ORGANIZATION: Organization = { name: 'any', url: 'https://dev.azure.com/any' };

/** The classic editor keeps what was typed into inputs that it hides. */
function tellIgnored(reader: InputReader): void {
  const set = CALL_INPUTS.filter((name) => {
    const text = name === 'bodyFile' ? (reader.agent.getPath(name) ?? '') : reader.text(name);
    return text !== '' && text.toLowerCase() !== CALL_DEFAULTS[name].toLowerCase();
  });
  if (set.length > 0) {
    reader.agent.debug(`url is not set, so no call is made, and ignored: ${set.join(', ')}.`);
  }
}

/** As it was given: its macros are for whoever gets it. */
function readBody({ agent }: InputReader): string | undefined {
  const text = agent.getInput('body') ?? '';
  return text.trim() === '' ? undefined : text;
}

function readBodyFile(reader: InputReader): string | undefined {
  const path = reader.agent.getPath('bodyFile');
  return path === undefined ? undefined : reader.take('bodyFile', parseReadableFile(path));
}

function readOutputFile(reader: InputReader): string | undefined {
  const folder = reader.agent.getVariable(WORKING_FOLDER_VARIABLE) ?? '.';
  return reader.readIfSet('outputFile', (text) => parseWritableFile(text, folder));
}

function readTimeout(reader: InputReader): number {
  const name = 'requestTimeoutInSeconds';
  const seconds = reader.read(name, (text) => parseCount(text, 1, 3600), CALL_DEFAULTS[name]);
  return (seconds ?? 0) * 1000;
}

function findConflicts({ problems, agent }: InputReader, call: RequestedCall): void {
  const { method, url } = call;
  const isSet = (name: 'body' | 'bodyFile') =>
    name === 'body' ? call.body !== undefined : agent.getPath(name) !== undefined;
  if (isSet('body') && isSet('bodyFile')) {
    problems.push('body and bodyFile are set, and only one of them can be sent.');
  }
  for (const name of (['body', 'bodyFile'] as const).filter(isSet)) {
    if (method === 'GET' || method === 'HEAD') {
      problems.push(`${name} is set, and a ${method} sends none: set method, or leave it empty.`);
    }
  }
  for (const name of ['query', 'failWhen', 'outputFile'] as const) {
    if (method === 'HEAD' && call[name] !== undefined) {
      problems.push(`${name} is set, and the answer to a HEAD has no body: set method to GET.`);
    }
  }
  const [, area] = /\/_apis\/([^/]*)/i.exec(decodeURIComponent(url.pathname)) ?? [];
  if (area?.toLowerCase() === 'tokens' && !call.isResultSecret && call.outputFile === undefined) {
    problems.push('url asks for secrets (_apis/tokens): set secretResult to true, or outputFile.');
  }
}
