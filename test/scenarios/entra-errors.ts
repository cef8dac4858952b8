// The errors of Microsoft Entra by their codes, as users have reported them: for a service connection, for a pod, and passed on by an identity
// endpoint. The next report about a code belongs here.
import { refuse } from '../emulators/entra';
import { openHostedAgent, openPod } from '../emulators/federated-places';
import type { Fault } from '../emulators/faults';
import { FAST_CLOCK_ENVIRONMENT } from '../emulators/fast-clock';
import { APP_SERVICE, IMDS, refuseAsAppService } from '../emulators/identity-dialects';
import { SYSTEM_ASSIGNED } from '../emulators/identity-endpoint';
import { CONNECTION_ID } from '../emulators/service-connections';
import { FASTER, machine, type Row, type Scenario } from './scenario';

const OF_CONNECTION = {
  connectionType: 'azureDevOps',
  azureDevOpsServiceConnection: CONNECTION_ID,
};
type EntraError = Parameters<typeof refuse>;
const toFault = (...error: EntraError): Fault => ({ kind: 'response', ...refuse(...error) });

/** A code, its message, and the row that explains it. */
type Code = readonly [code: number, text: string, row: Row];

const POLICY = 'Federated identity credentials are blocked by the tenant.';
const CODES: readonly Code[] = [
  [700223, POLICY, 'tenant policy'],
  [700238, POLICY, 'tenant policy'],
  [
    7002381,
    "Federated identity credentials issued by '…' must contain the enterprise claim.",
    'tenant policy',
  ],
  [
    900382,
    'Confidential Client is not supported in Cross Cloud request.',
    'tenant of another cloud',
  ],
  [
    900432,
    'Confidential Client is not supported in Cross Cloud request.',
    'tenant of another cloud',
  ],
  [90038, 'The tenant belongs to the National Cloud.', 'tenant of another cloud'],
  [
    53003,
    '##vso[task.complete] Access has been blocked by Conditional Access policies.',
    'Entra Conditional Access',
  ],
  [530032, 'Blocked by a security policy of the tenant.', 'Entra Conditional Access'],
  [53000, 'Device is not in required device state.', 'Entra Conditional Access'],
  [500011, 'The resource principal was not found in the tenant.', 'tenant without Azure DevOps'],
  [500014, 'The service principal for the resource is disabled.', 'tenant without Azure DevOps'],
  [500021, 'Access to the tenant is denied.', 'tenant restrictions'],
  [70001, 'Application was not found in the directory.', 'unknown application'],
  [700027, 'Client assertion failed signature validation.', 'assertion not verified'],
  [900612, 'Failed to parse provider signing keys.', 'issuer unreachable'],
  [70023, 'The type is not supported.', 'Entra refuses'],
];

const OF_CODES = CODES.map(([code, text, row]): Scenario => ({
  name: `aadsts${code}`,
  story: `Microsoft Entra refuses a service connection with AADSTS${code}.`,
  open: () =>
    openHostedAgent({ entra: { lastingFault: toFault(400, 'invalid_request', [code, text]) } }),
  inputs: OF_CONNECTION,
  row,
  names: [`AADSTS${code}`, 'correlation ID', CONNECTION_ID],
  calls: 1,
}));

const ISSUERS: readonly Scenario[] = [
  {
    name: 'retired-issuer',
    story: 'The service connection has the issuer of Azure DevOps, which is retired.',
    open: () =>
      openHostedAgent({
        entra: {
          lastingFault: toFault(401, 'invalid_client', [
            700211,
            "No matching federated identity record found for presented assertion issuer 'https://vstoken.dev.azure.com/7e9c6d20'.",
          ]),
        },
      }),
    inputs: OF_CONNECTION,
    row: 'issuer to convert',
    names: ['AADSTS700211', 'select it', 'Project settings > Service connections'],
    calls: 1,
  },
  {
    name: 'retired-issuer-of-old',
    story: '… and Microsoft Entra returns its older code.',
    open: () =>
      openHostedAgent({
        entra: {
          lastingFault: toFault(401, 'invalid_client', [
            70021,
            "No matching federated identity record found for presented assertion. Assertion Issuer: 'https://app.vstoken.visualstudio.com'.",
          ]),
        },
      }),
    inputs: OF_CONNECTION,
    row: 'issuer to convert',
    names: ['AADSTS70021'],
    calls: 1,
  },
  {
    name: 'pod-with-other-issuer',
    story: 'The federated credential of a pod has another issuer than the cluster.',
    open: () =>
      openPod({
        entra: {
          lastingFault: toFault(401, 'invalid_client', [700211, 'No matching … issuer.']),
        },
      }),
    row: 'issuer of the cluster',
    names: ['AADSTS700211', 'oidcIssuerProfile.issuerUrl'],
  },
];

const PASSING: readonly (readonly [number, string])[] = [
  [50033, 'A transient error has occurred.'],
  [50166, 'Request to External OIDC endpoint failed.'],
  [501661, 'Request to External OIDC endpoint failed.'],
  [90006, 'The service is temporarily unavailable.'],
  [90012, 'The request has timed out.'],
  [90024, 'A transient error has occurred. Try again.'],
  [90025, 'Request processing has exceeded gateway allowance.'],
  [90033, 'The Microsoft Online Directory Service is unavailable.'],
  [90061, 'Request to External OIDC endpoint failed.'],
  [90090, 'The service is temporarily unavailable.'],
  [90091, 'Graph is unreachable.'],
];
const passingTwice = PASSING.map(([code, text], index): Scenario => ({
  name: `aadsts${code}-once`,
  story: `Microsoft Entra returns AADSTS${code} with the status 400 once, then the token.`,
  // Those of the same kind alternate between a service connection and a pod.
  open: () => {
    const entra = { faults: [toFault(400, 'invalid_request', [code, text])] };
    return index % 2 === 0 ? openHostedAgent({ entra }) : openPod({ entra });
  },
  inputs: index % 2 === 0 ? OF_CONNECTION : {},
  names: [`login.microsoftonline.com returned 400 (AADSTS${code})`, 'Next attempt in'],
  calls: index % 2 === 0 ? 2 : 1,
}));

const TEMPORARILY: Fault = {
  kind: 'response',
  status: 400,
  body: { error: 'temporarily_unavailable', error_description: 'Busy' },
};
const RETRIES: readonly Scenario[] = [
  ...passingTwice,
  {
    name: 'temporarily-unavailable-once',
    story: 'Microsoft Entra returns temporarily_unavailable without a code once, then the token.',
    open: () => openHostedAgent({ entra: { faults: [TEMPORARILY] } }),
    inputs: OF_CONNECTION,
    names: ['returned 400 (temporarily_unavailable)', 'Next attempt in'],
    calls: 2,
  },
  {
    name: 'directory-unavailable',
    story: `Microsoft Entra returns AADSTS90033 again and again. ${FASTER}`,
    open: () =>
      openHostedAgent({
        entra: { lastingFault: toFault(400, 'invalid_request', [90033, 'Not available.']) },
      }),
    inputs: OF_CONNECTION,
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    row: 'Entra unavailable',
    names: ['AADSTS90033'],
    calls: 1,
  },
  {
    name: 'pod-issuer-unreachable',
    story: `Microsoft Entra cannot reach the issuer of the cluster of a pod. ${FASTER}`,
    open: () =>
      openPod({
        entra: {
          lastingFault: toFault(400, 'invalid_request', [
            90061,
            'Request to External OIDC endpoint failed.',
          ]),
        },
      }),
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    row: 'issuer unreachable',
    names: ['AADSTS90061', '.well-known/openid-configuration'],
  },
];

const ofImds = (...error: EntraError): Fault =>
  ({ ...toFault(...error), headers: IMDS.headers }) as Fault;
const relayed = (fault: Fault, dialect = IMDS) => machine({ dialect, lastingFault: () => fault });
const ofAppService = (message: string): Fault => ({
  kind: 'response',
  ...refuseAsAppService(message),
});

const RELAYED: readonly Scenario[] = [
  {
    name: 'imds-relays-passing-error',
    story: 'IMDS passes on AADSTS90033 of Microsoft Entra once, then returns the token.',
    open: machine({ faults: [ofImds(400, 'invalid_request', [90033, 'Not available.'])] }),
    names: ['it returned 400 (AADSTS90033)', 'Next attempt in', SYSTEM_ASSIGNED.clientId],
    requests: 2,
  },
  {
    name: 'app-service-relays-passing-error',
    story: 'App Service passes on AADSTS50033 within its message once, then returns the token.',
    open: machine({
      dialect: APP_SERVICE,
      faults: [ofAppService('AADSTS50033: A transient error has occurred.')],
    }),
    names: ['it returned 400 (AADSTS50033)', SYSTEM_ASSIGNED.clientId],
    requests: 2,
  },
  {
    name: 'imds-relays-busy',
    story: `IMDS passes on AADSTS90024 again and again. ${FASTER}`,
    open: relayed(ofImds(400, 'invalid_request', [90024, 'A transient error has occurred.'])),
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    row: 'Entra unavailable',
    names: ['AADSTS90024', 'the managed identity', 'http://127.0.0.1:'],
  },
  ...(
    [
      [500011, 'invalid_resource', 'tenant without Azure DevOps'],
      [700016, 'unauthorized_client', 'identity created again'],
      [53003, 'access_denied', 'Entra Conditional Access'],
      [90002, 'invalid_request', 'tenant moved'],
      [7000112, 'unauthorized_client', 'disabled application'],
      [70052, 'invalid_request', 'application of several tenants'],
      [1002016, 'invalid_request', 'Entra refuses'],
    ] as const
  ).map(([code, error, row]): Scenario => ({
    name: `imds-relays-aadsts${code}`,
    story: `IMDS passes on AADSTS${code} of Microsoft Entra.`,
    open: relayed(ofImds(400, error, [code, '##vso[x] It is refused.'])),
    row,
    ...(code === 700016 ? { alsoRow: 'unknown application' as const } : {}),
    names: [`AADSTS${code}: **vso[x] It is refused.`, 'correlation ID', 'the managed identity'],
    requests: 1,
  })),
  {
    name: 'app-service-relays-error',
    story:
      'App Service passes on AADSTS700016 within its message, for the identity that the step names.',
    open: relayed(
      ofAppService('Token request failed: AADSTS700016: Application was not found.'),
      APP_SERVICE,
    ),
    inputs: { clientId: SYSTEM_ASSIGNED.clientId },
    row: 'identity created again',
    alsoRow: 'unknown application',
    names: ['AADSTS700016', SYSTEM_ASSIGNED.clientId],
    requests: 1,
  },
  {
    name: 'imds-relays-forbidden',
    story: 'IMDS passes on an error of Microsoft Entra with its status, 403.',
    open: relayed(ofImds(403, 'access_denied', [53003, 'Access has been blocked.'])),
    row: 'Entra Conditional Access',
    names: ['AADSTS53003', 'returned 403'],
    requests: 1,
  },
];

export const ENTRA_ERROR_SCENARIOS: readonly Scenario[] = [
  ...OF_CODES,
  ...ISSUERS,
  ...RETRIES,
  ...RELAYED,
];
