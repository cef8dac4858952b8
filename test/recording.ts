// What each scenario does, kept in the repository: test/recordings/scenarios.json has the requests, outputs and secrets of each, and
// test/recordings/messages.txt what its user reads. A change of structure leaves both as they are; `UPDATE_RECORDINGS=1` writes them again.
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { ROOT } from '../scripts/build-task';
import { JOB_TOKEN } from './emulators/agent/job-setting';
import { findExplanation, type Performance } from './stage';
import { filesBelow } from './task/secrecy';

const FOLDER = join(ROOT, 'test', 'recordings');
const FILES = {
  scenarios: join(FOLDER, 'scenarios.json'),
  messages: join(FOLDER, 'messages.txt'),
} as const;

/** A request: method, address and headers. */
type Request = Readonly<Record<string, string>>;

export interface Recording {
  readonly result: string;
  /** That of the later step. */
  readonly laterResult?: string;
  readonly exitCode: number | null | undefined;
  /** Where the errors and warnings point to. */
  readonly problems: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  /** The values that the agent was told to mask, in order, each once. */
  readonly secrets: readonly string[];
  /** By the server that received them. */
  readonly requests: Readonly<Record<string, readonly Request[]>>;
}

/** They differ from machine to machine and from run to run. */
const OMITTED_HEADERS = /^(?:x-client-|x-ms-client-request-id$|x-tfs-session$|client-request-id$)/;
const GUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;
/** The IDs that the emulators and scenarios write down; all others are random. */
const FIXED_IDS = new Set(
  ['emulators', 'scenarios']
    .flatMap((folder) => filesBelow(join(ROOT, 'test', folder)))
    .flatMap((file) => readFileSync(file, 'utf8').match(GUID) ?? [])
    .map((id) => id.toLowerCase()),
);
const SECRET = /^##vso\[task\.setsecret\](.*)$/gm;

/** What a step did, without what differs from run to run. */
export function record(performance: Performance): Recording {
  const { step, later, requests, organization, entra, proxy } = performance;
  const toText = makeStable(performance);
  const toRequests = (list: readonly Parameters<typeof describeRequest>[0][]) =>
    withoutRepetitions(list.map((one) => describeRequest(one, toText)));
  return {
    result: step.result,
    ...(later && { laterResult: later.result }),
    exitCode: step.exitCode,
    problems: step.issues.map(({ message }) => /Troubleshooting: (.*)$/.exec(message)?.[1] ?? ''),
    outputs: Object.fromEntries(
      [...step.outputs].map(([name, { value, isSecret }]) => [
        `${name}${isSecret ? ' (secret)' : ''}`,
        toText(value),
      ]),
    ),
    secrets: [
      ...new Set(
        [...step.stdout.matchAll(SECRET)].map(([, value = '']) => toText(unescape(value))),
      ),
    ],
    requests: {
      identity: toRequests(requests),
      organization: toRequests(organization?.requests ?? []),
      entra: [...new Set(entra?.requests ?? [])].map((line) => ({ request: toText(line) })),
      proxy: [...new Set(proxy?.requests ?? [])].map((line) => ({ request: toText(line) })),
    },
  };
}

/** The errors and warnings of a step, without what differs from run to run. */
export function recordMessages(performance: Performance): readonly string[] {
  const toText = makeStable(performance);
  const { step, later } = performance;
  const explanation = later && findExplanation(later);
  return [
    ...step.issues.map(({ type, message }) => `${type}: ${toText(message).replace(/\n/g, '\n  ')}`),
    ...(explanation === undefined ? [] : [`standard error: ${toText(explanation)}`]),
  ];
}

interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
}

function describeRequest(
  { method, url, headers }: SeenRequest,
  toText: (text: string) => string,
): Request {
  // The headers of git depend on its version.
  const isOfGit = url.pathname.includes('/_git/');
  const kept = Object.entries(headers)
    .filter(([name]) => (isOfGit ? name === 'authorization' : !OMITTED_HEADERS.test(name)))
    .map(([name, value]) => [name, toText(String(value))] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return { request: toText(`${method} ${url.href}`), ...Object.fromEntries(kept) };
}

/** How often a request is retried depends on chance. */
function withoutRepetitions(requests: readonly Request[]): readonly Request[] {
  const texts = requests.map((request) => JSON.stringify(request));
  return requests.filter((_, index) => texts[index] !== texts[index - 1]);
}

/** Names what differs from run to run: tokens, folders, ports, times, random IDs. */
function makeStable({ step, tokens, assertions = [] }: Performance): (text: string) => string {
  const named = [
    // How many tokens a long step gets depends on the machine's speed.
    ...tokens.map((token, index) => [token, index === 0 ? 'token' : 'later token'] as const),
    // An emulator can issue one, and return an error in place of it.
    ...assertions
      .filter((token) => step.stdout.includes(token))
      .map((token, index) => [token, `assertion ${index + 1}`] as const),
    [JOB_TOKEN, 'job token'] as const,
  ];
  const replacements = named.flatMap(([token, name]) => [
    ...['PAT:', 'x:', 'MyOrg:', ':', ''].map(
      (prefix) => [base64(prefix + token), `<base64 of ${prefix}${name}>`] as const,
    ),
    [base64(`x:${token}`).slice(4), `<base64 of ${name} without its first byte>`] as const,
    [token, `<${name}>`] as const,
  ]);
  const folder = step.folders.root;
  return (text) =>
    [...replacements, [folder, '<agent>'] as const]
      .reduce((stable, [value, name]) => stable.replaceAll(value, name), text)
      .replaceAll(ROOT, '<project>')
      .replace(/\/git-credentials-\w{6}\//g, '/git-credentials-<random>/')
      .replace(/(127\.0\.0\.1|\[::1\]|localhost):\d+/g, '$1:<port>')
      .replace(GUID, (id) => (FIXED_IDS.has(id.toLowerCase()) ? id : '<random ID>'))
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>')
      .replace(/(\d+) attempts? in \d+ s\b/g, '<n> attempts in <n> s')
      .replace(/\b(look|poll) \d+ after/gi, '$1 <n> after')
      .replace(/ Node\/\d+\.\d+\.\d+ \([^)]*\)/g, ' Node/<version> (<platform>)')
      .replace(/\bafter \d+(?:\.\d+)? s\b/g, 'after <n> s')
      .replace(/AzureDevOpsToken\/\d+\.\d+\.\d+/g, 'AzureDevOpsToken/<version>')
      .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g, '<time>');
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** As the agent reads the value of a command. */
const unescape = (text: string) =>
  text
    .replaceAll('%3B', ';')
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%5D', ']')
    .replaceAll('%AZP25', '%');

/** What is kept of all scenarios, by their names. */
export interface Recordings {
  readonly scenarios: Record<string, Recording>;
  readonly messages: Record<string, readonly string[]>;
}

/** Whether the recordings are written instead of compared. */
export const IS_UPDATE = process.env['UPDATE_RECORDINGS'] === '1';

export function readRecordings(): Recordings {
  const sections = readFileSync(FILES.messages, 'utf8').split(/^# /m).slice(1);
  return {
    scenarios: JSON.parse(readFileSync(FILES.scenarios, 'utf8')) as Recordings['scenarios'],
    messages: Object.fromEntries(
      sections.map((section) => {
        const [name = '', ...lines] = section.trimEnd().split(/\n(?! )/);
        return [name, lines];
      }),
    ),
  };
}

export function writeRecordings({ scenarios, messages }: Recordings): void {
  const sorted = <T>(entries: Record<string, T>) =>
    Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1));
  const text = sorted(messages)
    .filter(([, lines]) => lines.length > 0)
    .map(([name, lines]) => [`# ${name}`, ...lines].join('\n'));
  writeFileSync(
    FILES.scenarios,
    `${JSON.stringify(Object.fromEntries(sorted(scenarios)), undefined, 1)}\n`,
  );
  writeFileSync(FILES.messages, `${text.join('\n\n')}\n`);
}
