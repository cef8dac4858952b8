// The form of every message of the task: sentences of at most 30 words, and the cause in its first 120 characters, because the summary of
// a run shows only those.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/build-task';
import { INVALID_INPUTS } from '../../tasks/AzureDevOpsTokenV1/src/errors/input-problems';
import { readRecordings } from '../recording';
import { listFiles, readText } from './files';
import { readMessageTexts } from './message-texts';
import { findLongSentences } from './sentences';
import { isQuoted, readHeading, readSections } from './troubleshooting';

const SHOWN_IN_SUMMARY = 120;
const ERRORS = join(ROOT, 'test/recordings/errors');
const sections = readSections();

/** What scenarios and errors of all kinds print, each once. */
function readMessages(): readonly string[] {
  const ofScenarios = Object.values(readRecordings().messages)
    .flat()
    .map((message) =>
      message.replace(/^(?:error|warning|standard error): /, '').replace(/^ {2}/gm, ''),
    );
  const ofErrors = readdirSync(ERRORS).flatMap((file) =>
    readFileSync(join(ERRORS, file), 'utf8')
      .split(/^# .*\n/m)
      .slice(1)
      .map((message) => message.trimEnd()),
  );
  return [...new Set([...ofScenarios, ...ofErrors])];
}

/** The problems of inputs, each with what follows it. */
function readInputProblems(message: string): readonly string[] {
  const lines = message.split('\n').slice(0, -2);
  return lines.length === 1 ? lines : lines.slice(1).map((line) => line.replace(/^- /, ''));
}

/** What a remedy can point to, and how the details of an error show it. */
const POINTERS = [
  [
    /\b(?:the|if the) server message (?:names|says)|of the server message/i,
    /\(".*"|message is ".*"/,
  ],
  [/the activity ID to/, /activity ID (?!to)\S+\)/],
  [/(?:its|the) correlation ID/, /; correlation ID \S+|\(correlation ID/],
] as const;

describe('a message', () => {
  const messages = readMessages();

  it('is read from the recordings', () => {
    assert.ok(messages.length > 300, String(messages.length));
  });

  for (const message of messages) {
    it(`has short sentences: ${message.slice(0, SHOWN_IN_SUMMARY)}`, () => {
      assert.deepEqual(findLongSentences(message), []);
    });

    it(`points only to what it shows: ${message.slice(0, SHOWN_IN_SUMMARY)}`, () => {
      for (const [pointer, shown] of POINTERS) {
        assert.equal(pointer.test(message) && !shown.test(message), false, message);
      }
    });

    it(`names its cause at its beginning: ${message.slice(0, SHOWN_IN_SUMMARY)}`, () => {
      const heading = readHeading(message);
      if (heading === INVALID_INPUTS.heading) {
        readInputProblems(message).forEach(assertInputProblem);
        return;
      }
      const section = sections.find((candidate) => candidate.heading === heading);
      const beginning = message.slice(0, SHOWN_IN_SUMMARY);
      assert.equal(section !== undefined && isQuoted(beginning, section), true, message);
    });
  }
});

/** The text of an input problem in the source. Its first sentence names the input or variable, and what is wrong with it. */
describe('the problem of an input', () => {
  const files = listFiles().filter((path) =>
    /^tasks\/.*\/src\/(?:inputs\/.*|hosts)\.ts$/.test(path),
  );
  const texts = readMessageTexts(files.map((path) => [path, readText(path)] as const));

  it('is read from the source', () => {
    for (const part of ['has no such service connection', 'has no body', 'in its name']) {
      assert.equal(
        texts.some(({ text }) => text.includes(part)),
        true,
        part,
      );
    }
    assert.ok(texts.length > 40, String(texts.length));
  });

  for (const { place, text } of texts) {
    it(`has short sentences, and its cause at its beginning: ${place} ${text.slice(0, 60)}`, () => {
      assert.deepEqual(findLongSentences(text), []);
      assertInputProblem(text);
    });
  }
});

function assertInputProblem(text: string): void {
  const [first = ''] = text.split(/(?<=[.!?])\s/);
  assert.ok(first.length <= SHOWN_IN_SUMMARY, `${first.length} characters: ${first}`);
}
