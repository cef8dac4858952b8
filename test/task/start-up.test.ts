// Only what a run needs is loaded: the step stands at the beginning of every job.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAgentNode } from '../../scripts/agent-nodes';
import { cleanUp } from '../emulators/agent/run-step';
import { openMachine, openMachineBehindProxy } from '../emulators/places';
import { SCENARIOS, type Scenario } from '../scenarios';
import { perform, type Performance } from '../stage';

interface Loaded {
  /** Of `dist/`. */
  readonly files: readonly string[];
  /** Of Node.js. */
  readonly modules: readonly string[];
}

const FOR_A_TOKEN = [
  'agent.js',
  'credential-options.js',
  'index.js',
  'machine-credential.js',
  'retryPolicy.js',
  'rolldown-runtime.js',
  'run.js',
  'task.js',
  'token-hosts.js',
  'token-response.js',
];
const FOR_AZURE_DEVOPS = ['client.js', 'connections.js', 'happening.js', 'server-identity.js'];
const FOR_A_CALL = [...FOR_AZURE_DEVOPS, 'call-azure-devops.js'];
const PROJECTS = { url: '_apis/projects' };

const CASES: readonly (Pick<Scenario, 'inputs' | 'open'> & {
  readonly name: string;
  readonly more: readonly string[];
})[] = [
  { name: 'a token alone', inputs: { verifyMembership: 'false' }, more: [] },
  {
    name: 'the default',
    more: [...FOR_AZURE_DEVOPS, 'verify-membership.js'],
  },
  { name: 'a call', inputs: PROJECTS, more: FOR_A_CALL },
  {
    name: 'a call with an expression',
    inputs: { ...PROJECTS, query: 'count' },
    more: [...FOR_A_CALL, 'jmespath.js'],
  },
  {
    name: 'a step behind a proxy',
    open: () => openMachineBehindProxy(),
    more: [...FOR_AZURE_DEVOPS, 'verify-membership.js', 'https-proxy-agent.js'],
  },
];

describe('what a step loads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loaded-'));

  after(() => {
    rmSync(folder, { recursive: true });
  });

  async function load(
    scenario: Pick<Scenario, 'inputs' | 'open'>,
    node = process.execPath,
  ): Promise<Loaded & Pick<Performance, 'requests'>> {
    const preload = join(import.meta.dirname, 'fixtures', 'list-loaded.cjs');
    const file = join(folder, 'loaded.json');
    const { step, requests } = await perform(scenario, {
      node,
      variables: { 'system.debug': 'false' },
      machineEnvironment: {
        NODE_OPTIONS: `--require=${JSON.stringify(preload)}`,
        LOADED_FILE: file,
      },
    });
    cleanUp(step);
    assert.equal(step.result, 'Succeeded', step.log.join('\n'));
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as Loaded), requests };
  }

  for (const { name, more, ...scenario } of CASES) {
    it(`is what it needs: ${name}`, async () => {
      const { files } = await load(scenario);
      assert.deepEqual([...files].sort(), [...FOR_A_TOKEN, ...more].sort());
    });
  }

  it('is nothing of the machine where a service connection gives the token', async () => {
    const { files } = await load(
      SCENARIOS.find(({ name }) => name === 'azure-devops-connection') ?? assert.fail(),
    );
    assert.ok(files.includes('exchange.js'));
    assert.ok(!files.includes('machine-credential.js'));
  });

  it('is there before the token: a connection to Azure DevOps', async () => {
    const busy = { kind: 'answer', status: 503 } as const;
    const { requests } = await load({
      open: async () => {
        let connections = () => 0;
        const place = await openMachine({
          lastingFault: () => (connections() === 0 ? busy : undefined),
        });
        connections = () => place.organization?.connections() ?? 0;
        return place;
      },
    });
    assert.ok(requests.length <= 2);
  });

  for (const major of [20, 24] as const) {
    it(`is neither TLS nor the fetch of Node.js ${major}, where nobody uses it`, async function () {
      const node = findAgentNode(major);
      if (node === undefined) {
        this.skip();
      }
      const { modules } = await load({ inputs: { verifyMembership: 'false' } }, node);
      assert.ok(modules.includes('http'));
      const others = ['https', 'tls', 'zlib', 'child_process', 'fs/promises', 'perf_hooks'];
      const found = modules.filter((one) => others.includes(one) || one.includes('undici'));
      assert.deepEqual(found, []);
    });
  }
});
