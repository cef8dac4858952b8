import assert from 'node:assert/strict';
import { quoteForeign } from '../../tasks/AzureDevOpsTokenV1/src/server-text';

describe('foreign text', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['leaves plain text as it is', 'Identity not found', 'Identity not found'],
    [
      'leaves other languages as they are',
      'Idéntité 見つかりません 😀',
      'Idéntité 見つかりません 😀',
    ],
    ['leaves a single # as it is', 'C# and issue #12', 'C# and issue #12'],
    [
      'disarms a command',
      '##vso[task.setvariable variable=x]y',
      '**vso[task.setvariable variable=x]y',
    ],
    ['disarms a bare marker', 'a ##vso b', 'a **vso b'],
    ['disarms a formatting tag', '##[section]Starting', '**[section]Starting'],
    ['disarms longer runs', '####[error]', '****[error]'],
    ['disarms full-width and small signs', '\uFF03\uFF03vso[ \uFE5F\uFE5F[', '**vso[ **['],
    ['finds a command across a zero-width character', '#\u200B#vso[x]', '# #vso[x]'],
    ['finds a command across a soft hyphen', '##v\u00ADso[x]', '**v so[x]'],
    ['finds a command across NUL', '##\0vso[x]', '** vso[x]'],
    ['finds a command across a variation selector', '##\uFE0Fvso[', '** vso['],
    [
      'makes one line of several',
      'one\ntwo\r\nthree\rfour\u0085five\u2028six\u2029seven',
      'one two three four five six seven',
    ],
    ['removes bidi marks', 'a\u202Eb\u2066c', 'a b c'],
    ['removes ANSI escapes', 'a\u001B[31mb', 'a [31mb'],
    ['folds and trims space', '  a \t\u00A0 b  ', 'a b'],
    ['mends half a character', 'a\uD83Db', 'a b'],
    ['hides a token', 'sent eyJ0eXAiOiJKV1QiLCJ.eyJhdWQiOiI0OTl.c2ln-_x end', 'sent *** end'],
    ['hides the beginning of a token', 'sent eyJ0eXAiOiJKV1Qi', 'sent ***'],
    ['says nothing for nothing', '', ''],
  ];
  for (const [rule, text, expected] of cases) {
    it(rule, () => {
      assert.equal(quoteForeign(text), expected);
    });
  }

  it('cuts what is longer than 500 characters', () => {
    assert.equal(quoteForeign('x'.repeat(500)), 'x'.repeat(500));
    assert.equal(quoteForeign('x'.repeat(501)), `${'x'.repeat(500)}…`);
  });

  it('does not cut a character in two', () => {
    assert.equal(quoteForeign(`${'x'.repeat(499)}😀`), `${'x'.repeat(499)}\uFFFD…`);
  });

  it('hides a token before it cuts', () => {
    const text = `${'x'.repeat(480)} eyJ${'a'.repeat(5000)}.eyJhdWQiOiI0OTl.c2ln`;
    assert.equal(quoteForeign(text), `${'x'.repeat(480)} ***`);
  });
});
