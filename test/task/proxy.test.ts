import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findAgentNode } from '../../scripts/agent-nodes';
import { ROOT } from '../../scripts/build-task';
import { cleanUp } from '../emulators/agent/run-step';
import { openMachine, openMachineBehindProxy } from '../emulators/places';
import { startProxy } from '../emulators/proxy';
import { perform } from '../stage';
import { missingNode, needAgentNode, NO_NETWORK, skip } from '../skip';
import type { Network, NetworkReport } from './fixtures/real-address';

const VARIABLES = [
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'ALL_PROXY',
  'https_proxy',
  'http_proxy',
  'all_proxy',
];

for (const major of [20, 24] as const) {
  describe(`a proxy of the machine, on Node.js ${major}`, () => {
    const node = findAgentNode(major);

    // Node.js 24 itself would use them.
    for (const names of major === 20 ? [VARIABLES] : [VARIABLES, ['HTTP_PROXY'], ['all_proxy']]) {
      it(`sees no identity request with ${names.join(', ')}`, async function () {
        if (node === undefined) {
          skip(this, missingNode(major));
        }
        const open = () => openMachineBehindProxy({ variables: names });
        const machineEnvironment = { NODE_USE_ENV_PROXY: '1' };
        const { step, requests, proxy } = await perform({ open }, { node, machineEnvironment });
        cleanUp(step);
        assert.equal(step.result, 'Succeeded');
        assert.equal(requests.length, 1);
        assert.deepEqual(proxy?.requests, ['CONNECT dev.azure.com:443']);
      });
    }

    it('sees nothing of what goes to this machine without TLS', async function () {
      if (node === undefined) {
        skip(this, missingNode(major));
      }
      const proxy = await startProxy();
      const settings = Object.fromEntries(VARIABLES.map((name) => [name, proxy.origin]));
      const { step, organization } = await perform(
        {
          open: () => openMachine({ organization: { isPlain: true } }),
          inputs: (place) => ({
            organization: `${place.organization?.origin ?? ''}/MyOrg`,
            allowedHosts: `127.0.0.1:${place.organization?.port ?? 0}`,
          }),
        },
        { node, machineEnvironment: { ...settings, NODE_USE_ENV_PROXY: '1' } },
      );
      await proxy.close();
      cleanUp(step);
      assert.equal(step.result, 'Succeeded');
      assert.equal(organization?.requests.length, 1);
      assert.deepEqual(proxy.requests, []);
    });
  });
}

describe('a network of its own, with the real addresses', () => {
  let reports: Partial<Reports> = {};

  before(function () {
    if (!canMakeNetwork()) {
      skip(this, NO_NETWORK);
    }
    reports = runInNetwork();
  });

  it('is told as a machine without an identity if it has no route to the endpoint', () => {
    const report = reports.unreachable ?? assert.fail();
    assert.equal(report.result, 'Failed');
    assert.match(
      report.issues.join(),
      /^This agent has no managed identity.*\n.*network unreachable \(ENETUNREACH\)/,
    );
    assertInTime(report);
  });

  it('… or if it swallows the packets', () => {
    const report = reports.swallowing ?? assert.fail();
    assert.equal(report.result, 'Failed');
    assert.match(
      report.issues.join(),
      /^This agent has no managed identity.*\n.*no connection was made in time/,
    );
    assertInTime(report);
  });

  for (const major of [20, 24] as const) {
    it(`sends no identity request to a proxy, on Node.js ${major}`, function () {
      needAgentNode(this, major);
      assertReached(reports[`endpoint${major}`], ['CONNECT dev.azure.com:443']);
    });
  }

  it('needs no proxy', () => {
    assertReached(reports.direct, []);
  });
});

type Reports = Readonly<Record<Network, NetworkReport>>;

function assertInTime({ elapsedMs }: NetworkReport): void {
  // Twice the limit: the machine may be busy.
  assert.equal(elapsedMs < 2 * 15_000, true, `${elapsedMs} ms`);
}

function assertReached(report: NetworkReport | undefined, proxyRequests: readonly string[]): void {
  assert.equal(report?.result, 'Succeeded', JSON.stringify(report));
  assert.deepEqual(report.identityRequests, ['169.254.169.254']);
  assert.deepEqual(report.organizationRequests, ['dev.azure.com']);
  assert.deepEqual(report.proxyRequests, proxyRequests);
}

const UNSHARE = ['--map-root-user', '--net', '--mount'];

/** Network namespaces, for this user, and the tool that sets them up: Linux only, and not everywhere. */
function canMakeNetwork(): boolean {
  return spawnSync('unshare', [...UNSHARE, 'ip', 'link', 'set', 'lo', 'up']).status === 0;
}

/** One process for all steps, because its modules take longer to load than a step takes. */
function runInNetwork(): Reports {
  const script = join(import.meta.dirname, 'fixtures', 'real-address.ts');
  const command = [...UNSHARE, process.execPath, '--import', 'tsx', script];
  const output = execFileSync('unshare', command, { encoding: 'utf8', cwd: ROOT });
  return JSON.parse(output) as Reports;
}
