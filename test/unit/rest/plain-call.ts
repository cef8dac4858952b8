// A call as a step makes it that says nothing but where it goes, and the token with which it is made.
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { SYSTEM_ASSIGNED, TENANT_ID } from '../../emulators/identity-endpoint';
import { issueToken } from '../../emulators/token-issuer';

const { clientId, objectId } = SYSTEM_ASSIGNED;

export const TOKEN = {
  token: issueToken({ oid: objectId, tid: TENANT_ID }),
  expiresOn: new Date(),
  tenantId: TENANT_ID,
  clientId,
  objectId,
};

export const CALL: Omit<RestCall, 'url' | 'organization'> = {
  method: 'GET',
  apiVersion: '7.1',
  isVersionDefault: true,
  headers: new Map(),
  body: undefined,
  bodyFile: undefined,
  query: undefined,
  failWhen: undefined,
  wait: undefined,
  allPages: false,
  outputFile: undefined,
  isResultSecret: false,
  isExpected: (status) => status >= 200 && status < 300,
  requestTimeoutMs: 20_000,
  maxRetries: 0,
};
