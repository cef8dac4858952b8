import assert from 'node:assert/strict';
import type { ResponseSummary } from '../../../tasks/AzureDevOpsTokenV1/src/errors/azure-devops-problem';
import { verifyMembership } from '../../../tasks/AzureDevOpsTokenV1/src/azure-devops/membership';
import { SYSTEM_ASSIGNED, TENANT_ID } from '../../emulators/identity-endpoint';
import {
  startOrganization,
  type OrganizationOptions,
} from '../../emulators/organization/organization';
import { issueToken } from '../../emulators/token-issuer';
import { FakeClock, fakeEnvironment } from '../fakes';
import { rejectionOf, toProblem } from '../to-problem';

const { clientId, objectId } = SYSTEM_ASSIGNED;
const TOKEN = {
  token: issueToken({ oid: objectId, tid: TENANT_ID }),
  expiresOn: new Date(),
  tenantId: TENANT_ID,
  clientId,
  objectId,
};

const world = (allowedHosts: readonly string[]) => ({
  clock: new FakeClock(),
  environment: fakeEnvironment(),
  allowedHosts,
  log: () => undefined,
});

async function verify(options: OrganizationOptions = {}) {
  const server = await startOrganization({ isPlain: true, issued: [TOKEN.token], ...options });
  const organization = { name: 'MyOrg', url: `${server.origin}/MyOrg` };
  const allowedHosts = [new URL(server.origin).host];
  try {
    return await verifyMembership({ organization, token: TOKEN }, world(allowedHosts));
  } finally {
    await server.close();
  }
}

async function problem(options: OrganizationOptions) {
  const error = await rejectionOf(verify(options));
  const found = toProblem(error);
  assert.deepEqual(found['identityDetails'], { clientId, objectId, tenantId: TENANT_ID });
  assert.equal(found['organization'], 'MyOrg');
  assert.ok(!JSON.stringify(error).includes(TOKEN.token));
  return found;
}

const fields = (authenticatedUser: unknown) => ({ fields: { authenticatedUser } });

describe('a member', () => {
  it('is known by the name that the organization has for it', async () => {
    const { displayName, organization } = await verify();
    assert.equal(displayName, 'agent-1');
    assert.equal(organization.name, 'MyOrg');
  });

  it('is known by a name that the organization chose', async () => {
    const user = { id: objectId, providerDisplayName: 'a', customDisplayName: 'b' };
    assert.equal((await verify(fields(user))).displayName, 'b');
  });

  it('may have no name', async () => {
    assert.equal((await verify(fields({ id: objectId }))).displayName, undefined);
    const odd = { id: objectId, providerDisplayName: 7 };
    assert.equal((await verify(fields(odd))).displayName, undefined);
  });
});

describe('somebody else', () => {
  it('is one whom the organization refuses', async () => {
    const found = await problem({ members: [] });
    assert.equal(found.kind, 'unknown-identity');
    assert.equal(found['organizationTenantId'], TENANT_ID);
    assert.equal((found['summary'] as ResponseSummary).status, 401);
  });

  it('is one whom it lets in as anybody', async () => {
    const found = await problem({ members: [], isPublic: true });
    const { kind, isAnonymous, organizationTenantId } = found;
    assert.deepEqual(
      [kind, isAnonymous, organizationTenantId],
      ['unknown-identity', true, TENANT_ID],
    );
    const upper = { id: 'AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA' };
    assert.equal((await problem(fields(upper))).kind, 'unknown-identity');
  });

  it('is one to whom it shows a sign-in page', async () => {
    const page = '<html><head><title>Azure DevOps Services | Sign In</title></head></html>';
    const headers = { activityid: 'x' };
    const found = await problem({
      lastingFault: { kind: 'response', status: 200, body: page, headers },
    });
    assert.equal(found.kind, 'unknown-identity');
  });
});

describe('another page of the organization', () => {
  it('is not about the identity', async () => {
    const headers = { activityid: 'x' };
    const found = await problem({
      lastingFault: { kind: 'response', status: 200, body: '<html></html>', headers },
    });
    assert.equal(found.kind, 'web-page');
  });
});

describe('an answer that is none of Azure DevOps Services', () => {
  for (const [name, options] of Object.entries({
    'says that it is a server': { fields: { deploymentType: 'onPremises' } },
    'names no user': fields(undefined),
    'names nobody': fields(null),
    'names a user without an id': fields({ id: 7 }),
    'is a list': { lastingFault: { kind: 'response', status: 200, body: [] } },
    'is a page of somebody else': { lastingFault: { kind: 'response', status: 200, body: '<p>' } },
    'is a 201': { lastingFault: { kind: 'response', status: 201, body: {} } },
  } satisfies Record<string, OrganizationOptions>)) {
    it(name, async () => {
      assert.equal((await problem(options)).kind, 'not-services');
    });
  }
});

describe('no answer', () => {
  it('is a problem of its own', async () => {
    // Nobody here trusts its certificate.
    assert.equal((await problem({ isPlain: false })).kind, 'certificate');
  });

  it('is no excuse for a defect', async () => {
    const organization = { name: 'MyOrg', url: 'https://127.0.0.1:1/MyOrg' };
    const asking = verifyMembership({ organization, token: TOKEN }, world([]));
    await assert.rejects(asking, { name: 'Error' });
  });
});
