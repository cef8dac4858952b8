import { quoteForeign } from '../server-text';
import type { OrganizationProblem } from './organization-problems';

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
    'Azure DevOps asks to wait before the next request: run the job again later. Where this identity asks too much in too short a ' +
    'time (429), let fewer jobs ask at once.',
  'in-trouble': () =>
    'Azure DevOps may be in trouble, which passes: try again a little later. To do without this question, set the input ' +
    'verifyMembership to false.',
  'foreign-page': () =>
    'Azure DevOps has no such page: a proxy or a firewall in between seems to answer in its place. Let this machine reach the ' +
    'organization.',
  unexpected: () =>
    'The task makes nothing of this answer. See what the server says, and whether something stands in between; the support of Azure ' +
    'DevOps asks for the activity id. To do without this question, set the input verifyMembership to false.',
  redirect: ({ target }: Problem<'redirect'>) =>
    `The redirect was not followed: the token goes where the step says. If ${quoteForeign(target)} is the organization now (it may have ` +
    'been renamed), name it in the input organization, and its host in allowedHosts where that is not of Azure DevOps.',
} as const;

type NoAnswer = Problem<'no-answer'>['why'];

const NO_ANSWER_HINTS = {
  certificate: ({ reason }: NoAnswer) =>
    describeDefect(reason) +
    "Where the network inspects TLS, or the server has a certificate of a private authority: add that authority's certificate to the " +
    'file that NODE_EXTRA_CA_CERTS names in the environment of the agent, and start the agent anew. (The CA setting of the agent ' +
    'itself, --sslcacert, is not used by this version.)',
  proxy: () =>
    'It is the proxy that HTTPS_PROXY, ALL_PROXY or HTTP_PROXY names in the environment of the agent or among the variables of the ' +
    'pipeline: correct its address, its user and password, or its rules, or name the host in NO_PROXY.',
  wait: () => HINTS.throttled(),
  connection: () =>
    'See whether a firewall, the name service or a missing proxy (HTTPS_PROXY in the environment of the agent) stands between this ' +
    'machine and that host.',
} as const;

/** What to do about a problem. */
export function findHint(problem: OrganizationProblem): string {
  if (problem.kind === 'no-answer') {
    return NO_ANSWER_HINTS[problem.why.kind](problem.why);
  }
  const hint = HINTS[problem.kind] as (problem: OrganizationProblem) => string;
  return hint(problem);
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

/** What is wrong with a certificate, where its code says so. */
function describeDefect(code: string): string {
  if (/EXPIRED|NOT_YET_VALID/.test(code)) {
    return 'It is not valid at this time: see the clock of this machine; if that is right, the certificate has to be renewed. ';
  }
  return /ALTNAME|HOSTNAME/.test(code)
    ? 'It is for another host: something else answers at this address. '
    : '';
}
