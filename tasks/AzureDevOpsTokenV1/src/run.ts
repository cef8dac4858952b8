import type { Agent } from './agent';
import type { Clock } from './clock';
import type { Environment } from './environment';
import type { Connections } from './http/connections';
import { describeCall, describeResult } from './rest/progress';
import { describeFailure, describeOrigin } from './errors/describe-failure';
import { Failure } from './errors/task-error';
import {
  describeIdentity,
  describeMember,
  describeRenewal,
  describeWarnings,
  HOW_TO_USE,
} from './log';
import { withTenant, type AccessToken, type Identity } from './identity/identity';
import { signIn } from './identity/sign-in';
import { readInputs } from './inputs/read-inputs';
import type { RequestedCall, TaskInputs } from './inputs/task-inputs';
import { protectToken, publishIdentity, publishResult } from './outputs';

/** What the task needs besides the agent. */
export interface World {
  readonly clock: Clock;
  readonly environment: Environment;
}

/**
 * The whole task: reads its inputs, signs in, asks the organization, hands the token on. Every failure ends here, as the
 * step's one error.
 */
export async function run(agent: Agent, world: World): Promise<void> {
  try {
    const inputs = readInputs(agent, world.environment);
    describeWarnings(inputs).forEach((warning) => {
      agent.warning(warning);
    });
    const tell = (line: string) => {
      agent.info(line);
    };
    const protect = (token: string) => {
      protectToken(agent, token);
    };
    const { organization, allowedHosts, network } = inputs;
    const connections = await connect(inputs, world);
    const surroundings = { ...world, allowedHosts, network, protect, tell, connections };
    const identity = await signIn(inputs.identity, surroundings);
    let token = await identity.getToken();
    describeIdentity(token, identity, world.clock.now()).forEach(tell);
    if (organization !== undefined) {
      const { verifyMembership } = await import('./azure-devops/membership');
      const member = await verifyMembership({ organization, token }, surroundings);
      tell(describeMember(member));
      token = withTenant(token, member.tenantId);
    }
    publishIdentity(agent, token);
    if (inputs.call !== undefined) {
      await makeCall(agent, surroundings, { ...inputs, call: inputs.call, identity, token });
    }
    tell(HOW_TO_USE);
    agent.succeed();
  } catch (error) {
    reportFailure(agent, error);
  }
}

/** Begins to connect to Azure DevOps while the token is on its way; nothing where it will not be asked. */
async function connect(
  { call, organization, network }: TaskInputs,
  world: World,
): Promise<Connections | undefined> {
  const target = call?.url ?? (organization && new URL(organization.url));
  if (target === undefined) {
    return undefined;
  }
  const { connectEarly } = await import('./http/connections');
  return connectEarly(target, { ...world, network });
}

/** What surrounds a call. */
interface CallWorld extends World, Pick<TaskInputs, 'allowedHosts' | 'network'> {
  readonly connections: Connections | undefined;
}

interface CallInputs extends Pick<TaskInputs, 'temporaryFolder'> {
  readonly call: RequestedCall;
  readonly identity: Identity;
  /** The one that was handed on. */
  readonly token: AccessToken;
}

/** The call of the step. What came of it is handed on, also where the step fails by it. */
async function makeCall(agent: Agent, world: CallWorld, inputs: CallInputs): Promise<void> {
  const tell = (line: string) => {
    agent.info(line);
  };
  const showProgress = (percent: number, what: string) => {
    agent.progress(percent, what);
  };
  const { call, temporaryFolder, token: bearer } = inputs;
  tell(describeCall(call));
  const getToken = makeRenewal(agent, inputs);
  const { callAzureDevOps } = await import('./rest/rest-call');
  const options = { ...world, temporaryFolder, bearer, getToken, tell, showProgress };
  const result = await callAzureDevOps(call, options);
  publishResult(agent, result);
  if (bearer.tenantId === undefined && result.tenantId !== undefined) {
    // A token that cannot be read does not say it; now that the organization has accepted the token, it is known.
    agent.setOutput('tenantId', result.tenantId);
  }
  result.warnings.forEach((warning) => {
    agent.warning(warning);
  });
  if (result.failure !== undefined) {
    throw result.failure;
  }
  describeResult(result).forEach(tell);
}

/** A call may outlive its token: then it gets a new one, and so do the steps that follow. */
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

/** The only place that turns an error into the result of the step. */
export function reportFailure(agent: Agent, error: unknown): void {
  if (!(error instanceof Failure)) {
    agent.debug(describeOrigin(error));
  }
  agent.fail(describeFailure(error));
}
