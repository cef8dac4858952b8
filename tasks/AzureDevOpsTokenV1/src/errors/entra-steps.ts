// Steps of a remedy that several errors of Microsoft Entra need.
import { ADD_USERS } from './menu-paths';
import type { Requester, WithRequester } from './requester';

/** Of a federated credential. */
export const AUDIENCE = 'api://AzureADTokenExchange';

export const SHOW_ISSUER =
  'show the issuer of the service account token of this pod, which is that of the cluster: ' +
  'az aks show --name {cluster} --resource-group {group} --query oidcIssuerProfile.issuerUrl --output tsv';

/** An administrator repairs the address with az aks update: https://github.com/Azure/azure-workload-identity/pull/955 */
export const OPEN_CONFIGURATION =
  'In a browser outside your network, open this issuer with .well-known/openid-configuration at its end, such as ' +
  'https://{region}.oic.prod-aks.azure.com/{tenant}/{ID}/.well-known/openid-configuration.';

const SHOW_SERVICE_ACCOUNT =
  'Show the namespace and the service account of the pod of this agent: kubectl get pods --all-namespaces ' +
  '--output custom-columns=POD:.metadata.name,NAMESPACE:.metadata.namespace,ACCOUNT:.spec.serviceAccountName';

/** How to add a federated credential for the service account of a pod. */
export function addPodCredential({ requester }: WithRequester, issuer: string): string {
  return (
    `1. In AKS, ${SHOW_ISSUER}\n2. ${SHOW_SERVICE_ACCOUNT}\n` +
    `3. In the Azure portal, open the managed identity${describeClientId(requester)}, Settings > Federated credentials.\n` +
    `4. Add a credential with ${issuer}, the subject system:serviceaccount:{namespace}:{service account}, and the audience ${AUDIENCE}.`
  );
}

function describeClientId(requester: Requester): string {
  return requester.kind === 'workload' ? ` with the client ID ${requester.clientId}` : '';
}

/** How to assign a managed identity to its resource again. */
export function assignAgain({ requester }: WithRequester): string {
  const requested = requester.kind === 'managed-identity' ? requester.requested : undefined;
  const id =
    requested === undefined
      ? ' (the only one there, because the step names none)'
      : ` with the ${requested.input} ${requested.value}`;
  const newId =
    requested === undefined || requested.input === 'resourceId'
      ? ''
      : ` Then correct the ${requested.input} in the step or in its service connection.`;
  return (
    '1. In the Azure portal, open the VM, scale set, pool or app of this agent, and select Identity (VM and scale set: Security > Identity; others: ' +
    'Settings > Identity).\n' +
    `2. System-assigned: set Status to Off and then to On. User-assigned: remove the identity${id}, and assign it again. If it does not exist any more, ` +
    'create it first.\n' +
    `3. An identity that is system-assigned or was created again has new IDs: add it to the organization again (${ADD_USERS}).${newId}`
  );
}
