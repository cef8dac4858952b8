import assert from 'node:assert/strict';
import { IdentityFailure } from '../../../tasks/AzureDevOpsTokenV1/src/errors/identity-failure';
import {
  AZURE_DEVOPS,
  checkToken,
} from '../../../tasks/AzureDevOpsTokenV1/src/identity/check-token';
import type { RequestedIdentity } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { issueToken, type Claims } from '../../emulators/token-issuer';

const NOW = Date.parse('2030-01-01T12:00:00Z');
const CLAIMS = {
  aud: AZURE_DEVOPS,
  tid: '11111111-2222-3333-4444-555555555555',
  oid: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  appid: '01234567-89ab-cdef-0123-456789abcdef',
  exp: NOW / 1000 + 3600,
  xms_mirid: '/subscriptions/1/resourcegroups/agents/deploy',
};

interface Case {
  readonly claims?: Claims;
  readonly requested?: RequestedIdentity;
  readonly minimumLifetimeMs?: number;
}

function check({ claims, requested, minimumLifetimeMs = 300_000 }: Case) {
  const token = issueToken({ ...CLAIMS, ...claims });
  const identity = { minimumLifetimeMs, isContainerJob: false };
  const inputs = requested === undefined ? identity : { ...identity, requested };
  return checkToken({ token, endpoint: 'http://imds' }, inputs, NOW);
}

function problemOf(given: Case) {
  try {
    check(given);
  } catch (error) {
    assert.ok(error instanceof IdentityFailure);
    return error.problem;
  }
  return undefined;
}

describe('a token', () => {
  it('is handed on with what it says', () => {
    const { token, ...rest } = check({});
    assert.equal(token.split('.').length, 3);
    assert.deepEqual(rest, {
      expiresOn: new Date(NOW + 3_600_000),
      tenantId: CLAIMS.tid,
      clientId: CLAIMS.appid,
      objectId: CLAIMS.oid,
      resourceId: CLAIMS.xms_mirid,
    });
  });

  it('says no resource where it has none', () => {
    assert.ok(!('resourceId' in check({ claims: { xms_mirid: undefined } })));
  });

  it('is refused where it does not say whose it is', () => {
    assert.deepEqual(problemOf({ claims: { oid: undefined } }), {
      kind: 'not-a-token',
      endpoint: 'http://imds',
      status: 200,
      reason: 'a token that does not say for whom, of whom and until when it is',
    });
  });

  it('may name its audience in capitals', () => {
    assert.equal(problemOf({ claims: { aud: AZURE_DEVOPS.toUpperCase() } }), undefined);
  });

  it('is refused where it is for somebody else', () => {
    for (const aud of [
      'https://management.azure.com/',
      '',
      `${AZURE_DEVOPS}/`,
      `x${AZURE_DEVOPS}`,
    ]) {
      assert.deepEqual(problemOf({ claims: { aud } }), {
        kind: 'wrong-audience',
        endpoint: 'http://imds',
        expected: AZURE_DEVOPS,
        actual: aud,
      });
    }
  });

  for (const [input, value] of [
    ['clientId', CLAIMS.appid],
    ['objectId', CLAIMS.oid],
    ['resourceId', CLAIMS.xms_mirid],
  ] as const) {
    it(`is of the ${input} that was asked for, whatever its case`, () => {
      assert.equal(problemOf({ requested: { input, value: value.toUpperCase() } }), undefined);
    });

    it(`is refused where it is of another ${input}`, () => {
      const requested = { input, value: `${value}0` };
      assert.deepEqual(problemOf({ requested }), {
        kind: 'wrong-identity',
        asked: requested,
        actual: value,
      });
    });
  }

  it('is believed to be of the resource that was asked for where it does not say', () => {
    const requested = { input: 'resourceId', value: '/other' } as const;
    assert.equal(problemOf({ requested, claims: { xms_mirid: undefined } }), undefined);
  });

  it('lives for as long as was asked, to the second', () => {
    const at = (seconds: number) => ({ claims: { exp: NOW / 1000 + seconds } });
    assert.equal(problemOf(at(300)), undefined);
    assert.deepEqual(problemOf(at(299)), {
      kind: 'expires-soon',
      expiresOn: new Date(NOW + 299_000),
      now: new Date(NOW),
      minimumLifetimeMs: 300_000,
    });
  });

  it('is refused once it expired, even where any lifetime will do', () => {
    const at = (seconds: number) => ({
      claims: { exp: NOW / 1000 + seconds },
      minimumLifetimeMs: 0,
    });
    assert.equal(problemOf(at(1)), undefined);
    assert.equal(problemOf(at(0))?.kind, 'expires-soon');
    assert.equal(problemOf(at(-1))?.kind, 'expires-soon');
  });
});
