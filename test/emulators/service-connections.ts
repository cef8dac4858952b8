// Service connections of a project, as the agent tells a task of them, and the application that they stand for.
import type { ServiceEndpoint } from './agent/endpoints';
import { TENANT_ID } from './identity-endpoint';

/** Their id, which the server puts in place of the name in the YAML. */
export const CONNECTION_ID = '3b0f6a52-8d1c-4e7f-9a2b-5c6d7e8f9a0b';
/** The stored secret of a connection that has one. */
export const STORED_SECRET = 'Zq8~stored-secret-of-the-connection';

export const APPLICATION = {
  clientId: '6f5e4d3c-2b1a-4098-8f7e-6d5c4b3a2918',
  objectId: '8a7b6c5d-4e3f-4210-9f8e-7d6c5b4a3928',
  tenantId: TENANT_ID,
};
/** Issuer and subject of the OIDC token of a job, for the application of the connection. */
export const ISSUER = `https://login.microsoftonline.com/${TENANT_ID}/v2.0`;
export const SUBJECT = `/eid1/c/pub/t/${TENANT_ID.slice(0, 8)}/a/devops/sc/MyOrg/${CONNECTION_ID}`;

const { tenantId, clientId } = APPLICATION;
/** The agent masks them, as every parameter that it does not know to be none of a secret. */
const FEDERATED = {
  workloadIdentityFederationIssuer: ISSUER,
  workloadIdentityFederationSubject: SUBJECT,
};
const FEDERATION = 'WorkloadIdentityFederation';
const AZURE = {
  environment: 'AzureCloud',
  activeDirectoryAuthority: 'https://login.microsoftonline.com/',
  subscriptionId: '3f1e2d4c-5b6a-4798-8c9d-0e1f2a3b4c5d',
  scopeLevel: 'Subscription',
};

/** An "Azure DevOps" connection, of the type WorkloadIdentityUser. */
export function azureDevOps(more: Partial<ServiceEndpoint> = {}): ServiceEndpoint {
  return {
    url: 'https://dev.azure.com/MyOrg/',
    scheme: FEDERATION,
    parameters: { TenantId: tenantId, ServicePrincipalId: clientId, ...FEDERATED },
    ...more,
  };
}

/** An Azure Resource Manager connection. */
export function azureRM(more: Partial<ServiceEndpoint> = {}): ServiceEndpoint {
  return {
    url: 'https://management.azure.com/',
    scheme: FEDERATION,
    parameters: { tenantid: tenantId, serviceprincipalid: clientId, ...FEDERATED },
    data: AZURE,
    ...more,
  };
}

export const WITH_SECRET = azureRM({
  scheme: 'ServicePrincipal',
  parameters: {
    tenantid: tenantId,
    serviceprincipalid: clientId,
    authenticationType: 'spnKey',
    serviceprincipalkey: STORED_SECRET,
  },
});
export const WITH_CERTIFICATE = azureRM({
  scheme: 'ServicePrincipal',
  parameters: {
    tenantid: tenantId,
    serviceprincipalid: clientId,
    authenticationType: 'spnCertificate',
    servicePrincipalCertificate: STORED_SECRET,
  },
});
export const OF_AGENT = azureRM({
  scheme: 'ManagedServiceIdentity',
  parameters: { tenantid: tenantId },
});
export const OF_GOVERNMENT = azureRM({
  url: 'https://management.usgovcloudapi.net/',
  data: {
    ...AZURE,
    environment: 'AzureUSGovernment',
    activeDirectoryAuthority: 'https://login.microsoftonline.us/',
  },
});
