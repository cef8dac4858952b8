import type { Agent } from './agent';
import type { Clock } from './clock';
import type { Environment } from './environment';
import type { Connections } from './http/connections';
import { describeOrigin, formatError, TaskError } from './errors/task-error';
import {
  describeIdentity,
  describeMember,
  describeRenewal,
  describeWarnings,
  HOW_TO_USE,
  HOW_TO_USE_GIT,
} from './log';
import type { GitRequest, GitResponse } from './git/credential-helper';
import type { AccessToken, Identity } from './identity/identity';
import { signIn } from './identity/sign-in';
import { readInputs } from './inputs/read-inputs';
import type { RestCall, TaskInputs } from './inputs/task-inputs';
import {
  maskToken as mask,
  publishGitConfig,
  publishIdentity,
  publishResult,
  publishTenant,
} from './outputs';

/** What the task needs besides the agent. */
export interface Context {
  readonly clock: Clock;
  readonly environment: Environment;
}

/**
 * The whole task: reads the inputs, gets a token, checks the membership, sets the outputs and makes the REST call. Every
 * exception ends here, as the one error of the step.
 */
export async function run(agent: Agent, context: Context): Promise<void> {
  try {
    const inputs = readInputs(agent, context.environment);
    describeWarnings(inputs).forEach((warning) => {
      agent.warning(warning);
    });
    const log = (line: string) => {
      agent.info(line);
    };
    const maskToken = (token: string) => {
      mask(agent, token);
    };
    const { organization, allowedHosts, network } = inputs;
    const connections = await connect(inputs, context);
    const stepContext = { ...context, allowedHosts, network, maskToken, log, connections };
    const identity = await signIn(inputs.identity, stepContext);
    let token = await identity.getToken();
    describeIdentity(token, identity, context.clock.now()).forEach(log);
    if (organization !== undefined) {
      const { verifyMembership } = await import('./azure-devops/membership');
      const member = await verifyMembership({ organization, token }, stepContext);
      log(describeMember(member));
      token = withTenant(token, member.tenantId);
    }
    publishIdentity(agent, token);
    if (inputs.git !== undefined) {
      await prepareGit(agent, context, { ...inputs, git: inputs.git });
    }
    if (inputs.call !== undefined) {
      await runRestCall(agent, stepContext, { ...inputs, call: inputs.call, identity, token });
    }
    log(HOW_TO_USE);
    agent.succeed();
  } catch (error) {
    reportFailure(agent, error);
  }
}

/** Adds the tenant of the organization that accepts the token, if the token does not contain its tenant. */
function withTenant(token: AccessToken, tenantId: string | undefined): AccessToken {
  return { ...token, tenantId: token.tenantId ?? tenantId };
}

/** Begins to connect to Azure DevOps while the token is acquired; undefined if the step sends nothing to Azure DevOps. */
async function connect(
  { call, organization, network }: TaskInputs,
  context: Context,
): Promise<Connections | undefined> {
  const target = call?.url ?? (organization && new URL(organization.url));
  if (target === undefined) {
    return undefined;
  }
  const { connectEarly } = await import('./http/connections');
  return connectEarly(target, { ...context, network });
}

/** Writes the configuration by which git gets credentials in later steps. */
async function prepareGit(
  agent: Agent,
  { environment }: Context,
  inputs: TaskInputs & Required<Pick<TaskInputs, 'git'>>,
): Promise<void> {
  const { writeGitConfig } = await import('./git/git-config');
  publishGitConfig(agent, writeGitConfig(inputs, environment));
  agent.info(HOW_TO_USE_GIT);
}

/** What a REST call needs besides the agent and its inputs. */
interface RestCallContext extends Context, Pick<TaskInputs, 'allowedHosts' | 'network'> {
  readonly connections: Connections | undefined;
}

interface CallInputs extends Pick<TaskInputs, 'temporaryFolder'> {
  readonly call: RestCall;
  readonly identity: Identity;
  /** The token that is set as an output. */
  readonly token: AccessToken;
}

/** Makes the REST call of the step. Sets its outputs before an error fails the step. */
async function runRestCall(
  agent: Agent,
  context: RestCallContext,
  inputs: CallInputs,
): Promise<void> {
  const log = (line: string) => {
    agent.info(line);
  };
  const showProgress = (percent: number, what: string) => {
    agent.progress(percent, what);
  };
  const warn = (text: string) => {
    agent.warning(text);
  };
  const { call, temporaryFolder, token: identityDetails } = inputs;
  const getToken = makeRenewal(agent, inputs);
  const { describeResult, makeRestCall } = await import('./rest/rest-call');
  const options = {
    ...context,
    temporaryFolder,
    identityDetails,
    getToken,
    log,
    warn,
    showProgress,
  };
  const result = await makeRestCall(call, options);
  publishResult(agent, result);
  if (identityDetails.tenantId === undefined && result.tenantId !== undefined) {
    // A token that cannot be read does not contain its tenant.
    publishTenant(agent, result.tenantId);
  }
  result.warnings.forEach(warn);
  if (result.error !== undefined) {
    throw result.error;
  }
  describeResult(result).forEach(log);
}

/** A REST call can take longer than its token is valid. A renewed token becomes the output, too, so that later steps can use it. */
function makeRenewal(agent: Agent, { identity, token }: CallInputs): () => Promise<AccessToken> {
  let last = token;
  return async () => {
    const next = await identity.getToken();
    if (next.token !== last.token) {
      last = withTenant(next, token.tenantId);
      publishIdentity(agent, last);
      agent.info(describeRenewal(next));
    }
    return next;
  };
}

/** What git gets that has started this process as its credential helper. */
export async function runCredentialHelper(request: GitRequest, clock: Clock): Promise<GitResponse> {
  const { respondToGit } = await import('./git/credential-helper');
  return respondToGit(request, { clock, signIn });
}

/** The only place that turns an error into the result of the step. */
export function reportFailure(agent: Agent, error: unknown): void {
  if (!(error instanceof TaskError)) {
    agent.debug(describeOrigin(error));
  }
  agent.fail(formatError(error));
}
