import { findEntraCause, type EntraCause } from './entra-causes';
import type { FederationProblem, EntraProblemDetails, Requester } from './federation-problems';
import { findConnectionHint } from './shared-hints';

const CONNECTIONS = 'Project settings > Service connections';
const AUDIENCE = 'api://AzureADTokenExchange';

/** What to do about a refusal of Microsoft Entra. */
const ENTRA_HINTS: Readonly<Record<EntraCause, (requester: Requester) => string>> = {
  'no-credential': (requester) =>
    'No federated credential of the identity fits what was shown. ' +
    (requester.kind === 'connection'
      ? `Open the connection (${CONNECTIONS}), and give its application or managed identity a federated credential with the issuer and the ` +
        `subject identifier that stand there, and the audience ${AUDIENCE}.`
      : 'Give the managed identity a federated credential with the issuer of the cluster, the subject ' +
        `system:serviceaccount:{namespace}:{name} of the pod, and the audience ${AUDIENCE}.`),
  'unknown-tenant': (requester) =>
    `Microsoft Entra has no tenant ${requester.tenantId}. Correct the tenant of ${describeSetting(requester, 'AZURE_TENANT_ID')}.`,
  'unknown-application': (requester) =>
    `The tenant ${requester.tenantId} has no application with that client id: it was deleted, or it belongs to another tenant. Correct ` +
    `${describeSetting(requester, 'AZURE_CLIENT_ID (or the input clientId)')}.`,
  'disabled-application': () =>
    'The application is disabled: let it sign in again (in Microsoft Entra: Enterprise applications, open it, Properties), or use another one.',
  'several-tenants': () =>
    'The application is for several tenants. Azure DevOps takes a managed identity, or an application for the accounts of a single tenant.',
  'out-of-time': (requester) =>
    requester.kind === 'connection'
      ? 'What was shown is not valid at this time, most likely because it is too old: run the job again.'
      : 'What was shown is not valid at this time: see that the cluster renews the file that AZURE_FEDERATED_TOKEN_FILE names, and run the job again.',
  'entra-busy': () =>
    'Microsoft Entra is busy or in trouble, which passes: run the job again later.',
  'entra-refuses': (requester) =>
    `See what Microsoft Entra says; it explains its codes at https://login.microsoftonline.com/error. Then mend ${describeSetting(requester, 'the managed identity of the pod')}.`,
};

type Hints = {
  readonly [Kind in EntraProblemDetails['kind']]: (
    problem: Extract<FederationProblem, { kind: Kind }>,
  ) => string;
};

const HINTS: Hints = {
  'not-vouched': () =>
    `See that the service connection is there and that this pipeline may use it (${CONNECTIONS}, open it: Security, Approvals and checks). ` +
    'The answer is not shown, because it could be turned into a token.',
  'entra-refuses': (problem) => ENTRA_HINTS[findEntraCause(problem)](problem.requester),
  'no-token': () =>
    'Something in between, such as a proxy that inspects TLS, seems to answer in its place: let this machine reach it.',
  'no-answer': ({ why }) => findConnectionHint(why),
  elsewhere: () =>
    'Tokens for Azure DevOps Services are asked for at https://login.microsoftonline.com only, the authority of the public cloud. Correct or remove ' +
    'AZURE_AUTHORITY_HOST where the agent is started.',
  'wrong-token': () =>
    'The token was thrown away. See what answers in place of https://login.microsoftonline.com.',
  'token-file': () =>
    'See that the pod has the label azure.workload.identity/use: "true", and that the user of the agent may read the file.',
  library: () => 'See whether what the agent says of the identity is complete.',
};

/** What to do about a problem. */
export function findFederationHint(problem: FederationProblem): string {
  const hint = HINTS[problem.kind] as (problem: FederationProblem) => string;
  return hint(problem);
}

/** Where what the party says of itself is written down. */
function describeSetting(requester: Requester, variable: string): string {
  return requester.kind === 'connection'
    ? `the service connection (${CONNECTIONS})`
    : `${variable} of the pod`;
}
