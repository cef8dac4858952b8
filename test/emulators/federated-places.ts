// Places without a managed identity of their own, from which Microsoft Entra can be asked, through a proxy that wants a password.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceEndpoint } from './agent/endpoints';
import { ENTRA_HOST, startEntra, type Application, type EntraOptions } from './entra';
import { TENANT_ID } from './identity-endpoint';
import type { JobOidcToken } from './organization/job-oidc-token';
import { startOrganization, type OrganizationOptions } from './organization/organization';
import { openBareMachine, type Place } from './places';
import { addressOf, startProxy } from './proxy';
import { APPLICATION, azureDevOps, CONNECTION_ID, ISSUER, SUBJECT } from './service-connections';
import { issueToken } from './token-issuer';

export const PROXY_USER = { username: 'agent', password: 'p@ss:w/ord' };

export interface FederatedOptions {
  readonly application?: Partial<Application>;
  readonly entra?: Partial<EntraOptions>;
  readonly organization?: OrganizationOptions;
}

export interface HostedOptions extends FederatedOptions {
  readonly connection?: ServiceEndpoint;
  readonly oidc?: Partial<JobOidcToken>;
}

/** An agent of Microsoft, in a project that has a service connection. */
export async function openHostedAgent(options: HostedOptions = {}): Promise<Place> {
  const assertions: string[] = [];
  const oidc = {
    connectionId: CONNECTION_ID,
    issuer: ISSUER,
    subject: SUBJECT,
    onToken: (token: string) => assertions.push(token),
    ...options.oidc,
  };
  const credentials = [{ issuer: ISSUER, subject: SUBJECT }];
  const place = await openFederatedPlace(
    { ...APPLICATION, credentials, ...options.application },
    { ...options, organization: { oidc, ...options.organization } },
  );
  const endpoints = { [CONNECTION_ID]: options.connection ?? azureDevOps() };
  return { ...place, assertions, endpoints };
}

/** Issuer and subject of the service account token of a pod. */
const CLUSTER = {
  issuer: 'https://cluster.example/7c1d/',
  subject: 'system:serviceaccount:agents:agent',
};
export const POD = {
  clientId: '2e1d0c9b-8a7f-4e6d-9c5b-4a3f2e1d0c9b',
  objectId: '7d6c5b4a-3f2e-4d1c-8b0a-9f8e7d6c5b4a',
};

export interface PodOptions extends FederatedOptions {
  /** What stands in the file of the token. */
  readonly tokenFile?: string;
  /** In place of what the pod has in its environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A pod of AKS, with workload identity. */
export async function openPod(options: PodOptions = {}): Promise<Place> {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, exp: now + 3600 };
  const token = issueToken({
    iss: CLUSTER.issuer,
    sub: CLUSTER.subject,
    aud: 'api://AzureADTokenExchange',
    ...times,
  });
  const folder = mkdtempSync(join(tmpdir(), 'pod-'));
  const file = join(folder, 'azure-identity-token');
  writeFileSync(file, options.tokenFile ?? `${token}\n`);
  const place = await openFederatedPlace(
    { ...POD, credentials: [CLUSTER], ...options.application },
    options,
  );
  return {
    ...place,
    assertions: [token],
    machineEnvironment: {
      ...place.machineEnvironment,
      AZURE_CLIENT_ID: POD.clientId,
      AZURE_TENANT_ID: TENANT_ID,
      AZURE_AUTHORITY_HOST: `https://${ENTRA_HOST}/`,
      AZURE_FEDERATED_TOKEN_FILE: file,
      ...options.environment,
    },
    close: async () => {
      rmSync(folder, { recursive: true });
      await place.close();
    },
  };
}

async function openFederatedPlace(
  application: Application,
  options: FederatedOptions,
): Promise<Place> {
  const entra = await startEntra({ applications: [application], ...options.entra });
  const organization = await startOrganization({
    issued: entra.tokens,
    members: [{ objectId: application.objectId, displayName: 'pipelines' }],
    ...options.organization,
  });
  const proxy = await startProxy({
    routes: { [`${ENTRA_HOST}:443`]: entra.port, 'dev.azure.com:443': organization.port },
    credentials: PROXY_USER,
  });
  const bare = await openBareMachine();
  return {
    ...bare,
    machineEnvironment: {
      ...bare.machineEnvironment,
      HTTPS_PROXY: addressOf(proxy, PROXY_USER),
    },
    tokens: entra.tokens,
    organization,
    entra,
    proxy,
    close: async () => {
      await Promise.all([bare.close(), entra.close(), organization.close(), proxy.close()]);
    },
  };
}
