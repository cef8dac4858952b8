// Every message of the task has its section in docs/troubleshooting.md, and names it; and no section is of no message.
import assert from 'node:assert/strict';
import { ENTRA_TABLE } from '../../tasks/AzureDevOpsTokenV1/src/errors/entra';
import { IDENTITY_TABLE } from '../../tasks/AzureDevOpsTokenV1/src/errors/identity';
import { INPUT_HEADING } from '../../tasks/AzureDevOpsTokenV1/src/errors/input-problems';
import { ORGANIZATION_TABLE } from '../../tasks/AzureDevOpsTokenV1/src/errors/organization';
import { REST_REQUEST_TABLE } from '../../tasks/AzureDevOpsTokenV1/src/errors/rest-request';
import { REST_RESPONSE_TABLE } from '../../tasks/AzureDevOpsTokenV1/src/errors/rest-response';
import {
  OLD_NODE_HEADING,
  START_HEADING,
  WARNING_HEADINGS,
} from '../../tasks/AzureDevOpsTokenV1/src/errors/sections';
import { UNFORESEEN_HEADING } from '../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { describeForkBuild, VALIDATION_WARNING } from '../../tasks/AzureDevOpsTokenV1/src/log';
import { readRecordings } from '../recording';
import { readText } from './files';
import { isQuoted, readHeading, readSections } from './troubleshooting';

const HEADINGS: readonly string[] = [
  IDENTITY_TABLE,
  ENTRA_TABLE,
  ORGANIZATION_TABLE,
  REST_REQUEST_TABLE,
  REST_RESPONSE_TABLE,
]
  .flatMap((table) => Object.values<{ readonly heading: string }>(table))
  .map(({ heading }) => heading)
  .concat(INPUT_HEADING, OLD_NODE_HEADING, START_HEADING, UNFORESEEN_HEADING)
  .concat(Object.values(WARNING_HEADINGS));

/** Of these, no scenario shows a message: other tests of test/task/ and test/unit/ do. */
const WITHOUT_SCENARIO: readonly string[] = [
  'A file cannot be read or written',
  'Azure Arc does not let the agent read its file',
  'The answer repeats the token',
  'The library asks for no token',
  UNFORESEEN_HEADING,
  WARNING_HEADINGS.validation,
];

const sections = readSections();

describe('docs/troubleshooting.md', () => {
  it('has a section for each heading that a message names, and no other', () => {
    assert.deepEqual(sections.map(({ heading }) => heading).sort(), [...new Set(HEADINGS)].sort());
  });

  for (const { heading, quotes, parts } of sections) {
    it(`says how the message begins, its cause, its check and its fix: ${heading}`, () => {
      assert.ok(quotes.length > 0);
      assert.deepEqual([...parts.keys()], ['Cause', 'Check', 'Fix']);
      for (const [name, part] of parts) {
        assert.match(part, /^[A-Z`[*].{10,}\.$/, name);
      }
    });
  }

  it('links to headings of its own that there are', () => {
    const anchors = sections.map(({ heading }) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, anchor = ''] of readText('docs/troubleshooting.md').matchAll(/\]\(#([^)]+)\)/g)) {
      assert.ok(anchors.includes(anchor), anchor);
    }
  });
});

describe('what the task prints', () => {
  const recorded = Object.entries(readRecordings().messages).flatMap(([name, messages]) =>
    messages.map((message) => [name, message.replace(/^(?:error|warning): /, '')] as const),
  );

  for (const [name, text] of [
    ...recorded,
    ['a fork with a service connection', describeForkBuild(true)],
    ['any certificate', VALIDATION_WARNING],
  ] as const) {
    it(`names its section, which quotes it: ${name}, "${text.slice(0, 60)}"`, () => {
      const section = sections.find(({ heading }) => heading === readHeading(text));
      assert.ok(section !== undefined && isQuoted(text, section), text);
    });
  }

  it('is shown by a scenario', () => {
    const shown = new Set(recorded.map(([, text]) => readHeading(text)));
    assert.deepEqual(
      [...new Set(HEADINGS)].filter((heading) => !shown.has(heading)).sort(),
      [...WITHOUT_SCENARIO].sort(),
    );
  });
});
