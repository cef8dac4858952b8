import { describeKind } from '../errors/describe-failure';
import { IdentityFailure } from '../errors/identity-failure';
import type { IdentityProblem } from '../errors/identity-problems';
import type { IdentityInputs } from '../inputs/task-inputs';
import { AZURE_DEVOPS, checkToken } from './check-token';
import { checkEndpointVariables } from './endpoint-variables';
import type { openManagedIdentity as open } from './credential';
import type { AccessToken, Identity, IdentityWorld } from './identity';
import { LocalHttpClient, type EndpointFailure } from './local-http-client';

const SCOPE = `${AZURE_DEVOPS}/.default`;
/**
 * A token that lives no longer than this is not handed out again. @azure/identity keeps a token of its own until five
 * minutes before its end, to the second or so; well after that it does ask for a new one.
 */
const RENEWAL_MS = 4.5 * 60_000;

/**
 * Opens the managed identity of this machine.
 * @throws {IdentityFailure} where the environment names an endpoint that is none of this machine
 */
export async function signIn(inputs: IdentityInputs, world: IdentityWorld): Promise<Identity> {
  checkEndpointVariables(world.environment);
  // Loaded late: the library looks at the environment while it loads, and a wrong input should not wait for it.
  const { openManagedIdentity } = await import('./credential');
  const client = new LocalHttpClient(world);
  let credential: ReturnType<typeof open> | undefined;
  const acquire = async (): Promise<AccessToken> => {
    try {
      credential ??= openManagedIdentity(inputs.requested, client);
      const { token } = await credential.getToken(SCOPE);
      return checkToken({ token, endpoint: client.endpoint }, inputs, world.clock.now());
    } catch (error) {
      throw toFailure(error, client, inputs);
    }
  };
  let last: AccessToken | undefined;
  return {
    getToken: async () => {
      if (last === undefined || last.expiresOn.getTime() - world.clock.now() <= RENEWAL_MS) {
        last = await acquire();
      }
      return last;
    },
  };
}

/** The client's own account of what happened goes before the library's, whose text is not used at all. */
function toFailure(error: unknown, client: LocalHttpClient, inputs: IdentityInputs) {
  if (error instanceof IdentityFailure) {
    return error;
  }
  const { failure, endpoint } = client;
  if (failure !== undefined) {
    return new IdentityFailure(toProblem(failure, inputs));
  }
  const name = describeKind(error);
  return new IdentityFailure(
    endpoint === ''
      ? { kind: 'library', name, asked: inputs.requested }
      : { kind: 'not-a-token', endpoint, status: 200, reason: `@azure/identity: ${name}` },
  );
}

function toProblem(failure: EndpointFailure, inputs: IdentityInputs): IdentityProblem {
  const { endpoint } = failure;
  const { isContainerJob } = inputs;
  switch (failure.kind) {
    case 'not-a-token':
      return failure;
    case 'foreign':
      return { kind: 'foreign-endpoint', source: '@azure/identity', host: endpoint };
    case 'gave-up': {
      const { progress, last } = failure;
      const { attempts, elapsedMs } = progress;
      const tried = { endpoint, reason: last.reason, attempts, elapsedMs };
      return progress.isThere
        ? { ...tried, kind: 'endpoint-busy', retryAfterMs: last.retryAfterMs }
        : { ...tried, kind: 'no-endpoint', isContainerJob };
    }
    case 'refused': {
      const { words } = failure;
      if (words !== undefined && /identity not found/i.test(words)) {
        const asked = inputs.requested;
        return { kind: 'identity-not-found', endpoint, asked, serverText: words, isContainerJob };
      }
      if (words !== undefined && /multiple user assigned identities/i.test(words)) {
        return { kind: 'several-identities', endpoint, serverText: words };
      }
      return { kind: 'endpoint-refuses', endpoint, status: failure.status, serverText: words };
    }
  }
}
