import assert from 'node:assert/strict';
import { RestApi, refuseVersion, type RestRequest } from './rest-api';

function request(method: string, path: string, more: Partial<RestRequest> = {}): RestRequest {
  const url = new URL(`https://dev.azure.com/MyOrg/${path}`);
  return { method, url, headers: {}, body: Buffer.alloc(0), ...more };
}

const asker =
  (api: RestApi) =>
  (method: string, path: string, more: Partial<RestRequest> = {}) =>
    api.answer(request(method, path, more), path.toLowerCase()) ?? assert.fail('no answer');

const typeOf = (path: string, headers: RestRequest['headers'] = {}) =>
  (refuseVersion(request('GET', path, { headers }))?.body as { typeKey: string } | undefined)
    ?.typeKey;

describe('the REST API of the emulator', () => {
  it('wants a version, in the URL or the Accept header', () => {
    assert.equal(typeOf('_apis/projects'), 'VssVersionNotSpecifiedException');
    assert.equal(typeOf('_apis/projects?api-version=7.1'), undefined);
    assert.equal(typeOf('_apis/projects', { accept: 'text/plain;api-version=7.1' }), undefined);
    assert.equal(typeOf('_apis/projects?api-version=7.3'), 'VssVersionOutOfRangeException');
    assert.equal(typeOf('SecretSauce/_git/app'), undefined);
  });

  it('has resources that are in preview', () => {
    const type = 'VssInvalidPreviewVersionException';
    assert.equal(typeOf('_apis/graph/users?api-version=7.1'), type);
    assert.equal(typeOf('_apis/graph/users?api-version=7.1-preview'), undefined);
    assert.equal(typeOf('_apis/graph/users?api-version=7.1-preview.1'), undefined);
  });

  it('takes JSON Patch for work items, and nothing else', () => {
    const ask = asker(new RestApi());
    const operations = (...more: unknown[]) =>
      Buffer.from(
        JSON.stringify([...more, { op: 'add', path: '/fields/System.Title', value: 'Stir' }]),
      );
    const headers = { 'content-type': 'application/json-patch+json' };
    const path = 'SecretSauce/_apis/wit/workitems';
    assert.equal(ask('POST', `${path}/$Task`, { body: operations() }).status, 415);
    const change = (method: string, name: string, ...more: unknown[]) =>
      ask(method, `${path}/${name}`, { headers, body: operations(...more) });
    const test = { op: 'test', path: '/rev', value: 1 };
    assert.equal(change('POST', '$Task').status, 200);
    assert.equal(change('PATCH', '1', test).status, 200);
    assert.equal(change('PATCH', '1', test).status, 412);
    const { body: item } = ask('GET', `${path}/1`);
    assert.deepEqual(item, { id: 1, rev: 2, fields: { 'System.Title': 'Stir' } });
    assert.equal(ask('GET', `${path}/2`).status, 404);
  });
});
