import assert from 'node:assert/strict';
import {
  describeFailure,
  describeOrigin,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/describe-failure';
import { TaskError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { InputFailure } from '../../../tasks/AzureDevOpsTokenV1/src/errors/input-failure';

class Foreseen extends TaskError {}

describe('the description of a failure', () => {
  it('says what happened, then what to do, then where more is said', () => {
    assert.equal(
      describeFailure(new Foreseen('It broke.', 'Mend it.', 'Broken')),
      'It broke.\nMend it.\nTroubleshooting: Broken',
    );
  });

  it('names a failure by its class', () => {
    assert.equal(new Foreseen('', '', '').name, 'Foreseen');
  });

  const secret = 'eyJsecret';
  const unforeseen: readonly (readonly [string, unknown, RegExp])[] = [
    ['an error by its name', new TypeError(secret), /\(TypeError\)/],
    [
      'an error with a code by both',
      Object.assign(new Error(secret), { code: 'EACCES' }),
      /\(Error EACCES\)/,
    ],
    [
      'an error whose code is no text by its name',
      Object.assign(new Error(secret), { code: 5 }),
      /\(Error\)/,
    ],
    ['what is no error by its type', secret, /\(string\)/],
    [
      'a name full of signs by its letters',
      Object.assign(new Error(secret), { name: '##vso[x]' }),
      /\(vsox\)/,
    ],
    [
      'a long name by its beginning',
      Object.assign(new Error(secret), { name: 'x'.repeat(99) }),
      /\(x{80}\)/,
    ],
  ];
  for (const [rule, error, expected] of unforeseen) {
    it(`tells ${rule}, and never the message`, () => {
      const text = describeFailure(error);
      assert.match(text, expected);
      assert.match(text, /did not foresee.*\nThis is a defect of the task\. .*system\.debug/);
      assert.ok(!text.includes(secret));
    });
  }

  it('tells where an unforeseen error arose, without its message', () => {
    const origin = describeOrigin(new Error(`first\n    at ${secret} (file:1:1)`));
    assert.match(origin, /^at .*describe-failure\.test\.ts/);
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

describe('a failure of inputs', () => {
  it('tells one problem in the sentence', () => {
    const failure = new InputFailure(['clientId is wrong.']);
    assert.equal(failure.message, 'Reading the inputs of the step: clientId is wrong.');
    assert.match(failure.hint, /^Nothing was sent\. Correct the step/);
  });

  it('lists several problems', () => {
    const { message } = new InputFailure(['one', 'two']);
    assert.equal(message, 'Reading the inputs of the step: 2 problems\n- one\n- two');
  });
});
