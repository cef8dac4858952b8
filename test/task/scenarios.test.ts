// The matrix of failures and successes, with the debug log on: each scenario on Node.js 20, and on Node.js 24 what the releases could do
// differently.
import assert from 'node:assert/strict';
import { isQuoted, readHeading, readSections } from '../contract/troubleshooting';
import { findAgentNode, type NodeMajor } from '../../scripts/agent-nodes';
import { JOB_TOKEN } from '../emulators/agent/job-setting';
import { cleanUp } from '../emulators/agent/run-step';
import { findGitObstacle } from '../emulators/git-machine';
import { REMEDIES, SCENARIOS, type Row, type Scenario } from '../scenarios';
import { assertNotIn, assertSecret } from './secrecy';
import { missingNode, needAgentNode, skip } from '../skip';
import { IS_UPDATE, readRecordings, record, recordMessages, writeRecordings } from '../recording';
import { findExplanation, perform, type Performance } from '../stage';
import { STEP_PLATFORM } from '../step-platform';

const IDENTITY_OUTPUTS = ['token', 'expiresOn', 'tenantId', 'clientId', 'objectId'];
const CALL_OUTPUTS = ['statusCode', 'responseHeaders', 'result', 'responseFile'];
const outputsOf = ({ call, git }: Scenario) => [
  ...IDENTITY_OUTPUTS,
  ...(git === 'prepared' ? ['gitConfig'] : []),
  ...(call === 'response' ? CALL_OUTPUTS : []),
];
/** Twice the limits that the task promises: the machine may be busy. */
const LONGEST_WITHOUT_ENDPOINT_MS = 2 * 15_000;
const LONGEST_MS = 2 * 120_000;
const SECTIONS = readSections();
const RECORDINGS = readRecordings();
/** At a time: most of them wait most of the time, and those whose time runs faster wait even more. */
const AT_ONCE = 4;
const FAST_AT_ONCE = 10;
/** What depends on the release: how it starts, TLS, proxies, connections and streams that break, files. */
const ON_EACH_NODE: readonly string[] = [
  ...['default', 'arm-connection', 'pod', 'behind-proxy', 'repositories', 'all-pages'],
  ...['untrusted-certificate', 'wrong-certificate', 'certificate-of-a-variable', 'past-the-proxy'],
  ...['proxy-refuses', 'proxy-out-of-reach', 'silent-proxy', 'no-endpoint', 'silent-endpoint'],
  ...['swallowed-connection', 'reset', 'broken-off-403', 'broken-off-once', 'stalled'],
  ...['no-http', 'organization-resets-once', 'silent-organization', 'stalled-organization'],
  ...['organization-without-name', 'run-and-wait'],
];

function scenariosOf(major: NodeMajor): readonly Scenario[] {
  return SCENARIOS.filter(
    // One that brings its own Node.js is the same whichever is asked for.
    ({ name, node }) => major === 20 || (node === undefined && ON_EACH_NODE.includes(name)),
  );
}

/** Why this machine cannot perform a scenario. */
function findObstacle({ platform, node, git }: Scenario): string | undefined {
  const gitObstacle = git === 'prepared' ? findGitObstacle() : undefined;
  if (gitObstacle !== undefined) {
    return gitObstacle;
  }
  if (platform !== undefined && platform !== STEP_PLATFORM) {
    return `this platform is not ${platform}`;
  }
  const isMissing = node !== undefined && findAgentNode(node) === undefined;
  return isMissing ? missingNode(node) : undefined;
}

const nodeOf = ({ node }: Scenario, otherwise: string) =>
  (node === undefined ? undefined : findAgentNode(node)) ?? otherwise;

async function performAll(
  scenarios: readonly Scenario[],
  { node, atOnce }: { readonly node: string; readonly atOnce: number },
): Promise<Map<string, Performance>> {
  const performances = new Map<string, Performance>();
  const queue = [...scenarios];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      performances.set(next.name, await perform(next, { node: nodeOf(next, node) }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return performances;
}

const isFast = ({ machineEnvironment }: Scenario) =>
  machineEnvironment?.['FAST_CLOCK'] !== undefined;

describe('the recordings', () => {
  it('are of scenarios that there are', () => {
    const names = new Set(SCENARIOS.map(({ name }) => name));
    const { scenarios, messages } = RECORDINGS;
    const recorded = [...Object.keys(scenarios), ...Object.keys(messages)];
    assert.deepEqual(
      recorded.filter((name) => !names.has(name)),
      [],
    );
  });
});

describe('what is performed on each Node.js', () => {
  it('are scenarios that there are', () => {
    const names = SCENARIOS.map(({ name }) => name);
    assert.deepEqual(
      ON_EACH_NODE.filter((name) => !names.includes(name)),
      [],
    );
  });
});

for (const major of [20, 24] as const) {
  describe(`a step on Node.js ${major}`, function () {
    this.timeout(10 * 60_000);
    const scenarios = scenariosOf(major);
    let performances = new Map<string, Performance>();

    before(async function () {
      const node = needAgentNode(this, major);
      const possible = scenarios.filter((scenario) => findObstacle(scenario) === undefined);
      // First those that are sensitive to the load of the machine, because time runs faster for them.
      const fast = possible.filter(isFast);
      const others = possible.filter((scenario) => !isFast(scenario));
      performances = new Map([
        ...(await performAll(fast, { node, atOnce: FAST_AT_ONCE })),
        ...(await performAll(others, { node, atOnce: AT_ONCE })),
      ]);
    });

    after(() => {
      performances.forEach(({ step }) => {
        cleanUp(step);
      });
    });

    for (const scenario of scenarios) {
      const end = scenario.row === undefined ? 'succeeds' : `fails with "${scenario.row}"`;
      it(`${end} (${scenario.name}): ${scenario.story}`, function () {
        skipImpossible(this, scenario);
        const performance = performances.get(scenario.name) ?? assert.fail('it was not performed');
        const { step, requests, tokens, organization, assertions = [] } = performance;
        assert.equal(step.exitCode, 0);
        assert.equal(step.stderr, '');
        if (scenario.row === undefined) {
          assertSuccess(scenario, performance);
        } else {
          assertFailure(scenario, scenario.row, performance);
        }
        if (scenario.requests !== undefined) {
          assert.equal(requests.length, scenario.requests);
        }
        const { calls = scenario.row === undefined ? 1 : 0 } = scenario;
        if (calls !== 'some') {
          assert.equal(organization?.requests.length ?? 0, calls);
        }
        [...tokens, ...assertions, JOB_TOKEN].forEach((token) => {
          assertSecret(step, token);
          assertNotIn(token, [['the later step', (performance.later?.log ?? []).join('\n')]]);
        });
      });
    }

    if (major === 20) {
      compareRecordings(scenarios, (name) => performances.get(name));
    }
  });
}

function skipImpossible(context: Mocha.Context, scenario: Scenario): void {
  const obstacle = findObstacle(scenario);
  if (obstacle !== undefined) {
    skip(context, obstacle);
  }
}

function compareRecordings(
  scenarios: readonly Scenario[],
  find: (name: string) => Performance | undefined,
): void {
  for (const scenario of scenarios) {
    const { name } = scenario;
    it(`does what is recorded (${name})`, function () {
      skipImpossible(this, scenario);
      const performance = find(name) ?? assert.fail('it was not performed');
      const [done, messages] = [record(performance), recordMessages(performance)];
      if (IS_UPDATE) {
        RECORDINGS.scenarios[name] = done;
        RECORDINGS.messages[name] = messages;
      }
      assert.deepEqual(done, RECORDINGS.scenarios[name]);
      assert.deepEqual(messages, RECORDINGS.messages[name] ?? []);
    });
  }

  after(() => {
    if (IS_UPDATE) {
      writeRecordings(RECORDINGS);
    }
  });
}

function assertSuccess(scenario: Scenario, { step, later, tokens }: Performance): void {
  assert.equal(step.result, 'Succeeded');
  assert.equal(later?.result, scenario.later && 'Succeeded', later?.stderr);
  assert.deepEqual(
    step.issues.filter(({ type }) => type === 'error'),
    [],
  );
  assert.deepEqual([...step.outputs.keys()], outputsOf(scenario));
  // The tokens after it are those of the later step.
  const value = later === undefined ? tokens.at(-1) : tokens[0];
  assert.deepEqual(step.outputs.get('token'), { value, isSecret: true });
  for (const name of IDENTITY_OUTPUTS.slice(1)) {
    assert.equal(step.outputs.get(name)?.isSecret, false);
  }
  step.issues.forEach(({ message }) => {
    assertSection(message);
  });
  const log = [...step.log, ...(later?.log ?? [])].join('\n');
  for (const name of scenario.names) {
    assert.ok(log.includes(name), `the log does not name "${name}"`);
  }
}

/** The one error of a step, or the explanation of a later step. */
function readError({ step, later }: Performance): string {
  if (later !== undefined) {
    return findExplanation(later) ?? assert.fail(later.stderr);
  }
  const [issue, ...others] = step.issues;
  assert.deepEqual([issue?.type, others], ['error', []]);
  return issue?.message ?? '';
}

function assertFailure(scenario: Scenario, row: Row, performance: Performance): void {
  const { step, later } = performance;
  assert.equal((later ?? step).result, 'Failed');
  // The identity is handed on before the call is made.
  const hasIdentity = scenario.call !== undefined || later !== undefined;
  assert.deepEqual([...step.outputs.keys()], hasIdentity ? outputsOf(scenario) : []);
  const message = readError(performance);
  for (const name of scenario.names) {
    assert.ok(message.includes(name), `the error does not name "${name}": ${message}`);
  }
  for (const [other, remedy] of Object.entries(REMEDIES)) {
    const isExpected = other === row || other === scenario.alsoRow;
    assert.equal(message.includes(remedy), isExpected, `the remedy of "${other}": ${message}`);
  }
  assertSection(message);
  assert.equal(message.includes('target: host'), scenario.agent?.container === 'inside');
  assertPatience(row, message);
  const limit = row === 'no identity endpoint' ? LONGEST_WITHOUT_ENDPOINT_MS : LONGEST_MS;
  assert.ok(step.elapsedMs < limit, `it took ${step.elapsedMs} ms`);
}

/** The last words name a section of docs/troubleshooting.md, which says how the message begins. */
function assertSection(message: string): void {
  const heading = readHeading(message);
  const section = SECTIONS.find((candidate) => candidate.heading === heading);
  assert.ok(section !== undefined && isQuoted(message, section), message);
}

/** The limits of the task by its own clock, which runs faster in some scenarios. */
function assertPatience(row: Row, message: string): void {
  const seconds = Number(/attempts in (\d+) s/.exec(message)?.[1]);
  if (row === 'no identity endpoint') {
    assert.ok(seconds >= 9 && seconds <= 2 * 15, message);
  } else if (row === 'endpoint busy' && !message.includes('Retry-After')) {
    assert.ok(seconds >= 75 && seconds <= 2 * 120, message);
  } else if (row === 'host unreachable') {
    assert.ok(seconds <= 2 * 60, message);
  }
}
