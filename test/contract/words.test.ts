// The project speaks of itself in the words of Azure DevOps, HTTP and Microsoft Entra.
import assert from 'node:assert/strict';
import { listFiles, listPages, readText } from './files';
import { findWords, readParts, RULES, type Part } from './words';

const files = listFiles();
const SOURCE = files.filter((path) => /^tasks\/.*\.ts$/.test(path));
/** What `npm start` shows. */
const SHOWN = files.filter((path) =>
  /^test\/(?:emulators|scenarios)\/.*(?<!\.test)\.ts$/.test(path),
);
const MANIFESTS = ['tasks/AzureDevOpsTokenV1/task.json', 'vss-extension.json'];

/** A word may be broken by the end of a line of a page. */
const whole = (path: string): readonly Part[] => [{ text: readText(path), line: 1 }];

describe('plain words', () => {
  for (const [what, paths, read] of [
    [
      'names, texts and comments of',
      SOURCE,
      (path: string) => [
        ...readParts(readText(path), ['name', 'text', 'comment']),
        { text: path, line: 0 },
      ],
    ],
    ['texts of', SHOWN, (path: string) => readParts(readText(path), ['text'])],
    ['the page', listPages(), whole],
    ['the manifest', MANIFESTS, whole],
  ] as const) {
    for (const path of paths) {
      it(`are in ${what} ${path}`, () => {
        assert.deepEqual(findWords(path, read(path)), []);
      });
    }
  }
});

describe('the list of words', () => {
  it('is in the order of the alphabet, each with a replacement', () => {
    const sources = RULES.map(({ word }) => word.source);
    assert.deepEqual(sources, [...sources].sort());
    assert.ok(RULES.every(({ instead }) => instead.length >= 3));
  });

  for (const [name, source, found] of [
    ['a name', 'const whoAsksAnew = 1;', ['x:1 "Anew": write again']],
    ['a private name', 'class A { #mended = 1; }', ['x:1 "mended": write fix']],
    ['a name in capitals', 'const LINES_IN_VAIN = 1;', ['x:1 "IN VAIN": write without success']],
    ['a text', "\nf('in vain');", ['x:2 "in vain": write without success']],
    [
      'each part of a template',
      'f(`anew ${a} mend ${b} unfit`);',
      ['x:1 "anew": write again', 'x:1 "mend": write fix', 'x:1 "unfit": write not valid'],
    ],
    ['a comment before', '// In vain.\nf();', ['x:1 "In vain": write without success']],
    ['a comment after', 'f(); // anew', ['x:1 "anew": write again']],
    [
      'a comment at the end of a block',
      'if (a) {\n  f();\n  /* anew */\n}',
      ['x:3 "anew": write again'],
    ],
    ['a comment of several lines', '/**\n * a\n * anew\n */\nf();', ['x:3 "anew": write again']],
    ['no part of another word', 'const recommend = amend(Somebodies);', []],
  ] as const) {
    it(`is found in ${name}`, () => {
      const parts = readParts(source, ['name', 'text', 'comment']);
      assert.deepEqual(findWords('x', parts), found);
    });
  }

  it('is read in the requested parts only', () => {
    const source = "/* anew */ const mend = 'unfit';";
    assert.deepEqual(findWords('x', readParts(source, ['text'])), ['x:1 "unfit": write not valid']);
  });
});
