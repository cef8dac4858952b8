import { listDefaultAuthorities } from '../http/authorities';
import type { AgentProxy } from '../http/network-settings';
import type { Environment } from '../environment';
import {
  FILES,
  hasKeyPassword,
  HOME_FOLDER_VARIABLE,
  readConfiguration,
  readConfiguredFile,
} from './agent-certificates';
import type { InputReader } from './input-reader';
import { describeValue } from './parse-values';
import type { IgnoredFile, NetworkInputs } from './task-inputs';

const PROXY = {
  url: 'Agent.ProxyUrl',
  username: 'Agent.ProxyUsername',
  password: 'Agent.ProxyPassword',
  bypass: 'Agent.ProxyBypassList',
} as const;
const KEY_PASSWORD = 'Agent.ClientCertPassword';
const SKIPS_VALIDATION = 'Agent.SkipCertValidation';

/** The variables that pass the network configuration of the agent to tasks (`config.sh --proxyurl … --sslcacert …`). */
export const NETWORK_VARIABLES: readonly string[] = [
  ...Object.values(PROXY),
  ...Object.values(FILES).map(({ variable }) => variable),
  KEY_PASSWORD,
  SKIPS_VALIDATION,
  HOME_FOLDER_VARIABLE,
];

/** Reads the network configuration of the agent. A file that the configuration of the agent does not name is not read. */
export function readNetwork(reader: InputReader, environment: Environment): NetworkInputs {
  const get = (name: string) => reader.agent.getVariable(name) ?? '';
  const proxy = readProxy(reader, get);
  const { ca, cert, key, passphrase, ignoredFiles } = readCertificates(get);
  return {
    ...(proxy === undefined ? {} : { proxy }),
    tls: {
      ...(ca === undefined ? {} : { ca: [...listDefaultAuthorities(environment), ca] }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      ...(key === undefined || passphrase === '' ? {} : { passphrase }),
    },
    skipsValidation: get(SKIPS_VALIDATION).toLowerCase() === 'true',
    ignoredFiles,
  };
}

interface Certificates extends Readonly<Partial<Record<keyof typeof FILES, string>>> {
  readonly passphrase: string;
  readonly ignoredFiles: readonly IgnoredFile[];
}

function readCertificates(get: (name: string) => string): Certificates {
  const named = Object.entries(FILES).filter(([, { variable }]) => get(variable) !== '');
  if (named.length === 0) {
    return { passphrase: '', ignoredFiles: [] };
  }
  const configuration = readConfiguration(get(HOME_FOLDER_VARIABLE));
  const files = named.map(([kind, { variable, key }]) => {
    const path = get(variable);
    return { kind, variable, path, ...readConfiguredFile(path, key, configuration) };
  });
  return {
    ...Object.fromEntries(
      files.flatMap((file) => ('text' in file ? [[file.kind, file.text]] : [])),
    ),
    passphrase: hasKeyPassword(configuration) ? get(KEY_PASSWORD) : '',
    ignoredFiles: files.flatMap((file) =>
      'reason' in file
        ? { variable: file.variable, path: describeValue(file.path), reason: file.reason }
        : [],
    ),
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
    problems.push(
      `${PROXY.url} is not a URL such as http://proxy.example.com:3128. Correct the proxy of the agent (config --proxyurl).`,
    );
    return undefined;
  }
  return {
    url: new URL(text),
    username: get(PROXY.username),
    password: get(PROXY.password),
    bypass: parseBypass(get(PROXY.bypass)),
  };
}

/** Parses a JSON list of regular expressions. Invalid expressions are left out, as the agent does. */
function parseBypass(text: string): readonly RegExp[] {
  try {
    const list: unknown = JSON.parse(text);
    return (Array.isArray(list) ? list : []).flatMap((pattern) => {
      try {
        return typeof pattern === 'string' && pattern.trim() !== ''
          ? [new RegExp(pattern.trim(), 'i')]
          : [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
