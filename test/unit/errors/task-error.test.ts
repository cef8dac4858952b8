import assert from 'node:assert/strict';
import { inputError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/input-problems';
import {
  describeOrigin,
  formatError,
  TaskError,
  UNEXPECTED_ERROR,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { assertExplained, checkError } from './check-error';

describe('the text of an error', () => {
  it('says what is wrong, what happened, what to do, and where to read more', () => {
    const problem = { kind: 'broken' };
    const error = new TaskError(problem, {
      section: { id: 'broken', heading: 'Broken' },
      conclusion: 'It broke.',
      details: 'It returned 500.',
      hint: 'Fix it.',
    });
    assert.equal(
      formatError(error),
      'It broke.\nIt returned 500.\nFix it.\nTroubleshooting: Broken',
    );
    assert.equal(error.problem, problem);
    assert.equal(error.name, 'TaskError');
  });

  const secret = 'eyJsecret';
  for (const [rule, [error, expected]] of Object.entries<readonly [unknown, RegExp]>({
    'an error by its name': [new TypeError(secret), /\(TypeError\)/],
    'an error with a code by both': [
      Object.assign(new Error(secret), { code: 'EACCES' }),
      /\(Error EACCES\)/,
    ],
    'an error whose code is no text by its name': [
      Object.assign(new Error(secret), { code: 5 }),
      /\(Error\)/,
    ],
    'what is no error by its type': [secret, /\(string\)/],
    'a name full of signs by its letters': [
      Object.assign(new Error(secret), { name: '##vso[x]' }),
      /\(vsox\)/,
    ],
    'a long name by its beginning': [
      Object.assign(new Error(secret), { name: 'x'.repeat(99) }),
      /\(x{80}\)/,
    ],
  })) {
    it(`tells ${rule}, and never the message`, () => {
      const text = formatError(error);
      assert.match(text, expected);
      assert.match(text, /unexpected error.*\nThis is a defect of the task\. .*system\.debug/);
      assert.ok(!text.includes(secret));
      assertExplained(text, UNEXPECTED_ERROR.heading);
    });
  }

  it('tells where an unforeseen error arose, without its message', () => {
    const origin = describeOrigin(new Error(`first\n    at ${secret} (file:1:1)`));
    assert.match(origin, /^at .*task-error\.test\.ts/);
    assert.ok(!origin.includes(secret) && !origin.includes('first'));
  });

  it('tells no origin where the message cannot be told from it', () => {
    const error = new Error(`${secret}\n##[section]Finishing`);
    // Node.js composes it when it is first asked for.
    assert.ok(error.stack?.includes(secret));
    error.message = 'changed since';
    assert.equal(describeOrigin(error), '');
  });

  it('makes the origin harmless', () => {
    const error = Object.assign(new Error('x'), {
      stack: 'Error: x\n    at ##vso[task.complete]\n    eyJ',
    });
    assert.equal(describeOrigin(error), 'at **vso[task.complete]');
  });

  it('has no origin of what is no error, or has no stack', () => {
    assert.equal(describeOrigin('x'), '');
    assert.equal(describeOrigin(Object.assign(new Error(), { stack: undefined })), '');
  });
});

describe('an error of the inputs', () => {
  for (const [name, [sentences, conclusion]] of Object.entries({
    'inputs and variables': [
      [
        'clientId, objectId, and resourceId are set. Set only one of them.',
        'clientId is "a".',
        'The pipeline variable "IDENTITY_ENDPOINT" would choose where the token comes from.',
        'System.CollectionUri is not a URL.',
      ],
      '4 problems were found in inputs or variables: clientId, objectId, resourceId, IDENTITY_ENDPOINT, System.CollectionUri.',
    ],
    'as many as fit': [
      Array.from({ length: 12 }, (_, index) => `someLongInput${index + 10} is "a".`),
      '12 problems were found in inputs or variables: someLongInput10, someLongInput11, someLongInput12 and 9 more.',
    ],
    'none that would not fit': [
      Array.from({ length: 2 }, (_, index) => `${'x'.repeat(100)}${index} is "a".`),
      '2 problems were found in inputs or variables.',
    ],
    'none that has no name': [
      ['The job has no access token.', 'A pipeline variable has "=" in its name.'],
      '2 problems were found in inputs or variables.',
    ],
  } as const)) {
    it(`names ${name} in its conclusion`, () => {
      const [found = ''] = inputError(sentences).message.split('\n');
      assert.equal(found, conclusion);
      assert.ok(found.length <= 120, found);
    });
  }

  for (const [name, [sentences, message]] of Object.entries({
    'one problem in its sentence': [['clientId is wrong.'], 'clientId is wrong.'],
    'several problems as a list': [
      ['one', 'two'],
      '2 problems were found in inputs or variables: one, two.\n- one\n- two',
    ],
  } as const)) {
    it(`shows ${name}`, () => {
      const error = inputError(sentences);
      assert.equal(error.message, message);
      checkError(error, 'inputs', /^Nothing was sent\. Correct the step/);
    });
  }
});
