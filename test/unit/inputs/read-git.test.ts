import assert from 'node:assert/strict';
import { readInputs } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/read-inputs';
import { FakeAgent, fakeEnvironment } from '../fakes';
import { errorOf, toProblem } from '../to-problem';

const read = (inputs: Readonly<Record<string, string>>) =>
  readInputs(new FakeAgent({ gitCredentials: 'true', ...inputs }), fakeEnvironment()).git;

const problemsOf = (inputs: Readonly<Record<string, string>>, variables = {}) => {
  const agent = new FakeAgent({ gitCredentials: 'true', ...inputs }, variables);
  return toProblem(errorOf(() => readInputs(agent, fakeEnvironment())))['sentences'];
};

describe('the input gitCredentials', () => {
  it('is off without a value', () => {
    assert.equal(read({ gitCredentials: '' }), undefined);
    assert.equal(read({ gitCredentials: 'False' }), undefined);
  });

  it('means the organization of the pipeline, at its host and at its older host', () => {
    assert.deepEqual(read({}), {
      organization: { name: 'MyOrg', url: 'https://dev.azure.com/MyOrg' },
      addresses: [
        { host: 'dev.azure.com', path: 'MyOrg' },
        { host: 'myorg.visualstudio.com', path: '' },
      ],
    });
  });

  for (const inputs of [{ verifyMembership: 'false' }, { url: '_apis/projects' }]) {
    it(`means that organization, too, with ${JSON.stringify(inputs)}`, () => {
      assert.equal(read(inputs)?.organization.name, 'MyOrg');
    });
  }

  it('means the organization that the step names, and the hosts of allowedHosts', () => {
    const organization = 'https://other.visualstudio.com';
    const allowedHosts = 'git.example.com:443\nGit.Example.com:8443\ndev.azure.com';
    assert.deepEqual(read({ organization, allowedHosts })?.addresses, [
      { host: 'dev.azure.com', path: 'other' },
      { host: 'other.visualstudio.com', path: '' },
      { host: 'git.example.com', path: '' },
      { host: 'git.example.com:8443', path: '' },
    ]);
  });

  it('keeps to the path of an organization at another host', () => {
    const inputs = {
      organization: 'https://git.example.com/a/MyOrg',
      allowedHosts: 'git.example.com',
    };
    assert.deepEqual(read(inputs)?.addresses, [{ host: 'git.example.com', path: 'a/MyOrg' }]);
  });

  it('is refused for an organization without TLS', () => {
    const inputs = { organization: 'http://127.0.0.1:8080/MyOrg', allowedHosts: '127.0.0.1:8080' };
    assert.deepEqual(problemsOf(inputs), [
      'gitCredentials is true, and git gets credentials for https only: organization is http://127.0.0.1:8080/MyOrg.',
    ]);
  });

  it('needs an organization, and does not offer to leave the check of the membership out', () => {
    const server = { 'System.CollectionUri': 'https://devops.example.com/tfs/Default/' };
    for (const inputs of [{}, { verifyMembership: 'false' }]) {
      const [sentence] = problemsOf(inputs, server) as string[];
      assert.match(sentence ?? '', /is not in Azure DevOps Services/);
      assert.doesNotMatch(sentence ?? '', /verifyMembership/);
    }
  });

  it('is true or false', () => {
    assert.match(String(problemsOf({ gitCredentials: 'yes' })), /^gitCredentials is "yes"/);
  });
});
