// No statement of overview.md without something that shows it: docs/evidence.md names a test, or a source, for each.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/build-task';
import { readText } from './files';

interface Statement {
  readonly heading: string;
  readonly text: string;
}
interface Evidence {
  readonly heading: string;
  /** How the sentence, or the row of a table, begins. "|" stands for each row of a section. */
  readonly beginning: string;
  readonly proof: string;
}

/** What says nothing that could be wrong: it tells the reader to do something, or that something follows. */
const NO_CLAIM = /^(?:an instruction|what follows)$/;

/** The sections of a page, each with its heading, or that of the page. */
function readSections(markdown: string): readonly { heading: string; text: string }[] {
  return `\n${markdown}`
    .split(/\n##? /)
    .slice(1)
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      return { heading, text: lines.join('\n') };
    });
}

/** The sentences and the rows of tables of a page. Samples are tested as such. */
function readStatements(markdown: string): readonly Statement[] {
  const withoutSamples = markdown.replace(/^```[^]*?^```$/gm, '');
  return readSections(withoutSamples).flatMap(({ heading, text }) =>
    text
      .split(/\n\s*\n|\n(?=- |\d+\. |\|)/)
      .flatMap((block) => {
        const line = block.replace(/\s+/g, ' ').trim();
        return line.startsWith('|')
          ? [line]
          : line.replace(/^(?:- |\d+\. )/, '').split(/(?<=[.!?]\)?(?:\*\*)?) (?=[A-Z`*(!])/);
      })
      // Without the heads of tables, which stand above a line of dashes.
      .filter((line, index, all) => line !== '' && !isRule(line) && !isRule(all[index + 1]))
      .map((line) => ({ heading, text: line })),
  );
}

const isRule = (line = '') => /^\|[ :|-]+\|$/.test(line);

function readEvidence(markdown: string): readonly Evidence[] {
  return readSections(markdown).flatMap(({ heading, text }) =>
    [...text.matchAll(/^- “([^”]+)”: ([^]*?)(?=\n- |\n*$(?![^]))/gm)].map(
      ([, beginning = '', proof = '']) => ({
        heading,
        beginning,
        proof: proof.replace(/\s+/g, ' ').trim(),
      }),
    ),
  );
}

const isAbout = ({ heading, beginning }: Evidence, statement: Statement) =>
  heading === statement.heading && statement.text.startsWith(beginning);

/** @returns what is wrong with a proof, if anything */
function findMistake(proof: string): string | undefined {
  if (NO_CLAIM.test(proof)) {
    return undefined;
  }
  // That they lead somewhere is checked as for the links of every page.
  const sources = [...proof.matchAll(/\]\([^)]+\)/g)];
  const files = [...proof.matchAll(/`([\w./-]+\.(?:ts|md|json))`((?: “[^”]+”)*)/g)];
  if (sources.length + files.length === 0) {
    return 'no test, no file and no source';
  }
  for (const [, path = '', titles = ''] of files) {
    if (!existsSync(join(ROOT, path))) {
      return `there is no ${path}`;
    }
    for (const [, title = ''] of titles.matchAll(/“([^”]+)”/g)) {
      if (!readText(path).includes(title)) {
        return `${path} has no “${title}”`;
      }
    }
    if (path.startsWith('test/') && titles === '') {
      return `which test of ${path}`;
    }
  }
  return undefined;
}

const statements = readStatements(readText('overview.md'));
const evidence = readEvidence(readText('docs/evidence.md')).filter(
  ({ heading }) => heading !== 'What shows each statement of overview.md',
);

describe('the look at statements', () => {
  it('finds each sentence and each row, and no sample', () => {
    const page =
      '# A\n\nOne. Two `x`:\nstill two.\n\n```yaml\nNone.\n```\n\n## B\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n- **Three.** Four\n- Five';
    assert.deepEqual(
      readStatements(page).map(({ heading, text }) => `${heading}: ${text}`),
      ['A: One.', 'A: Two `x`: still two.', 'B: | 1 | 2 |', 'B: **Three.**', 'B: Four', 'B: Five'],
    );
  });

  for (const [proof, mistake] of [
    ['it is so', 'no test, no file and no source'],
    ['`test/none.test.ts` “x”', 'there is no test/none.test.ts'],
    ['`test/contract/evidence.test.ts`', 'which test of test/contract/evidence.test.ts'],
    ['`package.json` “not in it”', 'package.json has no “not in it”'],
  ] as const) {
    it(`finds ${mistake}`, () => {
      assert.equal(findMistake(proof), mistake);
    });
  }
});

describe('docs/evidence.md', () => {
  for (const statement of statements) {
    it(`has, once, under "${statement.heading}": ${statement.text.slice(0, 70)}`, () => {
      const about = evidence.filter((item) => isAbout(item, statement));
      assert.equal(about.length, 1, about.map(({ beginning }) => beginning).join('\n'));
    });
  }

  for (const item of evidence) {
    it(`is about something, and shows it: ${item.beginning}`, () => {
      assert.ok(
        statements.some((statement) => isAbout(item, statement)),
        'overview.md does not say this under this heading',
      );
      assert.equal(findMistake(item.proof), undefined);
    });
  }
});
