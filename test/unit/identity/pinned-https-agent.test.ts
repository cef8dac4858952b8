import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { sendEndpointRequest } from '../../../tasks/AzureDevOpsTokenV1/src/identity/endpoint-request';
import { AttemptError } from '../../../tasks/AzureDevOpsTokenV1/src/http/connection-error';
import { issueCertificate, type ServerCertificate } from '../../emulators/certificates';
import { listen } from '../http/listen';
import { rejectionOf } from '../to-problem';

describe('an endpoint that is known by its certificate', () => {
  let certificate: ServerCertificate;
  let server: Server;
  let ownPort = 0;
  let requests = 0;

  before(async () => {
    certificate = await issueCertificate(['fabric']);
    server = createServer(certificate, (_, response) => {
      requests += 1;
      response.end('answer');
    });
    ownPort = await listen(server);
  });

  beforeEach(() => {
    requests = 0;
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const send = (thumbprint: string, port = ownPort, connectMs = 20_000) =>
    sendEndpointRequest(
      {
        url: new URL(`https://127.0.0.1:${port}/`),
        method: 'GET',
        headers: { secret: 'x' },
        thumbprint,
      },
      { connectMs, responseMs: 20_000, idleMs: 20_000, bodyMs: 20_000 },
    );

  const codeOf = async (asking: Promise<unknown>) => {
    const error = await rejectionOf(asking);
    return error instanceof AttemptError ? error.code : assert.fail(String(error));
  };

  for (const [name, read] of [
    ['SHA-1', (x509: X509Certificate) => x509.fingerprint.replaceAll(':', '')],
    ['SHA-1 with colons', (x509: X509Certificate) => x509.fingerprint],
    ['SHA-1 in small letters', (x509: X509Certificate) => x509.fingerprint.toLowerCase()],
    ['SHA-256', (x509: X509Certificate) => x509.fingerprint256],
  ] as const) {
    it(`is asked where that has the thumbprint (${name}), whoever signed it`, async () => {
      const { body } = await send(read(new X509Certificate(certificate.cert)));
      assert.equal(body, 'answer');
    });
  }

  for (const thumbprint of ['', '-', 'AB'.repeat(20), '00']) {
    it(`is not asked for anything where that has not ("${thumbprint}")`, async () => {
      assert.equal(await codeOf(send(thumbprint)), 'WRONG_CERTIFICATE');
      assert.equal(requests, 0);
    });
  }

  it('is not waited for where it speaks no TLS, or does not speak', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => undefined).resume());
    const plain = createTcpServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('no TLS'),
    );
    for (const [other, connectMs, code] of [
      [silent, 100, /^CONNECT_TIMEOUT$/],
      [plain, 20_000, /^(?:ERR_SSL_\w+|EPROTO|ECONNRESET)$/],
    ] as const) {
      assert.match(await codeOf(send('00', await listen(other), connectMs)), code);
      await new Promise((resolve) => other.close(resolve));
    }
  });
});
