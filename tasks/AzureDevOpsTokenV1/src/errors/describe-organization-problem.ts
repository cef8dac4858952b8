import { quoteForeign } from '../server-text';
import { countAttempts, type Description } from './description';
import type { Answered, AskedOrganization, OrganizationProblem } from './organization-problems';

type Problem<Kind extends OrganizationProblem['kind']> = Extract<
  OrganizationProblem,
  { kind: Kind }
>;

/** The tenant id of an organization that is connected to none. */
const NO_TENANT = '00000000-0000-0000-0000-000000000000';

const HINTS = {
  'unknown-identity': (problem: Problem<'unknown-identity'>) => {
    const { organization, bearer } = problem;
    return (
      describeTenants(problem) +
      `The organization does not know the identity with the client id ${bearer.clientId} and the object id ${bearer.objectId}. It is ` +
      `added under Organization settings > Users of ${organization.name}, with an access level that fits its work (Basic for ` +
      'repositories). If the token is meant for another organization, name that one in the input organization.'
    );
  },
  'not-services': () =>
    'Correct the input organization. The task speaks to Azure DevOps Services: Azure DevOps Server takes no Microsoft Entra token.',
  forbidden: () =>
    'The organization knows the identity and does not let it in: see the access level and the permissions of the identity there, ' +
    'and the policies of the organization (Organization settings > Policies).',
  'not-found': () =>
    'See that the organization is written as in its URL (the input organization). To an identity without any permission, what is ' +
    'there can look like this, too.',
  throttled: () =>
    'Azure DevOps slows this identity down, because it asks too much in too short a time. Run the job again later, or let ' +
    'fewer jobs ask at once.',
  unexpected: () =>
    'Azure DevOps may be in trouble, which passes: try again a little later. To do without this question, set the input ' +
    'verifyMembership to false.',
  redirect: ({ target }: Problem<'redirect'>) =>
    `The redirect was not followed: the token goes to Azure DevOps and to the hosts in allowedHosts only. If ${quoteForeign(target)} is ` +
    'the organization, name it in the inputs organization and allowedHosts.',
} as const;

const NO_ANSWER_HINTS = {
  certificate:
    "Where the network inspects TLS, or the server has a certificate of a private authority: add that authority's certificate to the " +
    'file that NODE_EXTRA_CA_CERTS names in the environment of the agent, and start the agent anew. (The CA setting of the agent ' +
    'itself, --sslcacert, is not used by this version.)',
  proxy:
    'It is the proxy that HTTPS_PROXY, ALL_PROXY or HTTP_PROXY names in the environment of the agent: correct its address, its user ' +
    'and password, or its rules, or name the host in NO_PROXY.',
  connection:
    'See whether a firewall, the name service or a missing proxy (HTTPS_PROXY in the environment of the agent) stands between this ' +
    'machine and that host.',
} as const;

/** What to tell a user of a problem: what was attempted and what happened, and what to do. */
export function describeOrganizationProblem(problem: OrganizationProblem): Description {
  const attempt = describeAttempt(problem.organization);
  if (problem.kind === 'no-answer') {
    const { kind, host, reason, attempts, elapsedMs } = problem.why;
    const whom = kind === 'proxy' ? `the proxy ${host}` : host;
    const what = kind === 'certificate' ? `its certificate is not trusted (${reason})` : reason;
    const tries = attempts === 0 ? '' : `, ${countAttempts(attempts, elapsedMs)}`;
    return {
      message: `${attempt}: ${whom}: ${what}${tries}.`,
      hint: NO_ANSWER_HINTS[kind],
    };
  }
  const hint = HINTS[problem.kind] as (problem: OrganizationProblem) => string;
  return { message: `${attempt}: ${describeAnswer(problem)}.`, hint: hint(problem) };
}

function describeAttempt({ name, url }: AskedOrganization): string {
  return `Asking the organization ${name} (GET ${url}/_apis/connectionData) whether it knows the identity`;
}

function describeAnswer(problem: Exclude<OrganizationProblem, { kind: 'no-answer' }>): string {
  const { answered } = problem;
  return `it answered ${answered.status}${describeContent(problem)}${describeDetails(answered)}`;
}

function describeContent(problem: Exclude<OrganizationProblem, { kind: 'no-answer' }>): string {
  switch (problem.kind) {
    case 'unknown-identity':
      return describeUnknown(problem);
    case 'redirect':
      return ` and redirects to ${quoteForeign(problem.target)}`;
    case 'not-services':
      return ', and not as Azure DevOps Services does';
    case 'forbidden':
    case 'not-found':
    case 'throttled':
    case 'unexpected':
      return '';
  }
}

function describeUnknown({ answered, isAnonymous }: Problem<'unknown-identity'>): string {
  if (isAnonymous === true) {
    return ' and takes the identity for an anonymous user';
  }
  return answered.status === 401 || answered.words !== undefined ? '' : ' with a sign-in page';
}

/** In parentheses: the words of the server, and what its support asks for. */
function describeDetails({ words, activityId, retryAfter, throttledResource }: Answered): string {
  const details = [
    words === undefined ? '' : `"${quoteForeign(words)}"`,
    retryAfter === undefined ? '' : `Retry-After ${quoteForeign(retryAfter)}`,
    throttledResource === undefined ? '' : `resource ${quoteForeign(throttledResource)}`,
    activityId === undefined ? '' : `activity id ${quoteForeign(activityId)}`,
  ].filter((detail) => detail !== '');
  return details.length === 0 ? '' : ` (${details.join('; ')})`;
}

/** Where the organization cannot know the identity, because it belongs to another tenant. */
function describeTenants({ bearer, organizationTenantId }: Problem<'unknown-identity'>): string {
  const own = bearer.tenantId;
  if (
    organizationTenantId === undefined ||
    organizationTenantId.toLowerCase() === own.toLowerCase()
  ) {
    return '';
  }
  const whose =
    organizationTenantId === NO_TENANT
      ? `The organization is connected to no Microsoft Entra tenant (${NO_TENANT})`
      : `The organization belongs to the tenant ${organizationTenantId}`;
  return `${whose}, and the token is of the tenant ${own}: an organization takes only identities of its own tenant. `;
}
