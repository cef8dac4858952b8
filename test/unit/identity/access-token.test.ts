import assert from 'node:assert/strict';
import {
  AZURE_DEVOPS,
  checkToken,
} from '../../../tasks/AzureDevOpsTokenV1/src/identity/access-token';
import type { RequestedIdentity } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { parseTokenResponse } from '../../../tasks/AzureDevOpsTokenV1/src/identity/token-response';
import { issueToken, type Claims } from '../../emulators/token-issuer';
import { toProblem } from '../to-problem';

const NOW = Date.parse('2030-01-01T12:00:00Z');
const CLAIMS = {
  aud: AZURE_DEVOPS,
  tid: '11111111-2222-3333-4444-555555555555',
  oid: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  appid: '01234567-89ab-cdef-0123-456789abcdef',
  exp: NOW / 1000 + 3600,
  xms_mirid: '/subscriptions/1/resourcegroups/agents/deploy',
};

const OPAQUE = 'eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d';
const EXPIRES = { expires_in: '3600' };

interface Case {
  readonly claims?: Claims;
  /** In place of a token that can be read. */
  readonly token?: string;
  /** Of its response. */
  readonly fields?: Claims;
  readonly requested?: RequestedIdentity;
  readonly minimumLifetimeMs?: number;
}

function check({ claims, fields = {}, requested, minimumLifetimeMs = 300_000, ...rest }: Case) {
  const token = rest.token ?? issueToken({ ...CLAIMS, ...claims });
  const identity = { minimumLifetimeMs, isInContainer: false };
  const inputs = requested === undefined ? identity : { ...identity, requested };
  const response = parseTokenResponse(token, fields, NOW);
  return checkToken({ ...response, endpoint: 'http://imds' }, inputs, NOW);
}

function problemOf(given: Case) {
  try {
    check(given);
  } catch (error) {
    return toProblem(error);
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

  it('is used without the claims that it does not have, which are named', () => {
    const { token, ...rest } = check({ claims: { oid: undefined, tid: 'x', appid: undefined } });
    assert.equal(token.split('.').length, 3);
    assert.deepEqual(rest, {
      expiresOn: new Date(NOW + 3_600_000),
      tenantId: undefined,
      clientId: undefined,
      objectId: undefined,
      resourceId: CLAIMS.xms_mirid,
      uncheckedClaims: ['appid', 'oid'],
    });
  });

  it('is refused if neither it nor its response says when it expires', () => {
    for (const given of [{ claims: { exp: undefined } }, { token: OPAQUE }]) {
      assert.deepEqual(problemOf(given), { kind: 'no-expiry', endpoint: 'http://imds' });
    }
  });

  it('expires when it says, whatever its response says', () => {
    for (const [fields, seconds] of [
      [{}, 3600],
      [{ expires_in: 1800 }, 3600],
      [{ expires_in: 7200 }, 3600],
      [{ expires_on: NOW / 1000 + 600, expires_in: 7200 }, 3600],
      [{ expires_on: 'soon' }, 3600],
    ] as const) {
      assert.deepEqual(check({ fields }).expiresOn, new Date(NOW + seconds * 1000));
    }
  });

  it('that cannot be read expires when its response says', () => {
    for (const [fields, seconds] of [
      [{ expires_in: 1800 }, 1800],
      [{ expires_on: NOW / 1000 + 600, expires_in: 7200 }, 600],
      [{ expires_on: 'soon', expires_in: '7200' }, 7200],
    ] as const) {
      assert.deepEqual(check({ token: OPAQUE, fields }).expiresOn, new Date(NOW + seconds * 1000));
    }
  });

  it('may be for several audiences', () => {
    const aud = ['https://management.azure.com/', AZURE_DEVOPS];
    assert.equal(problemOf({ claims: { aud } }), undefined);
    assert.deepEqual(problemOf({ claims: { aud: aud.slice(0, 1) } })?.kind, 'wrong-audience');
  });

  it('goes before what its response says', () => {
    const fields = { resource: 'https://management.azure.com/', client_id: CLAIMS.oid };
    const requested = { input: 'clientId', value: CLAIMS.appid } as const;
    assert.equal(check({ fields, requested }).clientId, CLAIMS.appid);
  });

  it('may name its audience in capitals', () => {
    assert.equal(problemOf({ claims: { aud: AZURE_DEVOPS.toUpperCase() } }), undefined);
  });

  it('is refused if it is for another audience', () => {
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
        isAgentConnection: false,
        requested: requested,
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

describe('a token that cannot be read', () => {
  it('is used, with what its response says of it', () => {
    const fields = { ...EXPIRES, client_id: CLAIMS.appid, resource: AZURE_DEVOPS };
    assert.deepEqual(check({ token: OPAQUE, fields }), {
      token: OPAQUE,
      expiresOn: new Date(NOW + 3_600_000),
      tenantId: undefined,
      clientId: CLAIMS.appid,
      objectId: undefined,
      uncheckedClaims: 'all',
    });
  });

  it('is believed to be of the identity that was asked for', () => {
    for (const [input, value] of [
      ['clientId', CLAIMS.appid],
      ['objectId', CLAIMS.oid],
      ['resourceId', CLAIMS.xms_mirid],
    ] as const) {
      const requested = { input, value };
      assert.equal(check({ token: OPAQUE, fields: EXPIRES, requested })[input], value);
    }
  });

  it('is refused if its response names another identity', () => {
    const requested = { input: 'clientId', value: CLAIMS.appid } as const;
    const named = (client_id: string) =>
      problemOf({ token: OPAQUE, fields: { ...EXPIRES, client_id }, requested });
    assert.equal(named(CLAIMS.appid.toUpperCase()), undefined);
    assert.deepEqual(named(CLAIMS.oid), {
      kind: 'wrong-identity',
      isAgentConnection: false,
      requested: requested,
      actual: CLAIMS.oid,
    });
  });

  it('makes no output of a client id that is none', () => {
    const fields = { ...EXPIRES, client_id: '##vso[task.complete]' };
    assert.equal(check({ token: OPAQUE, fields }).clientId, undefined);
  });

  for (const resource of [
    AZURE_DEVOPS,
    AZURE_DEVOPS.toUpperCase(),
    `${AZURE_DEVOPS}/`,
    `${AZURE_DEVOPS}/.default`,
    '',
    5,
    null,
  ]) {
    it(`is used if its response names the resource ${JSON.stringify(resource)}`, () => {
      assert.equal(problemOf({ token: OPAQUE, fields: { ...EXPIRES, resource } }), undefined);
    });
  }

  for (const resource of [
    'https://management.azure.com/',
    `x${AZURE_DEVOPS}`,
    `${AZURE_DEVOPS}//`,
    `${AZURE_DEVOPS}/x`,
  ]) {
    it(`is refused if its response names the resource ${resource}`, () => {
      assert.deepEqual(problemOf({ token: OPAQUE, fields: { ...EXPIRES, resource } }), {
        kind: 'wrong-audience',
        endpoint: 'http://imds',
        expected: AZURE_DEVOPS,
        actual: resource,
      });
    });
  }

  it('is refused once it expired', () => {
    assert.equal(problemOf({ token: OPAQUE, fields: { expires_in: -1 } })?.kind, 'expires-soon');
  });
});
