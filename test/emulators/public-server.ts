import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { issueCertificate } from './certificates';

export interface PublicServer {
  readonly port: number;
  readonly requests: readonly Pick<IncomingMessage, 'url' | 'headers'>[];
  close(): Promise<void>;
}

/** A server outside Azure DevOps that requires no authentication. */
export async function startPublicServer(
  host: string,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<PublicServer> {
  const requests: Pick<IncomingMessage, 'url' | 'headers'>[] = [];
  const server = createServer(await issueCertificate([host]), (request, response) => {
    requests.push({ url: request.url, headers: request.headers });
    serve(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
