// Every kind of managed identity: who gives the token, by which ids it can be asked for, and what is said where it cannot.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAgentNode } from '../../scripts/agent-nodes';
import { cleanUp } from '../emulators/agent/run-step';
import { canMount, wrapNode } from '../emulators/arc-machine';
import {
  APP_SERVICE,
  arc,
  CLOUD_SHELL,
  HEADER_SECRET,
  IMDS,
  MACHINE_LEARNING,
  SERVICE_FABRIC,
  type Dialect,
  type MakeSecret,
} from '../emulators/identity-dialects';
import { DEPLOY, RELEASE, SYSTEM_ASSIGNED } from '../emulators/identity-endpoint';
import { openMachine } from '../emulators/places';
import { PLACES } from '../scenarios';
import { perform, type Performance } from '../stage';
import { needAgentNode, NO_MOUNT, skip } from '../skip';
import { assertNotIn, assertSecret, filesBelow } from './secrecy';

const IDS = ['clientId', 'objectId', 'resourceId'] as const;

interface Platform {
  readonly name: string;
  readonly source: string;
  readonly dialect: Dialect;
  readonly ids: readonly (typeof IDS)[number][];
}

const PLATFORMS: readonly Platform[] = [
  {
    name: 'a virtual machine',
    source: 'the instance metadata service (IMDS)',
    dialect: IMDS,
    ids: IDS,
  },
  {
    name: 'App Service, Functions and Container Apps',
    source: 'App Service, Functions or Container Apps',
    dialect: APP_SERVICE,
    ids: IDS,
  },
  {
    name: 'Azure Machine Learning',
    source: 'Azure Machine Learning',
    dialect: MACHINE_LEARNING,
    ids: ['clientId'],
  },
  { name: 'Azure Cloud Shell', source: 'Azure Cloud Shell', dialect: CLOUD_SHELL, ids: [] },
  { name: 'Service Fabric', source: 'Service Fabric', dialect: SERVICE_FABRIC, ids: [] },
];

interface Place {
  readonly dialect: Dialect;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly node: string | undefined;
}

async function runAt(
  { dialect, inputs = {}, node = '' }: Place,
  look: (performance: Performance) => void,
): Promise<void> {
  const identities = [SYSTEM_ASSIGNED, DEPLOY, RELEASE];
  const open = () => openMachine({ dialect, identities });
  const performance = await perform({ open, inputs }, { node });
  const { step, tokens } = performance;
  try {
    tokens.forEach((token) => {
      assertSecret(step, token);
    });
    assertNotIn(HEADER_SECRET, [
      ['the log', step.log.join('\n')],
      ['stdout', step.stdout],
      ['stderr', step.stderr],
      ...filesBelow(step.folders.root).map((file) => [file, readFileSync(file, 'latin1')] as const),
    ]);
    look(performance);
  } finally {
    cleanUp(step);
  }
}

const messageOf = ({ step }: Performance) => step.issues[0]?.message ?? '';

describe('the places of `npm start`', () => {
  for (const { name, story, names, row, isPossible, ...scenario } of PLACES) {
    it(`${row === undefined ? 'succeed' : 'fail'}: ${name}. ${story}`, async function () {
      if (isPossible?.() === false) {
        skip(this, NO_MOUNT);
      }
      const performance = await perform(scenario);
      const { step } = performance;
      cleanUp(step);
      assert.equal(step.result, row === undefined ? 'Succeeded' : 'Failed', messageOf(performance));
      names.forEach((part) => {
        assert.ok(
          step.log.some((line) => line.includes(part)),
          part,
        );
      });
    });
  }
});

/** What stands in place of the file with which Azure Arc proves who asks. */
const FORGED = [
  [
    'a link stands in place of the file',
    {
      makeSecret: (path: string) => {
        symlinkSync('/etc/hostname', path);
      },
    },
    /tokens\/[0-9a-f-]+\.key is a link\./,
  ],
  [
    'there is no such file',
    { makeSecret: () => undefined },
    /no such file or directory \(ENOENT\)/,
  ],
] as const;

for (const major of [20, 24] as const) {
  const node = findAgentNode(major);
  describe(`on Node.js ${major}, a token of`, () => {
    before(function () {
      needAgentNode(this, major);
    });

    for (const { name, source, dialect, ids } of PLATFORMS) {
      describe(name, () => {
        // On Node.js 20, it comes to each of the places above. TLS alone, with which Service Fabric is known, depends on the release.
        if (major === 24 && dialect === SERVICE_FABRIC) {
          it('comes without an input, and the log names its source', () =>
            runAt({ dialect, node }, (performance) => {
              const { step } = performance;
              assert.equal(step.result, 'Succeeded', messageOf(performance));
              assert.equal(step.outputs.get('clientId')?.value, SYSTEM_ASSIGNED.clientId);
              const line = `Got a token for Azure DevOps from ${source} as the system-assigned managed identity of the agent machine:`;
              assert.ok(step.log.includes(line), step.log.join('\n'));
            }));
        }

        // Which identity is chosen does not depend on the release, and test/scenarios/identity.ts chooses by each id from IMDS. Of the ids
        // that a platform does not have, one is enough.
        const others = IDS.filter((id) => !ids.includes(id)).slice(0, 1);
        for (const id of major === 20 && dialect !== IMDS ? [...ids, ...others] : []) {
          if (ids.includes(id)) {
            it(`comes by ${id}`, () =>
              runAt({ dialect, node, inputs: { [id]: DEPLOY[id] } }, (performance) => {
                const { step } = performance;
                assert.equal(step.result, 'Succeeded', messageOf(performance));
                assert.equal(step.outputs.get('clientId')?.value, DEPLOY.clientId);
              }));
          } else {
            it(`does not come by ${id}, and that is said before anything is sent`, () =>
              runAt({ dialect, node, inputs: { [id]: DEPLOY[id] } }, (performance) => {
                assert.equal(performance.step.result, 'Failed');
                assert.equal(performance.requests.length, 0);
                const message = messageOf(performance);
                assert.ok(
                  message.includes(
                    `${source}, the token source of this agent, does not support the input ${id}.`,
                  ),
                  message,
                );
                assert.ok(
                  message.includes(
                    ids.length === 0
                      ? `Remove the input ${id} from this step, and keep connectionType: managedIdentity.`
                      : `Set the input ${ids.join(', ')} of this step for the same identity, and remove ${id}.`,
                  ),
                  message,
                );
              }));
          }
        }
      });
    }

    const onNode20 = major === 20 ? it : () => undefined;

    onNode20('Azure Machine Learning comes as the default identity of the machine', () => {
      const dialect = {
        ...MACHINE_LEARNING,
        environment: (origin: string) => ({
          ...MACHINE_LEARNING.environment(origin, ''),
          DEFAULT_IDENTITY_CLIENT_ID: RELEASE.clientId,
        }),
      };
      return runAt({ dialect, node }, (performance) => {
        const { step } = performance;
        assert.equal(step.outputs.get('clientId')?.value, RELEASE.clientId, messageOf(performance));
      });
    });

    onNode20('App Service says which id it does not have', () =>
      runAt(
        {
          dialect: APP_SERVICE,
          node,
          inputs: { clientId: '00000000-0000-4000-8000-000000000000' },
        },
        (performance) => {
          assert.match(
            messageOf(performance),
            /does not have the identity with the clientId 00000000-0000-4000-8000-000000000000\.\n.* returned 400 \(No User Assigned/,
          );
        },
      ),
    );

    for (const [what, change] of [
      ['another certificate', { IDENTITY_SERVER_THUMBPRINT: 'AB'.repeat(20) }],
      ['no thumbprint to speak of', { IDENTITY_SERVER_THUMBPRINT: '-' }],
    ] as const) {
      it(`Service Fabric does not come from who has ${what}, and learns no secret`, () => {
        const dialect = {
          ...SERVICE_FABRIC,
          environment: (origin: string) => ({
            ...SERVICE_FABRIC.environment(origin, ''),
            ...change,
          }),
        };
        return runAt({ dialect, node }, (performance) => {
          assert.match(
            messageOf(performance),
            /another thumbprint than IDENTITY_SERVER_THUMBPRINT/,
          );
          assert.equal(performance.requests.length, 0);
        });
      });
    }

    onNode20('App Service does not come where its secret is wrong', () => {
      const dialect = {
        ...APP_SERVICE,
        environment: (origin: string) => ({
          ...APP_SERVICE.environment(origin, ''),
          IDENTITY_HEADER: 'another',
        }),
      };
      return runAt({ dialect, node }, (performance) => {
        assert.match(messageOf(performance), /refused the request with the status 401\./);
      });
    });
  });

  describe(`on Node.js ${major}, a token of a server of Azure Arc`, () => {
    let folder = '';

    before(function () {
      needAgentNode(this, major);
      if (!canMount()) {
        skip(this, NO_MOUNT);
      }
    });

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'arc-'));
    });

    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    const atArc = (
      inputs: Readonly<Record<string, string>>,
      look: (performance: Performance) => void,
      options: { named?: string; makeSecret?: MakeSecret } = {},
    ) => {
      const dialect = arc(join(folder, 'tokens'), options);
      return runAt({ dialect, inputs, node: wrapNode(folder, node ?? '') }, look);
    };

    it('comes without an input, and the log names its source', () =>
      atArc({}, (performance) => {
        const { step, requests } = performance;
        assert.equal(step.result, 'Succeeded', messageOf(performance));
        assert.ok(step.log.some((line) => line.includes('from Azure Arc as the system-assigned')));
        assert.equal(requests.length, 2);
      }));

    for (const id of major === 20 ? IDS.slice(0, 1) : []) {
      it(`does not come by ${id}`, () =>
        atArc({ [id]: DEPLOY[id] }, (performance) => {
          assert.match(
            messageOf(performance),
            /Azure Arc, the token source of this agent, does not support/,
          );
          assert.equal(performance.requests.length, 0);
        }));
    }

    for (const [name, options, reason] of major === 20 ? FORGED : []) {
      it(`does not come where ${name}`, () =>
        atArc(
          {},
          (performance) => {
            assert.equal(performance.step.result, 'Failed');
            assert.match(messageOf(performance), reason);
            assert.match(messageOf(performance), /Add the user of the agent to the group himds/);
            // What the file holds went nowhere.
            assert.equal(performance.requests.length, 1);
          },
          options,
        ));
    }
  });
}
