import assert from 'node:assert/strict';
import { saysMore } from '../../../tasks/AzureDevOpsTokenV1/src/rest/more-pages';
import { response } from '../http/fake-response';

const TYPE = { 'content-type': 'application/json' };
const TOKEN = { 'x-ms-continuationtoken': 'a' };
const LINK = { '@odata.nextLink': 'https://dev.azure.com/MyOrg/x' };

describe('a response without its other pages', () => {
  for (const [name, headers, body, expected] of [
    ['a token in the header', TOKEN, { value: [] }, true],
    ['a token in the body', {}, { members: [], continuationToken: 5 }, true],
    ['a link', {}, { value: [], ...LINK }, true],
    ['nextSkip', {}, { changeEntries: [], nextSkip: 100, nextTop: 100 }, true],
    ['nextSkip of the last page', {}, { changeEntries: [], nextSkip: 0, nextTop: 0 }, false],
    [
      'the last page of the audit log',
      {},
      { x: [], continuationToken: 'a', hasMore: false },
      false,
    ],
    ['a text with the word', {}, { value: ['"continuationToken":"a"'] }, false],
  ] as const) {
    it(`${expected ? 'says' : 'does not say'} that there are more: ${name}`, () => {
      assert.equal(
        saysMore(response(200, { ...TYPE, ...headers }, JSON.stringify(body))),
        expected,
      );
    });
  }
});
