import { systemClock } from './clock';
import { prepareEnvironment } from './environment';
import { describeKind } from './errors/describe-failure';
import { nameSection, START_HEADING } from './errors/sections';
import { failEarly } from './fail-early';

/** By what the agent ends a step before its time, and the exit codes that say so. */
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;
const CANCELLED =
  'The step was cancelled. What a call of it may have begun in Azure DevOps goes on there.';

async function start(): Promise<void> {
  // Nothing of this task goes to standard error, which the agent may read before the command that masks the token. With
  // NODE_DEBUG=http in the environment of the machine, Node.js would write there what goes over the wire.
  process.stderr.write = () => true;
  const environment = prepareEnvironment();
  const { openAgent } = await import('./agent');
  const { reportFailure, run } = await import('./run');
  const agent = openAgent();
  process.on('uncaughtException', (error) => {
    reportFailure(agent, error);
    end();
  });
  for (const [signal, exitCode] of SIGNALS) {
    process.once(signal, () => {
      agent.info(CANCELLED);
      end(exitCode);
    });
  }
  await run(agent, { clock: systemClock, environment });
  end();
}

/**
 * Ends the process, although something may still hold it: a look-up of a name that hangs, a connection to a proxy. The
 * agent reads the result from the log; another exit code than 0 would only add an error of its own.
 */
function end(exitCode = 0): void {
  // On Windows the log may still be on its way.
  process.stdout.write('', () => {
    process.exit(exitCode);
  });
}

start().catch((error: unknown) => {
  // The library writes a key file while it loads.
  failEarly(
    `Starting the task: the library that speaks to the agent did not load (${describeKind(error)}). See that the temporary ` +
      'folder of the agent (Agent.TempDirectory) is there and can be written, and that its disk is not full. ' +
      nameSection(START_HEADING),
  );
});
