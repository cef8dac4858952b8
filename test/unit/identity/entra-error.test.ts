import assert from 'node:assert/strict';
import {
  readEntraError,
  readRelayedError,
} from '../../../tasks/AzureDevOpsTokenV1/src/identity/entra-error';

const IDS =
  '\r\nTrace ID: a\r\nCorrelation ID: 8997f3a2-4774-4406-bcc2-14da6f7c387a\r\nTimestamp: t';

describe('an error of Microsoft Entra', () => {
  it('has a code, a message without IDs, and a correlation ID', () => {
    assert.deepEqual(
      readEntraError({
        error: 'invalid_client',
        error_description: `AADSTS700016: Not found.${IDS}`,
        error_codes: [700016],
        correlation_id: 'c',
      }),
      {
        code: 'AADSTS700016',
        serverMessage: 'AADSTS700016: Not found.',
        correlationId: 'c',
        isPassing: false,
      },
    );
  });

  for (const [name, fields, code] of [
    ['in its list only', { error_codes: [90033] }, 'AADSTS90033'],
    ['at the beginning of its message', { error_description: ' AADSTS90033 x' }, 'AADSTS90033'],
    ['within its message', { error_description: 'Like AADSTS90033' }, undefined],
    ['of another type', { error_codes: ['90033', 90033] }, undefined],
    ['of another length', { error_codes: [1] }, undefined],
    ['that is no integer', { error_codes: [1e30] }, undefined],
    ['that is no list', { error_codes: 90033 }, undefined],
  ] as const) {
    it(`has the code ${code ?? 'of no error'} with one ${name}`, () => {
      assert.equal(readEntraError(fields).code, code);
    });
  }

  for (const code of [
    50033, 50166, 501661, 90006, 90012, 90024, 90025, 90033, 90061, 90090, 90091,
  ]) {
    it(`passes with AADSTS${code}`, () => {
      assert.equal(readEntraError({ error_codes: [code] }).isPassing, true);
    });
  }

  // Their neighbors, and what needs an administrator or a longer pause.
  for (const code of [
    50034, 50196, 501660, 53003, 70021, 700016, 700223, 90002, 90036, 90055, 90092, 900612,
  ]) {
    it(`does not pass with AADSTS${code}`, () => {
      assert.equal(readEntraError({ error_codes: [code] }).isPassing, false);
    });
  }

  it('passes if it is temporarily_unavailable', () => {
    assert.equal(readEntraError({ error: 'temporarily_unavailable' }).isPassing, true);
    assert.equal(readEntraError({ error: 'invalid_request' }).isPassing, false);
    assert.equal(readEntraError(undefined).isPassing, false);
  });
});

describe('an error of Microsoft Entra that an identity endpoint passes on', () => {
  for (const [name, fields] of [
    ['IMDS', { error: 'invalid_client', error_description: `AADSTS90002: No tenant.${IDS}` }],
    ['App Service', { statusCode: 400, Message: `AADSTS90002: No tenant.${IDS}` }],
    ['an object', { error: { code: 'x', message: `AADSTS90002: No tenant.${IDS}` } }],
  ] as const) {
    it(`is read from ${name}`, () => {
      assert.deepEqual(readRelayedError(fields), {
        code: 'AADSTS90002',
        serverMessage: 'AADSTS90002: No tenant.',
        correlationId: '8997f3a2-4774-4406-bcc2-14da6f7c387a',
        isPassing: false,
      });
    });
  }

  it('can be within the message', () => {
    const error = readRelayedError({ message: 'Token request failed: AADSTS90002: No tenant.' });
    assert.equal(error?.code, 'AADSTS90002');
    assert.equal(error.serverMessage, 'Token request failed: AADSTS90002: No tenant.');
  });

  it('is none without a code', () => {
    for (const fields of [
      undefined,
      {},
      { error_description: 'Identity not found' },
      { error_description: 'AADSTS' },
      { error_description: 'xAADSTS90002' },
      { error_description: ['AADSTS90002'] },
    ]) {
      assert.equal(readRelayedError(fields), undefined);
    }
  });

  it('is read from the beginning of a long message only', () => {
    const far = `${' '.repeat(1_000_000)}AADSTS90002`;
    assert.equal(readRelayedError({ message: far }), undefined);
    assert.ok((readEntraError({ error_description: far }).serverMessage ?? '').length <= 4_000);
  });
});
