import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { INPUT_NAMES, readInputs } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/read-inputs';
import { FakeAgent, fakeEnvironment } from '../fakes';
import { errorOf } from '../to-problem';

const GUID = '01234567-89ab-cdef-0123-456789ABCDEF';
const RESOURCE = `/subscriptions/${GUID}/resourceGroups/my.group_(1)/providers/Microsoft.ManagedIdentity/userAssignedIdentities/my-id_1`;

function read(inputs: Readonly<Record<string, string>>, variables = {}) {
  return readInputs(new FakeAgent(inputs, variables), fakeEnvironment());
}

const complaint = (inputs: Readonly<Record<string, string>>, variables = {}) =>
  errorOf(() => read(inputs, variables)).message;

describe('the inputs', () => {
  it('may all be left out', () => {
    assert.deepEqual(read({}), {
      identity: { minimumLifetimeMs: 300_000, isInContainer: false },
      organization: { name: 'MyOrg', url: 'https://dev.azure.com/MyOrg' },
      network: { tls: {}, skipsValidation: false, ignoredFiles: [] },
      allowedHosts: [],
      temporaryFolder: tmpdir(),
      isForkBuild: false,
    });
  });

  it('may be empty or blank, which is the same', () => {
    const blank = Object.fromEntries(INPUT_NAMES.map((name) => [name, '  ']));
    assert.deepEqual(read(blank), read({}));
  });

  for (const [input, value] of [
    ['clientId', GUID],
    ['objectId', GUID],
    ['resourceId', RESOURCE],
    ['resourceId', RESOURCE.toUpperCase()],
    ['resourceId', RESOURCE.replace('my.group_(1)', 'Gruppe-Ä')],
  ] as const) {
    it(`take ${input} ${value}, with space around it`, () => {
      assert.deepEqual(read({ [input]: ` ${value}\n` }).identity.requested, { input, value });
    });
  }

  for (const [text, ms] of [
    ['0', 0],
    ['1', 60_000],
    ['007', 420_000],
    ['1440', 86_400_000],
  ] as const) {
    it(`take minimumLifetimeInMinutes ${text}`, () => {
      assert.equal(read({ minimumLifetimeInMinutes: text }).identity.minimumLifetimeMs, ms);
    });
  }

  for (const text of ['-1', '1.5', '1e3', '0x10', '1441', '9999999', 'five', '٥']) {
    it(`refuse minimumLifetimeInMinutes ${text}`, () => {
      assert.equal(
        complaint({ minimumLifetimeInMinutes: text }),
        `minimumLifetimeInMinutes is "${text}". It must be a whole number of minutes from 0 to 1440.`,
      );
    });
  }

  for (const input of ['clientId', 'objectId']) {
    for (const text of [
      'deploy',
      `{${GUID}}`,
      `${GUID}0`,
      `0${GUID}`,
      GUID.replaceAll('-', ''),
      GUID.replace('0', 'g'),
    ]) {
      it(`refuse ${input} ${text}`, () => {
        assert.equal(
          complaint({ [input]: text }),
          `${input} is "${text}". It must be a GUID such as 01234567-89ab-cdef-0123-456789abcdef.`,
        );
      });
    }
  }

  for (const text of [
    GUID,
    'x'.repeat(58),
    'x'.repeat(59),
    RESOURCE.slice(1),
    `${RESOURCE}/`,
    `x${RESOURCE}`,
    RESOURCE.replace(GUID, 'subscription'),
    RESOURCE.replace('my.group_(1)', ''),
    RESOURCE.replace('my.group_(1)', 'a/b'),
    RESOURCE.replace('my.group_(1)', 'a%2Fb'),
    RESOURCE.replace('my-id_1', 'my'),
    RESOURCE.replace('my-id_1', 'my.id'),
    RESOURCE.replace(
      'Microsoft.ManagedIdentity/userAssignedIdentities',
      'Microsoft.Compute/virtualMachines',
    ),
    RESOURCE.replace('Microsoft.', 'Microsoft-'),
  ]) {
    it(`refuse resourceId ${text}`, () => {
      const expected =
        'It must be the resource ID of a user-assigned identity, such as ' +
        '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}.';
      assert.equal(
        complaint({ resourceId: text }),
        // A long value comes last.
        text.length > 58
          ? `resourceId is not valid. ${expected} Its value is "${text}".`
          : `resourceId is "${text}". ${expected}`,
      );
    });
  }

  it('name the variable of a macro that was not expanded', () => {
    assert.equal(
      complaint({ clientId: '$(deploy.client Id)' }),
      'clientId is $(deploy.client Id), because the pipeline has no such variable. Define the variable, or correct its name.',
    );
  });

  it('see no macro where there is more than one', () => {
    assert.match(
      complaint({ clientId: '$(a)$(b)' }),
      /clientId is "\$\(a\)\$\(b\)". It must be a GUID/,
    );
    assert.match(complaint({ clientId: 'x$(a)' }), /clientId is "x\$\(a\)". It must be a GUID/);
  });

  it('show no value that cannot be shown as it is: a mask for the whole would miss a part of it', () => {
    assert.match(
      complaint({ clientId: 'x'.repeat(501) }),
      /clientId is a value of 501 characters. It must be a GUID/,
    );
    assert.match(complaint({ clientId: 'two\nlines' }), /clientId is a value of 9 characters/);
    assert.match(
      complaint({ clientId: '##vso[task.complete]' }),
      /clientId is a value of 20 characters/,
    );
    assert.match(complaint({ objectId: '$(##vso[x])' }), /objectId is \$\(\*\*vso\[x\]\)/);
  });

  it('name the identity only once, even where a name is malformed', () => {
    assert.match(
      complaint({ clientId: GUID, resourceId: 'x' }),
      /clientId and resourceId are set. Set only one of them/,
    );
    assert.match(
      complaint({ objectId: GUID, resourceId: RESOURCE }),
      /^objectId and resourceId are set/,
    );
  });

  it('are checked all, and reported together', () => {
    const message = complaint({ clientId: 'x', objectId: 'y', minimumLifetimeInMinutes: 'z' });
    assert.match(
      message,
      /^4 problems .*: clientId, objectId, minimumLifetimeInMinutes\.\n- clientId and objectId are set.*\n- clientId is "x".*\n- objectId is "y".*\n- minimum.*"z"/,
    );
  });

  it('are refused where a variable of the pipeline would overrule one of them', () => {
    const environment = fakeEnvironment({}, ['input.clientid']);
    assert.throws(
      () => readInputs(new FakeAgent(), environment),
      /The pipeline variable "input\.clientid" would override the input clientId/,
    );
    const agent = new FakeAgent({ azureSubscription: ' foo ' });
    assert.throws(
      () => readInputs(agent, fakeEnvironment({}, ['endpoint.auth.foo'])),
      /The pipeline variable "endpoint\.auth\.foo" would override a service connection/,
    );
  });

  it('take the organization from the pipeline, or from the step', () => {
    const own = 'System.CollectionUri';
    const older = 'System.TeamFoundationCollectionUri';
    const name = (inputs: Readonly<Record<string, string>>, variables = {}) =>
      read(inputs, variables).organization?.name;
    assert.equal(name({}, { [own]: 'https://dev.azure.com/A/', [older]: 'x' }), 'A');
    assert.equal(name({}, { [own]: '', [older]: ' https://b.visualstudio.com/ ' }), 'b');
    assert.equal(name({ organization: ' C ' }, { [own]: 'https://devops.example.com/' }), 'C');
  });

  it('name the variable where the pipeline has no organization of Azure DevOps Services', () => {
    const own = 'System.CollectionUri';
    const older = 'System.TeamFoundationCollectionUri';
    assert.match(
      complaint({}, { [own]: '', [older]: 'http://tfs:8080/tfs/Main/' }),
      /^The pipeline is not in Azure DevOps Services \(System\.TeamFoundationCollectionUri is http:\/\/tfs:8080\/tfs\/Main\/\)\. Only Azure DevOps Services accepts .* Or set verifyMembership to false\.$/,
    );
    assert.match(
      complaint({}, { [own]: 'x y' }),
      /^System\.CollectionUri is "x y". It must be the name/,
    );
    assert.match(complaint({}, { [own]: '' }), /organization is not set, and the pipeline/);
  });

  it('take the organization of the pipeline at a host that the step names', () => {
    const variables = { 'System.CollectionUri': 'https://devops.example.com/MyOrg' };
    const { organization, allowedHosts } = read({ allowedHosts: 'devops.example.com' }, variables);
    assert.deepEqual(organization, { name: 'MyOrg', url: 'https://devops.example.com/MyOrg' });
    assert.deepEqual(allowedHosts, ['devops.example.com']);
  });

  it('ask no organization where the step says so, and check what it says nevertheless', () => {
    const server = { 'System.CollectionUri': 'https://devops.example.com/' };
    assert.equal(read({ verifyMembership: 'FALSE' }, server).organization, undefined);
    assert.equal(read({ verifyMembership: 'false', organization: 'A' }).organization, undefined);
    assert.equal(read({ verifyMembership: 'True' }).organization?.name, 'MyOrg');
    assert.match(complaint({ verifyMembership: 'false', organization: '..' }), /organization is/);
    for (const text of ['yes', '1', 'truefalse', 'xtrue']) {
      assert.match(
        complaint({ verifyMembership: text }),
        new RegExp(`^verifyMembership is "${text}". It must be true or false\\.$`, 'm'),
      );
    }
  });

  it('are refused where a variable of the pipeline would overrule one of the agent', () => {
    for (const name of [
      'SYSTEM_COLLECTIONURI',
      'agent tempdirectory',
      'system_pullrequest.isfork',
    ]) {
      for (const environment of [fakeEnvironment({}, [name]), fakeEnvironment({}, [], [name])]) {
        assert.throws(() => readInputs(new FakeAgent(), environment), {
          message: new RegExp(`"${name}" would override \\w+\\.[\\w.]+ of the agent`),
        });
      }
    }
    const names = [
      'system.collectionUri',
      'System.TeamFoundationCollectionUri',
      'Agent.TempDirectory',
    ];
    assert.ok(readInputs(new FakeAgent(), fakeEnvironment({}, names)));
  });

  it('tell a container job and a build of a fork', () => {
    for (const [folder, isInside] of [
      ['/__w/_temp', true],
      ['C:\\__w\\_temp', true],
      ['/home/agent/_work/_temp', false],
      ['/__w/_temp/x', false],
      ['/x/__w/_temp', false],
    ] as const) {
      const variables = { 'Agent.ContainerId': 'abc', 'Agent.TempDirectory': folder };
      assert.equal(read({}, variables).identity.isInContainer, isInside, folder);
    }
    assert.equal(read({}, { 'Agent.ContainerId': 'abc' }).identity.isInContainer, false);
    assert.equal(read({}, { 'System.PullRequest.IsFork': 'True' }).isForkBuild, true);
    assert.equal(read({}, { 'System.PullRequest.IsFork': 'False' }).isForkBuild, false);
    assert.equal(read({}, { 'System.PullRequest.IsFork': 'nottrue' }).isForkBuild, false);
    assert.equal(read({}, { 'System.PullRequest.IsFork': 'truenot' }).isForkBuild, false);
  });
});
