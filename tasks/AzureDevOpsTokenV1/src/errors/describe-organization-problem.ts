import { describeHappening } from './describe-happening';
import type { Description } from './description';
import { findHint } from './organization-hints';
import type { OrganizationProblem } from './organization-problems';

/** What to tell a user of a problem: what was attempted and what happened, and what to do. */
export function describeOrganizationProblem(problem: OrganizationProblem): Description {
  const { name, url } = problem.organization;
  const attempt = `Asking the organization ${name} (GET ${url}/_apis/connectionData) whether it knows the identity`;
  return { message: `${attempt}: ${describeHappening(problem)}.`, hint: findHint(problem) };
}
