import { systemClock } from './clock';
import { prepareEnvironment, takeAgentValues } from './environment';
import { nameSection, START_FAILED } from './errors/sections';
import { describeKind, formatErrorInOneLine } from './errors/task-error';
import { failEarly } from './fail-early';

/**
 * The signals by which the agent cancels a step, and the exit codes that report them. On Windows it sends Ctrl+C and then Ctrl+Break,
 * which Node.js calls SIGINT and SIGBREAK (ProcessInvoker.Windows.cs).
 */
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGBREAK', 149],
] as const;
const CANCELLED =
  'The step was cancelled. An operation that it started in Azure DevOps continues there.';

/** Runs the step. */
export function startStep(): void {
  runStep().catch((error: unknown) => {
    failEarly(
      `The task did not start, because one of its files did not load (${describeKind(error)}). On the agent machine, ` +
        'delete the folder of the task in the folder _tasks of the agent, so that the agent downloads the task again. ' +
        nameSection(START_FAILED),
    );
  });
}

async function runStep(): Promise<void> {
  // Standard error stays empty, because the agent can read it before the command that masks the token. With NODE_DEBUG=http in
  // the environment of the machine, Node.js would write requests to it, headers included.
  process.stderr.write = () => true;
  const environment = prepareEnvironment();
  const { openAgent } = await import('./agent');
  const { reportFailure, run } = await import('./run');
  const agent = openAgent({ environment, values: takeAgentValues() });
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
 * Ends the process, which a DNS lookup or a connection to a proxy can still keep alive. The agent reads the result from the
 * log, and any exit code other than 0 would only add a second error.
 */
function end(exitCode = 0): void {
  // On Windows, standard output is written asynchronously.
  process.stdout.write('', () => {
    process.exit(exitCode);
  });
}

/** Responds to git, which has started this process as its credential helper: `git-credential.js STATE get`. */
export function startCredentialHelper(): void {
  const { stdin, stdout, stderr } = process;
  const writeError = stderr.write.bind(stderr);
  // What libraries print is not for git.
  stderr.write = () => true;
  const respond = ({ output, error }: { readonly output: string; readonly error: string }) => {
    writeError(error === '' ? '' : `${error}\n`);
    stdout.write(output);
    end();
  };
  const fail = (error: unknown) => {
    respond({ output: 'quit=1\n', error: formatErrorInOneLine(error) });
  };
  process.on('uncaughtException', fail);
  readAll(stdin)
    .then(async (input) => {
      const { runCredentialHelper } = await import('./run');
      const [statePath = '', operation = ''] = process.argv.slice(2);
      respond(await runCredentialHelper({ operation, statePath, input }, systemClock));
    })
    .catch(fail);
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
