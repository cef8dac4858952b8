import { readFileSync } from 'node:fs';
import { toEnvironmentName, type Environment } from '../environment';
import { entraError } from '../errors/entra';
import { identityError } from '../errors/identity';
import type { Requester } from '../errors/requester';
import { describeSystemError } from '../errors/system-error';
import { isGuid } from '../guid';
import { ENTRA_AUTHORITY } from '../hosts';
import type { IdentityInputs } from '../inputs/task-inputs';
import { isJsonWebToken } from './bearer-token';
import { exchangeToken, type TokenExchange } from './token-exchange';
import type { IdentityContext, TokenSource } from './identity';
import { checkId, POD_TOKEN_FILE, type IdentitySource } from './identity-source';

// The variables that Microsoft Entra Workload ID sets in a pod (the mutating webhook of azure-workload-identity).
const TENANT = 'AZURE_TENANT_ID';
const CLIENT = 'AZURE_CLIENT_ID';
const AUTHORITY_HOST = 'AZURE_AUTHORITY_HOST';

const SOURCE: IdentitySource = {
  name: 'Microsoft Entra (workload identity)',
  platform: 'pod',
  ids: ['clientId'],
};

/**
 * Opens the identity of a pod. Microsoft Entra exchanges the service account token in its file for an access token.
 * @throws {TaskError} if the environment of the pod cannot be used
 */
export function openWorkloadIdentity(
  inputs: IdentityInputs,
  context: IdentityContext,
): TokenSource {
  const { environment, maskToken } = context;
  checkId(inputs, SOURCE);
  const tenantId = readId(TENANT, environment, inputs);
  const clientId = inputs.requested?.value ?? readId(CLIENT, environment, inputs);
  const requester: Requester = { kind: 'workload', tenantId, clientId };
  checkAuthority(environment, requester);
  let assertion = '';
  const open: TokenExchange['open'] = async (client) => {
    const { openAssertionCredential } = await import('./federated-credential');
    const getAssertion = () => Promise.resolve(assertion);
    return openAssertionCredential({ tenantId, clientId, getAssertion }, client);
  };
  const acquire = exchangeToken({ requester, clientId, open }, inputs, context);
  return {
    source: SOURCE.name,
    identityName: 'identity of this pod',
    acquire: () => {
      // The file is read before the library needs it, because the library would replace our error by its own.
      assertion = readAssertion(environment, requester);
      maskToken(assertion);
      return acquire();
    },
  };
}

function readId(
  variable: string,
  { get, pipelineVariableNames }: Environment,
  { isAgentConnection = false }: IdentityInputs,
): string {
  // A file in which a value of the environment was kept can end in a line break.
  const value = get(variable)?.trim() ?? '';
  const isId: boolean = isGuid(value);
  if (isId) {
    return value;
  }
  if (value !== '') {
    throw identityError({ kind: 'pod-id-malformed', variable, value, isAgentConnection });
  }
  const isHidden = pipelineVariableNames.some((name) => toEnvironmentName(name) === variable);
  const kind = isHidden ? 'pod-id-hidden' : 'pod-without-id';
  throw identityError({ kind, variable, isAgentConnection });
}

/** Refuses any other authority, because the service account token is sent to it. */
function checkAuthority({ get }: Environment, requester: Requester): void {
  const authority = get(AUTHORITY_HOST) ?? ENTRA_AUTHORITY;
  if (authority.replace(/\/$/, '') !== ENTRA_AUTHORITY) {
    const host = URL.canParse(authority) ? new URL(authority).host : 'something that is not a URL';
    throw entraError({ kind: 'other-cloud', host, requester });
  }
}

function readAssertion({ get }: Environment, requester: Requester): string {
  try {
    const text = readFileSync(get(POD_TOKEN_FILE) ?? '', 'utf8').trim();
    if (isJsonWebToken(text)) {
      return text;
    }
  } catch (error) {
    const reason = describeSystemError(error);
    throw entraError({ kind: 'token-file', reason, requester });
  }
  const reason = 'it does not contain a JSON Web Token';
  throw entraError({ kind: 'token-file', reason, requester });
}
