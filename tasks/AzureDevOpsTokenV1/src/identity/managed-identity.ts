import { identityError, type IdentityProblem } from '../errors/identity';
import { describeKind, TaskError } from '../errors/task-error';
import type { IdentityInputs } from '../inputs/task-inputs';
import { findChallengeProblem } from './arc-challenge';
import { checkToken, SCOPE } from './access-token';
import type { openManagedIdentityCredential as open } from './managed-identity-credential';
import { checkEndpointVariables } from './private-address';
import type { IdentityContext, TokenSource } from './identity';
import { EndpointClient, type EndpointFailure } from './endpoint-client';
import { checkId, findIdentitySource, type IdentitySource } from './identity-source';

/**
 * Matches the messages of a service that does not have the identity: IMDS ("Identity not found"), App Service ("No User Assigned or
 * Delegated Managed Identity found …", "No MSI found …", "Unable to load the proper Managed Identity.", "Unable to load requested
 * managed identity.") and Container Instances ("DefaultIdentityNotDefined").
 */
const IDENTITY_NOT_FOUND =
  /identity ?not ?(?:found|defined|assigned)|no .*(?:managed identity|msi) found|unable to load .*managed identity/i;
const SEVERAL_IDENTITIES = /multiple user.assigned identities/i;

/**
 * Opens the managed identity of the agent machine.
 * @throws {TaskError} if the endpoint in the environment is not of this machine, or does not support the requested ID
 */
export async function openManagedIdentity(
  inputs: IdentityInputs,
  context: IdentityContext,
): Promise<TokenSource> {
  const source = findIdentitySource(context.environment);
  const thumbprint = source.thumbprint && context.environment.get(source.thumbprint);
  checkEndpointVariables(context.environment, thumbprint !== undefined);
  checkId(inputs, source);
  // Loaded late, because the library reads the environment while it loads, and a wrong input should fail without that delay.
  const { openManagedIdentityCredential } = await import('./managed-identity-credential');
  const client = new EndpointClient({
    ...context,
    thumbprint,
    ...(source.platform === 'arc'
      ? { findChallengeProblem: (text) => findChallengeProblem(text, context.environment) }
      : {}),
  });
  let credential: ReturnType<typeof open> | undefined;
  return {
    source: source.name,
    identityName: 'managed identity of the agent machine',
    acquire: async () => {
      try {
        credential ??= openManagedIdentityCredential(inputs.requested, client);
        client.begin();
        const { token } = await credential.getToken(SCOPE);
        const now = context.clock.now();
        const response = client.responses.of(token);
        return checkToken({ ...response, endpoint: client.endpoint }, inputs, now);
      } catch (error) {
        throw await toFailure(error, client, { ...inputs, source });
      }
    },
  };
}

/** What a failure is described by, besides the reason that the client has kept. */
interface FailureContext extends IdentityInputs {
  readonly source: IdentitySource;
}

/** The reason that the client has kept comes first. The text of a library error is never used. */
async function toFailure(error: unknown, client: EndpointClient, context: FailureContext) {
  if (error instanceof TaskError) {
    return error;
  }
  const { failure, endpoint } = client;
  const { requested, isAgentConnection = false } = context;
  if (failure !== undefined) {
    const errorResponse = failure.kind === 'gave-up' ? failure.last.errorResponse : failure;
    if (errorResponse !== undefined && 'entra' in errorResponse) {
      // Loaded late, because few steps need the messages of Microsoft Entra.
      const { relayedError } = await import('./relayed-error');
      return relayedError(errorResponse.status, errorResponse.entra, { endpoint, requested });
    }
    return identityError(toProblem(failure, context));
  }
  const name = describeKind(error);
  return identityError(
    endpoint === ''
      ? { kind: 'library', name, requested, isAgentConnection }
      : {
          kind: 'not-a-token',
          endpoint,
          status: 200,
          reason: `the response could not be used (${name} of the library @azure/identity)`,
          ...nameSource(context.source),
        },
  );
}

function toProblem(failure: EndpointFailure, context: FailureContext): IdentityProblem {
  const { endpoint } = failure;
  switch (failure.kind) {
    case 'not-a-token':
      return { ...failure, ...nameSource(context.source) };
    case 'challenge':
      return failure;
    case 'foreign':
      return { kind: 'endpoint-not-local', source: '@azure/identity', host: endpoint };
    case 'gave-up':
      return toUnavailable(failure, context);
    case 'refused':
      return toErrorResponse(failure, context);
  }
}

/** What names the endpoint, unless its address is fixed. */
function nameSource({ namedBy }: FailureContext['source']): { readonly namedBy?: string } {
  return namedBy === undefined ? {} : { namedBy };
}

function toUnavailable(
  failure: Extract<EndpointFailure, { kind: 'gave-up' }>,
  { isInContainer, source: { platform, namedBy } }: FailureContext,
): IdentityProblem {
  const { endpoint, last, attempts, elapsedMs } = failure;
  const facts = { endpoint, reason: last.reason, attempts, elapsedMs };
  if (failure.isThere) {
    const serverMessage = last.errorResponse?.serverMessage;
    return { ...facts, kind: 'endpoint-busy', retryAfterMs: last.retryAfterMs, serverMessage };
  }
  return namedBy === undefined
    ? { ...facts, kind: 'no-endpoint', isInContainer }
    : { ...facts, kind: 'named-endpoint', isInContainer, platform, namedBy };
}

function toErrorResponse(
  { endpoint, status, serverMessage = '' }: Extract<EndpointFailure, { kind: 'refused' }>,
  { isInContainer, requested, source, isAgentConnection = false }: FailureContext,
): IdentityProblem {
  const facts = { endpoint, status, serverMessage, isAgentConnection };
  if (SEVERAL_IDENTITIES.test(serverMessage)) {
    return { ...facts, kind: 'several-identities' };
  }
  if (!IDENTITY_NOT_FOUND.test(serverMessage)) {
    return {
      kind: 'endpoint-refused',
      endpoint,
      status,
      serverMessage: serverMessage || undefined,
      ...nameSource(source),
    };
  }
  // Container Instances has its endpoint at the address of IMDS. A 404 of IMDS itself is retried.
  const platform =
    status === 404 && source.platform === 'imds' ? 'container-instances' : source.platform;
  if (requested !== undefined) {
    return { ...facts, kind: 'identity-not-found', requested, platform };
  }
  // Only IMDS uses the only user-assigned identity without its ID.
  return platform !== 'imds' && source.ids.length > 0
    ? { ...facts, kind: 'no-default-identity', platform }
    : { ...facts, kind: 'no-identity', isInContainer, platform };
}
