import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { TaskError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { compileExpression } from '../../../tasks/AzureDevOpsTokenV1/src/jmespath';
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { makeRestCall } from '../../../tasks/AzureDevOpsTokenV1/src/rest/rest-call';
import type { Fault } from '../../emulators/faults';
import { SYSTEM_ASSIGNED, TENANT_ID } from '../../emulators/identity-endpoint';
import { startOrganization } from '../../emulators/organization/organization';
import { refuse, signInPage } from '../../emulators/organization/error-responses';
import { FakeClock, fakeEnvironment } from '../fakes';
import { CALL, TOKEN } from './plain-call';
import { problemOf, toProblem } from '../to-problem';
import { skip } from '../../skip';
import { useFolder } from '../folders';

const { clientId, objectId } = SYSTEM_ASSIGNED;

describe('a call to Azure DevOps', () => {
  const at = useFolder();

  async function make(
    call: Partial<RestCall> = {},
    faults: readonly (Fault | undefined)[] = [],
    path = 'SecretSauce/_apis/git/repositories',
  ) {
    const server = await startOrganization({ isPlain: true, issued: [TOKEN.token], faults });
    const url = new URL(`${server.origin}/MyOrg/${path}`);
    const lines: string[] = [];
    try {
      const result = await makeRestCall(
        { ...CALL, url, organization: { name: 'MyOrg', url: `${server.origin}/MyOrg` }, ...call },
        {
          identityDetails: TOKEN,
          getToken: () => Promise.resolve(TOKEN),
          showProgress: () => undefined,
          temporaryFolder: at(),
          clock: new FakeClock(),
          environment: fakeEnvironment(),
          allowedHosts: [url.host],
          log: (line) => lines.push(line),
          warn: () => undefined,
        },
      );
      return { ...result, lines, requests: server.requests };
    } finally {
      await server.close();
    }
  }

  const kindOf = ({ error: failure }: { readonly error: unknown }) =>
    failure instanceof TaskError ? failure.problem.kind : failure;

  it('gives the status, the headers, the answer and its file', async () => {
    const result = await make();
    assert.equal(result.statusCode, 200);
    const headers = JSON.parse(result.responseHeaders) as Record<string, string>;
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.match(result.result, /^\{"count":3,/);
    assert.equal(readFileSync(result.responseFile ?? '', 'utf8'), result.result);
    assert.equal(kindOf(result), undefined);
    assert.deepEqual(result.warnings, []);
  });

  it('selects what is asked for', async () => {
    const query = compileExpression('value[1].name');
    const { result, isResultSecret, responseFile } = await make({ query, isResultSecret: true });
    assert.deepEqual([result, isResultSecret, responseFile], ['library', true, undefined]);
    assert.deepEqual(readdirSync(at()), []);
  });

  it('puts a good answer where it is wanted', async () => {
    const outputFile = at('a', 'x.json');
    const { responseFile } = await make({ outputFile, isResultSecret: true });
    assert.equal(responseFile, outputFile);
    assert.deepEqual(readdirSync(at()), ['a']);
  });

  it('keeps a bad one away from there, and for a later step to read', async () => {
    const outputFile = at('x.json');
    const bad = await make({ outputFile }, [refuse(409, 'No.')]);
    assert.equal(kindOf(bad), 'unexpected');
    assert.match(bad.result, /"message":"No\."/);
    assert.match(bad.responseFile ?? '', /azure-devops-[0-9a-f-]{36}$/);
    assert.equal(readdirSync(at()).length, 1);
  });

  it('keeps one that breaks off in no file', async () => {
    const bad = await make({}, [{ kind: 'truncated', status: 404 }]);
    assert.equal(bad.statusCode, 404);
    assert.equal(bad.responseFile, undefined);
    assert.deepEqual(readdirSync(at()), []);
  });

  it('fails where failWhen is true, with the result', async () => {
    const found = await make({ failWhen: compileExpression('count == `3`') });
    assert.equal(kindOf(found), 'fail-when');
    assert.match(found.result, /^\{"count":3/);
    const fine = await make({ failWhen: compileExpression('count == `4`') });
    assert.equal(kindOf(fine), undefined);
  });

  it('fails where an expression does not fit, without a result', async () => {
    const found = await make({ query: compileExpression('length(x)') });
    assert.equal(kindOf(found), 'evaluation');
    assert.equal(found.result, '');
    const text = {
      kind: 'response',
      status: 200,
      headers: { 'content-type': 'x/y' },
      body: 'x',
    } as const;
    assert.equal(kindOf(await make({ query: compileExpression('x') }, [text])), 'not-json');
  });

  it('does not say why an expression does not fit where the answer is a secret', async () => {
    const query = compileExpression('length(count)');
    const { error: failure } = await make({ query, isResultSecret: true });
    const { kind, reason } = toProblem(failure);
    assert.deepEqual([kind, reason], ['evaluation', 'the reason could show the secret']);
  });

  it('sends a text, and a file, with their types', async () => {
    const text = await make({ method: 'PUT', body: 'Größe' });
    assert.equal(text.requests[0]?.headers['content-type'], 'application/json');
    assert.equal(text.requests[0].headers['content-length'], '7');
    const bodyFile = at('x.bin');
    writeFileSync(bodyFile, 'abc');
    const file = await make({ method: 'PUT', bodyFile });
    assert.equal(file.requests[0]?.headers['content-type'], 'application/octet-stream');
    assert.equal(file.requests[0].headers['content-length'], '3');
    assert.equal(file.requests[0].headers['transfer-encoding'], undefined);
    const headers = new Map([['content-type', 'a/b']]);
    const own = await make({ method: 'PUT', body: 'x', headers });
    assert.equal(own.requests[0]?.headers['content-type'], 'a/b');
    assert.equal(own.requests[0].headers['x-tfs-fedauthredirect'], 'Suppress');
  });

  it('knows a repeated DELETE from another', async () => {
    const gone = refuse(404, 'Gone.');
    const problem = refuse(503, 'Trouble.', { 'retry-after': '0' });
    const call = { method: 'DELETE', maxRetries: 1 } as const;
    assert.equal(kindOf(await make(call, [problem, gone])), undefined);
    assert.equal(kindOf(await make(call, [gone])), 'not-found');
  });

  it('names the place that it cannot write to', async () => {
    writeFileSync(at('file'), '');
    const found = await make({ outputFile: at('file', 'x') });
    const { kind, input, path } = toProblem(found.error);
    assert.deepEqual([kind, input, path], ['file', 'outputFile', at('file', 'x')]);
    // The server has answered all the same.
    assert.equal(found.statusCode, 200);
    assert.match(found.responseHeaders, /"content-type":"application\/json/);
    assert.deepEqual([found.result, found.responseFile], ['', undefined]);
  });

  it('says nothing of a sign-in page to a later step', async () => {
    const found = await make({}, [signInPage(200)]);
    assert.equal(kindOf(found), 'unknown-identity');
    assert.equal(found.responseFile, undefined);
    assert.deepEqual(readdirSync(at()), []);
  });

  it('is for the user of the agent alone in the temporary folder', async function () {
    if (process.platform === 'win32') {
      skip(this, 'Windows has other access rights');
    }
    const { responseFile = '' } = await make();
    assert.equal(statSync(responseFile).mode & 0o077, 0);
  });

  it('asks a resource in preview once more, and says so', async () => {
    const found = await make({}, [], '_apis/graph/users');
    assert.deepEqual(
      found.requests.map(({ url }) => url.search),
      ['?api-version=7.1', '?api-version=7.1-preview'],
    );
    assert.match(found.lines[1] ?? '', /set apiVersion: 7\.1-preview$/);
  });

  for (const [name, call, path] of [
    ['was chosen', { isVersionDefault: false }, '_apis/graph/users'],
    ['is in the URL', {}, '_apis/graph/users?api-version=7.1'],
  ] as const) {
    it(`does not where the version ${name}`, async () => {
      const found = await make(call, [], path);
      assert.equal(kindOf(found), 'version');
      assert.equal(found.requests.length, 1);
    });
  }

  it('has no version where it is none of the REST API', async () => {
    const found = await make({}, [], 'SecretSauce/_git/app');
    assert.equal(found.requests[0]?.url.search, '');
  });

  it('fails where no answer came, and leaves nothing', async () => {
    await assert.rejects(make({}, [{ kind: 'truncated' }]), (error) => {
      const { kind, organization, identityDetails } = toProblem(error);
      assert.deepEqual([kind, organization], ['connection', 'MyOrg']);
      assert.deepEqual(identityDetails, { clientId, objectId, tenantId: TENANT_ID });
      assert.ok(!JSON.stringify(error).includes(TOKEN.token));
      return true;
    });
    assert.deepEqual(readdirSync(at()), []);
  });

  it('fails where a file is in the way', async () => {
    const { kind, reason } = await problemOf(make({ method: 'PUT', bodyFile: at('none') }));
    assert.deepEqual([kind, reason], ['file', 'no such file or directory (ENOENT)']);
  });

  it('shows no cookies', async () => {
    const headers = { 'set-cookie': 'session=1', etag: '5' };
    const found = await make({}, [{ kind: 'response', status: 204, headers }]);
    const seen = JSON.parse(found.responseHeaders) as Record<string, string>;
    assert.equal(seen['etag'], '5');
    assert.equal(seen['set-cookie'], undefined);
  });
});
