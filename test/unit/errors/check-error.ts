// What each error of the task has: a kind, a conclusion that the summary of a run shows completely, every fact that its problem has,
// a remedy, short sentences, and a section of docs/troubleshooting.md that quotes it. The wording is pinned in test/recordings/errors/.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatError,
  type Problem,
  type TaskError,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { untrustedText } from '../../../tasks/AzureDevOpsTokenV1/src/untrusted-text';
import { ROOT } from '../../../scripts/build-task';
import { isQuoted, readHeading, readSections } from '../../contract/troubleshooting';
import { findLongSentences } from '../../contract/sentences';
import { IS_UPDATE } from '../../recording';

/** Problems by their names, each with what its hint has: an input, a menu path, a command. */
export type Rows<P> = Readonly<Record<string, readonly [problem: P, remedy: RegExp]>>;

const FOLDER = join(ROOT, 'test/recordings/errors');
const SHOWN_IN_SUMMARY = 120;
const SECTIONS = readSections();
/** Fields that choose the text, or of which it shows only what helps. */
const NOT_SHOWN = new Set([
  'kind',
  'what',
  'why',
  'source',
  'exceeded',
  'identityDetails',
  'organizationTenantId',
  'requested',
  'requester',
  'platform',
]);

/** Checks a family of errors, and compares their texts with those of the last commit. */
export function checkErrors<P extends Problem>(
  family: string,
  rows: Rows<P>,
  toError: (problem: P) => TaskError,
): void {
  for (const [name, [problem, remedy]] of Object.entries(rows)) {
    it(`name cause, facts and remedy: ${name}`, () => {
      const error = toError(problem);
      checkError(error, problem.kind, remedy);
      const text = formatError(error);
      for (const fact of findFacts(error.problem)) {
        assert.ok(text.includes(fact), `"${fact}" is not in: ${text}`);
      }
    });
  }

  it(`are worded as in test/recordings/errors/${family}.txt`, () => {
    const texts = Object.entries(rows).map(
      ([name, [problem]]) => `# ${name}\n${formatError(toError(problem))}\n`,
    );
    const file = join(FOLDER, `${family}.txt`);
    if (IS_UPDATE) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(file, texts.join('\n'));
    }
    assert.equal(texts.join('\n'), readFileSync(file, 'utf8'), 'UPDATE_RECORDINGS=1 writes it');
  });
}

export function checkError(error: TaskError, kind: string, remedy: RegExp): void {
  assert.equal(error.problem.kind, kind);
  const [conclusion = ''] = error.message.split('\n');
  assert.ok(conclusion.length > 0 && conclusion.length <= SHOWN_IN_SUMMARY, conclusion);
  assert.match(error.hint, remedy);
  const text = formatError(error);
  assert.deepEqual(findLongSentences(text), []);
  assertExplained(text, error.section.heading);
}

/** The last line names a section of docs/troubleshooting.md, which says how the message begins. */
export function assertExplained(text: string, heading: string): void {
  assert.equal(readHeading(text), heading);
  const section = SECTIONS.find((candidate) => candidate.heading === heading);
  assert.ok(section !== undefined && isQuoted(text, section), text);
}

/** The texts of a problem, as an error shows them. */
function findFacts(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    return [untrustedText(value)];
  }
  return typeof value === 'object' && value !== null && !(value instanceof Date)
    ? Object.entries(value).flatMap(([name, field]) =>
        NOT_SHOWN.has(name) ? [] : findFacts(field),
      )
    : [];
}

/** Checks that the error of a server outside Azure DevOps Services names the server, and the input to correct. */
export function checkOtherServers(
  input: string,
  toError: (other: { readonly url?: string; readonly respondedBy?: string }) => TaskError,
): void {
  it('name the input that leads to a server outside Azure DevOps Services', () => {
    for (const other of [
      { url: 'https://devops.example.com/MyOrg' },
      { respondedBy: 'devops.example.com' },
    ]) {
      const { message, hint } = toError(other);
      assert.match(message, /^The response of devops\.example\.com does not look like/);
      const start = `If this is an Azure DevOps Server, set ${input} to `;
      assert.match(
        hint,
        new RegExp(`^${start}.*\\. Otherwise, a proxy .* to devops\\.example\\.com\\.$`),
      );
    }
  });
}
