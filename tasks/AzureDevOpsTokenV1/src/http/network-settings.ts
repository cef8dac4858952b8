/** The proxy that the agent was configured with. */
export interface AgentProxy {
  readonly url: URL;
  readonly username: string;
  readonly password: string;
  /** URLs whose origin matches one of these patterns are requested without the proxy. */
  readonly bypass: readonly RegExp[];
}

/** A certificate or key file that the task does not use. */
export interface IgnoredFile {
  /** The variable that names the file. */
  readonly variable: string;
  /** The path for the log. */
  readonly path: string;
  readonly reason: string;
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
  /** Whether the agent was configured to trust any certificate, which the task does not do. */
  readonly skipsValidation: boolean;
}

/** The network configuration of the agent, and the files of it that the task does not use. */
export interface NetworkInputs extends NetworkSettings {
  readonly ignoredFiles: readonly IgnoredFile[];
}
