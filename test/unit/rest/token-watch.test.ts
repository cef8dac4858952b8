import assert from 'node:assert/strict';
import { listTokenForms } from '../../../tasks/AzureDevOpsTokenV1/src/untrusted-text';
import { TokenWatch } from '../../../tasks/AzureDevOpsTokenV1/src/rest/token-watch';

const TOKEN = 'bT0ken.of~any-form_that/is+no/JWT/and=has/no/dots==';
const FORMS = listTokenForms(TOKEN).map((form) => Buffer.from(form));
const base64 = (text: string) => Buffer.from(text).toString('base64');
const escapeAll = (text: string) =>
  Array.from(text)
    .map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

const REPEATED: Readonly<Record<string, string>> = {
  'as it is': `{"a":"${TOKEN}"}`,
  'with escaped slashes': `{"a":"${TOKEN.replaceAll('/', '\\/')}"}`,
  'with one letter escaped': `{"a":"${TOKEN.replace('0', '\\u0030')}"}`,
  'with capitals in an escape': `{"a":"${TOKEN.replace('/', '\\u002F')}"}`,
  'as .NET escapes': `{"a":"${TOKEN.replaceAll('+', '\\u002B')}"}`,
  'with every letter escaped': `{"a":"${escapeAll(TOKEN)}"}`,
  'in JSON in a string': JSON.stringify({ a: JSON.stringify({ b: TOKEN }) }),
  'escaped in JSON in a string': JSON.stringify({ a: `{"b":"${escapeAll(TOKEN)}"}` }),
  'twice in a string': JSON.stringify(JSON.stringify(JSON.stringify(escapeAll(TOKEN)))).replace(
    /\\+u/g,
    (run) => `${'\\'.repeat(4)}${run.slice(-1)}`,
  ),
  'behind a backslash that belongs to no escape': `{"a":"\\${TOKEN}"}`,
  'in a URL': `{"a":"?t=${encodeURIComponent(TOKEN)}"}`,
  'in base64': base64(TOKEN),
  'in base64 after a colon': base64(`:${TOKEN}`),
  'in base64 after x': base64(`x:${TOKEN}`),
  'in base64 after PAT': base64(`PAT:${TOKEN}`),
  'in base64 before something else': base64(`somebody:${TOKEN}\n`),
  'in base64 of a URL': Buffer.from(`abc:${TOKEN}`).toString('base64url'),
  'in base64 with escapes': `{"a":"${base64(`x:${TOKEN}`).replaceAll('/', '\\/')}"}`,
};

function sees(text: string, size: number, depth?: number): boolean {
  const watch = new TokenWatch(() => FORMS, depth === undefined ? {} : { depth });
  const bytes = Buffer.from(text);
  let isSeen = false;
  for (let at = 0; at < bytes.length; at += size) {
    isSeen = watch.sees(bytes.subarray(at, at + size)) || isSeen;
  }
  return isSeen;
}

describe('a token that is repeated', () => {
  for (const [name, text] of Object.entries(REPEATED)) {
    it(`${name} is seen, in one piece and in many`, () => {
      for (const size of [1, 2, 3, 5, 7, 11, 64, 100_000]) {
        assert.ok(sees(text, size), `pieces of ${size} bytes`);
        assert.ok(sees(`${'"x\\n",'.repeat(50)}${text}`, size), `later, pieces of ${size} bytes`);
      }
    });
  }

  it('is seen across pieces with an escape only in one of them', () => {
    const watch = new TokenWatch(() => FORMS);
    const at = TOKEN.length - 10;
    assert.ok(!watch.sees(Buffer.from(TOKEN.slice(0, 10))));
    assert.ok(!watch.sees(Buffer.from(escapeAll(TOKEN.slice(10, at)))));
    assert.ok(watch.sees(Buffer.from(TOKEN.slice(at))));
  });
});

describe('what is not a token', () => {
  for (const [name, text] of Object.entries({
    'the beginning of one': TOKEN.slice(0, -1),
    'an escaped backslash before letters of an escape': TOKEN.replace('0', '\\\\\\\\\\\\\\\\u0030'),
    'a broken escape': TOKEN.replace('0', '\\u00g0'),
  } as const)) {
    it(`passes: ${name}`, () => {
      assert.ok(!sees(text, 3) && !sees(text, 1000));
    });
  }

  it('passes where no escapes are looked for', () => {
    assert.ok(!sees(escapeAll(TOKEN), 1000, 0));
  });
});
