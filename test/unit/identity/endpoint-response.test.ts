import assert from 'node:assert/strict';
import {
  classifyEndpointResponse,
  classifyAttemptError,
} from '../../../tasks/AzureDevOpsTokenV1/src/identity/endpoint-response';
import {
  AttemptError,
  type AttemptHead,
} from '../../../tasks/AzureDevOpsTokenV1/src/http/connection-error';

const NOW = Date.parse('2030-01-01T12:00:00Z');

const classify = (status: number, body: unknown, headers = {}) =>
  classifyEndpointResponse(
    { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
    NOW,
  );

/** A reason for a retry that the endpoint gives with a status. */
const worthRetry = (status: number) => ({
  kind: 'retry',
  isThere: true,
  reason: `it returned ${status}`,
  retryAfterMs: undefined,
  errorResponse: { status, serverMessage: undefined },
});
const refused = (status: number, serverMessage?: string) => ({
  kind: 'refused',
  status,
  serverMessage,
});

const notAToken = (status: number | undefined, reason: string) => ({
  kind: 'not-a-token',
  status,
  reason,
});

const OTHER_CHARACTERS = 'the access token has characters that no bearer token has';
const OTHER_TYPE = 'the token_type is not Bearer';

describe('somebody with another certificate', () => {
  it('is not the identity endpoint', () => {
    const error = new AttemptError('WRONG_CERTIFICATE', { host: 'fabric' });
    const reason = 'a certificate with another thumbprint than IDENTITY_SERVER_THUMBPRINT';
    assert.deepEqual(classifyAttemptError(error, NOW), notAToken(undefined, reason));
  });
});

describe('an answer of the identity endpoint', () => {
  it('is a token where it holds one', () => {
    assert.deepEqual(classify(200, { access_token: 'a-b.c_d.e' }), {
      kind: 'token',
      token: 'a-b.c_d.e',
      fields: { access_token: 'a-b.c_d.e' },
    });
    for (const token of ['aaa.b.', 'a.b.c.d.e', 'opaque', 'a+b/c~d==']) {
      assert.equal(classify(200, { access_token: token, token_type: 'bearer' }).kind, 'token');
    }
  });

  for (const [name, body, reason] of [
    ['a page', '<html>', 'the response is not a JSON object'],
    ['nothing', '', 'the response is not a JSON object'],
    ['half an object', '{"access_token":"a.b.c"', 'the response is not a JSON object'],
    ['two objects', '{"access_token":"a.b.c"}{}', 'the response is not a JSON object'],
    ['a list', [], 'the response is not a JSON object'],
    ['null', 'null', 'the response is not a JSON object'],
    ['text', '"a.b.c"', 'the response is not a JSON object'],
    ['no token', {}, 'the response has no access token'],
    ['a list of one', { access_token: ['a.b.c'] }, 'the response has no access token'],
    ['a number', { access_token: 5 }, 'the response has no access token'],
    ['two lines', { access_token: 'a.b.c\nd' }, OTHER_CHARACTERS],
    ['a command', { access_token: '##vso[x]a.b.c' }, OTHER_CHARACTERS],
    ['a token of another type', { access_token: 'opaque', token_type: 'pop' }, OTHER_TYPE],
  ] as const) {
    it(`is no token where it holds ${name}`, () => {
      assert.deepEqual(classify(200, body), notAToken(200, reason));
    });
  }

  for (const status of [408, 410, 429, 500, 501, 503, 599]) {
    it(`is worth another attempt at ${status}, whoever says it`, () => {
      assert.deepEqual(classify(status, '<html>'), worthRetry(status));
    });
  }

  it('is worth another attempt at a 404 of IMDS', () => {
    for (const server of ['IMDS/150.870.65.1854', 'imds/1']) {
      assert.deepEqual(classify(404, '', { server }), worthRetry(404));
    }
    assert.deepEqual(classify(404, { error: 'Not found' }), worthRetry(404));
  });

  it('comes from nobody at a 404 of somebody else', () => {
    const reason = 'a server that is not the identity service of Azure returned 404';
    const expected = { ...worthRetry(404), isThere: false, reason };
    for (const server of [undefined, 'EC2ws', 'x IMDS/1', 'IMDS']) {
      assert.deepEqual(classify(404, '<html>', { server }), expected);
    }
    assert.deepEqual(classify(404, { error: 5 }), expected);
    assert.deepEqual(classify(404, { error: 'Not Found' }, { server: 'nginx' }), expected);
  });

  for (const [header, ms] of [
    ['1', 1000],
    ['120', 120_000],
    ['Tue, 01 Jan 2030 12:00:30 GMT', 30_000],
    ['Tue, 01 Jan 2030 11:00:00 GMT', undefined],
    ['soon', undefined],
  ] as const) {
    it(`asks with Retry-After "${header}" for ${ms === undefined ? 'no pause' : `${ms} ms`}`, () => {
      const result = classify(503, '', { 'retry-after': header });
      assert.equal(result.kind === 'retry' ? result.retryAfterMs : 'wrong', ms);
    });
  }

  it('is a errorResponse otherwise, of which only the words of IMDS to a wrong request are kept', () => {
    const serverMessage = { error: 'invalid_request', error_description: 'Identity not found' };
    assert.deepEqual(classify(400, serverMessage), refused(400, 'Identity not found'));
    for (const body of [
      '<html>',
      {},
      { error: 'x' },
      { error_description: 5 },
      { error: { code: 5 } },
    ]) {
      assert.deepEqual(classify(400, body), refused(400));
    }
    for (const status of [302, 401, 403, 405, 409, 418, 600, 999]) {
      assert.deepEqual(classify(status, serverMessage), refused(status));
    }
  });

  for (const [name, [body, message]] of Object.entries({
    IMDS: [
      { error: 'invalid_request', error_description: 'Identity not found' },
      'Identity not found',
    ],
    'App Service': [{ statusCode: 400, message: 'No MSI', correlationId: 'x' }, 'No MSI'],
    'the first App Service': [{ StatusCode: 400, Message: 'No MSI', CorrelationId: 'x' }, 'No MSI'],
    'Cloud Shell': [{ error: { code: 'AudienceNotSupported', message: 'Audience' } }, 'Audience'],
    'a service without a message': [{ error: { code: 'NotSupported' } }, 'NotSupported'],
  } as const)) {
    it(`has the message of ${name}`, () => {
      const result = classify(400, body);
      assert.equal(result.kind === 'refused' && result.serverMessage, message);
    });
  }

  it('is no reason for a retry if Container Instances has no such identity', () => {
    for (const code of [
      'DefaultIdentityNotDefined',
      'IdentityNotFound',
      'UserIdentityNotAssigned',
    ]) {
      const error = { code, message: `${code} `, details: [] };
      assert.deepEqual(classify(404, { error }, { server: 'Kestrel' }), refused(404, `${code} `));
      // At another status, it is a busy service.
      assert.equal(classify(503, { error }).kind, 'retry');
    }
    for (const code of ['NotFound', 'xIdentityNotFoundx', `${'Identity'.repeat(10_000)}x`]) {
      assert.equal(classify(404, { error: { code } }).kind, 'retry');
    }
  });

  it('has the message of App Service that gets no token', () => {
    const body = { statusCode: 500, message: 'An unexpected error', correlationId: 'x' };
    const messageAt = (status: number, fields: object) => {
      const result = classify(status, fields);
      return result.kind === 'retry' && result.errorResponse?.serverMessage;
    };
    assert.equal(messageAt(500, body), 'An unexpected error');
    assert.equal(messageAt(429, body), undefined);
    // Another server may have sent it.
    assert.equal(messageAt(500, { message: 'An unexpected error' }), undefined);
  });

  it('is a reason for a retry with an error of Microsoft Entra that passes', () => {
    const text = 'AADSTS90033: Not available.\r\nTrace ID: x Correlation ID: y';
    const result = classify(400, { error: 'invalid_request', error_description: text });
    assert.equal(result.kind, 'retry');
    assert.equal(result.isThere, true);
    assert.equal(result.reason, 'it returned 400 (AADSTS90033)');
    assert.equal(result.errorResponse?.serverMessage, 'AADSTS90033: Not available.');
    const waiting = classify(401, { error: 'temporarily_unavailable' }, { 'retry-after': '7' });
    assert.equal(waiting.kind === 'retry' && waiting.retryAfterMs, 7_000);
    assert.equal(
      waiting.kind === 'retry' && waiting.reason,
      'it returned 401 (temporarily_unavailable)',
    );
  });

  it('keeps another error of Microsoft Entra at any status', () => {
    for (const status of [400, 401, 403, 409]) {
      const result = classify(status, { message: 'It failed: AADSTS700016: Not found.' });
      assert.equal(result.kind === 'refused' && result.entra?.code, 'AADSTS700016');
    }
    const result = classify(500, { error_description: 'AADSTS700016: Not found.' });
    assert.equal(result.kind === 'retry' && result.errorResponse?.entra?.code, 'AADSTS700016');
  });

  it('is no token with another status than 200', () => {
    for (const status of [201, 203, 204, 299]) {
      const found = classify(status, { access_token: 'a.b.c' });
      assert.deepEqual(found, notAToken(status, 'the response has no access token'));
    }
  });
});

describe('no answer of the identity endpoint', () => {
  const judgeNone = (code: string, head?: AttemptHead) =>
    classifyAttemptError(new AttemptError(code, { host: '169.254.169.254', head }), NOW);

  for (const [code, reason] of [
    ['CONNECT_TIMEOUT', 'no connection was made in time (CONNECT_TIMEOUT)'],
    ['ECONNREFUSED', 'connection refused (ECONNREFUSED)'],
  ] as const) {
    it(`is told of ${code} as: ${reason}`, () => {
      assert.deepEqual(judgeNone(code), { kind: 'retry', isThere: false, reason });
    });
  }

  it('comes from somebody who is there where a token had begun', () => {
    const reason = 'connection reset (ECONNRESET)';
    const result = judgeNone('ECONNRESET', { status: 200, headers: {} });
    assert.deepEqual(result, { kind: 'retry', isThere: true, reason });
  });

  it('is judged by its status where anything else had begun', () => {
    const judgeBegun = (status: number, headers: Record<string, string> = {}) => {
      const result = judgeNone('ECONNRESET', { status, headers });
      return [result.kind, result.kind === 'retry' && result.isThere];
    };
    assert.deepEqual(judgeBegun(403), ['refused', false]);
    assert.deepEqual(judgeBegun(404), ['retry', false]);
    assert.deepEqual(judgeBegun(404, { server: 'IMDS/1' }), ['retry', true]);
    assert.deepEqual(judgeBegun(503), ['retry', true]);
    assert.deepEqual(judgeBegun(204), ['not-a-token', false]);
  });

  it('is no token where it is larger than any', () => {
    const reason = 'a response of more than 1 MiB';
    const begun = { status: 203, headers: {} };
    assert.deepEqual(judgeNone('TOO_LARGE', begun), notAToken(203, reason));
    assert.deepEqual(judgeNone('TOO_LARGE'), notAToken(undefined, reason));
  });

  it('is no token where it is no HTTP', () => {
    const reason = 'the response is not HTTP (HPE_INVALID_CONSTANT)';
    assert.deepEqual(judgeNone('HPE_INVALID_CONSTANT'), notAToken(undefined, reason));
    assert.equal(judgeNone('XHPE_').kind, 'retry');
  });
});
