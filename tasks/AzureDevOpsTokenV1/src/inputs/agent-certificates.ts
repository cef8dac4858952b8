import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import { describeSystemError } from '../errors/system-error';
import { MAX_CERTIFICATE_FILE_BYTES, formatBytes } from '../limits';

/** The folder of the agent, which holds its configuration. */
export const HOME_FOLDER_VARIABLE = 'Agent.HomeDirectory';

/** The configuration file of the agent that `config --sslcacert …` writes (WellKnownConfigFile.Certificates). */
const CONFIGURATION = '.certificates';

/** Each variable that names a file, and the key (in lower case) of the agent's configuration that must name the same file. */
export const FILES = {
  ca: { variable: 'Agent.CAInfo', key: 'cacert' },
  cert: { variable: 'Agent.ClientCert', key: 'clientcert' },
  key: { variable: 'Agent.ClientCertKey', key: 'clientcertprivatekey' },
} as const;
/** Set in the configuration if the key has a password. */
const PASSWORD_KEY = 'clientcertpasswordlookupkey';

/** Files of the system that a person who sets variables can fill, such as `/proc/self/environ`. */
const SYSTEM_FOLDERS = /^\/(?:proc|dev|sys)\//;

export const NOT_CONFIGURED =
  'the configuration of the agent (.certificates in its folder) does not name that file';

/** The TLS configuration of the agent, with keys in lower case. Empty if there is none. */
type AgentConfiguration = ReadonlyMap<string, unknown>;

/**
 * Reads the configuration that the agent has for TLS. Only the agent's administrator can write it, whereas a pipeline
 * variable such as `agent.cainfo` reaches the task from anyone who may set variables, unless the agent has its own
 * (ExecutionContext.InitializeJob). The agent writes UTF-8 with a byte order mark (IOUtil.SaveObject).
 */
export function readConfiguration(homeFolder: string): AgentConfiguration {
  if (!isAbsolute(homeFolder)) {
    return new Map();
  }
  const content = readRegularFile(join(homeFolder, CONFIGURATION));
  try {
    const text = 'text' in content ? content.text.replace(/^\uFEFF/, '') : '{}';
    const entries = Object.entries(JSON.parse(text) as Readonly<Record<string, unknown>>);
    return new Map(entries.map(([key, value]) => [key.toLowerCase(), value]));
  } catch {
    return new Map();
  }
}

export function hasKeyPassword(configuration: AgentConfiguration): boolean {
  return Boolean(configuration.get(PASSWORD_KEY));
}

/** The text of a file that a variable names, or the reason why it is ignored. */
export function readConfiguredFile(
  path: string,
  key: string,
  configuration: AgentConfiguration,
): FileText {
  const configured = configuration.get(key);
  if (typeof configured !== 'string' || toComparable(configured) !== toComparable(path)) {
    return { reason: NOT_CONFIGURED };
  }
  // A relative path would be in the folder of the sources, to which the pipeline can write.
  return isAbsolute(path) ? readRegularFile(path) : { reason: 'its path is not absolute' };
}

export type FileText = { readonly text: string } | { readonly reason: string };

function toComparable(path: string): string {
  return process.platform === 'win32' ? normalize(path).toLowerCase() : normalize(path);
}

function readRegularFile(path: string): FileText {
  try {
    if (SYSTEM_FOLDERS.test(realpathSync(path))) {
      return { reason: 'it is a file of the system' };
    }
    // Without O_NONBLOCK, a named pipe without a writer would block the process.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readOpened(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { reason: `it cannot be read: ${describeSystemError(error)}` };
  }
}

function readOpened(file: number): FileText {
  const status = fstatSync(file);
  if (!status.isFile()) {
    return { reason: 'it is no regular file' };
  }
  if (status.size > MAX_CERTIFICATE_FILE_BYTES) {
    return { reason: `it is larger than ${formatBytes(MAX_CERTIFICATE_FILE_BYTES)}` };
  }
  const buffer = Buffer.alloc(status.size);
  return { text: buffer.toString('utf8', 0, readSync(file, buffer, 0, status.size, 0)) };
}
