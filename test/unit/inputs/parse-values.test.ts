import assert from 'node:assert/strict';
import { parseStatuses } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/parse-values';

describe('expected statuses', () => {
  for (const [text, yes, no] of [
    ['2xx', [200, 204, 299], [199, 300, 404, 22, 2000]],
    ['200,201,404', [200, 201, 404], [202, 400]],
    [' 2XX , 409 ', [201, 409], [404]],
    ['599', [599], [500]],
  ] as const) {
    it(`are ${yes.join()} and not ${no.join()} for "${text}"`, () => {
      const parsed = parseStatuses(text);
      assert.ok('value' in parsed);
      assert.deepEqual([...yes, ...no].filter(parsed.value), yes);
    });
  }

  for (const text of ['', ',', '200,', '200 201', '2x', '2xxx', '20', '1xx', '600', 'x200', 'ok']) {
    it(`are not "${text}"`, () => {
      const problem = `is "${text}". It must be a list of statuses such as 200,201,404 or 2xx.`;
      assert.deepEqual(parseStatuses(text), { problem });
    });
  }
});
