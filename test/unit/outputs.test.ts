import assert from 'node:assert/strict';
import {
  OUTPUT_NAMES,
  protectToken,
  publishIdentity,
} from '../../tasks/AzureDevOpsTokenV1/src/outputs';
import { FakeAgent } from './fakes';

describe('the outputs', () => {
  it('mask a token and the forms of it that tools make', () => {
    const agent = new FakeAgent();
    protectToken(agent, 'aaa.bbb.ccc');
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    assert.deepEqual(agent.calls, [
      'setSecret aaa.bbb.ccc',
      `setSecret ${base64(':aaa.bbb.ccc')}`,
      `setSecret ${base64('x:aaa.bbb.ccc')}`,
      `setSecret ${base64('PAT:aaa.bbb.ccc')}`,
    ]);
  });

  it('hand on the token as a secret, and whose it is', () => {
    const agent = new FakeAgent();
    publishIdentity(agent, {
      token: 'aaa.bbb.ccc',
      expiresOn: new Date('2030-01-02T03:04:05Z'),
      tenantId: 't',
      clientId: 'c',
      objectId: 'o',
    });
    assert.deepEqual(agent.calls, [
      'setSecretOutput token=aaa.bbb.ccc',
      'setOutput expiresOn=2030-01-02T03:04:05.000Z',
      'setOutput tenantId=t',
      'setOutput clientId=c',
      'setOutput objectId=o',
    ]);
  });

  it('are those that are listed', () => {
    const agent = new FakeAgent();
    const identity = { tenantId: 't', clientId: 'c', objectId: 'o' };
    publishIdentity(agent, { token: 'a.b.c', expiresOn: new Date(), ...identity });
    const names = agent.calls.map((call) => /^\w+ (\w+)=/.exec(call)?.[1]);
    assert.deepEqual(names, [...OUTPUT_NAMES]);
  });
});
