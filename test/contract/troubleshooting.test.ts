// Every message of the task has its section in docs/troubleshooting.md, and names it; and no section is of no message.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/build-task';
import { ENTRA_TABLE } from '../../tasks/AzureDevOpsTokenV1/src/errors/entra';
import { GIT_TABLE, HELPER_NOT_STARTED } from '../../tasks/AzureDevOpsTokenV1/src/errors/git';
import { IDENTITY_TABLE } from '../../tasks/AzureDevOpsTokenV1/src/errors/identity';
import { INVALID_INPUTS } from '../../tasks/AzureDevOpsTokenV1/src/errors/input-problems';
import { ORGANIZATION_TABLE } from '../../tasks/AzureDevOpsTokenV1/src/errors/organization';
import { REST_REQUEST_TABLE } from '../../tasks/AzureDevOpsTokenV1/src/errors/rest-request';
import { REST_RESPONSE_TABLE } from '../../tasks/AzureDevOpsTokenV1/src/errors/rest-response';
import {
  OLD_NODE,
  START_FAILED,
  WARNINGS,
  type Section,
} from '../../tasks/AzureDevOpsTokenV1/src/errors/sections';
import { UNEXPECTED_ERROR } from '../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { VALIDATION_WARNING } from '../../tasks/AzureDevOpsTokenV1/src/log';
import { IS_UPDATE, readRecordings } from '../recording';
import { readText } from './files';
import { isQuoted, readHeading, readSections } from './troubleshooting';

const TABLES = [
  IDENTITY_TABLE,
  ENTRA_TABLE,
  GIT_TABLE,
  ORGANIZATION_TABLE,
  REST_REQUEST_TABLE,
  REST_RESPONSE_TABLE,
].flatMap((table) => Object.values<Section>(table));
/** What messages point to, by ID. */
const NAMED = new Map(
  [
    ...TABLES,
    ...Object.values(WARNINGS),
    HELPER_NOT_STARTED,
    INVALID_INPUTS,
    OLD_NODE,
    START_FAILED,
    UNEXPECTED_ERROR,
  ].map(({ id, heading }) => [id, heading]),
);
/** The IDs of all versions. Logs of old versions link to them, so none may go or change. */
const KNOWN_IDS = join(ROOT, 'test/recordings/section-ids.txt');

/** Of these, no scenario shows a message. Why, and which test does. */
const WITHOUT_SCENARIO: Readonly<Record<string, string>> = {
  'azure-arc-file':
    'Azure Arc needs a mount namespace, which few machines allow: test/task/places.test.ts',
  'file-failed':
    'a file must change while it is read or written: test/unit/rest/request-body.test.ts',
  'file-held': 'Windows must refuse to replace a file: test/unit/rest/response-file.test.ts',
  'git-config-not-written':
    'the temporary folder must fail after the task has started in it: test/unit/git/git-state.test.ts',
  'library-sent-no-request':
    'the library must fail before its first request: test/unit/identity/sign-in.test.ts',
  'reflected-token': 'a server must know the token: test/task/token-apis.test.ts',
  'start-failed': 'a file of the task must be missing: test/task/process.test.ts',
  'unexpected-error': 'the task must have a fault: test/task/process.test.ts',
  'warning-certificate-validation':
    'the agent must be configured for it: test/task/network.test.ts',
};

const sections = readSections();

describe('docs/troubleshooting.md', () => {
  it('has a section for each message, under its ID and its heading, and no other', () => {
    const found = sections.map(({ id, heading }) => [id, heading]);
    assert.deepEqual(found.sort(), [...NAMED].sort());
  });

  it('keeps the ID of each section', () => {
    const known = readFileSync(KNOWN_IDS, 'utf8').trimEnd().split('\n');
    const added = [...NAMED.keys()].filter((id) => !known.includes(id));
    if (IS_UPDATE) {
      writeFileSync(KNOWN_IDS, `${[...known, ...added].sort().join('\n')}\n`);
    } else {
      assert.deepEqual(added, [], 'UPDATE_RECORDINGS=1 writes new IDs down');
    }
    assert.deepEqual(
      known.filter((id) => !NAMED.has(id)),
      [],
    );
  });

  for (const { id, heading, quotes, parts } of sections) {
    it(`says how the message begins, its cause, its check and its fix: ${heading}`, () => {
      // Problems of inputs begin with the name of the input.
      assert.equal(quotes.length > 0, id !== INVALID_INPUTS.id);
      assert.deepEqual([...parts.keys()], ['Cause', 'Check', 'Fix']);
      for (const [name, part] of parts) {
        assert.match(part, /^[A-Z`[*][^]{10,}\.$/, name);
      }
    });
  }

  it('links to sections of its own by their ID', () => {
    for (const [, anchor = ''] of readText('docs/troubleshooting.md').matchAll(/\]\(#([^)]+)\)/g)) {
      assert.ok(NAMED.has(anchor), anchor);
    }
  });
});

describe('what the task prints', () => {
  const recorded = Object.entries(readRecordings().messages).flatMap(([name, messages]) =>
    messages.map(
      (message) => [name, message.replace(/^(?:error|warning|standard error): /, '')] as const,
    ),
  );

  for (const [name, text] of [...recorded, ['any certificate', VALIDATION_WARNING]] as const) {
    it(`names its section, which quotes it: ${name}, "${text.slice(0, 60)}"`, () => {
      const section = sections.find(({ heading }) => heading === readHeading(text));
      assert.ok(section !== undefined && isQuoted(text, section), text);
    });
  }

  it('is shown by a scenario, or by a test that is named', () => {
    for (const reason of Object.values(WITHOUT_SCENARIO)) {
      const [, path = ''] = /: (test\/\S+)$/.exec(reason) ?? [];
      assert.ok(existsSync(join(ROOT, path)), reason);
    }
    const shown = new Set(recorded.map(([, text]) => readHeading(text)));
    const missing = [...NAMED].filter(([, heading]) => !shown.has(heading)).map(([id]) => id);
    assert.deepEqual(missing.sort(), Object.keys(WITHOUT_SCENARIO).sort());
  });
});
