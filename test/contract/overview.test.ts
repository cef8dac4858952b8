// What README.md and overview.md show: the log of a step.
import assert from 'node:assert/strict';
import { cleanUp } from '../emulators/agent/run-step';
import { SCENARIOS } from '../scenarios';
import { perform } from '../stage';
import { readText } from './files';

const overview = readText('overview.md');

/** A log without what differs from run to run: when the token expires. */
const withoutTimes = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/at \S+Z, in .* min\./, 'at TIME, in TIME.'));

/** The log of a step without inputs, from its first line about the token. */
async function runDefault(): Promise<readonly string[]> {
  const scenario = SCENARIOS.find(({ name }) => name === 'default') ?? assert.fail();
  const { step } = await perform(scenario, { variables: { 'system.debug': 'false' } });
  cleanUp(step);
  return step.log.slice(step.log.findIndex((line) => line.startsWith('Got a token')));
}

describe('README.md', () => {
  it('shows three lines of the log of a step as they are', async () => {
    const [, text = ''] = /```text\n(Got a token [^]*?)\n```/.exec(readText('README.md')) ?? [];
    const shown = withoutTimes(text.split('\n'));
    assert.equal(shown.length, 3);
    const log = withoutTimes(await runDefault());
    assert.deepEqual(
      log.filter((line) => shown.includes(line)),
      shown,
    );
  });

  it('has at most 900 words', () => {
    const words = readText('README.md').split(/\s+/).filter(Boolean);
    assert.ok(words.length <= 900, String(words.length));
  });
});

describe('overview.md', () => {
  it('shows the log of a step as it is', async () => {
    const log = await runDefault();
    const shown = /```text\n(Got a token [^]*?)\n```/.exec(overview)?.[1]?.split('\n') ?? [];
    assert.ok(shown.length > 5);
    assert.deepEqual(withoutTimes(log.slice(0, shown.length)), withoutTimes(shown));
    // After that, there is the end of the step and nothing else.
    assert.deepEqual(
      log.slice(shown.length).filter((line) => !line.startsWith('##[section]')),
      [],
    );
  });
});
