import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { AgentNetwork, AgentProxy } from '../agent-network';
import type { Environment } from '../environment';
import { describeSystemError } from '../errors/system-error';
import type { InputReader } from './input-reader';
import { describeValue } from './parse-values';

const PROXY = {
  url: 'Agent.ProxyUrl',
  username: 'Agent.ProxyUsername',
  password: 'Agent.ProxyPassword',
  bypass: 'Agent.ProxyBypassList',
} as const;
const AUTHORITIES = 'Agent.CAInfo';
const CERTIFICATE = {
  cert: 'Agent.ClientCert',
  key: 'Agent.ClientCertKey',
  passphrase: 'Agent.ClientCertPassword',
} as const;
const SKIPS_VALIDATION = 'Agent.SkipCertValidation';

/** The variables by which the agent says how it was told to reach other hosts (`config.sh --proxyurl … --sslcacert …`). */
export const NETWORK_VARIABLES: readonly string[] = [
  ...Object.values(PROXY),
  AUTHORITIES,
  ...Object.values(CERTIFICATE),
  SKIPS_VALIDATION,
];

/** Reads what the agent says of the network; what of it cannot be read is a problem of the step. */
export function readNetwork(reader: InputReader, environment: Environment): AgentNetwork {
  const { agent } = reader;
  const get = (name: string) => agent.getVariable(name) ?? '';
  const read = (name: string) => (get(name) === '' ? undefined : readPem(reader, name, get(name)));
  const proxy = readProxy(reader, get);
  const authorities = read(AUTHORITIES);
  const cert = read(CERTIFICATE.cert);
  const key = read(CERTIFICATE.key);
  const passphrase = get(CERTIFICATE.passphrase);
  return {
    ...(proxy === undefined ? {} : { proxy }),
    tls: {
      ...(authorities === undefined ? {} : { ca: [...findTrusted(environment), authorities] }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      ...(passphrase === '' ? {} : { passphrase }),
    },
    skipsValidation: get(SKIPS_VALIDATION).toLowerCase() === 'true',
  };
}

function readProxy(
  { problems }: InputReader,
  get: (name: string) => string,
): AgentProxy | undefined {
  const text = get(PROXY.url);
  if (text === '') {
    return undefined;
  }
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    problems.push(`${PROXY.url} is not a URL such as http://proxy.example.com:3128.`);
    return undefined;
  }
  return {
    url: new URL(text),
    username: get(PROXY.username),
    password: get(PROXY.password),
    bypass: parseBypass(get(PROXY.bypass)),
  };
}

/** A JSON list of regular expressions; what is none, the agent leaves out as well. */
function parseBypass(text: string): readonly RegExp[] {
  try {
    const list: unknown = JSON.parse(text === '' ? '[]' : text);
    return (Array.isArray(list) ? list : []).flatMap((pattern) => {
      try {
        return typeof pattern === 'string' && pattern !== '' ? [new RegExp(pattern, 'i')] : [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

function readPem({ problems }: InputReader, name: string, path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = describeSystemError(error);
    problems.push(`${name} is ${describeValue(path)}, which cannot be read: ${reason}.`);
    return undefined;
  }
}

/** What Node.js trusts where it is told nothing else: its own authorities, and those of the machine's NODE_EXTRA_CA_CERTS. */
function findTrusted({ get }: Environment): readonly string[] {
  const extra = get('NODE_EXTRA_CA_CERTS');
  try {
    return [...rootCertificates, ...(extra === undefined ? [] : [readFileSync(extra, 'utf8')])];
  } catch {
    // Node.js, too, goes on without a file that it cannot read.
    return rootCertificates;
  }
}
