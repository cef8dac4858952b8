// A step that is cancelled, in each of its phases: it ends within a second, and leaves no file half-written.
import { join } from 'node:path';
import { needAgentNode, needSignals } from '../skip';
import { checkCancelling, PHASES } from './cancelled-step';

const ALL = Object.keys(PHASES);
/** For what depends on the signal and the release alone: one that waits, and one that writes. */
const SOME = ['it asks the organization', 'it reads a long answer'];

for (const [major, signal, exitCode, names] of [
  [20, 'SIGINT', 130, ALL],
  [20, 'SIGTERM', 143, SOME],
  [24, 'SIGINT', 130, SOME],
  [24, 'SIGTERM', 143, ALL],
] as const) {
  describe(`a step on Node.js ${major} that gets ${signal}`, () => {
    for (const name of names) {
      it(`ends with ${exitCode} while ${name}`, async function () {
        const node = needAgentNode(this, major);
        needSignals(this);
        await checkCancelling(name, { exitCode }, { node, cancelSignal: signal });
      });
    }
  });
}

describe('a step on Windows that gets Ctrl+Break', () => {
  const preload = join(import.meta.dirname, 'fixtures', 'ctrl-break.cjs');
  const machineEnvironment = { NODE_OPTIONS: `--require=${JSON.stringify(preload)}` };
  for (const name of SOME) {
    it(`ends with 149 while ${name}`, async function () {
      needSignals(this);
      const options = { machineEnvironment, cancelSignal: 'SIGTERM' } as const;
      await checkCancelling(name, { exitCode: 149 }, options);
    });
  }
});
