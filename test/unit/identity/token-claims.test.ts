import assert from 'node:assert/strict';
import { parseClaims } from '../../../tasks/AzureDevOpsTokenV1/src/identity/token-claims';

const encode = (payload: unknown) =>
  `e30.${Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)).toString('base64url')}.c2ln`;

const GUIDS = {
  tid: '11111111-2222-3333-4444-555555555555',
  oid: 'aaaaaaaa-BBBB-cccc-dddd-eeeeeeeeeeee',
  appid: '01234567-89ab-cdef-0123-456789abcdef',
};
const CLAIMS = { ...GUIDS, aud: 'x', exp: 1_900_000_000, xms_mirid: '/subscriptions/ü' };

describe('the claims of a token', () => {
  it('say for whom it is, of whom, and until when', () => {
    assert.deepEqual(parseClaims(encode(CLAIMS)), {
      audience: 'x',
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

  it('may leave the resource out', () => {
    for (const claims of [{ xms_mirid: undefined }, { xms_mirid: '' }, { xms_mirid: 5 }]) {
      assert.equal(parseClaims(encode({ ...CLAIMS, ...claims }))?.resourceId, undefined);
    }
  });

  for (const exp of [undefined, null, '1900000000', 1.1e11, -1.1e11]) {
    it(`are none where exp is ${JSON.stringify(exp)}`, () => {
      assert.equal(parseClaims(encode({ ...CLAIMS, exp })), undefined);
    });
  }

  it('may say a time in the past', () => {
    assert.deepEqual(parseClaims(encode({ ...CLAIMS, exp: -1 }))?.expiresOn, new Date(-1000));
  });

  for (const name of ['aud', 'tid', 'oid', 'appid']) {
    for (const value of [
      undefined,
      null,
      5,
      [GUIDS.tid],
      ...(name === 'aud' ? [] : ['', 'x', `${GUIDS.tid}0`, `0${GUIDS.tid}`]),
    ]) {
      it(`are none where ${name} is ${JSON.stringify(value)}`, () => {
        assert.equal(parseClaims(encode({ ...CLAIMS, [name]: value })), undefined);
      });
    }
  }

  for (const [name, token] of [
    ['no token', ''],
    ['one part', 'e30'],
    ['no JSON', encode('{')],
    ['no object', encode('5')],
    ['null', encode('null')],
    ['text', encode('"x"')],
  ] as const) {
    it(`are none where the token holds ${name}`, () => {
      assert.equal(parseClaims(token), undefined);
    });
  }
});
