// How the source of a page is written, so that a change of one sentence is a change of one line.
import assert from 'node:assert/strict';
import { listPages, readText } from './files';

const MOST_COLUMNS = 160;
/** Rows of tables, links, pictures and messages of others cannot be broken. */
const CANNOT_BREAK = /^\s*\||\]\(|<img|^> `/;
/** The pages that are not yet written with one sentence or clause per line. */
const LONG_LINES = [
  'SECURITY.md',
  'docs/evidence.md',
  'docs/performance.md',
  'docs/troubleshooting.md',
];

/** The lines of prose that are too long. Samples are what they are. */
function findLongLines(markdown: string): readonly string[] {
  return markdown
    .replace(/^ *```[^]*?^ *```$/gm, '')
    .split('\n')
    .filter((line) => line.length > MOST_COLUMNS && !CANNOT_BREAK.test(line));
}

/** The rows of tables with padding: more than one space at an end of a cell, or more than three dashes. */
function findPaddedRows(markdown: string): readonly string[] {
  return markdown
    .replace(/^ *```[^]*?^ *```$/gm, '')
    .split('\n')
    .filter((line) => /^\|(?:.*[^\s|] {2,}\||.*\| {2,}[^\s|]|[ :|-]*-{4})/.test(line));
}

describe('the source of the pages', () => {
  for (const page of listPages()) {
    it(`has no padded table in ${page}`, () => {
      assert.deepEqual(findPaddedRows(readText(page)), []);
    });
  }

  for (const page of listPages().filter((path) => !LONG_LINES.includes(path))) {
    it(`has no line of prose above 160 columns in ${page}`, () => {
      assert.deepEqual(findLongLines(readText(page)), []);
    });
  }

  it('would be found out if a table was padded, or a line too long', () => {
    const long = 'x '.repeat(81);
    const page = `| a   | b |\n|---|---|\n| 1 |  |\n| 1 | 2   |\n| ---- | --- |\n${long}\n[a](b) ${long}`;
    assert.deepEqual(findPaddedRows(page), ['| a   | b |', '| 1 | 2   |', '| ---- | --- |']);
    assert.deepEqual(findLongLines(page), [long]);
  });
});
