import assert from 'node:assert/strict';
import { hideLiveToken } from '../../tasks/AzureDevOpsTokenV1/src/untrusted-text';
import { untrustedText } from '../../tasks/AzureDevOpsTokenV1/src/untrusted-text';
import { isWeightless, listWeightless } from './weightless';

describe('foreign text', () => {
  for (const [rule, [text, expected]] of Object.entries({
    'leaves plain text as it is': ['Identity not found', 'Identity not found'],
    'leaves other languages as they are': [
      'Idéntité 見つかりません 😀',
      'Idéntité 見つかりません 😀',
    ],
    'leaves a single # as it is': ['C# and issue #12', 'C# and issue #12'],
    'disarms a command': [
      '##vso[task.setvariable variable=x]y',
      '**vso[task.setvariable variable=x]y',
    ],
    'disarms a bare marker': ['a ##vso b', 'a **vso b'],
    'disarms a formatting tag': ['##[section]Starting', '**[section]Starting'],
    'disarms longer runs': ['####[error]', '****[error]'],
    'disarms full-width and small signs': ['\uFF03\uFF03vso[ \uFE5F\uFE5F[', '**vso[ **['],
    'finds a command across a zero-width character': ['#\u200B#vso[x]', '# #vso[x]'],
    'finds a command across a soft hyphen': ['##v\u00ADso[x]', '**v so[x]'],
    'finds a command across NUL': ['##\0vso[x]', '** vso[x]'],
    'finds a command across a variation selector': ['##\uFE0Fvso[', '** vso['],
    'finds a command across what ICU skips': ['#\u0591#\u0640vso[', '*\u0591*\u0640vso['],
    'leaves a single # beside accents as it is': ['C# für é und F#', 'C# für é und F#'],
    'makes one line of several': [
      'one\ntwo\r\nthree\rfour\u0085five\u2028six\u2029seven',
      'one two three four five six seven',
    ],
    'removes bidi marks': ['a\u202Eb\u2066c', 'a b c'],
    'removes ANSI escapes': ['a\u001B[31mb', 'a [31mb'],
    'folds and trims space': ['  a \t\u00A0 b  ', 'a b'],
    'replaces half a character': ['a\uD83Db', 'a b'],
    'hides a token': ['sent eyJ0eXAiOiJKV1QiLCJ.eyJhdWQiOiI0OTl.c2ln-_x end', 'sent *** end'],
    'hides the beginning of a token': ['sent eyJ0eXAiOiJKV1Qi', 'sent ***'],
    'says nothing for nothing': ['', ''],
  } as const)) {
    it(rule, () => {
      assert.equal(untrustedText(text), expected);
    });
  }

  it('cuts what is longer than 500 characters', () => {
    assert.equal(untrustedText('x'.repeat(500)), 'x'.repeat(500));
    assert.equal(untrustedText('x'.repeat(501)), `${'x'.repeat(500)}…`);
  });

  it('does not cut a character in two', () => {
    assert.equal(untrustedText(`${'x'.repeat(499)}😀`), `${'x'.repeat(499)}\uFFFD…`);
  });

  it('hides a token before it cuts', () => {
    const text = `${'x'.repeat(480)} eyJ${'a'.repeat(5000)}.eyJhdWQiOiI0OTl.c2ln`;
    assert.equal(untrustedText(text), `${'x'.repeat(480)} ***`);
  });
});

describe('every character that ICU skips', () => {
  const skipped = listWeightless();
  const strip = (text: string) =>
    Array.from(text)
      .filter((one) => !isWeightless(one))
      .join('');

  it('is known to this test', () => {
    // Those of ICU 71 (Node.js 16), of which later releases have more.
    assert.ok(skipped.length >= 935, String(skipped.length));
    assert.ok(['\u0640', '\u0488', '\u0591', '\u{1d165}'].every((one) => skipped.includes(one)));
  });

  it('hides no command and no tag', () => {
    for (const one of skipped) {
      for (const text of [`#${one}#vso[x]`, `#${one}${one}#${one}[x]`, `##${one}v${one}so[x]`]) {
        const seen = strip(untrustedText(text));
        assert.ok(!seen.includes('##'), JSON.stringify([text, seen]));
      }
    }
  });
});

describe('a live token in foreign text', () => {
  const OPAQUE = Array.from({ length: 300 }, (_, index) => ((index * 7919) % 1296).toString(36))
    .join('.')
    .concat('+/==');
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  before(() => {
    hideLiveToken(OPAQUE);
  });

  for (const [name, text, expected] of [
    ['is hidden', `sent ${OPAQUE} end`, 'sent *** end'],
    ['is hidden where the server cut its end', `sent ${OPAQUE.slice(0, 40)}… end`, 'sent ***… end'],
    ['is hidden where the server cut its beginning', `sent …${OPAQUE.slice(40)}`, 'sent …***'],
    ['is hidden in the middle', `(${OPAQUE.slice(101, 117)})`, '(***)'],
    ['is hidden in each place', `${OPAQUE} and ${OPAQUE}`, '*** and ***'],
    ['is hidden before the text is cut', `${'x '.repeat(240)}${OPAQUE}`, `${'x '.repeat(240)}***`],
  ] as const) {
    it(name, () => {
      assert.equal(untrustedText(text), expected);
    });
  }

  for (const prefix of ['', ':', 'x:', 'PAT:', 'some body:']) {
    it(`is hidden in base64 after "${prefix}"`, () => {
      const shown = untrustedText(`sent ${base64(`${prefix}${OPAQUE}`)}, cut`);
      assert.match(shown, /^sent [\w+/=]{0,16}\*\*\*[\w+/=]{0,4}, cut$/);
      assert.match(
        untrustedText(`sent ${base64(`${prefix}${OPAQUE}`).slice(0, 60)}, cut`),
        /^sent [\w+/=]{0,16}\*\*\*, cut$/,
      );
    });
  }

  it('is hidden in a URL', () => {
    assert.equal(untrustedText(`?t=${encodeURIComponent(OPAQUE)}`), '?t=***');
  });

  it('that is empty hides nothing', () => {
    hideLiveToken('');
    assert.equal(untrustedText('some text'), 'some text');
  });

  it('hides nothing of 15 characters', () => {
    assert.equal(untrustedText(OPAQUE.slice(50, 65)), OPAQUE.slice(50, 65));
  });

  it('stays hidden while 15 others come', () => {
    for (let other = 0; other < 15; other += 1) {
      hideLiveToken(`other-token-of-this-step-${String(other)}`);
    }
    assert.equal(untrustedText(OPAQUE), '***');
  });
});
