import type { Endpoint } from '../agent';
import { isGuid } from '../guid';
import { untrustedText } from '../untrusted-text';
import type { InputReader } from './input-reader';
import { describeValue, refuse } from './parse-values';
import { readOidcUrl } from './read-oidc-url';
import type { IdentityInputs, ServiceConnection } from './task-inputs';

/** The connection of every job to its own organization. */
const JOB = 'SYSTEMVSSCONNECTION';

const SUPPORTED =
  'Supported are workload identity federation and, of an Azure Resource Manager connection, the managed identity of the agent.';
const CONVERT =
  'Convert it to workload identity federation (Project settings > Service connections, open it, Convert), or make a new one of that kind.';
/** The public cloud, as Azure Resource Manager names it, and the authorities in the connections to it. */
const PUBLIC_CLOUD = 'AzureCloud';
const PUBLIC_AUTHORITIES = [
  'login.microsoftonline.com',
  'login.windows.net',
  'login.microsoft.com',
];

type Input = ServiceConnection['input'];

/**
 * Reads the service connection that an input names.
 * @param allowedHosts hosts outside Azure DevOps that may get the token
 */
export function readConnection(
  reader: InputReader,
  input: Input,
  allowedHosts: readonly string[],
): Pick<IdentityInputs, 'requested' | 'connection' | 'isAgentConnection'> {
  const endpoint = readEndpoint(reader, input);
  const problem = endpoint && (findCloudProblem(endpoint) ?? findSchemeProblem(endpoint, input));
  if (problem !== undefined) {
    reader.problems.push(`${input} ${problem}`);
  }
  if (endpoint === undefined || problem !== undefined) {
    return {};
  }
  if (isOfAgent(endpoint)) {
    const clientId = endpoint.data('msiclientId');
    const isAgentConnection = true;
    return isGuid(clientId)
      ? { isAgentConnection, requested: { input: 'clientId', value: clientId } }
      : { isAgentConnection };
  }
  const connection = readFederation(reader, { input, endpoint, allowedHosts });
  return connection === undefined ? {} : { connection };
}

function readEndpoint(reader: InputReader, input: Input): Endpoint | undefined {
  const id = reader.text(input);
  if (id === '') {
    reader.problems.push(`${input} is not set, and this connectionType needs it.`);
    return undefined;
  }
  if (!/^[\w-]{1,64}$/.test(id)) {
    reader.problems.push(`${input} ${refuse(id, 'a service connection').problem}`);
    return undefined;
  }
  const endpoint = reader.agent.getEndpoint(id);
  if (endpoint === undefined) {
    reader.problems.push(
      `${input} is ${describeValue(id)}, and the agent knows no such service connection. See that it is there, and that this ` +
        'pipeline may use it (Project settings > Service connections).',
    );
  }
  return endpoint;
}

function isOfAgent({ scheme }: Endpoint): boolean {
  return scheme.toLowerCase() === 'managedserviceidentity';
}

function findSchemeProblem(endpoint: Endpoint, input: Input): string | undefined {
  const { scheme } = endpoint;
  const isSupported =
    scheme.toLowerCase() === 'workloadidentityfederation' ||
    (isOfAgent(endpoint) && input === 'azureSubscription');
  const isCertificate =
    endpoint.parameter('authenticationType')?.toLowerCase() === 'spncertificate';
  const what =
    scheme.toLowerCase() === 'serviceprincipal'
      ? ` with a stored ${isCertificate ? 'certificate' : 'secret'}`
      : '';
  return isSupported
    ? undefined
    : `names a service connection of the scheme ${untrustedText(scheme)}${what}, which the task does not take. ${SUPPORTED} ${CONVERT}`;
}

/** Azure DevOps Services is in the public cloud, and accepts tokens of its authority only. */
function findCloudProblem(endpoint: Endpoint): string | undefined {
  const cloud = endpoint.data('environment') ?? PUBLIC_CLOUD;
  const authority = endpoint.data('activeDirectoryAuthority');
  const host =
    authority !== undefined && URL.canParse(authority) ? new URL(authority).hostname : '';
  const isPublic =
    cloud.toLowerCase() === PUBLIC_CLOUD.toLowerCase() &&
    (authority === undefined || PUBLIC_AUTHORITIES.includes(host));
  return isPublic
    ? undefined
    : `names a service connection of another cloud (${untrustedText([cloud, authority].join(' '))}). Azure DevOps Services ` +
        'lives in the public cloud, and takes tokens of its authority only, https://login.microsoftonline.com: name a connection of AzureCloud.';
}

interface FederatedEndpoint {
  readonly input: Input;
  readonly endpoint: Endpoint;
  readonly allowedHosts: readonly string[];
}

function readFederation(
  reader: InputReader,
  { input, endpoint, allowedHosts }: FederatedEndpoint,
): ServiceConnection | undefined {
  const tenantId = endpoint.parameter('tenantid');
  const clientId = endpoint.parameter('serviceprincipalid');
  const jobToken = reader.agent.getEndpoint(JOB)?.parameter('AccessToken');
  const oidcRequestUrl = readOidcUrl(reader, allowedHosts);
  if (!isGuid(tenantId) || !isGuid(clientId)) {
    reader.problems.push(
      `${input} names a service connection without the tenant or the application that it stands for. Open it and save it anew ` +
        '(Project settings > Service connections).',
    );
    return undefined;
  }
  if (jobToken === undefined) {
    reader.problems.push('the agent gives this job no access token (System.AccessToken).');
    return undefined;
  }
  const id = reader.text(input);
  return oidcRequestUrl && { input, id, tenantId, clientId, oidcRequestUrl, jobToken };
}
