import assert from 'node:assert/strict';
import { saysMore } from '../../../tasks/AzureDevOpsTokenV1/src/rest/more-pages';
import { response } from '../http/fake-response';

const LINK = ',"@odata.nextLink":"https://a.example/x"}';

describe('a response without its other pages', () => {
  for (const [body, isMore] of [
    ['{"value":[1],"continuationToken":"t"}', true],
    ['{"continuationToken":5}', true],
    ['{"hasMore":true}', true],
    ['{"hasMoreElements":true}', true],
    ['{"isLastBatch":false}', true],
    ['{"nextSkip":100}', true],
    ['{"@odata.nextLink":"u"}', true],
    ['{"@nextLink":"u"}', true],
    ['{"odata.nextLink":"u"}', true],
    ['{"nextLink":"u"}', true],
    ['{"nextPage":"u"}', true],
    ['{"value":[1]}', false],
    ['{"value":[{"hasMore":true}]}', false],
    [JSON.stringify({ value: ['"continuationToken":"a"'] }), false],
    ['{"continuationToken":null}', false],
    ['{"continuationToken":"t","hasMore":false}', false],
    ['{"continuationToken":"t","isLastBatch":true}', false],
    ['{"nextLink":"u","hasMoreElements":false}', false],
    ['{"nextLink":null}', false],
    ['{"nextSkip":0}', false],
    ['{"nextSkip":"100"}', false],
    ['{"hasMore":true', false],
    ['', false],
  ] as const) {
    it(`${isMore ? 'says' : 'does not say'} that there are more: ${body || 'nothing'}`, () => {
      assert.equal(saysMore(response(200, {}, body)), isMore);
    });
  }

  it('can say it in a header', () => {
    assert.equal(saysMore(response(200, { 'x-ms-continuationtoken': 't' }, 'x')), true);
  });

  for (const [end, isMore] of [
    [`{}]${LINK}`, true],
    [`${LINK.replace(':', ' : ').replace('}', '\r\n }')} \r\n`, true],
    [LINK.replace(',', '\n'), true],
    [LINK.replace('@odata', '@odataX'), false],
    [LINK.replace(',', ',"x'), false],
    [LINK.replace(/https.*x/, ''), false],
    [`${LINK}]}`, false],
    [LINK.replace('}', ''), false],
    // A string that contains JSON.
    [`,"text":"${JSON.stringify(LINK).slice(1, -1)}"}`, false],
  ] as const) {
    it(`${isMore ? 'says' : 'does not say'} it at its end: ${JSON.stringify(end)}`, () => {
      assert.equal(saysMore({ ...response(200), end: Buffer.from(end) }), isMore);
    });
  }
});
