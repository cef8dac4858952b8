import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findAgentNode } from '../../scripts/agent-nodes';
import { cleanUp } from '../emulators/agent/run-step';
import { openMachine, openMachineBehindProxy } from '../emulators/places';
import { startProxy } from '../emulators/proxy';
import { perform } from '../stage';
import { missingNode, NO_NETWORK, skip } from '../skip';

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

    it('sees none at the real address either, in a network of its own', function () {
      if (node === undefined || !canMakeNetwork()) {
        skip(this, NO_NETWORK);
      }
      const report = runInNetwork(node);
      assert.equal(report.result, 'Succeeded', JSON.stringify(report));
      assert.deepEqual(report.identityRequests, ['169.254.169.254']);
      assert.deepEqual(report.organizationRequests, ['dev.azure.com']);
      assert.deepEqual(report.proxyRequests, ['CONNECT dev.azure.com:443']);
    });

    // A route that the release has no part in.
    const onNode20 = major === 20 ? it : () => undefined;

    onNode20('is not needed at the real addresses', function () {
      if (node === undefined || !canMakeNetwork()) {
        skip(this, NO_NETWORK);
      }
      const report = runInNetwork(node, 'direct');
      assert.equal(report.result, 'Succeeded', JSON.stringify(report));
      assert.deepEqual(report.identityRequests, ['169.254.169.254']);
      assert.deepEqual(report.organizationRequests, ['dev.azure.com']);
      assert.deepEqual(report.proxyRequests, []);
    });

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

describe('a network without a route to the identity endpoint', () => {
  it('is told as a machine without an identity', function () {
    if (!canMakeNetwork()) {
      skip(this, NO_NETWORK);
    }
    const report = runInNetwork(process.execPath, 'unreachable');
    assert.equal(report.result, 'Failed');
    assert.match(
      report.issues.join(),
      /^This agent has no managed identity.*\n.*network unreachable \(ENETUNREACH\)/,
    );
    // Twice the limit: the machine may be busy.
    assert.ok(report.elapsedMs < 2 * 15_000);
  });

  it('is told where it swallows the packets', function () {
    if (!canMakeNetwork()) {
      skip(this, NO_NETWORK);
    }
    const report = runInNetwork(process.execPath, 'swallowing');
    assert.equal(report.result, 'Failed');
    assert.match(
      report.issues.join(),
      /^This agent has no managed identity.*\n.*no connection was made in time/,
    );
    assert.ok(report.elapsedMs < 2 * 15_000);
  });
});

interface Report {
  readonly result: string;
  readonly issues: readonly string[];
  readonly elapsedMs: number;
  /** The Host headers that the identity endpoint saw. */
  readonly identityRequests: readonly string[];
  readonly organizationRequests: readonly string[];
  readonly proxyRequests: readonly string[];
}

/** Network namespaces, for this user, and the tool that sets them up: Linux only, and not everywhere. */
function canMakeNetwork(): boolean {
  const { status } = spawnSync('unshare', [
    '--map-root-user',
    '--net',
    '--mount',
    'ip',
    'link',
    'set',
    'lo',
    'up',
  ]);
  return status === 0;
}

const ENDPOINT = 'ip addr add 169.254.169.254/32 dev lo';
/** The name service of this network knows one name. */
const NAMES =
  'hosts=$(mktemp) && echo 127.0.0.1 localhost dev.azure.com > "$hosts" && mount --bind "$hosts" /etc/hosts';

const SETUPS = {
  endpoint: ENDPOINT,
  direct: `${ENDPOINT} && ${NAMES}`,
  unreachable: 'true',
  // A cable whose other end takes every packet for somebody else's.
  swallowing: [
    'ip link add void0 type veth peer name void1',
    'ip addr add 169.254.1.1/16 dev void0',
    'ip link set void0 up',
    'ip link set void1 up',
    'ip neigh add 169.254.169.254 lladdr 02:00:00:00:00:01 dev void0',
  ].join(' && '),
} as const;

function runInNetwork(node: string, setup: keyof typeof SETUPS = 'endpoint'): Report {
  const script = join(import.meta.dirname, 'fixtures', 'real-address.ts');
  const command = `ip link set lo up && ${SETUPS[setup]} && exec "$0" "$@"`;
  const output = execFileSync(
    'unshare',
    [
      '--map-root-user',
      '--net',
      '--mount',
      'sh',
      '-c',
      command,
      process.execPath,
      '--import',
      'tsx',
      script,
      setup,
      node,
    ],
    { encoding: 'utf8', cwd: join(import.meta.dirname, '..', '..') },
  );
  return JSON.parse(output) as Report;
}
