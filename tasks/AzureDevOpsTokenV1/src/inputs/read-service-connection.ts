import type { Endpoint } from '../agent';
import { CONNECTIONS } from '../errors/menu-paths';
import { isGuid } from '../guid';
import { untrustedText } from '../untrusted-text';
import type { InputReader } from './input-reader';
import { describeValue, refuse } from './parse-values';
import { readOidcUrl } from './read-oidc-url';
import type { IdentityInputs, ServiceConnection } from './task-inputs';

/** The connection of every job to its own organization. */
const JOB = 'SYSTEMVSSCONNECTION';

const SUPPORTED =
  'The task supports workload identity federation and, with azureRM, the managed identity of the agent.';
const CONVERT = `Convert the connection to workload identity federation (${CONNECTIONS}, open it, Convert), or create a new one.`;
/** The public cloud, as Azure Resource Manager names it, and the authorities in the connections to it. */
const PUBLIC_CLOUD = 'AzureCloud';
const PUBLIC_AUTHORITIES = [
  'login.microsoftonline.com',
  'login.windows.net',
  'login.microsoft.com',
];

type Input = ServiceConnection['input'];

/** Reads the service connection that an input names. */
export function readConnection(
  reader: InputReader,
  input: Input,
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
  const connection = readFederation(reader, input, endpoint);
  return connection === undefined ? {} : { connection };
}

function readEndpoint(reader: InputReader, input: Input): Endpoint | undefined {
  const id = reader.text(input);
  if (id === '') {
    reader.problems.push(
      `${input} is not set, but this connectionType requires it. Set it to the name of a service connection.`,
    );
    return undefined;
  }
  if (!/^[\w-]{1,64}$/.test(id)) {
    reader.problems.push(`${input} ${refuse(id, 'the name of a service connection').problem}`);
    return undefined;
  }
  const endpoint = reader.agent.getEndpoint(id);
  if (endpoint === undefined) {
    reader.problems.push(
      `${input} is ${describeValue(id)}, but this job has no such service connection. If it was deleted, create a new one under ` +
        `${CONNECTIONS}, and set ${input} to its name. Otherwise, permit this pipeline under Security > Pipeline permissions of the connection.`,
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
      ? `a stored ${isCertificate ? 'certificate' : 'secret'} (${scheme})`
      : `the scheme ${untrustedText(scheme)}`;
  return isSupported
    ? undefined
    : `is a service connection with ${what}, which is not supported. ${SUPPORTED} ${CONVERT}`;
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
        'accepts only tokens of the public cloud (https://login.microsoftonline.com). Use a service connection whose Environment is "Azure Cloud".';
}

function readFederation(
  reader: InputReader,
  input: Input,
  endpoint: Endpoint,
): ServiceConnection | undefined {
  const tenantId = endpoint.parameter('tenantid');
  const clientId = endpoint.parameter('serviceprincipalid');
  const jobToken = reader.agent.getEndpoint(JOB)?.parameter('AccessToken');
  const oidcRequestUrl = readOidcUrl(reader);
  if (!isGuid(tenantId) || !isGuid(clientId)) {
    reader.problems.push(
      `${input} names a service connection without a tenant ID or a client ID. ` +
        `Open it under ${CONNECTIONS} and save it again.`,
    );
    return undefined;
  }
  if (!jobToken) {
    reader.problems.push(
      'The job has no access token (System.AccessToken), which a service connection requires. Run the job again.',
    );
    return undefined;
  }
  const id = reader.text(input);
  return oidcRequestUrl && { input, id, tenantId, clientId, oidcRequestUrl, jobToken };
}
