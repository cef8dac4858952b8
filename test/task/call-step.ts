import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cleanUp, type StepOptions } from '../emulators/agent/run-step';
import type { Fault } from '../emulators/faults';
import type { OrganizationOptions } from '../emulators/organization/organization';
import { openMachine, type MachineOptions, type Place } from '../emulators/places';
import type { Scenario } from '../scenarios';
import { perform, type Performance } from '../stage';
import { assertSecret } from './secrecy';

export const REPOSITORIES = 'SecretSauce/_apis/git/repositories';

type Inputs = Readonly<Record<string, string>>;

export interface CallOptions {
  readonly inputs?: Inputs | ((place: Place) => Inputs);
  readonly organization?: OrganizationOptions;
  readonly machine?: MachineOptions;
  readonly open?: Scenario['open'];
  readonly step?: Partial<StepOptions>;
}

/**
 * Runs a step that makes a call, of the repositories where nothing else is said. The folders of the agent stay as they
 * are while `look` looks at them. That the token stays secret is checked each time.
 */
export async function call<T>(
  { inputs, organization = {}, machine = {}, open, step = {} }: CallOptions,
  look: (performance: Performance) => T | Promise<T>,
): Promise<T> {
  const performance = await perform(
    {
      open: open ?? (() => openMachine({ organization, ...machine })),
      inputs: (place) => ({
        url: REPOSITORIES,
        ...(typeof inputs === 'function' ? inputs(place) : inputs),
      }),
    },
    step,
  );
  try {
    performance.tokens.forEach((token) => {
      assertSecret(performance.step, token);
    });
    return await look(performance);
  } finally {
    cleanUp(performance.step);
  }
}

export const outputOf = ({ step }: Performance, name: string) =>
  step.outputs.get(name)?.value ?? '';
export const errorOf = ({ step }: Performance) => step.issues[0]?.message ?? '';

/** The requests that the organization saw: `GET https://dev.azure.com/MyOrg/…`. */
export const requestsOf = ({ organization }: Performance) =>
  (organization?.requests ?? []).map(
    ({ method, url }) => `${method} ${url.href.replace(/^http:/, 'https:')}`,
  );

/** An answer of Azure DevOps. */
export function say(body: unknown, headers: Readonly<Record<string, string>> = {}): Fault {
  const type = typeof body === 'string' ? 'text/plain' : 'application/json; charset=utf-8';
  return {
    kind: 'response',
    status: 200,
    headers: { activityid: 'x', 'content-type': type, ...headers },
    body,
  };
}

/** The same at a server of any kind on loopback, which the step names. */
export async function atServer<T>(
  serve: RequestListener,
  options: Omit<CallOptions, 'inputs'> & { inputs: Readonly<Record<string, string>> },
  look: (performance: Performance) => T | Promise<T>,
): Promise<T> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const inputs: Record<string, string> = {
    ...options.inputs,
    url: `http://${host}/x`,
    allowedHosts: host,
  };
  try {
    return await call({ ...options, inputs }, look);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Sends a body that has no end, so slowly that it is never silent for long. */
export function trickle(response: ServerResponse, text: string): void {
  response.write(text);
  const timer = setInterval(() => response.write(' '), 100);
  response.on('close', () => {
    clearInterval(timer);
  });
}
