import type { Agent } from './agent';
import type { Clock } from './clock';
import type { Environment } from './environment';
import { describeFailure, describeOrigin } from './errors/describe-failure';
import { Failure } from './errors/failure';
import { describeIdentity, FORK_WARNING, HOW_TO_USE } from './identity-report';
import { signIn } from './identity/sign-in';
import { readInputs } from './inputs/read-inputs';
import { protectToken, publishIdentity } from './outputs';

/** What the task needs besides the agent. */
export interface World {
  readonly clock: Clock;
  readonly environment: Environment;
}

/** The whole task: reads its inputs, signs in, hands the token on. Every failure ends here, as the step's one error. */
export async function run(agent: Agent, world: World): Promise<void> {
  try {
    const inputs = readInputs(agent, world.environment);
    if (inputs.isForkBuild) {
      agent.warning(FORK_WARNING);
    }
    const identity = await signIn(inputs.identity, {
      ...world,
      protect: (token) => {
        protectToken(agent, token);
      },
      tell: (line) => {
        agent.info(line);
      },
    });
    const token = await identity.getToken();
    publishIdentity(agent, token);
    for (const line of [...describeIdentity(token, world.clock.now()), HOW_TO_USE]) {
      agent.info(line);
    }
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
