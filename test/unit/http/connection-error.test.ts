import assert from 'node:assert/strict';
import {
  describeCode,
  isAboutCertificate,
} from '../../../tasks/AzureDevOpsTokenV1/src/http/connection-error';

describe('the code of a failed connection', () => {
  for (const [code, expected] of Object.entries({
    EAI_AGAIN: 'the DNS server did not respond (EAI_AGAIN)',
    ECONNREFUSED: 'connection refused (ECONNREFUSED)',
    ECONNRESET: 'connection reset (ECONNRESET)',
    EHOSTUNREACH: 'host unreachable (EHOSTUNREACH)',
    ENETUNREACH: 'network unreachable (ENETUNREACH)',
    ENOTFOUND: 'DNS does not know the name (ENOTFOUND)',
    EPROTO: 'no common TLS version or cipher (EPROTO)',
    ERR_SSL_WRONG_VERSION_NUMBER: 'no common TLS version or cipher (ERR_SSL_WRONG_VERSION_NUMBER)',
    ETIMEDOUT: 'the connection timed out (ETIMEDOUT)',
    RESPONSE_TIMEOUT: 'no response came in time (RESPONSE_TIMEOUT)',
    CONNECT_TIMEOUT: 'no connection was made in time (CONNECT_TIMEOUT)',
    IDLE_TIMEOUT: 'the response did not end in time (IDLE_TIMEOUT)',
    ESOMETHING: 'the connection failed (ESOMETHING)',
  } as const)) {
    it(`${code} is explained`, () => {
      assert.equal(describeCode(code), expected);
    });
  }

  for (const code of [
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'HOSTNAME_MISMATCH',
    'PATH_LENGTH_EXCEEDED',
    'UNSPECIFIED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ]) {
    it(`${code} is about a certificate`, () => {
      assert.equal(isAboutCertificate(code), true);
    });
  }

  for (const code of ['ECONNRESET', 'EPROTO', 'NO_CERT_', 'ERR_TLS_HANDSHAKE_TIMEOUT']) {
    it(`${code} is not`, () => {
      assert.equal(isAboutCertificate(code), false);
    });
  }
});
