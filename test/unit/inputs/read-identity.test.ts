import assert from 'node:assert/strict';
import { InputReader } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/input-reader';
import { readIdentity } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/read-identity';
import { FakeAgent } from '../fakes';

const ID = '01234567-89ab-cdef-0123-456789abcdef';

function read(inputs: Readonly<Record<string, string>>) {
  const endpoints = { mine: { scheme: 'ManagedServiceIdentity' } };
  const agent = new FakeAgent(inputs, {}, endpoints);
  const reader = new InputReader(agent, []);
  return { ...readIdentity(reader), problems: reader.problems, calls: agent.calls };
}

describe('whose token the step wants', () => {
  it('is that of the machine where nothing is said', () => {
    assert.deepEqual(read({}), { problems: [], calls: [] });
    assert.deepEqual(read({ connectionType: 'ManagedIdentity', clientId: ID }).requested, {
      input: 'clientId',
      value: ID,
    });
  });

  it('has to be one of the kinds', () => {
    const { problems, requested } = read({ connectionType: 'other', clientId: 'x' });
    assert.equal(requested, undefined);
    assert.deepEqual(problems, [
      'connectionType is "other". It must be managedIdentity, azureDevOps, or azureRM.',
    ]);
  });

  it('is not said by the inputs of another kind, of which the debug log tells', () => {
    const inputs = { azureDevOpsServiceConnection: 'x', azureSubscription: 'y', clientId: ID };
    assert.deepEqual(read(inputs).calls, [
      'debug The input azureDevOpsServiceConnection is ignored, because it belongs to another connectionType.',
      'debug The input azureSubscription is ignored, because it belongs to another connectionType.',
    ]);
    const arm = read({ connectionType: 'azureRM', azureSubscription: 'mine', clientId: 'x' });
    assert.deepEqual(arm, {
      isAgentConnection: true,
      problems: [],
      calls: ['debug The input clientId is ignored, because it belongs to another connectionType.'],
    });
  });
});
