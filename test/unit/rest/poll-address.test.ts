import assert from 'node:assert/strict';
import type { Method } from '../../../tasks/AzureDevOpsTokenV1/src/http/method';
import { findPollAddress } from '../../../tasks/AzureDevOpsTokenV1/src/rest/poll-address';
import { answer } from '../http/fake-response';

const RUN = 'https://dev.azure.com/MyOrg/_apis/pipelines/7/runs/42';
const find = (
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  method: Method = 'POST',
) => {
  const asked = { method, url: new URL('https://dev.azure.com/MyOrg/_apis/x?y=z') };
  const said = answer(200, headers, JSON.stringify(body));
  const found = findPollAddress(asked, said, ['a.example.com']);
  return found !== undefined && 'url' in found ? found.url.href : found;
};

describe('where to look again', () => {
  it('is the same address after a GET', () => {
    assert.equal(find({ url: RUN }, {}, 'GET'), 'https://dev.azure.com/MyOrg/_apis/x?y=z');
  });

  for (const [name, body, headers, expected] of [
    ['in the Location', { url: `${RUN}/x` }, { location: RUN }, RUN],
    ['in a relative Location', {}, { location: '/MyOrg/x' }, 'https://dev.azure.com/MyOrg/x'],
    ['in url', { url: RUN, _links: { self: { href: `${RUN}/x` } } }, {}, RUN],
    ['in _links', { _links: { self: { href: RUN } } }, {}, RUN],
    ['in _links, where url is none', { url: 5, _links: { self: { href: RUN } } }, {}, RUN],
    [
      'at a host that the step names',
      { url: 'https://a.example.com/x' },
      {},
      'https://a.example.com/x',
    ],
    ['nowhere', {}, {}, undefined],
    ['in nothing', null, {}, undefined],
    ['in a list', [RUN], {}, undefined],
    ['in odd links', { _links: { self: null } }, {}, undefined],
    ['in what is no address', { url: 'https://[' }, {}, undefined],
  ] as const) {
    it(`(${name}) is ${expected ?? 'not known'}`, () => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        assert.equal(find(body, headers, method), expected);
      }
    });
  }

  for (const url of [
    'https://evil.example.com/x',
    'http://dev.azure.com/x',
    'https://dev.azure.com:8443/x',
    'https://user@dev.azure.com/x',
  ]) {
    it(`is refused where the token may not go: ${url}`, () => {
      assert.deepEqual(find({ url }), { refused: new URL(url).host });
    });
  }
});
