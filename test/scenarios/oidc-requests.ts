// What Azure DevOps returns to a request for the OIDC token of a job, as users have reported it. The next report about a service connection that
// gets no OIDC token belongs here.
import { openHostedAgent } from '../emulators/federated-places';
import type { Fault } from '../emulators/faults';
import { FAST_CLOCK_ENVIRONMENT } from '../emulators/fast-clock';
import {
  OWN_HEADERS,
  refuse,
  signInPage,
  SIGN_IN_REDIRECT,
  unauthorized,
} from '../emulators/organization/error-responses';
import { CONNECTION_ID } from '../emulators/service-connections';
import { TENANT_ID } from '../emulators/identity-endpoint';
import { FASTER, type Row, type Scenario } from './scenario';

interface Refusal {
  readonly name: string;
  readonly story: string;
  readonly fault: Fault;
  readonly row: Row;
  readonly names: readonly string[];
}

const answer = (status: number, body: unknown): Fault => ({
  kind: 'response',
  status,
  body,
  headers: OWN_HEADERS,
});

const REFUSALS: readonly Refusal[] = [
  {
    name: '401',
    story: 'Azure DevOps does not accept the access token of the job.',
    fault: unauthorized(TENANT_ID, "TF400813: The user '##vso[x]' is not authorized."),
    row: 'job token rejected',
    names: ['returned 401', "TF400813: The user '**vso[x]' is not authorized.", 'activity ID'],
  },
  {
    name: '203',
    story: '… and returns a sign-in page with the status 203.',
    fault: signInPage(203),
    row: 'job token rejected',
    names: ['returned 203', 'activity ID'],
  },
  {
    name: '302',
    story: '… and redirects to the sign-in page.',
    fault: SIGN_IN_REDIRECT,
    row: 'job token rejected',
    names: ['returned 302', 'activity ID'],
  },
  {
    name: 'sign-in-page',
    story: '… and returns a sign-in page with the status 200.',
    fault: signInPage(200),
    row: 'job token rejected',
    names: ['returned 200', 'activity ID'],
  },
  {
    name: '403',
    story: 'The pipeline has no permission to use the service connection.',
    fault: refuse(403, 'Access denied. ##vso[x] needs Use permissions for the service connection.'),
    row: 'connection denied',
    names: [
      '403',
      'Access denied. **vso[x] needs Use permissions',
      'Security > Pipeline permissions',
    ],
  },
  {
    name: 'disabled',
    story: 'The service connection is disabled, because it was not used for 100 days.',
    fault: refuse(403, 'The service connection devops is disabled.'),
    row: 'connection denied',
    names: ['is disabled.', 'select Enable'],
  },
  {
    name: '404',
    story: 'Azure DevOps returns 404 without a message.',
    fault: answer(404, ''),
    row: 'connection denied',
    names: ['404', 'activity ID', 'Approvals and checks'],
  },
  {
    name: '400',
    story: 'Azure DevOps says what is wrong with the request.',
    fault: refuse(400, 'The requested version "7.1" of the resource is under preview.'),
    row: 'OIDC request not supported',
    names: ['status 400', 'The requested version "7.1" of the resource is under preview.'],
  },
  {
    name: '409',
    story: 'The job has ended when its OIDC token is requested.',
    fault: refuse(409, 'The job has completed.'),
    row: 'OIDC request of an ended job',
    names: ['status 409', 'The job has completed.'],
  },
  {
    name: '405',
    story: 'Azure DevOps does not support the method, and says so in the value of an error.',
    // https://github.com/tfsaggregator/aggregator-cli/issues/115 has this form.
    fault: answer(405, {
      count: 1,
      value: { Message: "The requested resource does not support http method 'POST'." },
    }),
    row: 'OIDC request not supported',
    names: ['status 405', "The requested resource does not support http method 'POST'."],
  },
  {
    name: '400-text',
    story: 'The message is the value itself.',
    fault: answer(400, { count: 1, value: 'The plan ##vso[x] is not running.' }),
    row: 'OIDC request of an ended job',
    names: ['status 400', 'The plan **vso[x] is not running.'],
  },
  {
    name: 'stage',
    story: 'Azure DevOps says that the stage does not name the service connection.',
    fault: refuse(400, 'The service connection is not referenced by the stage.'),
    row: 'OIDC request rejected',
    names: ['status 400', 'The service connection is not referenced by the stage.'],
  },
  {
    name: 'no-token',
    story: 'A server returns 200 with something else, which is not shown.',
    fault: answer(200, { oidcTokens: [], message: 'not shown' }),
    row: 'no OIDC token',
    names: ['dev.azure.com returned 200', 'not shown, because'],
  },
];

export const OIDC_SCENARIOS: readonly Scenario[] = [
  ...REFUSALS.map(({ name, story, fault, row, names }): Scenario => ({
    name: `oidc-${name}`,
    story,
    open: () => openHostedAgent({ organization: { lastingFault: fault } }),
    inputs: { connectionType: 'azureDevOps', azureDevOpsServiceConnection: CONNECTION_ID },
    row,
    names: [...names, CONNECTION_ID, 'azureDevOpsServiceConnection'],
    calls: 1,
  })),
  {
    name: 'oidc-unavailable',
    story: `Azure DevOps returns 503 to each request for an OIDC token. ${FASTER}`,
    open: () => openHostedAgent({ organization: { lastingFault: refuse(503, 'Not shown.') } }),
    inputs: { connectionType: 'azureDevOps', azureDevOpsServiceConnection: CONNECTION_ID },
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    row: 'OIDC unavailable',
    names: ['returned 503', 'activity ID'],
    calls: 'some',
  },
  {
    name: 'oidc-unavailable-once',
    story: 'Azure DevOps returns 503 to one request for an OIDC token, then issues it.',
    open: () => openHostedAgent({ organization: { faults: [refuse(503, 'Busy')] } }),
    inputs: { connectionType: 'azureDevOps', azureDevOpsServiceConnection: CONNECTION_ID },
    names: ['dev.azure.com returned 503', 'Next attempt in'],
    calls: 3,
  },
];
