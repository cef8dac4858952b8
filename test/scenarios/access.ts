// Responses about the identity or its token: throttling, Conditional Access, other tenants, new members.
// A new report is a new entry here, with its source.
import { FAST_CLOCK_ENVIRONMENT } from '../emulators/fast-clock';
import type { Fault } from '../emulators/faults';
import { SYSTEM_ASSIGNED, TENANT_ID } from '../emulators/identity-endpoint';
import type { OrganizationOptions } from '../emulators/organization/organization';
import {
  ACTIVITY_ID,
  OWN_HEADERS,
  redirect,
  refuse,
  signInPage,
  unauthorized,
} from '../emulators/organization/error-responses';
import { calling, sayJson } from './call';
import { FASTER, machine, type Scenario } from './scenario';

const at = (organization: OrganizationOptions) => machine({ organization });
const always = (lastingFault: Fault) => at({ lastingFault });

const TF400813 = `TF400813: The user '${SYSTEM_ASSIGNED.objectId}' is not authorized to access this resource.`;
const RETRY_LATER = { 'retry-after': '2', 'x-ratelimit-resource': 'Services/Concurrency' };
const LIMITS = { 'x-ratelimit-resource': 'Services/Concurrency', 'x-ratelimit-remaining': '0' };
const firstPage = sayJson({ value: [1] }, { 'x-ms-continuationtoken': 'next' });
const LIST = { allPages: 'true' };

/** https://github.com/microsoft/coe-starter-kit/issues/6694 */
const POLICY =
  'VS403463: The conditional access policy defined by your Microsoft Entra administrator has failed.';
const ofPolicy = (status: number): Fault => refuse(status, POLICY);
const BY_POLICY = ['VS403463', 'Conditional Access', 'Microsoft Entra'];

const OTHER_TENANT = 'b0c1d2e3-4f5a-4b6c-8d7e-9f0a1b2c3d4e';
const NO_TENANT = '00000000-0000-0000-0000-000000000000';

const THROTTLED: readonly Scenario[] = [
  calling({
    name: 'refused-and-throttled-once',
    story: 'The server refuses the token for the second page of a list, and requests a pause.',
    inputs: LIST,
    open: at({
      faults: [firstPage, refuse(401, TF400813, { 'retry-after': '1' })],
      lastingFault: sayJson({ value: [2] }),
    }),
    names: ['401. Next attempt in 1 s.'],
    calls: 3,
  }),
  calling({
    name: 'refused-and-throttled',
    story: `… and does not stop. ${FASTER}`,
    inputs: { ...LIST, maxRetries: '2' },
    open: at({ faults: [firstPage], lastingFault: refuse(401, TF400813, RETRY_LATER) }),
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    row: 'throttled',
    names: ['401', 'Retry-After 2', 'Services/Concurrency', ACTIVITY_ID],
    calls: 4,
  }),
  calling({
    name: 'refused-and-throttled-for-long',
    story: 'The server refuses the token for a poll, and requests a pause of ten minutes.',
    inputs: { waitUntil: "state == 'done'", waitIntervalInSeconds: '0.1' },
    open: at({
      faults: [sayJson({ state: 'new' })],
      lastingFault: refuse(401, TF400813, { 'retry-after': '600' }),
    }),
    row: 'throttled',
    names: ['401', 'Retry-After 600', ACTIVITY_ID],
    calls: 2,
  }),
  calling({
    name: 'refused-with-limits',
    story:
      'The server refuses the token for the second page, and shows the limits of the identity.',
    inputs: LIST,
    open: at({ faults: [firstPage], lastingFault: refuse(401, TF400813, LIMITS) }),
    row: 'throttled',
    names: ['401', 'Services/Concurrency', 'X-RateLimit-Remaining 0'],
    calls: 2,
  }),
  calling({
    name: 'refused-at-first-with-limits',
    story: 'The server refuses the first request because of the limits of the identity.',
    open: always(refuse(401, 'Too many requests.', LIMITS)),
    row: 'throttled',
    names: ['401', 'Too many requests.', 'X-RateLimit-Remaining 0'],
    calls: 1,
  }),
  calling({
    name: 'refused-later',
    story: 'The server refuses the token for the second page, and does not say why.',
    inputs: LIST,
    open: at({ faults: [firstPage], lastingFault: refuse(401, TF400813) }),
    row: 'unknown to the organization',
    names: ['401', 'TF400813'],
    calls: 2,
  }),
];

const CONDITIONAL_ACCESS: readonly Scenario[] = [
  ...([403, 401] as const).map((status) =>
    calling({
      name: `conditional-access-${status}`,
      story: `A Conditional Access policy blocks the identity (${status}).`,
      open: always(ofPolicy(status)),
      row: 'blocked by a policy',
      names: [...BY_POLICY, String(status), ACTIVITY_ID],
    }),
  ),
  calling({
    name: 'conditional-access-203',
    story: '… as a page with the status 203.',
    open: always({
      kind: 'response',
      status: 203,
      headers: { ...OWN_HEADERS, 'content-type': 'text/html' },
      body: `<html><head><title>${POLICY}</title></head><body>403 - Uh-oh, you do not have access.</body></html>`,
    }),
    row: 'blocked by a policy',
    names: [...BY_POLICY, '203', ACTIVITY_ID],
  }),
  calling({
    name: 'conditional-access-302',
    story: '… as a redirect to a sign-in page, with the reason in a header.',
    open: always({
      ...redirect('https://dev.azure.com/_signin'),
      headers: {
        ...OWN_HEADERS,
        location: 'https://spsprodweu1.vssps.visualstudio.com/_signin',
        'x-tfs-serviceerror': encodeURIComponent(POLICY),
      },
    }),
    row: 'blocked by a policy',
    names: [...BY_POLICY, '302', ACTIVITY_ID],
  }),
  {
    name: 'conditional-access-of-member',
    story: 'A Conditional Access policy blocks the membership check.',
    open: always(ofPolicy(403)),
    row: 'blocked by a policy',
    names: [...BY_POLICY, '403', 'MyOrg', ACTIVITY_ID],
    calls: 1,
  },
];

const OTHER_TENANTS: readonly Scenario[] = [
  calling({
    name: 'call-to-another-tenant',
    story: 'The organization belongs to another tenant.',
    open: always(unauthorized(OTHER_TENANT, TF400813)),
    row: 'another tenant',
    names: ['401', OTHER_TENANT, TENANT_ID, 'cannot be added'],
  }),
  calling({
    name: 'call-to-another-tenant-by-page',
    story: '… and shows a sign-in page.',
    open: always({
      ...signInPage(203),
      headers: {
        ...OWN_HEADERS,
        'content-type': 'text/html',
        'x-vss-resourcetenant': OTHER_TENANT,
      },
    }),
    row: 'another tenant',
    names: ['203', OTHER_TENANT, TENANT_ID, 'cannot be added'],
  }),
  calling({
    name: 'call-to-no-tenant',
    story: 'The organization is connected to no tenant.',
    open: always(unauthorized(NO_TENANT, TF400813)),
    row: 'another tenant',
    names: [
      '401',
      'not connected to a Microsoft Entra tenant',
      'cannot have this identity as a member',
      'Organization settings > Microsoft Entra',
    ],
  }),
];

const NEW_MEMBERS: readonly Scenario[] = [
  {
    name: 'member-for-a-minute',
    story: 'The identity was added to the organization a minute ago.',
    open: at({ members: [] }),
    row: 'unknown to the organization',
    names: ['401', 'TF400813', '15 minutes'],
    calls: 1,
  },
  {
    name: 'member-for-a-minute-of-public-organization',
    story: '… and the organization still treats it as an anonymous user.',
    open: at({ members: [], isPublic: true }),
    row: 'unknown to the organization',
    names: ['anonymous user', '15 minutes'],
    calls: 1,
  },
  calling({
    name: 'call-as-member-for-a-minute',
    story: '… and the step makes a call.',
    open: at({ members: [] }),
    row: 'unknown to the organization',
    names: ['401', '15 minutes'],
  }),
];

export const ACCESS_SCENARIOS: readonly Scenario[] = [
  ...THROTTLED,
  ...CONDITIONAL_ACCESS,
  ...OTHER_TENANTS,
  ...NEW_MEMBERS,
];
