// Text as somebody writes it who wants the agent to act on it: every spelling of a command, and what makes a new line.
import fc from 'fast-check';

/** What the agent's comparison of strings may skip, or a reader does not see. */
const INVISIBLE = [
  ...['\u0000', '\u0007', '\u0008', '\u001b', '\u007f', '\u0085', '\u00ad', '\u034f', '\u061c'],
  ...['\u115f', '\u17b4', '\u180e', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u202e'],
  ...['\u2060', '\u2066', '\u2069', '\u206f', '\u3164', '\ufe0f', '\ufeff', '\uffa0', '\ufff9'],
  // Those that are seen, and that ICU skips all the same.
  ...['\u0640', '\u0488', '\u0591', '\u07fa', '\u180a', '\u1cd3', '\ufe73', '\u{1d165}'],
  ...['\u{e0001}', '\u{e0100}', '\ud800', '\udc00'],
];
const BREAKS = ['\n', '\r', '\r\n', '\u0085', '\u2028', '\u2029', '\u000b', '\u000c', '%0A', '%0D'];
const HASHES = ['#', '##', '###', '\uff03\uff03', '\ufe5f\ufe5f', '#\u200b#', '#\u0000#', '%23%23'];
const WORDS = [
  ...['vso[task.setvariable variable=token;issecret=true]x', 'vso[task.complete result=Succeeded]'],
  ...['vso[', 'VSO[', 'vso', 'v\u200bso[task.setsecret]', 'vso[task.logissue type=error]x'],
  ...['[error]', '[section]', '[command]', '[group]', '[debug]', '\u001b[31m', '\u001b]0;x\u0007'],
  ...['$(system.accesstoken)', '$(token)', '%AZP25', '%3B', ']', ';', '=', '<script>', '"', "'"],
];

const SURROGATES = { first: 0xd800, count: 0x800 };
/** As `unit: 'binary'` of fast-check, which makes a table of a million characters first. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat({ max: 0x10ffff - SURROGATES.count })
  .map((at) => String.fromCodePoint(at < SURROGATES.first ? at : at + SURROGATES.count));

/** A text that nobody should act on. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...HASHES) },
      { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
      { weight: 3, arbitrary: fc.constantFrom(...INVISIBLE) },
      { weight: 2, arbitrary: fc.constantFrom(...BREAKS) },
      { weight: 1, arbitrary: fc.string({ unit: anyCharacter, maxLength: 8 }) },
      { weight: 1, arbitrary: fc.constant('x'.repeat(600)) },
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** The same as a header of HTTP can carry it: Latin-1 without controls. */
export const hostileHeader: fc.Arbitrary<string> = hostileText.map((text) =>
  Array.from(text)
    .filter((letter) => /[\t\x20-\x7e\x80-\xff]/.test(letter))
    .join('')
    .trim(),
);
