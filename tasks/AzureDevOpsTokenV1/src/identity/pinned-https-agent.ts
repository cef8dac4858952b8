import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';
import { CodedError, WRONG_CERTIFICATE } from '../http/connection-error';

type Callback = (error: Error | null, socket?: Duplex) => void;

/**
 * Connects over TLS only to a server with one known certificate, and sends nothing to any other. The signer of the certificate does not matter. Service Fabric
 * requires this:
 * https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code
 */
export class PinnedHttpsAgent extends Agent {
  readonly #thumbprint: string;
  #socket: TLSSocket | undefined;

  /** @param thumbprint the SHA-1 or SHA-256 of the certificate in hexadecimal */
  constructor(thumbprint: string) {
    super({ keepAlive: false });
    this.#thumbprint = normalize(thumbprint);
  }

  override createConnection(options: ConnectionOptions, callback: Callback): undefined {
    const socket = connect({ ...options, rejectUnauthorized: false });
    this.#socket = socket;
    socket.once('error', callback);
    socket.once('secureConnect', () => {
      socket.off('error', callback);
      if (this.#isPinned(socket.getPeerCertificate())) {
        callback(null, socket);
      } else {
        socket.destroy();
        callback(new CodedError(WRONG_CERTIFICATE));
      }
    });
  }

  /** A server without a certificate has no fingerprints. */
  #isPinned({ fingerprint = '', fingerprint256 = '' }: Partial<PeerCertificate>): boolean {
    const thumbprints = [fingerprint, fingerprint256].map(normalize);
    return this.#thumbprint !== '' && thumbprints.includes(this.#thumbprint);
  }

  override destroy(): void {
    this.#socket?.destroy();
    super.destroy();
  }
}

function normalize(thumbprint: string): string {
  return thumbprint.replace(/[^0-9a-f]/gi, '').toUpperCase();
}
