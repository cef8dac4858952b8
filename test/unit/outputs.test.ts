import assert from 'node:assert/strict';
import {
  OUTPUT_NAMES,
  maskToken,
  publishGitConfig,
  publishIdentity,
  publishResult,
} from '../../tasks/AzureDevOpsTokenV1/src/outputs';
import type { RestResult } from '../../tasks/AzureDevOpsTokenV1/src/rest/rest-result';
import { FakeAgent } from './fakes';

const REST: RestResult = {
  statusCode: 404,
  responseHeaders: '{"etag":"5"}',
  result: 'value-of-it',
  isResultSecret: false,
  responseFile: '/work/x',
  warnings: [],
  error: undefined,
};

describe('the outputs', () => {
  it('mask a token and the forms of it that tools make', () => {
    const agent = new FakeAgent();
    maskToken(agent, 'aaa.bbb.ccc');
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    assert.deepEqual(agent.calls, [
      'setSecret aaa.bbb.ccc',
      `setSecret ${base64('aaa.bbb.ccc')}`,
      `setSecret ${base64(':aaa.bbb.ccc')}`,
      `setSecret ${base64('x:aaa.bbb.ccc')}`,
      `setSecret ${base64('PAT:aaa.bbb.ccc')}`,
      `setSecret ${base64('aa.bbb.ccc')}`,
    ]);
  });

  for (const name of ['', 'a', 'My', 'Org', 'MyOrg', 'Contoso', 'SecretSauce', 'häns']) {
    it(`mask the header of HTTP Basic authentication with the user name ${JSON.stringify(name)}`, () => {
      const agent = new FakeAgent();
      const token = `eyJ0eXAi.${'Ab3-_~z9'.repeat(8)}.signature`;
      maskToken(agent, token);
      const header = Buffer.from(`${name}:${token}`).toString('base64');
      const rest = agent.calls
        .map((call) => call.slice('setSecret '.length))
        .filter((secret) => header.includes(secret))
        .reduce((text, secret) => text.replace(secret, ''), header);
      // The name, and what the characters at both ends have of the token.
      assert.ok(rest.length <= Buffer.from(`${name}:`).toString('base64').length + 4, rest);
    });
  }

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

  it('are empty if they are not known', () => {
    const agent = new FakeAgent();
    const unknown = { tenantId: undefined, clientId: undefined, objectId: undefined };
    publishIdentity(agent, { token: 'opaque', expiresOn: new Date(0), ...unknown });
    assert.deepEqual(agent.calls.slice(2), [
      'setOutput tenantId=',
      'setOutput clientId=',
      'setOutput objectId=',
    ]);
  });

  it('are those that are listed', () => {
    const agent = new FakeAgent();
    const identity = { tenantId: 't', clientId: 'c', objectId: 'o' };
    publishIdentity(agent, { token: 'a.b.c', expiresOn: new Date(), ...identity });
    publishGitConfig(agent, '/tmp/config');
    publishResult(agent, REST);
    const names = agent.calls.map((call) => /^\w+ (\w+)=/.exec(call)?.[1]);
    assert.deepEqual(names, [...OUTPUT_NAMES]);
  });

  it('of a call are those of its answer', () => {
    const agent = new FakeAgent();
    publishResult(agent, REST);
    assert.deepEqual(agent.calls, [
      'setOutput statusCode=404',
      'setOutput responseHeaders={"etag":"5"}',
      'setOutput result=value-of-it',
      'setOutput responseFile=/work/x',
    ]);
  });

  it('mask a result that is a secret, before it is set', () => {
    const agent = new FakeAgent();
    publishResult(agent, { ...REST, isResultSecret: true, responseFile: undefined });
    assert.deepEqual(agent.calls.slice(2), [
      'setSecret value-of-it',
      'setSecretOutput result=value-of-it',
      'setOutput responseFile=',
    ]);
  });
});
