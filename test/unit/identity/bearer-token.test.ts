import assert from 'node:assert/strict';
import {
  findSecret,
  findTokenDefect,
  isBearerToken,
  isJsonWebToken,
} from '../../../tasks/AzureDevOpsTokenV1/src/identity/bearer-token';

const LONGEST = 'a'.repeat(24_000);

describe('the form of a bearer token', () => {
  for (const token of ['a.b.c', 'a.b.c.d.e', 'opaque', '-._~+/09AZaz', 'YQ==', 'a=====', LONGEST]) {
    it(`is that of ${token.slice(0, 20)} (${token.length})`, () => {
      assert.ok(isBearerToken(token));
      assert.equal(findTokenDefect({ access_token: token }), undefined);
      assert.equal(findSecret({ access_token: token }), token);
    });
  }

  for (const token of ['a b', 'a\n', 'a\nb', '=a', 'a=b', '=', 'ä', 'a:b', 'a%20', 'a,b', '"a"']) {
    it(`is not that of ${JSON.stringify(token)}`, () => {
      assert.ok(!isBearerToken(token));
      assert.match(findTokenDefect({ access_token: token }) ?? '', /characters that no bearer/);
    });
  }

  it('is none if it is too long', () => {
    assert.match(findTokenDefect({ access_token: `${LONGEST}a` }) ?? '', /more than 24000 char/);
    assert.ok(!isBearerToken(`${LONGEST}a`));
  });

  for (const access_token of [undefined, null, '', 5, {}, ['a']]) {
    it(`is missing in ${JSON.stringify({ access_token })}`, () => {
      assert.match(findTokenDefect({ access_token }) ?? '', /without an access token/);
      assert.equal(findSecret({ access_token }), undefined);
    });
  }

  for (const token_type of [undefined, null, 'Bearer', 'bearer', 'BEARER']) {
    it(`goes with the type ${JSON.stringify(token_type)}`, () => {
      assert.equal(findTokenDefect({ access_token: 'a', token_type }), undefined);
    });
  }

  for (const token_type of ['pop', 'DPoP', '', 'Bearer ', 5, {}]) {
    it(`does not go with the type ${JSON.stringify(token_type)}`, () => {
      assert.match(findTokenDefect({ access_token: 'a', token_type }) ?? '', /token_type/);
    });
  }

  it('does not matter to whether it is masked, as long as the agent can mask it', () => {
    assert.equal(findSecret({ access_token: 'a b=c' }), 'a b=c');
    assert.equal(findSecret({ access_token: 'a\nb' }), undefined);
    assert.equal(findSecret(undefined), undefined);
  });
});

describe('the form of a client assertion', () => {
  for (const [text, is] of [
    ['e30.e30.c2ln', true],
    ['e30..x.y.z', true],
    ['e30.e30.', true],
    ['root:x:0:0:root:/root:/bin/bash', false],
    ['agent-1', false],
    ['10.0.0.1', false],
    ['e30.e30.c2ln\n', false],
    ['password', false],
    [LONGEST, false],
  ] as const) {
    it(`is ${is ? '' : 'not '}that of ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.equal(isJsonWebToken(text), is);
    });
  }
});
