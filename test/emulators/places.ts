// Where a step can find itself: what is, or is not, at the address of the identity endpoint. Everything listens on
// loopback.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { ServiceEndpoint } from './agent/endpoints';
import type { Entra } from './entra';
import {
  startIdentityEndpoint,
  type IdentityEndpointOptions,
  type RecordedRequest,
} from './identity-endpoint';
import { IMDS_HOST, networkEnvironment } from './network';
import {
  HOSTS,
  startOrganization,
  type OrganizationOptions,
  type OrganizationServer,
} from './organization/organization';
import { addressOf, startProxy, type Proxy, type ProxyOptions } from './proxy';

export interface Place {
  /** What the machine says in the environment of its agent. */
  readonly machineEnvironment: Readonly<Record<string, string>>;
  readonly requests: readonly RecordedRequest[];
  readonly tokens: readonly string[];
  /** What answers at `dev.azure.com`. */
  readonly organization?: OrganizationServer;
  readonly proxy?: Proxy;
  /** The service connections of the project, by id. */
  readonly endpoints?: Readonly<Record<string, ServiceEndpoint>>;
  /** What answers at `login.microsoftonline.com`. */
  readonly entra?: Entra;
  /** What was shown to Microsoft Entra in place of a secret. */
  readonly assertions?: readonly string[];
  /** What stands in for a Node.js here. */
  readonly wrapNode?: (node: string) => string;
  close(): Promise<void>;
}

export interface MachineOptions extends IdentityEndpointOptions {
  readonly organization?: OrganizationOptions;
  /** Other hosts of the internet, by their port on 127.0.0.1. */
  readonly hosts?: Readonly<Record<string, number>>;
  /** The endpoint is at the fixed address of IMDS, and no variable names it. */
  readonly isAtImdsAddress?: boolean;
  /** In place of 127.0.0.1, the address of the endpoint that the variable names. */
  readonly endpointAddress?: string;
}

/** The same place, which whoever runs in it leaves open for the next. */
export function keepOpen(place: Place): Promise<Place> {
  return Promise.resolve({ ...place, close: () => Promise.resolve() });
}

/** A virtual machine with an identity endpoint, from which `dev.azure.com` can be reached. */
export async function openMachine(options: MachineOptions = {}): Promise<Place> {
  const endpoint = await startIdentityEndpoint(options);
  const organization = await startOrganization({
    issued: endpoint.tokens,
    ...options.organization,
  });
  const { isAtImdsAddress = false, endpointAddress = '127.0.0.1' } = options;
  const endpointPort = Number(new URL(endpoint.origin).port);
  const ports = {
    ...Object.fromEntries(HOSTS.map((host) => [host, organization.port])),
    ...(isAtImdsAddress ? { [IMDS_HOST]: endpointPort } : {}),
    ...(options.endpointAddress && { [options.endpointAddress]: endpointPort }),
    ...options.hosts,
  };
  return {
    machineEnvironment: {
      ...(await networkEnvironment(ports)),
      ...(isAtImdsAddress ? {} : replaceAddress(endpoint.environment, endpointAddress)),
    },
    requests: endpoint.requests,
    tokens: endpoint.tokens,
    organization,
    close: async () => {
      await Promise.all([endpoint.close(), organization.close()]);
    },
  };
}

function replaceAddress(environment: Readonly<Record<string, string>>, address: string) {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replace('//127.0.0.1:', `//${address}:`),
    ]),
  );
}

export interface ProxyPlaceOptions {
  /** What the proxy says to every request, where it lets none through; nothing at all where it is empty. */
  readonly refusal?: string;
  readonly endpoint?: MachineOptions;
  readonly organization?: OrganizationOptions;
  /** Those of Azure DevOps to which it leads, besides the first. */
  readonly hosts?: readonly string[];
  /** The variables of the machine's environment that name it. */
  readonly variables?: readonly string[];
  readonly credentials?: ProxyCredentials;
  /** Those that stand in the variables of the machine's environment. */
  readonly given?: ProxyCredentials;
}

type ProxyCredentials = NonNullable<ProxyOptions['credentials']>;

/** A virtual machine from which the internet can be reached through a proxy only. */
export async function openMachineBehindProxy(options: ProxyPlaceOptions = {}): Promise<Place> {
  const { refusal, variables = ['HTTPS_PROXY'], organization = {}, credentials } = options;
  const place = await openMachine({ ...options.endpoint, organization });
  const port = place.organization?.port ?? 0;
  const proxy = await startProxy(
    refusal === undefined
      ? {
          routes: Object.fromEntries(
            ['dev.azure.com', ...(options.hosts ?? [])].map((host) => [`${host}:443`, port]),
          ),
          ...(credentials === undefined ? {} : { credentials }),
        }
      : { refusal },
  );
  const address = addressOf(proxy, options.given);
  return {
    ...place,
    machineEnvironment: {
      ...place.machineEnvironment,
      ...(await networkEnvironment({})),
      ...Object.fromEntries(variables.map((name) => [name, address])),
    },
    proxy,
    close: async () => {
      await Promise.all([place.close(), proxy.close()]);
    },
  };
}

/** A place without an identity endpoint. */
export interface BarePlace extends Place {
  /** Where the fixed address of IMDS leads to. */
  readonly origin: string;
}

/** No server listens there. A port that was free a moment ago can be that of another emulator now. */
const CLOSED_PORT = 1;

/** A machine on which no server listens at the address of IMDS. */
export function openBareMachine(): Promise<BarePlace> {
  return withoutListener(CLOSED_PORT, () => Promise.resolve());
}

/** A network that swallows every attempt to connect (on Linux): a listener that accepts nothing, its queue full. */
export async function openSwallowingNetwork(): Promise<BarePlace> {
  const listener = spawn(
    process.execPath,
    [
      '-e',
      `const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
         process.stdout.write(String(server.address().port), () =>
           Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
       });`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const port = await new Promise<number>((resolve) => {
    listener.stdout.on('data', (text: Buffer) => {
      resolve(Number(text.toString()));
    });
  });
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'));
  fillers.forEach((filler) => filler.on('error', () => undefined));
  await Promise.all(
    fillers
      .slice(0, 2)
      .map((filler) => new Promise<unknown>((resolve) => filler.on('connect', resolve))),
  );
  return withoutListener(port, async () => {
    fillers.forEach((filler) => filler.destroy());
    const ended = new Promise((resolve) => listener.on('exit', resolve));
    listener.kill('SIGKILL');
    await ended;
  });
}

async function withoutListener(port: number, close: () => Promise<void>): Promise<BarePlace> {
  return {
    machineEnvironment: await networkEnvironment({ [IMDS_HOST]: port }),
    origin: `http://127.0.0.1:${port}`,
    requests: [],
    tokens: [],
    close,
  };
}
