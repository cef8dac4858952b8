import { systemClock } from './clock';
import { prepareEnvironment } from './environment';

async function start(): Promise<void> {
  const environment = prepareEnvironment();
  const { openAgent } = await import('./agent');
  const { reportFailure, run } = await import('./run');
  const agent = openAgent();
  process.on('uncaughtException', (error) => {
    reportFailure(agent, error);
    // The agent reads the result from the log; another exit code than 0 would only add an error of its own. On Windows
    // the log may still be on its way.
    process.stdout.write('', () => {
      process.exit(0);
    });
  });
  await run(agent, { clock: systemClock, environment });
}

void start();
