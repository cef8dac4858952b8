import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';
import { CodedError, WRONG_CERTIFICATE } from '../http/connection-error';

type Callback = (error: Error | null, socket?: Duplex) => void;

/**
 * Connects over TLS to who has one certain certificate, whoever signed it; to another one nothing is sent. So does Service Fabric want it:
 * https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code
 */
export class PinnedHttpsAgent extends Agent {
  readonly #thumbprint: string;
  #socket: TLSSocket | undefined;

  /** @param thumbprint of the certificate, SHA-1 or SHA-256, in hexadecimal */
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

  /** Of somebody without a certificate, there is nothing. */
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
