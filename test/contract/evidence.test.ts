// Each statement of overview.md and docs/reference.md is shown by something: docs/evidence.md names a test, or a source.
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

/** The sections of a page, each with its own heading. */
function readSections(markdown: string): readonly { heading: string; text: string }[] {
  return `\n${markdown}`
    .split(/\n#{1,3} /)
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
          : line.replace(/^(?:- |\d+\. )/, '').split(/(?<=[.!?]\)?(?:\*\*)?) (?=[A-Z`*(![])/);
      })
      // Without the heads of tables, which stand above a line of dashes.
      .filter((line, index, all) => line !== '' && !isRule(line) && !isRule(all[index + 1]))
      .map((line) => ({ heading, text: withoutLinks(line) })),
  );
}

/** Their text remains, because a link of one page leads elsewhere from docs/evidence.md. */
const withoutLinks = (line: string) => line.replace(/(?<!!)\[([^\]]*)\]\([^)]*\)/g, '$1');

const isRule = (line = '') => /^\|[ :|-]+\|$/.test(line);

/** @param page whose part of docs/evidence.md is read */
function readEvidence(page: string): readonly Evidence[] {
  const [, part = ''] = readText('docs/evidence.md').split(`\n# ${page}\n`);
  return readSections(part.split('\n# ', 1)[0] ?? '').flatMap(({ heading, text }) =>
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

describe('the look at statements', () => {
  it('finds each sentence and each row, and no sample', () => {
    const page =
      '# A\n\nOne. [Two](b.md) `x`:\nstill two.\n\n```yaml\nNone.\n```\n\n### B\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n- **Three.** Four\n- Five';
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

for (const page of ['overview.md', 'docs/reference.md']) {
  const statements = readStatements(readText(page));
  const evidence = readEvidence(page);

  describe(`docs/evidence.md, of ${page},`, () => {
    it('has statements to show', () => {
      assert.ok(statements.length > 80);
    });

    for (const statement of statements) {
      it(`has, once, under "${statement.heading}": ${statement.text.slice(0, 70)}`, () => {
        const about = evidence.filter((item) => isAbout(item, statement));
        assert.equal(about.length, 1, about.map(({ beginning }) => beginning).join('\n'));
      });
    }

    for (const item of evidence) {
      it(`is about something, and shows it: ${item.heading}: ${item.beginning}`, () => {
        assert.ok(
          statements.some((statement) => isAbout(item, statement)),
          `${page} does not say this under this heading`,
        );
        assert.equal(findMistake(item.proof), undefined);
      });
    }
  });
}
