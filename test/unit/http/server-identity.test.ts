import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { checkIdentityOf } from '../../../tasks/AzureDevOpsTokenV1/src/http/server-identity';
import { issueCertificate, type CertificateName } from '../../emulators/certificates';

const check = async (host: string, names: readonly CertificateName[]) => {
  const { cert } = await issueCertificate(names);
  const certificate = new X509Certificate(cert).toLegacyObject();
  const { checkServerIdentity } = checkIdentityOf(new URL(`https://${host}:8443/`));
  // Whatever name Node.js passes in.
  const error: (Error & { code?: string }) | undefined = checkServerIdentity(
    'localhost',
    certificate,
  );
  return error;
};

describe('the identity of a server', () => {
  for (const [host, names] of [
    ['dev.azure.com', ['dev.azure.com']],
    ['dev.azure.com', ['localhost', '*.azure.com']],
    ['127.0.0.1', ['127.0.0.1']],
    ['2130706433', ['127.0.0.1']],
    ['[::1]', ['localhost', '::1']],
    ['[FD00::0:1]', ['fd00::1']],
  ] as const) {
    it(`is that of ${host} by a certificate for ${names.join(', ')}`, async () => {
      assert.equal(await check(host, names), undefined);
    });
  }

  for (const [host, names] of [
    ['dev.azure.com', ['localhost', '127.0.0.1']],
    ['dev.azure.com', ['*.com', 'azure.com', 'a.dev.azure.com']],
    ['127.0.0.1', ['localhost', '127.0.0.2', '::1', { dns: '127.0.0.1' }, { dns: '*.0.0.1' }]],
    ['127.0.0.1', [{ dns: '127.0.0.1' }]],
    ['[::1]', ['localhost', '::2', '127.0.0.1', { dns: '::1' }]],
    ['[::ffff:127.0.0.1]', ['127.0.0.1']],
  ] as const) {
    it(`is not that of ${host} by a certificate for ${JSON.stringify(names)}`, async () => {
      assert.equal((await check(host, names))?.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
    });
  }
});
