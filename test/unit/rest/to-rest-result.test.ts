import assert from 'node:assert/strict';
import type { RestProblemDetails } from '../../../tasks/AzureDevOpsTokenV1/src/errors/rest-request';
import { toTaskError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { compileExpression } from '../../../tasks/AzureDevOpsTokenV1/src/jmespath';
import type { Outcome } from '../../../tasks/AzureDevOpsTokenV1/src/rest/outcome';
import {
  NO_HEADERS,
  toRestResult,
  withhold,
} from '../../../tasks/AzureDevOpsTokenV1/src/rest/to-rest-result';
import { response } from '../http/fake-response';
import { CALL } from './plain-call';
import { toProblem } from '../to-problem';

const JSON_TYPE = { 'content-type': 'application/json' };
const call: RestCall = {
  ...CALL,
  url: new URL('https://dev.azure.com/MyOrg/_apis/x'),
  organization: undefined,
};
const storeUrl = new URL('https://store.example.com/x');
const summary = { status: 409 } as never;

/** The outputs of an outcome, and whether the file was kept. */
async function make(outcome: Partial<Outcome>) {
  let isFileKept = false;
  const file = {
    path: '/work/x',
    keep: () => {
      isFileKept = true;
      return Promise.resolve('/work/x');
    },
  };
  const text = { id: 'x', heading: 'X', conclusion: String, details: String, hint: String };
  const toError = (problem: RestProblemDetails) =>
    toTaskError(problem, { [problem.kind]: text } as never);
  const tokenCheck = { repeatsToken: (result: string) => result.includes('T0ken') };
  const result = await toRestResult(
    { call, response: response(200, JSON_TYPE, '{"a":"b"}'), warnings: [], ...outcome },
    { file, tokenCheck },
    toError,
  ).catch((error: unknown) => ({ thrown: toProblem(error) }));
  return { result, isFileKept };
}

async function outputsOf(outcome: Partial<Outcome>) {
  const { result } = await make(outcome);
  return 'thrown' in result ? assert.fail(result.thrown.kind) : result;
}

describe('the tenant of the organization', () => {
  const TENANT = '01234567-89ab-cdef-0123-456789abcdef';
  const ANONYMOUS = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';
  const from = (user?: string, status = 200) =>
    response(status, {
      'x-vss-resourcetenant': TENANT,
      ...(user === undefined ? {} : { 'x-vss-userdata': user }),
    });
  const notFound = { kind: 'not-found', summary } as const;

  for (const [name, [outcome, expected]] of Object.entries({
    'is that of a success': [{ response: from() }, TENANT],
    'is that of a user': [{ response: from(`${TENANT}:x`) }, TENANT],
    'is that of a user whose ID is similar to the anonymous one': [
      { response: from(ANONYMOUS.replace(/.{11}$/, 'bbbbbbbbbbb')) },
      TENANT,
    ],
    'is that of a user whose name is an ID': [{ response: from(`x:${ANONYMOUS}`) }, TENANT],
    'is unknown if the user was anonymous': [{ response: from(`${ANONYMOUS}:x`) }, undefined],
    'is unknown if the token was withheld': [
      { response: { ...from(), tokenWithheldFrom: 'store.example.com' } },
      undefined,
    ],
    'is unknown after a redirect': [{ response: { ...from(), url: storeUrl } }, undefined],
    'is unknown if an expected status is no success': [{ response: from('', 404) }, undefined],
    'is unknown if the step fails': [{ response: from(), statusProblem: notFound }, undefined],
  } as const)) {
    it(name, async () => {
      assert.equal((await outputsOf(outcome)).tenantId, expected);
    });
  }
});

describe('the outputs of a REST call', () => {
  const conflict = { kind: 'unexpected', summary } as const;

  it('have the whole body and the file of an error response', async () => {
    const query = compileExpression('a');
    const bad = response(409, JSON_TYPE, '{"a":"b"}');
    const outcome = { call: { ...call, query }, response: bad, statusProblem: conflict };
    const { result, isFileKept } = await make(outcome);
    assert.ok('error' in result);
    assert.deepEqual(
      [result.result, result.responseFile, isFileKept],
      ['{"a":"b"}', '/work/x', true],
    );
    assert.deepEqual(toProblem(result.error), { ...conflict, respondedBy: undefined });
  });

  it('name the other host that returned an error', async () => {
    const bad = { ...response(409, JSON_TYPE), url: storeUrl };
    const { error } = await outputsOf({ response: bad, statusProblem: conflict });
    assert.deepEqual(toProblem(error), { ...conflict, respondedBy: 'store.example.com' });
  });

  for (const [name, unkept] of Object.entries({
    'a sign-in page with an expected status': { response: response(200), statusProblem: conflict },
    'an incomplete response': { response: { ...response(200), isWhole: false } },
  } as const)) {
    it(`have no file of ${name}`, async () => {
      const { result, isFileKept } = await make(unkept);
      assert.ok('error' in result);
      assert.deepEqual([result.responseFile, isFileKept], [undefined, false]);
    });
  }

  it('do not exist if a query joins the parts of a token', async () => {
    const query = compileExpression("join('', a)");
    const parts = response(200, JSON_TYPE, '{"a":["T0","ken"]}');
    const { result, isFileKept } = await make({ call: { ...call, query }, response: parts });
    assert.deepEqual(result, { thrown: { kind: 'reflected-token', respondedBy: undefined } });
    assert.equal(isFileKept, false);
  });

  it('have the warnings about headers, pages and result', async () => {
    const large = response(200, { etag: 'x'.repeat(24_000) }, 'a\0');
    const { responseHeaders, warnings, result } = await outputsOf({
      response: large,
      warnings: ['pages'],
    });
    assert.deepEqual([responseHeaders, result], ['', '']);
    assert.deepEqual(warnings.slice(0, 2), [NO_HEADERS, 'pages']);
    assert.match(warnings[2] ?? '', /^The output result is empty/);
    assert.equal(warnings.length, 3);
  });

  it('have all headers except cookies', async () => {
    const headers = { 'set-cookie': 'a', 'set-cookie2': 'b', 'x-set-cookie': 'c' };
    const { responseHeaders } = await outputsOf({ response: response(200, headers) });
    assert.equal(responseHeaders, '{"x-set-cookie":"c"}');
  });
});

describe('a result that is withheld', () => {
  const notJson = {
    kind: 'not-json',
    input: 'query',
    contentType: undefined,
    isTooLarge: false,
  } as const;
  const short = { kind: 'result-not-masked', why: 'short' } as const;

  for (const [name, problem, expected] of [
    ['is empty', undefined, undefined],
    ['fails for no reason of the result', short, undefined],
    ['fails for a reason of the response', notJson, notJson],
  ] as const) {
    it(name, () => {
      const read = { text: 'secret', warning: 'x', problem };
      const withheld = { ...call, isResultWithheld: true };
      assert.deepEqual(withhold(withheld, read), { text: '', problem: expected });
      assert.equal(withhold(call, read), read);
    });
  }
});
