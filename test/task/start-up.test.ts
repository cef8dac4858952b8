// Only what a run needs is loaded: the step stands at the beginning of every job.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBuildRecord, TASK_FOLDER } from '../../scripts/build-task';
import { cleanUp } from '../emulators/agent/run-step';
import { openMachine, openMachineBehindProxy } from '../emulators/places';
import { SCENARIOS, type Scenario } from '../scenarios';
import { perform, type Performance } from '../stage';
import { needAgentNode } from '../skip';

interface Loaded {
  /** The size of the files of `dist/` that were loaded. */
  readonly bytes: number;
  /** The paths of the modules in those files, below the root of the repository. */
  readonly sources: readonly string[];
  /** The modules of Node.js. */
  readonly modules: readonly string[];
}

const SOURCE = 'tasks/AzureDevOpsTokenV1/src/';
const PROXIES = ['node_modules/http-proxy-agent/', 'node_modules/https-proxy-agent/'];
const JMESPATH = 'node_modules/@jmespath-community/';
const NEVER = ['node_modules/jsonwebtoken/'];
/** All that is used of it: what else it has, writes a file and encrypts each input while it loads. */
const TASK_LIBRARY = ['node_modules/azure-pipelines-task-lib/taskcommand.js'];
const PROJECTS = { url: '_apis/projects' };

/**
 * What a step does not load, and how much it loads at most. 75 kB of it exchange tokens and are in one file with what every step
 * needs of the same library: to build them apart doubled them in the package and saved no time (docs/performance.md).
 */
const CASES: readonly (Pick<Scenario, 'inputs' | 'open'> & {
  readonly name: string;
  readonly absent: readonly string[];
  readonly maxBytes: number;
})[] = [
  {
    name: 'a token alone',
    inputs: { verifyMembership: 'false' },
    absent: [
      ...PROXIES,
      JMESPATH,
      `${SOURCE}azure-devops/membership`,
      `${SOURCE}http/client`,
      `${SOURCE}rest/`,
    ],
    maxBytes: 404_000,
  },
  {
    name: 'the default',
    absent: [...PROXIES, JMESPATH, `${SOURCE}rest/`],
    maxBytes: 455_000,
  },
  {
    name: 'a REST call',
    inputs: PROJECTS,
    absent: [...PROXIES, JMESPATH, `${SOURCE}azure-devops/membership`],
    maxBytes: 522_000,
  },
  {
    name: 'a REST call with an expression',
    inputs: { ...PROJECTS, query: 'count' },
    absent: [...PROXIES, `${SOURCE}azure-devops/membership`],
    maxBytes: 555_000,
  },
  {
    name: 'a step behind a proxy',
    open: () => openMachineBehindProxy(),
    absent: [JMESPATH, `${SOURCE}rest/`],
    maxBytes: 474_000,
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
    const { files, modules } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly files: readonly string[];
      readonly modules: readonly string[];
    };
    const record = readBuildRecord();
    return {
      bytes: files.reduce((sum, name) => sum + statSync(join(TASK_FOLDER, 'dist', name)).size, 0),
      sources: files.flatMap((name) => record.modules[name] ?? assert.fail(name)),
      modules,
      requests,
    };
  }

  for (const { name, absent, maxBytes, ...scenario } of CASES) {
    it(`is limited: ${name}`, async () => {
      const { bytes, sources } = await load(scenario);
      assert.ok(sources.includes(`${SOURCE}run.ts`));
      const found = sources.filter((path) =>
        [...absent, ...NEVER].some((start) => path.startsWith(start)),
      );
      assert.deepEqual(found, []);
      const ofLibrary = sources.filter((path) => path.includes('/azure-pipelines-task-lib/'));
      assert.deepEqual(ofLibrary, TASK_LIBRARY);
      assert.ok(bytes <= maxBytes, `${bytes} bytes were loaded`);
    });
  }

  it('is nothing of the managed identity where a service connection gives the token', async () => {
    const { sources } = await load(
      SCENARIOS.find(({ name }) => name === 'azure-devops-connection') ?? assert.fail(),
    );
    assert.ok(sources.includes(`${SOURCE}identity/federated-credential.ts`));
    assert.ok(!sources.includes(`${SOURCE}identity/managed-identity-credential.ts`));
  });

  it('is there before the token: a connection to Azure DevOps', async () => {
    const busy = { kind: 'response', status: 503 } as const;
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
    it(`is neither TLS nor the fetch of Node.js ${major}, which a token does not use`, async function () {
      const node = needAgentNode(this, major);
      const { modules } = await load({ inputs: { verifyMembership: 'false' } }, node);
      assert.ok(modules.includes('http'));
      const others = ['https', 'tls', 'zlib', 'child_process', 'fs/promises', 'perf_hooks'];
      const found = modules.filter((one) => others.includes(one) || one.includes('undici'));
      assert.deepEqual(found, []);
    });
  }
});
