import assert from 'node:assert/strict';
import {
  findSecret,
  findTokenDefect,
  isBearerToken,
  isJsonWebToken,
} from '../../../tasks/AzureDevOpsTokenV1/src/identity/bearer-token';

const MAX_LENGTH = 'a'.repeat(24_000);

describe('the form of a bearer token', () => {
  for (const token of [
    'aa.b.c',
    'a.b.c.d.e',
    'opaque',
    '-._~+/09AZaz',
    'YWE===',
    'a=====',
    MAX_LENGTH,
  ]) {
    it(`is that of ${token.slice(0, 20)} (${token.length})`, () => {
      assert.ok(isBearerToken(token));
      assert.equal(findTokenDefect({ access_token: token }), undefined);
      assert.equal(findSecret({ access_token: token }), token);
    });
  }

  for (const token of [
    'a bcde',
    'abcde\n',
    'abc\nde',
    '=abcde',
    'a=bcde',
    '======',
    'ä'.repeat(6),
    'abc:de',
    'abc%20',
    'abc,de',
    '"abcd"',
  ]) {
    it(`is not that of ${JSON.stringify(token)}`, () => {
      assert.ok(!isBearerToken(token));
      assert.match(findTokenDefect({ access_token: token }) ?? '', /characters that no bearer/);
    });
  }

  it('is none if it is too long', () => {
    assert.match(findTokenDefect({ access_token: `${MAX_LENGTH}a` }) ?? '', /more than 24000 char/);
    assert.ok(!isBearerToken(`${MAX_LENGTH}a`));
  });

  it('is none if the agent may not mask it, because it has fewer than 6 characters', () => {
    for (const token of ['a', 'a.b.c', 'YQ==', '=', '\n']) {
      assert.ok(!isBearerToken(token));
      assert.match(findTokenDefect({ access_token: token }) ?? '', /fewer than 6 characters/);
      assert.equal(findSecret({ access_token: token }), undefined);
    }
  });

  for (const access_token of [undefined, null, '', 5, {}, ['a']]) {
    it(`is missing in ${JSON.stringify({ access_token })}`, () => {
      assert.match(findTokenDefect({ access_token }) ?? '', /has no access token/);
      assert.equal(findSecret({ access_token }), undefined);
    });
  }

  for (const token_type of [undefined, null, 'Bearer', 'bearer', 'BEARER']) {
    it(`goes with the type ${JSON.stringify(token_type)}`, () => {
      assert.equal(findTokenDefect({ access_token: 'opaque', token_type }), undefined);
    });
  }

  for (const token_type of ['pop', 'DPoP', '', 'Bearer ', 5, {}]) {
    it(`does not go with the type ${JSON.stringify(token_type)}`, () => {
      assert.match(findTokenDefect({ access_token: 'opaque', token_type }) ?? '', /token_type/);
    });
  }

  it('does not matter to whether it is masked, as long as the agent can mask it', () => {
    assert.equal(findSecret({ access_token: 'a b=c d' }), 'a b=c d');
    assert.equal(findSecret({ access_token: 'abc\nde' }), undefined);
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
    [MAX_LENGTH, false],
  ] as const) {
    it(`is ${is ? '' : 'not '}that of ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.equal(isJsonWebToken(text), is);
    });
  }
});
