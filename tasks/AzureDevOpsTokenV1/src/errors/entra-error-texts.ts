// What a user reads about an error of Microsoft Entra.
import { ENTRA_AUTHORITY } from '../hosts';
import { untrustedText } from '../untrusted-text';
import type { EntraErrorKind } from './entra-codes';
import {
  addPodCredential,
  assignAgain,
  AUDIENCE,
  OPEN_CONFIGURATION,
  SHOW_ISSUER,
} from './entra-steps';
import { ADD_USERS, CONNECTIONS, FEDERATED_CREDENTIALS } from './menu-paths';
import { CLIENT_ANNOTATION, TENANT_ANNOTATION } from './pod-problems';
import {
  describeAssertion,
  describeRequester,
  describeTenant,
  type ByRequester,
  type WithRequester,
} from './requester';
import { describeSupport } from './support';
import type { ProblemTable, ProblemText } from './task-error';

export interface EntraErrorProblem {
  readonly kind: EntraErrorKind;
  readonly status: number;
  /** Untrusted text, like the next. */
  readonly serverMessage: string | undefined;
  readonly correlationId: string | undefined;
}

type Problem = EntraErrorProblem & WithRequester;
type Texts = Pick<ProblemText<Problem>, 'id' | 'heading' | 'conclusion'>;

const ERROR_PAGE = `${ENTRA_AUTHORITY}/error`;
const SIGN_IN_LOGS =
  'in the sign-in logs of Microsoft Entra (Service principal sign-ins, Managed identity sign-ins)';
const ADD_AGAIN = `A new identity has a new object ID. Add it to the organization again (${ADD_USERS}).`;

type Hint = string | ((problem: Problem) => string);

/** A row whose hint does not depend on the requester, or has one text for each. */
function row(texts: Texts, hint: Hint | ByRequester<Hint>): ProblemText<Problem> {
  return {
    ...texts,
    details: describeEntraError,
    hint: (problem) => {
      const text = typeof hint === 'object' ? hint[problem.requester.kind] : hint;
      return typeof text === 'string' ? text : text(problem);
    },
  };
}

export const ENTRA_ERROR_TABLE: ProblemTable<Problem> = {
  'no-credential': row(
    {
      id: 'no-federated-credential',
      heading: 'No federated credential matches',
      conclusion: ({ requester }) =>
        `No federated credential of the identity matches the ${describeAssertion(requester)}.`,
    },
    {
      connection:
        `1. Open the connection under ${CONNECTIONS}, and copy its issuer and subject identifier.\n2. In the Azure portal, ${FEDERATED_CREDENTIALS}.\n` +
        `3. Add a credential with this issuer and subject, and the audience ${AUDIENCE}. A new credential can take some minutes to work.`,
      workload: (problem) =>
        `${addPodCredential(problem, 'this issuer')} A new credential can take some minutes to work.`,
      'managed-identity': assignAgain,
    },
  ),
  'wrong-issuer': row(
    {
      id: 'issuer-without-credential',
      heading: 'No federated credential has the issuer',
      conclusion: ({ requester }) =>
        `No federated credential of the identity has the issuer of the ${describeAssertion(requester)}.`,
    },
    {
      connection:
        `1. Open the connection under ${CONNECTIONS}.\n2. If it offers Update, select it, and run the job again: this converts the connection from the retired issuer ` +
        'https://vstoken.dev.azure.com to the issuer of Microsoft Entra.\n3. Otherwise, in the Azure portal, ' +
        `${FEDERATED_CREDENTIALS}.\n4. Add a credential with the issuer and the subject identifier that the connection shows, and the audience ${AUDIENCE}. Then run the job again.`,
      workload: (problem) =>
        addPodCredential(problem, 'exactly this issuer, with the slash at its end'),
      'managed-identity': assignAgain,
    },
  ),
  'unknown-tenant': row(
    {
      id: 'tenant-not-found',
      heading: 'The tenant does not exist',
      conclusion: ({ requester }) =>
        `Microsoft Entra does not find the ${describeTenant(requester)}.`,
    },
    {
      connection: `Correct the tenant ID in the service connection (${CONNECTIONS}).`,
      workload: `Correct the annotation ${TENANT_ANNOTATION} of the service account of the pod, which sets AZURE_TENANT_ID, and restart the pod.`,
      'managed-identity':
        '1. The Azure subscription may have moved to another tenant, so renew the identity. System-assigned: in the Azure portal, open the VM or scale set, ' +
        'Security > Identity > System assigned, and set Status to Off and then to On. User-assigned: create the identity again and assign it.\n' +
        `2. ${ADD_AGAIN}`,
    },
  ),
  'unknown-application': row(
    {
      id: 'application-not-found',
      heading: 'The application does not exist in the tenant',
      conclusion: ({ requester }) =>
        `The ${describeTenant(requester)} has no application with this client ID.`,
    },
    {
      connection: `Correct the client ID or the tenant ID in the service connection (${CONNECTIONS}). If the application was deleted, create a new connection.`,
      workload:
        'The application was deleted, or it belongs to another tenant. If this step sets the input clientId, correct that input. Otherwise, correct the ' +
        `annotation ${CLIENT_ANNOTATION} of the service account of the pod, which sets AZURE_CLIENT_ID, and restart the pod.`,
      'managed-identity': (problem) =>
        `The identity was deleted, and maybe created again with the same name.\n${assignAgain(problem)}`,
    },
  ),
  'disabled-application': row(
    {
      id: 'application-disabled',
      heading: 'The application is disabled',
      conclusion: () => 'The application of the identity is disabled in Microsoft Entra.',
    },
    'Ask an administrator of the tenant to enable it. In the Microsoft Entra admin center, open Enterprise applications, the application of this identity, Properties, ' +
      'and set "Enabled for users to sign-in?" to Yes. Or use another identity.',
  ),
  'several-tenants': row(
    {
      id: 'multitenant-application',
      heading: 'The application supports several tenants',
      conclusion: () =>
        'The application of the identity is multitenant, which Azure DevOps does not accept.',
    },
    'Use a managed identity, or an application that supports accounts of a single tenant only (in the Microsoft Entra admin center: App registrations, ' +
      'the application, Authentication).',
  ),
  'assertion-expired': row(
    {
      id: 'assertion-expired',
      heading: 'The OIDC token or service account token has expired',
      conclusion: ({ requester }) =>
        `The ${describeAssertion(requester)} has expired or is not valid yet.`,
    },
    {
      connection: 'Run the job again.',
      workload:
        'Restart the pod, so that it gets a new token file, and run the job again. If it happens again, check that the cluster renews the file that ' +
        'AZURE_FEDERATED_TOKEN_FILE names.',
      'managed-identity': 'Run the job again.',
    },
  ),
  'assertion-unverified': row(
    {
      id: 'assertion-not-verified',
      heading: 'Microsoft Entra cannot verify the OIDC token or service account token',
      conclusion: ({ requester }) =>
        `Microsoft Entra could not verify the ${describeAssertion(requester)}.`,
    },
    {
      connection: (problem) =>
        `Run the job again, because the keys of an issuer change from time to time. If it happens again, ${describeSupport('correlation ID', problem.correlationId)}.`,
      workload:
        '1. Restart the pod, because the keys of a cluster change from time to time. Then run the job again.\n' +
        `2. If it happens again in AKS, ${SHOW_ISSUER}\n` +
        `3. ${OPEN_CONFIGURATION} If it does not respond, ask the administrator of the cluster.`,
      'managed-identity':
        'Run the job again, because the keys of an issuer change from time to time.',
    },
  ),
  'issuer-unreachable': row(
    {
      id: 'issuer-unreachable',
      heading: 'Microsoft Entra cannot reach the issuer',
      conclusion: ({ requester }) =>
        `Microsoft Entra could not get the keys of the issuer of the ${describeAssertion(requester)}.`,
    },
    {
      connection:
        'Microsoft Entra reads the keys of the issuer from the internet. Run the job again later, and see https://status.dev.azure.com.',
      workload:
        'Microsoft Entra reads the keys of the issuer from the internet, so the issuer of the cluster must be public.\n' +
        `1. In AKS, ${SHOW_ISSUER}\n` +
        `2. ${OPEN_CONFIGURATION} If it responds, run the job again.\n` +
        '3. If it does not respond, ask the administrator of the cluster to run the command below, and to confirm with y. It changes no setting of the ' +
        'cluster: Azure applies its current settings again, which can repair the address of the issuer. Then run the job again.\naz aks update --name {cluster} --resource-group {group}',
      'managed-identity':
        'Microsoft Entra reads the keys of the issuer from the internet. Run the job again later.',
    },
  ),
  'tenant-policy': row(
    {
      id: 'tenant-policy',
      heading: 'A policy of the tenant forbids this federated credential',
      conclusion: ({ requester }) =>
        `A policy of the ${describeTenant(requester)} forbids this use of workload identity federation.`,
    },
    'Ask an administrator of Microsoft Entra to allow this issuer and identity in the policy for workload identity federation. If this is not possible, ask ' +
      'which issuers and identities the policy allows: it may allow managed identities, but no applications. Then use one that is allowed.',
  ),
  'conditional-access': row(
    {
      id: 'entra-conditional-access',
      heading: 'A Conditional Access policy blocks the identity in Microsoft Entra',
      conclusion: () => 'A Conditional Access policy of Microsoft Entra blocks this identity.',
    },
    (problem) =>
      `Ask an administrator of Microsoft Entra to find the sign-in${describeSearch(problem)} ${SIGN_IN_LOGS}. ` +
      'Its tab Conditional Access names the policy that has to allow this identity.',
  ),
  'other-cloud-tenant': row(
    {
      id: 'tenant-in-another-cloud',
      heading: 'The tenant belongs to another Azure cloud',
      conclusion: ({ requester }) =>
        `The ${describeTenant(requester)} and Azure DevOps Services belong to different Azure clouds.`,
    },
    'Use an identity of a tenant in the public Azure cloud (AzureCloud), to which the organization is connected. No setting makes Microsoft ' +
      'Entra issue this token across clouds.',
  ),
  'tenant-restrictions': row(
    {
      id: 'tenant-restrictions',
      heading: 'The network does not allow this tenant',
      conclusion: ({ requester }) =>
        `The network of the agent does not allow access to the ${describeTenant(requester)} (tenant restrictions).`,
    },
    'A proxy between the agent and Microsoft Entra adds the header Restrict-Access-To-Tenants. Ask the administrator of that proxy to add this tenant to the header.',
  ),
  'no-azure-devops': row(
    {
      id: 'tenant-without-azure-devops',
      heading: 'The tenant has no service principal of Azure DevOps',
      conclusion: ({ requester }) =>
        `The ${describeTenant(requester)} has no enabled service principal of Azure DevOps.`,
    },
    (problem) =>
      `1. ${describeTenantSource(problem)}Check that the organization is connected to this tenant (Organization settings > Microsoft Entra). If the ` +
      `organization is connected to another tenant, use ${describeOtherIdentity(problem)}.\n` +
      '2. In the Microsoft Entra admin center, open Enterprise applications, Azure DevOps, Properties, and set "Enabled for users to sign-in?" to Yes.\n' +
      '3. If Azure DevOps is not there, an administrator of the tenant can add it with az ad sp create --id 499b84ac-1321-427f-aa17-267ca6975798',
  ),
  'entra-busy': row(
    {
      id: 'entra-unavailable',
      heading: 'Microsoft Entra is not available',
      conclusion: () => 'Microsoft Entra is busy or not available at the moment.',
    },
    'Run the job again in a few minutes. If it happens often, start fewer jobs with this identity at once.',
  ),
  'entra-error': row(
    {
      id: 'entra-error',
      heading: 'Microsoft Entra returned an error',
      conclusion: ({ status, serverMessage }) =>
        `Microsoft Entra refused to issue a token: ${findCode(serverMessage) ?? `status ${status}`}.`,
    },
    (problem) =>
      (findCode(problem.serverMessage) === undefined
        ? ''
        : `Look up the code of the server message at ${ERROR_PAGE}. `) +
      `Ask an administrator of Microsoft Entra to find the sign-in${describeSearch(problem)} ${SIGN_IN_LOGS}. The sign-in shows the reason.`,
  ),
};

/** Where the tenant is shown, if the error cannot name it. A managed identity belongs to the tenant of its subscription. */
function describeTenantSource({ requester }: Problem): string {
  return requester.kind === 'managed-identity'
    ? 'The tenant of the managed identity is that of its Azure subscription (az account show --subscription {subscription} --query tenantId). '
    : '';
}

/** What belongs to another tenant than this identity. */
function describeOtherIdentity({ requester }: Problem): string {
  return requester.kind === 'managed-identity'
    ? 'an agent whose managed identity is in that tenant, or a service connection of that tenant (connectionType: azureDevOps)'
    : 'an identity of that tenant';
}

/** How to find the sign-in. */
function describeSearch({ correlationId }: Problem): string {
  return correlationId === undefined ? ' of this identity' : ' by its correlation ID';
}

/** The code in a server message, for example `AADSTS53003`. */
function findCode(serverMessage = ''): string | undefined {
  return /\bAADSTS\d+/.exec(serverMessage)?.[0];
}

function describeEntraError({ status, serverMessage, correlationId, requester }: Problem): string {
  const details = [
    serverMessage === undefined ? '' : `"${untrustedText(serverMessage)}"`,
    correlationId === undefined ? '' : `correlation ID ${untrustedText(correlationId)}`,
  ].filter((detail) => detail !== '');
  const text = details.length === 0 ? '' : ` (${details.join('; ')})`;
  return `Microsoft Entra returned ${status}${text} for ${describeRequester(requester)}.`;
}
