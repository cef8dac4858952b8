/** The proxy that the agent was configured with. */
export interface AgentProxy {
  readonly url: URL;
  readonly username: string;
  readonly password: string;
  /** What of the origin of a URL says that it is reached without the proxy. */
  readonly bypass: readonly RegExp[];
}

/** A file for TLS connections that the task does not use. */
export interface IgnoredFile {
  /** Which names it. */
  readonly variable: string;
  /** For the log. */
  readonly path: string;
  readonly reason: string;
}

/** How the agent was told to reach other hosts. */
export interface NetworkSettings {
  readonly proxy?: AgentProxy;
  /** For each connection with TLS, as Node.js takes it. */
  readonly tls: {
    /** All authorities to trust, as PEM; absent: those that Node.js trusts. */
    readonly ca?: readonly string[];
    /** The certificate of this machine and its key, as PEM. */
    readonly cert?: string;
    readonly key?: string;
    readonly passphrase?: string;
  };
  /** It was told to trust any certificate; the task does not. */
  readonly skipsValidation: boolean;
}

/** The same, and what of it the task does not use. */
export interface NetworkInputs extends NetworkSettings {
  readonly ignoredFiles: readonly IgnoredFile[];
}
