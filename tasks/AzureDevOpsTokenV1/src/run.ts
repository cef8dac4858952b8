import type { Agent } from './agent';
import type { Clock } from './clock';
import type { Environment } from './environment';
import { describeFailure, describeOrigin } from './errors/describe-failure';
import { Failure } from './errors/failure';
import { describeIdentity, describeMember, FORK_WARNING, HOW_TO_USE } from './identity-report';
import { signIn } from './identity/sign-in';
import { readInputs } from './inputs/read-inputs';
import { verifyMembership } from './organization/verify-membership';
import { protectToken, publishIdentity } from './outputs';

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
    if (inputs.isForkBuild) {
      agent.warning(FORK_WARNING);
    }
    const tell = (line: string) => {
      agent.info(line);
    };
    const protect = (token: string) => {
      protectToken(agent, token);
    };
    const identity = await signIn(inputs.identity, { ...world, protect, tell });
    const token = await identity.getToken();
    describeIdentity(token, world.clock.now()).forEach(tell);
    const { organization, allowedHosts } = inputs;
    if (organization !== undefined) {
      const asking = { ...world, allowedHosts, tell };
      tell(describeMember(await verifyMembership({ organization, token }, asking)));
    }
    publishIdentity(agent, token);
    tell(HOW_TO_USE);
    agent.succeed();
  } catch (error) {
    reportFailure(agent, error);
  }
}

/** The only place that turns an error into the result of the step. */
export function reportFailure(agent: Agent, error: unknown): void {
  if (!(error instanceof Failure)) {
    agent.debug(describeOrigin(error));
  }
  agent.fail(describeFailure(error));
}
