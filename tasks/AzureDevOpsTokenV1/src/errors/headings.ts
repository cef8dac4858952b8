// Each problem has a section in docs/troubleshooting.md, and the error names its heading.
import type { CallProblem } from './call-problems';
import type { EntraCause } from './entra-causes';
import type { EntraProblemDetails } from './federation-problems';
import type { AzureDevOpsProblem } from './happening';
import type { IdentityProblem } from './identity-problems';

/** Why no answer came. */
type ConnectionErrorKind = Extract<AzureDevOpsProblem, { kind: 'no-answer' }>['why']['kind'];

// What has a section of its own: the kind of a problem, or a finer cause where its remedy is another one.
export type IdentityCause = IdentityProblem['kind'] | 'no-identity' | 'pod-id-hidden';
export type FederationCause =
  | Exclude<EntraProblemDetails['kind'], 'no-answer' | 'entra-refuses'>
  | EntraCause
  | ConnectionErrorKind;
export type OrganizationCause =
  Exclude<AzureDevOpsProblem['kind'], 'no-answer'> | ConnectionErrorKind | 'other-tenant';
export type CallCause = Exclude<CallProblem['kind'], 'no-answer'> | OrganizationCause;

const NO_REQUEST = 'The library asks for no token';

const CONNECTION = {
  certificate: 'A certificate is not trusted',
  connection: 'A host is out of reach',
  proxy: 'The proxy stands in the way',
  wait: 'Azure DevOps asks to wait',
} as const satisfies Record<ConnectionErrorKind, string>;

/** Wherever Azure DevOps is asked. */
const AZURE_DEVOPS = {
  ...CONNECTION,
  'foreign-page': 'Somebody else answers with a page',
  'in-trouble': 'Azure DevOps is in trouble',
  'not-services': 'What answers is not Azure DevOps Services',
  'other-tenant': 'The organization belongs to another tenant',
  throttled: CONNECTION.wait,
  'unknown-identity': 'The organization does not know the identity',
} as const;

export const IDENTITY_HEADINGS = {
  challenge: 'Azure Arc does not let the agent read its file',
  'endpoint-busy': 'The identity endpoint is busy',
  'endpoint-refuses': 'The identity endpoint refuses',
  'expires-soon': 'The token expires too soon',
  'foreign-endpoint': 'The identity endpoint is not of this machine',
  'identity-not-found': 'The machine does not have that identity',
  library: NO_REQUEST,
  'no-endpoint': 'No identity endpoint answers',
  'no-expiry': 'The token has no expiry',
  'no-identity': 'The machine has no identity',
  'not-a-token': 'The identity endpoint answers with something else',
  'pod-id-hidden': 'A variable hides an id of the pod',
  'pod-without-id': 'The pod has no id of an identity',
  'several-identities': 'The machine has several identities',
  'unsupported-id': 'The platform does not take that id',
  'wrong-audience': 'The token is for another service',
  'wrong-identity': 'The token is of another identity',
} as const satisfies Record<IdentityCause, string>;

export const FEDERATION_HEADINGS = {
  ...CONNECTION,
  'disabled-application': 'The application is disabled',
  elsewhere: 'The pod is of another cloud',
  'entra-busy': 'Microsoft Entra is in trouble',
  'entra-refuses': 'Microsoft Entra refuses',
  library: NO_REQUEST,
  'no-credential': 'No federated credential fits',
  'no-token': 'Somebody else answers in place of Microsoft Entra',
  'not-vouched': 'Azure DevOps does not vouch for the job',
  'out-of-time': 'What vouches for the job is out of time',
  'several-tenants': 'The application is for several tenants',
  'token-file': 'The pod has no usable token file',
  'unknown-application': 'Microsoft Entra does not know the application',
  'unknown-tenant': 'Microsoft Entra does not know the tenant',
  'wrong-token': 'Microsoft Entra gives a token of somebody else',
} as const satisfies Record<FederationCause, string>;

export const ORGANIZATION_HEADINGS = {
  ...AZURE_DEVOPS,
  forbidden: 'The organization does not let the identity in',
  'not-found': 'There is no such organization',
  redirect: 'The organization redirects elsewhere',
  unexpected: 'The organization answers what the task does not know',
} as const satisfies Record<OrganizationCause, string>;

export const CALL_HEADINGS = {
  ...AZURE_DEVOPS,
  echo: 'The answer repeats the token',
  evaluation: 'An expression does not fit the answer',
  'fail-when': 'failWhen is true',
  file: 'A file cannot be read or written',
  forbidden: 'The identity lacks a permission',
  'no-list': 'The answer is not one list',
  'no-poll-address': 'The answer does not say where to look again',
  'not-found': 'Nothing is there, or the identity may not see it',
  'not-json': 'The answer is not JSON',
  'paging-loop': 'The pages do not end',
  'poll-host': 'The answer says to look at another host',
  redirect: 'The call is redirected',
  'result-hostile': 'The agent would act on the result',
  'result-not-masked': 'The result could stay unmasked',
  'result-too-large': 'The result is too large',
  'token-withheld': 'The request after a redirect has no token',
  unexpected: 'The status is not the expected one',
  unread: 'The response is too large to read',
  version: 'The API version does not fit',
  'wait-over': 'waitUntil did not become true',
} as const satisfies Record<CallCause, string>;
