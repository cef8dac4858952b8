/** The proxy that the agent was configured with. */
export interface AgentProxy {
  readonly url: URL;
  readonly username: string;
  readonly password: string;
  /** URLs whose origin matches one of these patterns are requested without the proxy. */
  readonly bypass: readonly RegExp[];
}

/** The network configuration of the agent. */
export interface NetworkSettings {
  readonly proxy?: AgentProxy;
  /** Options of Node.js for every TLS connection. */
  readonly tls: {
    /** All authorities to trust, as PEM; absent: the defaults of Node.js. */
    readonly ca?: readonly string[];
    /** The certificate of this machine and its key, as PEM. */
    readonly cert?: string;
    readonly key?: string;
    readonly passphrase?: string;
  };
}
