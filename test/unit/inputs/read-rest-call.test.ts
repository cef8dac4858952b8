import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { readInputs } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/read-inputs';
import { FakeAgent, fakeEnvironment } from '../fakes';
import { errorOf } from '../to-problem';
import { makeFolder } from '../folders';

type Texts = Readonly<Record<string, string>>;

const PATH = '_apis/projects';
const PAGED = '{"continuationToken":null}';

function read(inputs: Texts, variables: Texts = {}) {
  const agent = new FakeAgent({ url: PATH, ...inputs }, variables);
  const taken = readInputs(agent, fakeEnvironment());
  return { ...taken, agent };
}

const callOf = (inputs: Texts, variables: Texts = {}) =>
  read(inputs, variables).call ?? assert.fail('there is no call');

const complaint = (inputs: Texts, variables: Texts = {}) =>
  errorOf(() => read(inputs, variables)).message;

describe('a call', () => {
  it('may have nothing but a URL', () => {
    const { isExpected, ...call } = callOf({});
    assert.deepEqual(call, {
      method: 'GET',
      url: new URL('https://dev.azure.com/MyOrg/_apis/projects'),
      organization: { name: 'MyOrg', url: 'https://dev.azure.com/MyOrg' },
      apiVersion: '7.1',
      isVersionDefault: true,
      headers: new Map(),
      body: undefined,
      bodyFile: undefined,
      query: undefined,
      failWhen: undefined,
      wait: undefined,
      allPages: false,
      outputFile: undefined,
      isResultSecret: false,
      requestTimeoutMs: 100_000,
      maxRetries: 5,
    });
    assert.deepEqual([199, 200, 299, 300].map(isExpected), [false, true, true, false]);
  });

  it('is none without one, and says what it ignores', () => {
    const { call, organization, agent } = read({
      url: ' ',
      query: 'value[',
      apiVersion: '7.1',
      method: 'get',
      bodyFile: 'x',
    });
    assert.equal(call, undefined);
    assert.equal(organization?.name, 'MyOrg');
    const line =
      'url is not set, so the step makes no REST call and ignores these inputs: bodyFile, query.';
    assert.deepEqual(agent.calls, [`debug ${line}`]);
    assert.deepEqual(read({ url: '', apiVersion: '7.1' }).agent.calls, []);
  });

  it('stands in for the question to the organization', () => {
    assert.equal(read({}).organization, undefined);
    assert.equal(read({ verifyMembership: 'true' }).organization, undefined);
  });

  it('has what its inputs say', () => {
    const call = callOf({
      method: 'patch',
      apiVersion: '7.2-preview.1',
      headers: 'If-Match: 5',
      body: ' { "a": "$(b)" }\n',
      query: 'value',
      failWhen: 'error',
      secretResult: 'TRUE',
      expectedStatus: '201',
      requestTimeoutInSeconds: '3600',
      maxRetries: '0',
    });
    assert.equal(call.method, 'PATCH');
    assert.deepEqual([call.apiVersion, call.isVersionDefault], ['7.2-preview.1', false]);
    assert.deepEqual([...call.headers], [['if-match', '5']]);
    assert.equal(call.body, ' { "a": "$(b)" }\n');
    assert.equal(call.query?.text, 'value');
    assert.equal(call.failWhen?.text, 'error');
    assert.equal(call.isResultSecret, true);
    assert.deepEqual([200, 201].map(call.isExpected), [false, true]);
    assert.deepEqual([call.requestTimeoutMs, call.maxRetries], [3_600_000, 0]);
  });

  it('may wait', () => {
    const wait = callOf({ waitUntil: 'a', waitIntervalInSeconds: '0.5' }).wait;
    assert.equal(
      callOf({ waitUntil: 'a', waitIntervalInSeconds: '3600' }).wait?.intervalMs,
      3_600_000,
    );
    assert.equal(wait?.until.text, 'a');
    assert.deepEqual([wait.intervalMs, wait.timeoutMs], [500, 30 * 60_000]);
    const other = callOf({ waitUntil: 'a', waitTimeoutInMinutes: '0.25' }).wait;
    assert.deepEqual([other?.intervalMs, other?.timeoutMs], [10_000, 15_000]);
  });

  it('does not look at how long to wait for nothing', () => {
    const { wait } = callOf({ waitIntervalInSeconds: 'x', waitTimeoutInMinutes: 'y' });
    assert.equal(wait, undefined);
  });

  it('may be of all pages', () => {
    assert.equal(callOf({ allPages: 'True' }).allPages, true);
    assert.equal(callOf({ allPages: 'true', waitUntil: 'x' }).allPages, true);
    assert.equal(callOf({ allPages: 'true', method: 'POST', body: PAGED }).body, PAGED);
  });

  it('by a whole URL needs no organization', () => {
    const collection = { 'System.CollectionUri': 'https://devops.example.com/tfs/' };
    const url = 'https://dev.azure.com/MyOrg/_apis/x';
    assert.equal(callOf({ url }, collection).organization, undefined);
    assert.equal(callOf({ url }).organization?.name, 'MyOrg');
    assert.match(
      complaint({}, collection),
      /is not in Azure DevOps Services.*such as MyOrg for https:\/\/dev\.azure\.com\/MyOrg\.$/,
    );
    assert.ok(!complaint({}, collection).includes('verifyMembership'));
    assert.match(complaint({}, { 'System.CollectionUri': '' }), /^organization is not set/);
  });

  it('tells what is wrong with its path although the organization is not known', () => {
    const message = complaint({ url: '../x' }, { 'System.CollectionUri': '' });
    assert.match(message, /\n- organization is not set/);
    assert.match(message, /\n- url is "\.\.\/x"/);
  });
});

describe('a call is refused', () => {
  for (const [name, [inputs, problem]] of Object.entries({
    'with an unknown method': [
      { method: 'FETCH' },
      'method is "FETCH". It must be GET, POST, PUT, PATCH, DELETE, or HEAD.',
    ],
    'with no version': [
      { apiVersion: 'v1' },
      'apiVersion is "v1". It must be a version of the REST API such as 7.1 or 7.1-preview.1.',
    ],
    'with a long version': [{ apiVersion: '7.1.1' }, 'apiVersion is "7.1.1"'],
    'with a header of its own': [
      { headers: 'Host: x' },
      'headers (line 1) Host is a header that the task sets',
    ],
    'with a body and GET': [
      { body: 'x' },
      'body is set, but a GET request has no body. Set method to POST, PUT, PATCH or DELETE, or leave body empty.',
    ],
    'with a body and HEAD': [
      { body: 'x', method: 'HEAD' },
      'body is set, but a HEAD request has no body',
    ],
    'with a query of HEAD': [
      { query: 'x', method: 'HEAD' },
      'query is set, but the response to a HEAD request has no body. Set method to GET.',
    ],
    'with failWhen of HEAD': [{ failWhen: 'x', method: 'HEAD' }, 'failWhen is set'],
    'with a file of HEAD': [{ outputFile: 'x', method: 'HEAD' }, 'outputFile is set'],
    'with waitUntil of HEAD': [
      { waitUntil: 'x', method: 'HEAD' },
      'waitUntil is set, but the response to a HEAD request has no body. Set method to GET.',
    ],
    'with a short pause': [
      { waitUntil: 'x', waitIntervalInSeconds: '0' },
      'waitIntervalInSeconds is "0". It must be a number such as 0.5, above 0 and at most 3600.',
    ],
    'with a short timeout': [
      { requestTimeoutInSeconds: '0' },
      'requestTimeoutInSeconds is "0". It must be a whole number from 1 to 3600.',
    ],
    'with a long timeout': [
      { requestTimeoutInSeconds: '3601' },
      'requestTimeoutInSeconds is "3601"',
    ],
    'with too many retries': [
      { maxRetries: '21' },
      'maxRetries is "21". It must be a whole number from 0 to 20.',
    ],
    'with part of a retry': [{ maxRetries: '1.5' }, 'maxRetries is "1.5"'],
    'with no expression': [
      { query: 'a[' },
      'query is "a[". It must be a JMESPath expression such as value[].name (Syntax error',
    ],
    'with a macro for one': [
      { failWhen: '$(x)' },
      'failWhen is $(x), because the pipeline has no such variable. Define the variable, or correct its name.',
    ],
    'for secrets in the open': [
      { url: '_apis/tokens/pats' },
      'url is an API that returns secrets (_apis/tokens, _apis/token, oidctoken). Set secretResult to true, or set outputFile.',
    ],
    '… however they are written': [
      { url: 'https://vssps.dev.azure.com/MyOrg/_APIS/%54okens' },
      'url is an API that returns secrets',
    ],
  } as const)) {
    it(name, () => {
      assert.ok(complaint(inputs).startsWith(problem), complaint(inputs));
    });
  }

  for (const inputs of [
    { method: 'PUT', body: PAGED },
    { method: 'POST', body: '{}' },
    { method: 'POST', body: '[]' },
    { method: 'POST', body: 'x' },
    { method: 'POST' },
    { method: 'POST', body: PAGED, waitUntil: 'x' },
  ]) {
    it(`with all pages of ${JSON.stringify(inputs)}`, () => {
      const problem = `allPages is true, but a ${inputs.method} request like this has no pages. Use a GET, or a POST without waitUntil whose body is a JSON object with the field continuationToken`;
      assert.ok(complaint({ allPages: 'true', ...inputs }).startsWith(problem));
    });
  }

  it('not for the secrets that it says how to keep', () => {
    const url = '_apis/tokens/pats';
    assert.ok(callOf({ url, secretResult: 'true' }));
    assert.ok(callOf({ url, outputFile: 'x' }));
    assert.ok(callOf({ url: '_apis/tokenadmin/x' }));
  });
});

describe('the files of a call', () => {
  const folder = makeFolder();
  const file = join(folder, 'a.json');

  before(() => {
    writeFileSync(file, '{}');
  });

  it('are absolute, or relative to the working directory', () => {
    const variables = { 'System.DefaultWorkingDirectory': folder };
    assert.equal(callOf({ outputFile: 'x/y' }, variables).outputFile, join(folder, 'x', 'y'));
    assert.equal(callOf({ outputFile: file }, variables).outputFile, file);
    assert.equal(callOf({ bodyFile: file, method: 'PUT' }).bodyFile, file);
    const { base } = parse(file);
    assert.equal(callOf({ bodyFile: base, method: 'PUT' }, variables).bodyFile, file);
  });

  it('may be one that is sent, or a text, and not both', () => {
    const message = complaint({ bodyFile: file, body: 'x', method: 'PUT' });
    assert.equal(message.split('\n')[0], 'body and bodyFile are set. Set only one of them.');
    assert.match(complaint({ bodyFile: file }), /^bodyFile is set, but a GET request has no body/);
  });
});
