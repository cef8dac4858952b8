// A step that is cancelled in one of its phases, and what it must leave behind.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../emulators/agent/job-setting';
import { cleanUp, type StepOptions } from '../emulators/agent/run-step';
import { busy } from '../emulators/identity-endpoint';
import { refuse } from '../emulators/organization/error-responses';
import { openHostedAgent, type HostedOptions } from '../emulators/federated-places';
import { openMachine, type MachineOptions, type Place } from '../emulators/places';
import { CONNECTION_ID } from '../emulators/service-connections';
import { perform } from '../stage';
import { say } from './call-step';
import { assertSecret, filesBelow } from './secrecy';

interface Phase {
  readonly machine?: MachineOptions;
  /** With a service connection, on an agent without an identity. */
  readonly hosted?: HostedOptions;
  readonly inputs?: Readonly<Record<string, string>>;
  /** It has begun. */
  readonly hasBegun: (seen: { readonly place: Place; readonly log: readonly string[] }) => boolean;
}

const calls = ({ place }: { readonly place: Place }) => place.organization?.requests.length ?? 0;
const says =
  (text: string): Phase['hasBegun'] =>
  ({ log }) =>
    log.some((line) => line.includes(text));
const SILENCE = { kind: 'silence' } as const;
const TO_FILE = { outputFile: 'answer.json' };
const OF_CONNECTION = {
  connectionType: 'azureDevOps',
  azureDevOpsServiceConnection: CONNECTION_ID,
};

export const PHASES: Readonly<Record<string, Phase>> = {
  'it waits for the identity endpoint': {
    machine: { lastingFault: () => SILENCE },
    hasBegun: ({ place }) => place.requests.length > 0,
  },
  'it pauses before it asks the identity endpoint again': {
    machine: { lastingFault: () => busy(429) },
    hasBegun: says('Next attempt in'),
  },
  'it requests an OIDC token of the job': {
    hosted: { organization: { lastingFault: SILENCE } },
    inputs: OF_CONNECTION,
    hasBegun: (seen) => calls(seen) > 0,
  },
  'it asks Microsoft Entra': {
    hosted: { entra: { lastingFault: SILENCE } },
    inputs: OF_CONNECTION,
    hasBegun: ({ place }) => (place.entra?.requests.length ?? 0) > 0,
  },
  'it asks the organization': {
    machine: { organization: { lastingFault: SILENCE } },
    hasBegun: (seen) => calls(seen) > 0,
  },
  'it waits for the answer to a call': {
    machine: { organization: { lastingFault: SILENCE } },
    inputs: { url: '_apis/x', ...TO_FILE },
    hasBegun: (seen) => calls(seen) > 0,
  },
  'it pauses before it repeats a call': {
    machine: { organization: { lastingFault: refuse(503, 'Busy.', { 'retry-after': '60' }) } },
    inputs: { url: '_apis/x', ...TO_FILE },
    hasBegun: says('Next attempt in'),
  },
  'it waits for the next page of a list': {
    machine: {
      organization: {
        faults: [say({ value: [1], continuationToken: 'n' })],
        lastingFault: SILENCE,
      },
    },
    inputs: { url: '_apis/x', allPages: 'true', ...TO_FILE },
    hasBegun: (seen) => calls(seen) > 1,
  },
  'it reads a long answer': {
    machine: { organization: { lastingFault: { kind: 'slow', msPerByte: 50 } } },
    inputs: { url: 'SecretSauce/_apis/git/repositories', ...TO_FILE },
    hasBegun: (seen) => calls(seen) > 0,
  },
  'it waits for the next look': {
    machine: { organization: { lastingFault: say({ state: 'begun' }) } },
    inputs: { url: '_apis/x', waitUntil: 'done', waitIntervalInSeconds: '60', ...TO_FILE },
    hasBegun: says('Next poll in'),
  },
  'it waits for the answer to a look': {
    machine: { organization: { faults: [say({ state: 'begun' })], lastingFault: SILENCE } },
    inputs: { url: '_apis/x', waitUntil: 'done', waitIntervalInSeconds: '0.1', ...TO_FILE },
    hasBegun: (seen) => calls(seen) > 1,
  },
};

/** Cancels a step while it is in that phase. It ends with this exit code, in time, and leaves no file half-written. */
export async function checkCancelling(
  name: string,
  // Twice the limit: the machine may be busy.
  {
    exitCode,
    longestMs = 2_000,
    noise = /(?!)/,
  }: {
    readonly exitCode: number;
    readonly longestMs?: number;
    /** What the platform itself writes to standard error. */
    readonly noise?: RegExp;
  },
  options: Partial<StepOptions>,
): Promise<void> {
  const { machine, hosted, inputs = {}, hasBegun } = PHASES[name] ?? assert.fail(name);
  const cancelling = new AbortController();
  const folders = makeFolders();
  const path = join(folders.sources, 'answer.json');
  writeFileSync(path, 'what was there before');
  const place = await (hosted === undefined ? openMachine(machine) : openHostedAgent(hosted));
  const log: string[] = [];
  const watching = setInterval(() => {
    if (hasBegun({ place, log })) {
      clearInterval(watching);
      // It may just have begun to write.
      setTimeout(() => {
        cancelling.abort();
      }, 100);
    }
  }, 20);
  const {
    step,
    tokens,
    assertions = [],
  } = await perform(
    { open: () => Promise.resolve(place), inputs },
    { ...options, folders, cancel: cancelling.signal, onLog: (line) => log.push(line) },
  );
  clearInterval(watching);
  try {
    assert.equal(step.result, 'Canceled');
    // Of the task itself: a process that a signal ends has none.
    assert.equal(step.exitCode, exitCode);
    assert.ok((step.cancelledAfterMs ?? Infinity) < longestMs, String(step.cancelledAfterMs));
    assert.ok(step.log.some((line) => line.startsWith('The step was cancelled.')));
    assert.equal(step.stderr.replace(noise, ''), '');
    assert.deepEqual(filesBelow(folders.sources), [path]);
    assert.equal(readFileSync(path, 'utf8'), 'what was there before');
    assert.deepEqual(readdirSync(folders.temp), []);
    [...tokens, ...assertions].forEach((token) => {
      assertSecret(step, token);
    });
  } finally {
    cleanUp(step);
  }
}
