// Tokens that cannot be read, from everything that hands out tokens: they are used, and nothing is claimed that is not known. What their
// forms and their responses can say is in test/unit/identity.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanUp, type StepOptions } from '../emulators/agent/run-step';
import { canMount, wrapNode } from '../emulators/arc-machine';
import { openHostedAgent, openPod, POD } from '../emulators/federated-places';
import {
  APP_SERVICE,
  arc,
  CLOUD_SHELL,
  IMDS,
  MACHINE_LEARNING,
  SERVICE_FABRIC,
  type Dialect,
} from '../emulators/identity-dialects';
import {
  AZURE_DEVOPS,
  DEPLOY,
  RELEASE,
  SYSTEM_ASSIGNED,
  TENANT_ID,
  type IdentityFault,
} from '../emulators/identity-endpoint';
import { openMachine, type Place } from '../emulators/places';
import { APPLICATION, azureRM, CONNECTION_ID, OF_AGENT } from '../emulators/service-connections';
import { OPAQUE_FORMS, type OpaqueForm } from '../emulators/token-issuer';
import { perform, type Performance } from '../stage';
import { NO_MOUNT, skip } from '../skip';
import { assertSecret } from './secrecy';

type Inputs = Readonly<Record<string, string>>;

/** What is known of an identity whose token says nothing. */
interface Known {
  readonly clientId: string;
  readonly objectId: string;
  /** Empty if only the organization can say it. */
  readonly tenantId: string;
}

interface Source {
  readonly name: string;
  readonly open: (form: OpaqueForm) => Promise<Place>;
  readonly inputs?: Inputs;
  readonly known: Known;
  readonly isPossible?: () => boolean;
}

const NOTHING: Known = { clientId: '', objectId: '', tenantId: '' };
const IDENTITIES = [SYSTEM_ASSIGNED, DEPLOY, RELEASE];
const at = (dialect: Dialect) => (form: OpaqueForm) =>
  openMachine({ dialect, form, identities: IDENTITIES });
const system: Known = { ...NOTHING, clientId: SYSTEM_ASSIGNED.clientId };
const deploy: Known = { ...NOTHING, clientId: DEPLOY.clientId };
const connection: Known = { ...APPLICATION, objectId: '' };
const pod: Known = { clientId: POD.clientId, objectId: '', tenantId: TENANT_ID };
const ARM = { connectionType: 'azureRM', azureSubscription: CONNECTION_ID };

async function openArc(form: OpaqueForm): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'arc-'));
  const place = await at(arc(join(folder, 'tokens')))(form);
  return {
    ...place,
    wrapNode: (node) => wrapNode(folder, node),
    close: async () => {
      await place.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const SOURCES: readonly Source[] = [
  { name: 'IMDS', open: at(IMDS), known: system },
  {
    name: 'IMDS by clientId',
    open: at(IMDS),
    inputs: { clientId: DEPLOY.clientId },
    known: deploy,
  },
  {
    name: 'IMDS by objectId',
    open: at(IMDS),
    inputs: { objectId: DEPLOY.objectId },
    known: { ...deploy, objectId: DEPLOY.objectId },
  },
  {
    name: 'an endpoint that names no client',
    open: at({ ...IMDS, fields: ['expires_in'] }),
    known: NOTHING,
  },
  { name: 'App Service', open: at(APP_SERVICE), known: system },
  { name: 'Azure Machine Learning', open: at(MACHINE_LEARNING), known: system },
  { name: 'Azure Cloud Shell', open: at(CLOUD_SHELL), known: system },
  { name: 'Service Fabric', open: at(SERVICE_FABRIC), known: system },
  { name: 'Azure Arc', open: openArc, known: system, isPossible: canMount },
  {
    name: 'an Azure DevOps connection',
    open: (form) => openHostedAgent({ entra: { form } }),
    inputs: { connectionType: 'azureDevOps', azureDevOpsServiceConnection: CONNECTION_ID },
    known: connection,
  },
  {
    name: 'an Azure Resource Manager connection',
    open: (form) => openHostedAgent({ connection: azureRM(), entra: { form } }),
    inputs: ARM,
    known: connection,
  },
  {
    name: 'a connection for the identity of the agent',
    open: async (form) => ({
      ...(await openMachine({ form })),
      endpoints: { [CONNECTION_ID]: OF_AGENT },
    }),
    inputs: ARM,
    known: system,
  },
  { name: 'a pod', open: (form) => openPod({ entra: { form } }), known: pod },
];

async function runAt(
  open: () => Promise<Place>,
  options: Partial<StepOptions>,
  look: (performance: Performance) => void,
): Promise<void> {
  const performance = await perform({ open }, options);
  const { step, tokens } = performance;
  try {
    tokens.forEach((token) => {
      assertSecret(step, token);
    });
    look(performance);
  } finally {
    cleanUp(step);
  }
}

const outputOf = ({ step }: Performance, name: string) => step.outputs.get(name)?.value;
const messageOf = ({ step }: Performance) => step.issues[0]?.message ?? '';

const UNREAD = 'The claims of the token were not checked, because the token cannot be read.';
const PARTLY_READ =
  'These claims were not checked, because the token does not have them: appid, oid.';

/** What the log says of a token of this form, and what it must not say. */
function linesOf(form: OpaqueForm): readonly [said: string, unsaid: string] {
  return form === 'no oid and no appid' ? [PARTLY_READ, UNREAD] : [UNREAD, PARTLY_READ];
}

function assertUsed(performance: Performance, form: OpaqueForm, known: Known): void {
  const { step, tokens } = performance;
  assert.equal(step.result, 'Succeeded', messageOf(performance));
  assert.deepEqual(step.issues, []);
  assert.equal(outputOf(performance, 'token'), tokens[0]);
  for (const name of ['clientId', 'objectId', 'tenantId'] as const) {
    assert.equal(outputOf(performance, name), known[name], name);
    const hasLine = step.log.some((line) => line.startsWith(`  ${name.slice(0, -2)} id  `));
    assert.ok(!hasLine || known[name] !== '', `the log claims a ${name}`);
  }
  const expiresInMs = Date.parse(outputOf(performance, 'expiresOn') ?? '') - Date.now();
  assert.ok(expiresInMs > 600_000 && expiresInMs <= 86_400_000, String(expiresInMs));
  const [said, unsaid] = linesOf(form);
  assert.equal(step.log.filter((line) => line === said).length, 1, step.log.join('\n'));
  assert.ok(!step.log.includes(unsaid));
}

const FORM: OpaqueForm = 'five parts';
const READ_IN_PART: OpaqueForm = 'no oid and no appid';
/** Of each kind of source one: the tenant that the organization says is the same for all. */
const WITH_MEMBERSHIP = ['IMDS', 'an Azure DevOps connection', 'a pod'];

for (const { name, open, inputs = {}, known, isPossible } of SOURCES) {
  describe(`a token of ${name} that cannot be read`, () => {
    before(function () {
      if (isPossible?.() === false) {
        skip(this, NO_MOUNT);
      }
    });

    for (const form of WITH_MEMBERSHIP.includes(name) ? [FORM, READ_IN_PART] : []) {
      it(`with ${form} is used, and the organization says its tenant`, () =>
        runAt(
          () => open(form),
          { inputs },
          (performance) => {
            assertUsed(performance, form, { ...known, tenantId: TENANT_ID });
            assert.ok(
              performance.step.log.some((line) =>
                line.startsWith('The identity is a member of MyOrg'),
              ),
            );
          },
        ));
    }

    // Every form from one source; from the others, one that cannot be read.
    for (const form of name === 'IMDS' ? OPAQUE_FORMS : [FORM]) {
      const isRead = form === READ_IN_PART;

      it(`with ${form} is used without the membership check, and claims no more than is known`, () =>
        runAt(
          () => open(form),
          { inputs: { ...inputs, verifyMembership: 'false' } },
          (performance) => {
            const tenantId = isRead ? TENANT_ID : known.tenantId;
            assertUsed(performance, form, { ...known, tenantId });
          },
        ));
    }
  });
}

describe('a REST call with a token that cannot be read', () => {
  const form = FORM;
  const url = 'SecretSauce/_apis/git/repositories';

  it('says the tenant once the organization has accepted the token', () =>
    runAt(
      () => openMachine({ form }),
      { inputs: { url } },
      (performance) => {
        assert.equal(outputOf(performance, 'statusCode'), '200', messageOf(performance));
        assertUsed(performance, form, { ...system, tenantId: TENANT_ID });
      },
    ));

  for (const [what, organization] of [
    ['the organization did not accept it', { members: [] }],
    [
      'the organization is connected to no tenant',
      { tenantId: '0'.repeat(8) + '-0000'.repeat(3) + '-000000000000' },
    ],
    [
      'the response is for an anonymous user',
      {
        lastingFault: {
          kind: 'response',
          status: 200,
          headers: {
            'x-vss-resourcetenant': TENANT_ID,
            'x-vss-userdata': 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa:anonymous',
          },
          body: { value: [] },
        },
      },
    ],
  ] as const) {
    it(`says no tenant if ${what}`, () =>
      runAt(
        () => openMachine({ form, organization }),
        { inputs: { url, expectedStatus: '200,401' } },
        (performance) => {
          assert.match(outputOf(performance, 'statusCode') ?? '', /^(?:200|401)$/);
          assert.equal(outputOf(performance, 'tenantId'), '');
        },
      ));
  }
});

describe('a token response', () => {
  const IN_A_DAY = Math.floor(Date.now() / 1000) + 86_399;
  const ENCRYPTED = 'eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d';
  const RESPONSE = {
    access_token: ENCRYPTED,
    expires_in: '86399',
    expires_on: String(IN_A_DAY),
    resource: AZURE_DEVOPS,
    token_type: 'Bearer',
    client_id: SYSTEM_ASSIGNED.clientId,
  };

  it('of IMDS with an encrypted token is used', async () => {
    const fault: IdentityFault = { kind: 'response', status: 200, body: RESPONSE };
    const open = () => openMachine({ lastingFault: () => fault });
    const { step } = await perform({ open, inputs: { verifyMembership: 'false' } });
    cleanUp(step);
    assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
    assert.equal(step.outputs.get('token')?.value, ENCRYPTED);
    const expiresOn = step.outputs.get('expiresOn')?.value ?? '';
    assert.equal(Date.parse(expiresOn), IN_A_DAY * 1000);
    assert.ok(!step.log.join('\n').includes(ENCRYPTED));
  });

  it('with a token that can be read, of another identity, without an audience, is refused', () => {
    const claims = { aud: undefined, appid: RELEASE.clientId };
    const lastingFault = () => ({ kind: 'altered', claims }) as const;
    return runAt(
      () => openMachine({ identities: IDENTITIES, lastingFault }),
      { inputs: { clientId: DEPLOY.clientId } },
      (performance) => {
        assert.match(messageOf(performance), /In the token: clientId e6a4f2d0/);
        assert.equal(performance.step.outputs.size, 0);
      },
    );
  });
});
