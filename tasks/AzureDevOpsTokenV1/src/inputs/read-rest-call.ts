import { isTokenApi } from '../azure-devops/token-apis';
import { METHODS } from '../http/method';
import { parseJsonObject } from '../json-object';
import { isSentAsJson } from '../json-text';
import type { InputReader } from './input-reader';
import { checkJsonFile, parseReadableFile, parseWritableFile } from './parse-files';
import { parseHeaders, type Headers } from './parse-headers';
import { isCompleteUrl, parseAddress } from './parse-url';
import {
  parseAmount,
  parseBoolean,
  parseChoice,
  parseCount,
  parseExpression,
  parseStatuses,
  parseVersion,
} from './parse-values';
import type { Organization, RestCall, WaitInputs } from './task-inputs';
import { INPUT_RANGES } from '../limits';

/** The defaults of empty inputs. `task.json` has the same. */
export const CALL_DEFAULTS = {
  url: '',
  method: 'GET',
  apiVersion: '7.1',
  headers: '',
  body: '',
  bodyFile: '',
  query: '',
  allPages: 'false',
  outputFile: '',
  secretResult: 'false',
  expectedStatus: '2xx',
  failWhen: '',
  waitUntil: '',
  waitIntervalInSeconds: '10',
  waitTimeoutInMinutes: '30',
  requestTimeoutInSeconds: '100',
  maxRetries: '5',
} as const;

export const CALL_INPUTS = Object.keys(CALL_DEFAULTS) as (keyof typeof CALL_DEFAULTS)[];
/** The folder that relative paths of files are relative to. */
export const WORKING_FOLDER_VARIABLE = 'System.DefaultWorkingDirectory';

/** Whether `url` is a path, which needs an organization; undefined if the step makes no REST call. */
export function isCallRelative(reader: InputReader): boolean | undefined {
  const text = reader.text('url');
  return text === '' ? undefined : !isCompleteUrl(text);
}

/**
 * Reads the REST call of the step; undefined if it makes none.
 * @param organization undefined if it is not known, which is a problem for a path only
 */
export function readCall(
  reader: InputReader,
  organization: Organization | undefined,
  allowedHosts: readonly string[],
): RestCall | undefined {
  if (reader.text('url') === '') {
    logIgnored(reader);
    return undefined;
  }
  const url = reader.read('url', (text) =>
    // A missing organization is already reported. The placeholder finds the other problems of the path.
    parseAddress(text, { organization: organization ?? ANY_ORGANIZATION, allowedHosts }),
  );
  const version = reader.read('apiVersion', parseVersion, CALL_DEFAULTS.apiVersion);
  const headers = reader.readIfSet('headers', parseHeaders) ?? new Map<string, string>();
  const call = {
    method:
      reader.read('method', (text) => parseChoice(text, METHODS), CALL_DEFAULTS.method) ?? 'GET',
    url: url ?? new URL(ANY_ORGANIZATION.url),
    organization,
    apiVersion: version ?? CALL_DEFAULTS.apiVersion,
    isVersionDefault: version === CALL_DEFAULTS.apiVersion,
    headers,
    body: readBody(reader),
    bodyFile: readBodyFile(reader, headers),
    query: reader.readIfSet('query', parseExpression),
    failWhen: reader.readIfSet('failWhen', parseExpression),
    wait: readWait(reader),
    allPages: reader.read('allPages', parseBoolean, CALL_DEFAULTS.allPages) ?? false,
    outputFile: readOutputFile(reader),
    isResultSecret: reader.read('secretResult', parseBoolean, CALL_DEFAULTS.secretResult) ?? false,
    isExpected:
      reader.read('expectedStatus', parseStatuses, CALL_DEFAULTS.expectedStatus) ?? (() => false),
    requestTimeoutMs: readCount(reader, 'requestTimeoutInSeconds') * 1000,
    maxRetries: readCount(reader, 'maxRetries'),
  };
  findConflicts(reader, call);
  return call;
}

const ANY_ORGANIZATION: Organization = { name: 'any', url: 'https://dev.azure.com/any' };

/** Logs which inputs are ignored, because the classic editor keeps the values of inputs that it hides. */
function logIgnored(reader: InputReader): void {
  if (!reader.agent.isDebugged()) {
    return;
  }
  const set = CALL_INPUTS.filter((name) => {
    const text = reader.text(name);
    return text !== '' && text.toLowerCase() !== CALL_DEFAULTS[name].toLowerCase();
  });
  if (set.length > 0) {
    reader.agent.debug(
      `url is not set, so the step makes no REST call and ignores these inputs: ${set.join(', ')}.`,
    );
  }
}

/** Reads the body unchanged. Text such as `$(name)` can be meant for the server. */
function readBody({ agent }: InputReader): string | undefined {
  const text = agent.getInput('body') ?? '';
  return text.trim() === '' ? undefined : text;
}

function readBodyFile(reader: InputReader, headers: Headers): string | undefined {
  return reader.readIfSet('bodyFile', (text) => {
    const file = parseReadableFile(text, workingFolder(reader));
    return 'value' in file && isSentAsJson(file.value, headers.get('content-type'))
      ? checkJsonFile(file.value)
      : file;
  });
}

function readOutputFile(reader: InputReader): string | undefined {
  return reader.readIfSet('outputFile', (text) => parseWritableFile(text, workingFolder(reader)));
}

const workingFolder = ({ agent }: InputReader) => agent.getVariable(WORKING_FOLDER_VARIABLE) ?? '.';

function readCount(reader: InputReader, name: 'requestTimeoutInSeconds' | 'maxRetries'): number {
  const [least, most] = INPUT_RANGES[name];
  return reader.read(name, (text) => parseCount(text, least, most), CALL_DEFAULTS[name]) ?? 0;
}

/** Reads the waiting times only if `waitUntil` is set. */
function readWait(reader: InputReader): WaitInputs | undefined {
  if (reader.text('waitUntil') === '') {
    return undefined;
  }
  const read = (name: 'waitIntervalInSeconds' | 'waitTimeoutInMinutes') =>
    reader.read(name, (text) => parseAmount(text, INPUT_RANGES[name][1]), CALL_DEFAULTS[name]) ?? 0;
  const until = reader.read('waitUntil', parseExpression);
  const intervalMs = read('waitIntervalInSeconds') * 1000;
  const timeoutMs = read('waitTimeoutInMinutes') * 60_000;
  return until && { until, intervalMs, timeoutMs };
}

/** Finds inputs of a REST call that are valid alone but not together. */
function findConflicts(reader: InputReader, call: RestCall): void {
  const { problems } = reader;
  const { method, url } = call;
  const isSet = (name: 'body' | 'bodyFile') =>
    name === 'body' ? call.body !== undefined : reader.text(name) !== '';
  if (isSet('body') && isSet('bodyFile')) {
    problems.push('body and bodyFile are set. Set only one of them.');
  }
  for (const name of (['body', 'bodyFile'] as const).filter(isSet)) {
    if (method === 'GET' || method === 'HEAD') {
      problems.push(
        `${name} is set, but a ${method} request has no body. Set method to POST, PUT, PATCH or DELETE, or leave ${name} empty.`,
      );
    }
  }
  for (const name of ['query', 'failWhen', 'outputFile'] as const) {
    if (method === 'HEAD' && call[name] !== undefined) {
      problems.push(
        `${name} is set, but the response to a HEAD request has no body. Set method to GET.`,
      );
    }
  }
  if (method === 'HEAD' && reader.text('waitUntil') !== '') {
    problems.push(
      'waitUntil is set, but the response to a HEAD request has no body. Set method to GET.',
    );
  }
  if (call.allPages && !canHavePages(call)) {
    problems.push(
      `allPages is true, but a ${method} request like this has no pages. Use a GET, or a POST without waitUntil whose body is a JSON object with the field continuationToken (null for the first page).`,
    );
  }
  if (isTokenApi(url) && !call.isResultSecret && call.outputFile === undefined) {
    problems.push(
      'url is an API that returns secrets (_apis/tokens, _apis/token, oidctoken). Set secretResult to true, or set outputFile.',
    );
  }
}

/** A POST with this field in its body reads a list, such as pagesbatch of a wiki, so that it may be sent for each page. */
function canHavePages({ method, body, wait }: RestCall): boolean {
  const isPagedByBody = 'continuationToken' in (parseJsonObject(body ?? '') ?? {});
  return method === 'GET' || (method === 'POST' && wait === undefined && isPagedByBody);
}
