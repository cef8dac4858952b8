import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { readInputs } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/read-inputs';
import { task } from '../../contract/files';
import { FakeAgent, fakeEnvironment } from '../fakes';
import { errorOf } from '../to-problem';
import { CASES, NEEDED } from './bad-inputs';
import { makeFolder } from '../folders';

describe('a bad input', () => {
  const folder = makeFolder();

  before(() => {
    mkdirSync(join(folder, 'folder'));
  });

  /** As the agent does with a path. */
  const root = (name: string, value: string) => {
    const isPath = task.inputs.find((input) => input.name === name)?.type === 'filePath';
    return isPath && !isAbsolute(value) ? join(folder, value) : value;
  };

  function complaint(inputs: Readonly<Record<string, string>>): string {
    const agent = new FakeAgent(inputs, { 'System.DefaultWorkingDirectory': folder });
    return errorOf(() => readInputs(agent, fakeEnvironment())).message;
  }

  it('has cases for every input of task.json, and for nothing else', () => {
    assert.deepEqual(
      Object.keys(CASES),
      task.inputs.map(({ name }) => name),
    );
  });

  for (const { name } of task.inputs) {
    const cases = Object.entries(CASES[name] ?? {}).filter(([, value]) => value !== null);
    for (const [malformation, value] of cases as [string, string][]) {
      it(`is refused: ${name}, ${malformation}`, () => {
        const message = complaint({ ...NEEDED[name], [name]: root(name, value) });
        assert.ok(message.includes(`${name} `), message);
        // Neither what is too long nor what could act on the agent comes back.
        assert.ok(message.length < 8_000);
        assert.ok(!message.includes('\u0007') && !message.includes('##vso['));
        if (malformation === 'macro' && name !== 'body') {
          const problem = '$(noSuchVariable), because the pipeline has no such variable';
          assert.ok(message.includes(problem), message);
        }
      });
    }
  }
});
