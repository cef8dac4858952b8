// Secrecy: whatever goes wrong, and whatever prints what it gets, a token is in the commands that carry it and in no other text.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { JOB_TOKEN } from '../emulators/agent/job-setting';
import { cleanUp } from '../emulators/agent/run-step';
import type { Fault } from '../emulators/faults';
import { openHostedAgent } from '../emulators/federated-places';
import { busy } from '../emulators/identity-endpoint';
import { joinEnvironments } from '../emulators/network';
import { refuse, signInPage } from '../emulators/organization/error-responses';
import { openMachine, type Place } from '../emulators/places';
import { CONNECTION_ID } from '../emulators/service-connections';
import { perform } from '../stage';
import { assertSecret } from '../task/secrecy';

/** More for a release: `npm run soak`. */
const RUNS = Math.max(25, Math.round(Number(process.env['SOAK_RUNS'] ?? 0) / 20));

const FAULTS: readonly (Fault | undefined)[] = [
  undefined,
  { kind: 'reset' },
  { kind: 'truncated' },
  { kind: 'response', status: 200, body: '<html>eyJ0.eyJ0.eyJ0</html>' },
  { kind: 'response', status: 302, headers: { location: 'https://evil.example/' } },
  refuse(401, 'TF400813: Bearer eyJ0eXAiOiJKV1Qi.eyJhdWQiOiI0.c2ln'),
  refuse(409, '##vso[task.setvariable variable=token]x'),
  refuse(429, 'Busy', { 'retry-after': '1' }),
  signInPage(203),
];
/** Of an organization that has received the job token, because it issued an OIDC token to the step. */
const CONNECTION_FAULTS = [...FAULTS, refuse(403, `${'x'.repeat(480)} ${JOB_TOKEN} may not`)];
const CALLS: readonly Readonly<Record<string, string>>[] = [
  {},
  { url: '_apis/projects' },
  { url: 'SecretSauce/_apis/git/repositories', query: 'value[].name', outputFile: 'x/y.json' },
  { url: '_apis/projects', allPages: 'true', secretResult: 'true' },
  { url: 'SecretSauce/_apis/git/repositories', method: 'POST', body: '{"name":"$(x)"}' },
  { url: '_apis/projects', waitUntil: 'count', waitTimeoutInMinutes: '0.01' },
];
const preload = (name: string) => `--require=${JSON.stringify(join(import.meta.dirname, name))}`;
/** What prints what it gets, and what breaks. */
const ENVIRONMENTS: readonly Readonly<Record<string, string>>[] = [
  {},
  { AZURE_LOG_LEVEL: 'verbose', TYPESPEC_RUNTIME_LOG_LEVEL: 'verbose', DEBUG: '*' },
  { NODE_DEBUG: 'http,https,net,tls,stream,child_process' },
  { NODE_OPTIONS: preload('../task/fixtures/throw-later.cjs') },
  { NODE_OPTIONS: '--trace-warnings --enable-source-maps' },
];

interface Day {
  readonly isHosted: boolean;
  readonly identityFaults: readonly (Fault | undefined)[];
  readonly faults: readonly (Fault | undefined)[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly isDebug: boolean;
}

const toDay = (isHosted: boolean, faults: readonly (Fault | undefined)[]): fc.Arbitrary<Day> =>
  fc.record({
    isHosted: fc.constant(isHosted),
    identityFaults: fc.array(fc.constantFrom(undefined, busy(429), FAULTS[3], FAULTS[2]), {
      maxLength: 2,
    }),
    faults: fc.array(fc.constantFrom(...faults), { maxLength: 3 }),
    inputs: fc.constantFrom(...CALLS),
    environment: fc.constantFrom(...ENVIRONMENTS),
    isDebug: fc.boolean(),
  });
const day = fc.oneof(toDay(false, FAULTS), toDay(true, CONNECTION_FAULTS));

function open({ isHosted, identityFaults, faults }: Day): Promise<Place> {
  return isHosted
    ? openHostedAgent({ entra: { faults: identityFaults }, organization: { faults } })
    : openMachine({ faults: identityFaults, organization: { faults } });
}

/** No program but the file of the task that reads JSON if that takes long: with no environment. */
function assertStarted(guard: string): void {
  const lines = existsSync(guard) ? readFileSync(guard, 'utf8').trim().split('\n') : [];
  for (const line of lines) {
    const [name, args] = JSON.parse(line) as [string, [string, string[], { env: unknown }]];
    const [, programArguments, { env }] = args;
    assert.equal(name, 'spawn', line);
    assert.equal(basename(programArguments.at(-1) ?? ''), 'json-process.js', line);
    assert.equal(programArguments.length, 3, line);
    assert.deepEqual(env, {}, line);
  }
}

describe('a token', function () {
  this.timeout(3_600_000);

  it(`stays secret on any day, whatever prints what it gets (${RUNS} cases)`, async () => {
    await fc.assert(
      fc.asyncProperty(day, async (one) => {
        const folder = mkdtempSync(join(tmpdir(), 'spawn-'));
        const guard = join(folder, 'spawned');
        const ofConnection = {
          connectionType: 'azureDevOps',
          azureDevOpsServiceConnection: CONNECTION_ID,
        };
        const performance = await perform(
          { open: () => open(one), inputs: one.isHosted ? ofConnection : {} },
          {
            inputs: { maxRetries: '1', ...one.inputs },
            variables: { 'system.debug': String(one.isDebug) },
            machineEnvironment: joinEnvironments(one.environment, {
              NODE_OPTIONS: preload('spawn-guard.cjs'),
              SPAWN_GUARD: guard,
            }),
          },
        );
        const { step, tokens, assertions = [] } = performance;
        try {
          [...tokens, ...assertions, ...(one.isHosted ? [JOB_TOKEN] : [])].forEach((token) => {
            assertSecret(step, token);
          });
          assertStarted(guard);
          assert.ok(step.issues.length <= 2, JSON.stringify(step.issues));
          assert.equal(step.exitCode, 0);
        } finally {
          cleanUp(step);
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: RUNS },
    );
  });
});
