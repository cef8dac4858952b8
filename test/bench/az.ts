// The Azure CLI, where it is installed, on a machine of its own kind: an identity endpoint, and Azure Resource Manager with one
// subscription, which `az login` wants to see.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorityFile } from '../emulators/certificates';
import { startProxy } from '../emulators/proxy';
import { startPublicServer } from '../emulators/public-server';
import { SYSTEM_ASSIGNED, TENANT_ID } from '../emulators/identity-endpoint';
import { issueToken } from '../emulators/token-issuer';
import { time } from './measure';
import type { Subject } from './section';

const SUBSCRIPTION = {
  id: '/subscriptions/11111111-1111-4111-8111-111111111111',
  subscriptionId: '11111111-1111-4111-8111-111111111111',
  displayName: 'one',
  state: 'Enabled',
};

export interface AzureCli {
  readonly subject: Subject;
  close(): Promise<void>;
}

/** @returns nothing where it is not installed */
export async function openAzureCli(against: string): Promise<AzureCli | undefined> {
  if (spawnSync('az', ['version'], { stdio: 'ignore' }).status !== 0) {
    return undefined;
  }
  const endpoint = createServer((_, response) => {
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const { clientId: appid, objectId: oid } = SYSTEM_ASSIGNED;
    const aud = 'https://management.core.windows.net/';
    const token = issueToken({ aud, tid: TENANT_ID, appid, oid, exp });
    const answer = { access_token: token, expires_on: String(exp), token_type: 'Bearer' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  const manager = await startPublicServer('management.azure.com', (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ value: [SUBSCRIPTION] }));
  });
  const proxy = await startProxy({ routes: { 'management.azure.com:443': manager.port } });
  const home = mkdtempSync(join(tmpdir(), 'az-'));
  const address = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/msi/token`;
  const environment = {
    HOME: home,
    AZURE_CORE_COLLECT_TELEMETRY: 'no',
    IDENTITY_ENDPOINT: address,
    IDENTITY_HEADER: 'secret',
    MSI_ENDPOINT: address,
    HTTPS_PROXY: proxy.origin,
    NO_PROXY: '127.0.0.1',
    REQUESTS_CA_BUNDLE: await authorityFile(),
  };
  const resource = ['--resource', '499b84ac-1321-427f-aa17-267ca6975798'];
  return {
    subject: {
      name: 'az login --identity, az account get-access-token',
      against,
      run: async () => {
        const login = await time('az', ['login', '--identity'], environment);
        const token = await time('az', ['account', 'get-access-token', ...resource], environment);
        return { wallMs: login + token };
      },
    },
    close: async () => {
      endpoint.close();
      endpoint.closeAllConnections();
      await Promise.all([manager.close(), proxy.close()]);
      rmSync(home, { recursive: true });
    },
  };
}
