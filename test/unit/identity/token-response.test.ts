import assert from 'node:assert/strict';
import { parseClaims } from '../../../tasks/AzureDevOpsTokenV1/src/identity/token-response';

const encode = (payload: unknown) =>
  `e30.${Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)).toString('base64url')}.c2ln`;

const GUIDS = {
  tid: '11111111-2222-3333-4444-555555555555',
  oid: 'aaaaaaaa-BBBB-cccc-dddd-eeeeeeeeeeee',
  appid: '01234567-89ab-cdef-0123-456789abcdef',
};
const CLAIMS = { ...GUIDS, aud: 'x', exp: 1_900_000_000, xms_mirid: '/subscriptions/ü' };

describe('the claims of a token', () => {
  it('say its audience, its identity and its expiry', () => {
    assert.deepEqual(parseClaims(encode(CLAIMS)), {
      audiences: ['x'],
      tenantId: GUIDS.tid,
      objectId: GUIDS.oid,
      clientId: GUIDS.appid,
      resourceId: '/subscriptions/ü',
      expiresOn: new Date(1_900_000_000_000),
    });
  });

  it('name the client as azp in version 2', () => {
    const { appid, ...claims } = CLAIMS;
    assert.equal(parseClaims(encode({ ...claims, azp: appid }))?.clientId, appid);
  });

  it('may name several audiences', () => {
    assert.deepEqual(parseClaims(encode({ aud: ['x', 5, 'y'] }))?.audiences, ['x', 'y']);
  });

  for (const [name, field] of [
    ['tid', 'tenantId'],
    ['oid', 'objectId'],
    ['appid', 'clientId'],
    ['xms_mirid', 'resourceId'],
    ['aud', 'audiences'],
    ['exp', 'expiresOn'],
  ] as const) {
    for (const value of [undefined, null, {}, [], true]) {
      it(`are read without ${name} if it is ${JSON.stringify(value)}`, () => {
        const claims = parseClaims(encode({ ...CLAIMS, [name]: value }));
        assert.equal(claims?.[field], undefined);
        assert.equal(Object.values(claims ?? {}).filter((one) => one === undefined).length, 1);
      });
    }
  }

  it('may say a time in the past', () => {
    assert.deepEqual(parseClaims(encode({ ...CLAIMS, exp: -1 }))?.expiresOn, new Date(-1000));
  });

  it('say no time that is none', () => {
    for (const exp of [1.1e11, -1.1e11, 'soon', '']) {
      assert.equal(parseClaims(encode({ ...CLAIMS, exp }))?.expiresOn, undefined);
    }
  });

  for (const [name, token] of [
    ['no token', ''],
    ['one part', 'e30'],
    ['two parts', 'e30.e30'],
    ['five parts', 'e30.e30.e30.e30.e30'],
    ['no JSON', encode('{')],
    ['no object', encode('5')],
    ['null', encode('null')],
    ['an array', encode('[]')],
    ['text', encode('"x"')],
  ] as const) {
    it(`are not read if the token holds ${name}`, () => {
      assert.equal(parseClaims(token), undefined);
    });
  }
});
