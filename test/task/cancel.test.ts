// A step that is cancelled, in each of its phases: it ends within a second, and leaves no file half-written.
import { join } from 'node:path';
import { needAgentNode, needSignals, skip } from '../skip';
import { ARE_STEPS_ON_WINDOWS } from '../step-platform';
import { checkCancelling, PHASES } from './cancelled-step';

function needUnixSignals(context: Mocha.Context): void {
  needSignals(context);
  if (ARE_STEPS_ON_WINDOWS) {
    skip(context, 'test/windows/steps.test.ts cancels the steps on Windows');
  }
}

const ALL = Object.keys(PHASES);
/** For what depends on the signal and the release alone: one that waits, and one that writes. */
const SOME = ['it asks the organization', 'it reads a long answer'];
/** … and the other connections. What pauses is the same on each release. */
const CONNECTED = [
  ...['it waits for the identity endpoint', 'it asks Microsoft Entra', ...SOME],
  'it waits for the answer to a look',
];

for (const [major, signal, exitCode, names] of [
  [20, 'SIGINT', 130, ALL],
  [20, 'SIGTERM', 143, SOME],
  [24, 'SIGINT', 130, SOME],
  [24, 'SIGTERM', 143, CONNECTED],
] as const) {
  describe(`a step on Node.js ${major} that gets ${signal}`, () => {
    for (const name of names) {
      it(`ends with ${exitCode} while ${name}`, async function () {
        const node = needAgentNode(this, major);
        needUnixSignals(this);
        await checkCancelling(name, { exitCode }, { node, cancelSignal: signal });
      });
    }
  });
}

describe('a step that gets Ctrl+Break of Windows', () => {
  const preload = join(import.meta.dirname, 'fixtures', 'ctrl-break.cjs');
  const machineEnvironment = { NODE_OPTIONS: `--require=${JSON.stringify(preload)}` };
  for (const name of SOME) {
    it(`ends with 149 while ${name}`, async function () {
      needUnixSignals(this);
      const options = { machineEnvironment, cancelSignal: 'SIGTERM' } as const;
      await checkCancelling(name, { exitCode: 149 }, options);
    });
  }
});
