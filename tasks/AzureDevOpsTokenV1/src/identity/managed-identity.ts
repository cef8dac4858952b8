import { identityError, type IdentityProblem } from '../errors/identity';
import { describeKind, TaskError } from '../errors/task-error';
import type { IdentityInputs } from '../inputs/task-inputs';
import { findChallengeProblem } from './arc-challenge';
import { checkToken, SCOPE } from './access-token';
import type { openManagedIdentityCredential as open } from './managed-identity-credential';
import { checkEndpointVariables } from './private-address';
import type { IdentityContext, TokenSource } from './identity';
import { EndpointClient, type EndpointFailure } from './endpoint-client';
import { checkId, findIdentitySource } from './identity-source';

/** Matches the messages of IMDS and of App Service. */
const IDENTITY_NOT_FOUND = /identity not found|no .*managed identity found/i;

/**
 * Opens the managed identity of this machine.
 * @throws {TaskError} if the endpoint in the environment is not of this machine, or does not support the requested ID
 */
export async function openManagedIdentity(
  inputs: IdentityInputs,
  context: IdentityContext,
): Promise<TokenSource> {
  const source = findIdentitySource(context.environment);
  const thumbprint = source.thumbprint && context.environment.get(source.thumbprint);
  checkEndpointVariables(context.environment, thumbprint !== undefined);
  checkId(inputs.requested, source);
  // Loaded late, because the library reads the environment while it loads, and a wrong input should fail without that delay.
  const { openManagedIdentityCredential } = await import('./managed-identity-credential');
  const client = new EndpointClient({
    ...context,
    thumbprint,
    ...(source.isArc
      ? { findChallengeProblem: (text) => findChallengeProblem(text, context.environment) }
      : {}),
  });
  let credential: ReturnType<typeof open> | undefined;
  return {
    source: source.name,
    identityName: 'managed identity of this machine',
    acquire: async () => {
      try {
        credential ??= openManagedIdentityCredential(inputs.requested, client);
        client.begin();
        const { token } = await credential.getToken(SCOPE);
        const now = context.clock.now();
        const response = client.responses.of(token);
        return checkToken({ ...response, endpoint: client.endpoint }, inputs, now);
      } catch (error) {
        throw toFailure(error, client, inputs);
      }
    },
  };
}

/** The reason that the client has kept comes first. The text of a library error is never used. */
function toFailure(error: unknown, client: EndpointClient, inputs: IdentityInputs) {
  if (error instanceof TaskError) {
    return error;
  }
  const { failure, endpoint } = client;
  if (failure !== undefined) {
    return identityError(toProblem(failure, inputs));
  }
  const name = describeKind(error);
  return identityError(
    endpoint === ''
      ? { kind: 'library', name, requested: inputs.requested }
      : { kind: 'not-a-token', endpoint, status: 200, reason: `@azure/identity: ${name}` },
  );
}

function toProblem(failure: EndpointFailure, inputs: IdentityInputs): IdentityProblem {
  const { endpoint } = failure;
  const { isContainerJob } = inputs;
  switch (failure.kind) {
    case 'not-a-token':
    case 'challenge':
      return failure;
    case 'foreign':
      return { kind: 'endpoint-not-local', source: '@azure/identity', host: endpoint };
    case 'gave-up': {
      const { last, attempts, elapsedMs } = failure;
      const tried = { endpoint, reason: last.reason, attempts, elapsedMs };
      return failure.isThere
        ? { ...tried, kind: 'endpoint-busy', retryAfterMs: last.retryAfterMs }
        : { ...tried, kind: 'no-endpoint', isContainerJob };
    }
    case 'refused': {
      const { serverMessage } = failure;
      if (serverMessage !== undefined && IDENTITY_NOT_FOUND.test(serverMessage)) {
        const { requested } = inputs;
        return requested === undefined
          ? { kind: 'no-identity', endpoint, serverMessage, isContainerJob }
          : { kind: 'identity-not-found', endpoint, requested, serverMessage };
      }
      if (serverMessage !== undefined && /multiple user assigned identities/i.test(serverMessage)) {
        return { kind: 'several-identities', endpoint, serverMessage };
      }
      return { kind: 'endpoint-refused', endpoint, status: failure.status, serverMessage };
    }
  }
}
