// What a person who sets variables of a run can reach: the built task, and a proxy of theirs that ends TLS and reads what comes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAgentNode } from '../../scripts/agent-nodes';
import { JOB_TOKEN } from '../emulators/agent/job-setting';
import { cleanUp, type StepOptions } from '../emulators/agent/run-step';
import type { EnvironmentOrder } from '../emulators/agent/task-environment';
import { openHostedAgent } from '../emulators/federated-places';
import { startHostileProxy, type HostileProxy } from '../emulators/hostile-proxy';
import { openMachine, type Place } from '../emulators/places';
import { CONNECTION_ID } from '../emulators/service-connections';
import { skip } from '../skip';
import { perform, type Performance } from '../stage';
import { call } from './call-step';

const ORDERS: readonly EnvironmentOrder[] = ['variables-first', 'variables-last'];
const NODES = ([20, 24] as const).flatMap((major) => {
  const node = findAgentNode(major);
  return node === undefined ? [] : { name: `Node.js ${major}`, node };
});
const OF_CONNECTION = {
  connectionType: 'azureDevOps',
  azureDevOpsServiceConnection: CONNECTION_ID,
  url: '',
};
/** Without the proxies that a place has, which are the machine's own. */
const NO_PROXY_OF_MACHINE = { HTTPS_PROXY: '', https_proxy: '' };

describe('a person who sets variables of a run', () => {
  let proxy: HostileProxy;
  let folder = '';

  beforeEach(async () => {
    proxy = await startHostileProxy();
    folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  });

  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await proxy.close();
  });

  /** The path of a file with the certificate of their authority. */
  const authorityFile = () => {
    const path = join(folder, 'authority.pem');
    writeFileSync(path, proxy.authority);
    return path;
  };
  /** Their proxy, and the certificate of their authority at the start of a line of the environment. */
  const theirs = () => ({
    'agent.proxyurl': proxy.origin,
    theirs: `\n${proxy.authority}`,
  });
  const assertNothingRead = ({ step, tokens }: Performance) => {
    assert.deepEqual(proxy.read, []);
    assert.ok(proxy.tunnels.length > 0, 'the task went through their proxy');
    assert.equal(step.result, 'Failed');
    assert.match(step.issues.at(-1)?.message ?? '', /The certificate of .* is not trusted/);
    assert.ok(tokens.every((token) => !proxy.read.join('\n').includes(token)));
  };
  const attack = (
    variables: Readonly<Record<string, string>>,
    { open, ...step }: Partial<StepOptions> & { readonly open?: () => Promise<Place> },
    check: (performance: Performance) => void,
  ) =>
    call(
      {
        ...(open && { open }),
        inputs: { maxRetries: '0', ...(open && OF_CONNECTION) },
        step: { ...step, variables: { ...theirs(), ...variables } },
      },
      check,
    );

  it('reads the token if the machine itself trusts their authority, so that this test can fail', () =>
    attack(
      {},
      { machineEnvironment: { NODE_EXTRA_CA_CERTS: authorityFile() } },
      ({ step, tokens }) => {
        assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
        assert.ok(proxy.read.join('\n').includes(tokens[0] ?? '-'));
      },
    ));

  it('reads the job token, too, if the machine itself trusts their authority', () =>
    attack(
      {},
      {
        open: openHostedAgent,
        machineEnvironment: { ...NO_PROXY_OF_MACHINE, NODE_EXTRA_CA_CERTS: authorityFile() },
      },
      () => {
        assert.ok(proxy.read.join('\n').includes(JOB_TOKEN));
      },
    ));

  for (const [index, { name, node }] of NODES.entries()) {
    for (const environmentOrder of ORDERS.slice(index, index + 1)) {
      const step = { node, environmentOrder };

      it(`reads nothing with agent.cainfo=/proc/self/environ (${name}, ${environmentOrder})`, () =>
        attack({ 'agent.cainfo': '/proc/self/environ' }, step, (performance) => {
          assertNothingRead(performance);
          assert.match(
            performance.step.issues[0]?.message ?? '',
            /certificate file "\/proc\/self\/environ" \(Agent\.CAInfo\), because the configuration of the agent .* does not name that file/,
          );
        }));

      it(`reads no job token and no client assertion (${name}, ${environmentOrder})`, () =>
        attack(
          { 'agent.cainfo': '/proc/self/environ' },
          { ...step, open: openHostedAgent, machineEnvironment: NO_PROXY_OF_MACHINE },
          (performance) => {
            assertNothingRead(performance);
            const secrets = [JOB_TOKEN, ...(performance.assertions ?? [])];
            assert.ok(secrets.every((secret) => !proxy.read.join('\n').includes(secret)));
          },
        ));
    }
  }

  for (const [what, makePath] of [
    ['a file that they can write', () => authorityFile()],
    [
      'a pipe that nothing writes to',
      () => {
        execFileSync('mkfifo', [join(folder, 'pipe')]);
        return join(folder, 'pipe');
      },
    ],
    ['an endless device', () => '/dev/zero'],
  ] as const) {
    it(`reads nothing if agent.cainfo is ${what}`, async function () {
      if (process.platform === 'win32' && what !== 'a file that they can write') {
        skip(this, 'Windows has no such files');
      }
      await attack({ 'agent.cainfo': makePath() }, {}, assertNothingRead);
    });
  }

  for (const [name, value] of [
    ['NODE_EXTRA_CA_CERTS', '/proc/self/environ'],
    ['AGENT_CAINFO', '/proc/self/environ'],
    ['agent homedirectory', '/tmp'],
    ['AGENT_CAINFO=/proc/self/environ', ''],
    ['NODE_EXTRA_CA_CERTS=/proc/self/environ', ''],
    ['NODE_OPTIONS=--use-system-ca', ''],
    ['VSTS_PUBLIC_VARIABLES=["', '"]'],
    ['VSTS_PUBLIC_VARIABLES=[]', ''],
    ['IDENTITY_ENDPOINT=HTTP://2130706433:8080/X?', ''],
  ] as const) {
    // Those that an agent sets first lose against its own; a few show that they are refused all the same.
    for (const environmentOrder of ['NODE_EXTRA_CA_CERTS', 'AGENT_CAINFO'].includes(name)
      ? ORDERS
      : ORDERS.slice(1)) {
      it(`is refused before anything is sent with ${name} (${environmentOrder})`, async () => {
        const performance = await perform(
          { open: openMachine },
          { environmentOrder, variables: { ...theirs(), [name]: value } },
        );
        cleanUp(performance.step);
        assert.equal(performance.step.result, 'Failed');
        assert.match(
          performance.step.issues[0]?.message ?? '',
          /^.*(?:pipeline variable|The environment contains)/s,
        );
        assert.deepEqual([performance.requests, proxy.tunnels, proxy.read], [[], [], []]);
      });
    }
  }
});
