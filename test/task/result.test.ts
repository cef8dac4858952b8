// What a later step of the job sees of an answer: what the server said, or an error.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { TASK_FOLDER } from '../../scripts/build-task';
import { runJob } from '../emulators/agent/run-job';
import type { Step } from '../emulators/agent/run-step';
import type { Fault } from '../emulators/faults';
import { openMachine } from '../emulators/places';
import { call, errorOf, outputOf, REPOSITORIES, say } from './call-step';
import { skip } from '../skip';
import { STEP_PLATFORM } from '../step-platform';

const SECRET = 'opensesame-opensesame';
const SHOW = `node -e 'process.stdout.write(JSON.stringify(process.env.RESULT))'`;

/** What a later step finds in a variable of its environment, and what the steps said. */
async function seeLater(
  fault: Fault,
  inputs: Readonly<Record<string, string>> = {},
): Promise<{ readonly seen: string | undefined; readonly steps: readonly Step[] }> {
  const place = await openMachine({ organization: { faults: [fault] } });
  const { steps, folders } = await runJob({
    taskFolder: TASK_FOLDER,
    machineEnvironment: place.machineEnvironment,
    variables: { mySecret: { value: SECRET, isSecret: true }, other: 'other-value' },
    steps: [
      { task: 'AzureDevOpsToken@1', name: 'call', inputs: { url: REPOSITORIES, ...inputs } },
      // Of a variable, a step finds what is mapped, and what the agent makes an environment variable of by itself.
      { bash: SHOW, env: { RESULT: '$(call.result)' } },
      { bash: `node -e 'process.stdout.write(JSON.stringify(process.env.CALL_RESULT))'` },
    ],
  });
  await place.close();
  rmSync(folders.root, { recursive: true });
  const [, mapped, own] = steps;
  if (mapped !== undefined) {
    assert.equal(mapped.stdout, own?.stdout);
  }
  const seen = mapped === undefined ? undefined : (JSON.parse(mapped.stdout) as string);
  return { seen, steps };
}

describe('a later step', () => {
  const TEXT = 'one % two; %0A %AZP25 ]\r\nthree "four" Größe 😀\u2028five';

  it('sees a text as it is', async () => {
    const { seen } = await seeLater(say(TEXT));
    assert.equal(seen, TEXT);
  });

  it('sees JSON as it came', async () => {
    const text = '{ "b": [1.50, 2e3],\n "a": "x" }';
    const { seen } = await seeLater(say(text, { 'content-type': 'application/json' }));
    assert.equal(seen, text);
  });

  it('sees what the query selects', async () => {
    const { seen } = await seeLater(say({ list: ['a', { b: null }] }), { query: 'list[1]' });
    assert.equal(seen, '{"b":null}');
  });

  const HOSTILE = {
    'a macro': 'x $(mySecret) $(other)',
    'a macro that is nested': '$($(other))',
    'the beginning of one': 'x $(',
    'a command': '##vso[task.setvariable variable=other]mine',
    'a command in capitals': '##VSO[task.complete]',
    'a command in disguise': '#\u00ad#\u200bvso[task.complete]',
    'a tag of the log': '##[error]no',
    'many hashes': '######',
  };

  for (const [how, inputs] of [
    ['all of it', {}],
    ['what a query selects', { query: '@' }],
  ] as const) {
    it(`sees macros, commands and tags in JSON as the server said it, and the agent sees nothing: ${how}`, async () => {
      const bodies = Object.values(HOSTILE).map((value) => ({ value, [value]: [value] }));
      const { seen = '', steps } = await seeLater(say(bodies), inputs);
      assert.deepEqual(JSON.parse(seen), bodies);
      assert.ok(!seen.includes(SECRET) && !/\$\(|#[\u00ad\u200b]*#/.test(seen), seen);
      assert.ok(steps.every(({ issues, result }) => issues.length === 0 && result === 'Succeeded'));
    });
  }

  // What it does not come to see is in test/scenarios/call.ts and test/unit/rest/result-text.test.ts.

  it('sees the headers of the answer, and nothing in them acts', async () => {
    const headers = {
      etag: '"5"',
      'X-Hostile': '$(mySecret) ##vso[task.complete]',
      'Set-Cookie': 'session=1',
      'x-ms-continuationtoken': 'abc',
    };
    await call({ organization: { lastingFault: say({}, headers) } }, (performance) => {
      const text = outputOf(performance, 'responseHeaders');
      assert.ok(!/\$\(|##/.test(text), text);
      const seen = JSON.parse(text) as Record<string, string>;
      assert.equal(seen['etag'], '"5"');
      assert.equal(seen['x-hostile'], '$(mySecret) ##vso[task.complete]');
      assert.equal(seen['x-ms-continuationtoken'], 'abc');
      assert.equal(seen['set-cookie'], undefined);
      assert.deepEqual(performance.step.issues, []);
    });
  });
});

describe('a result that no output can hold', () => {
  // One that is too large is in test/scenarios/call.ts.
  it('is empty, with a warning, and in the file: one that is no UTF-8', () => {
    const body = Buffer.from([0xc3, 0x28]);
    const organization = { lastingFault: say(body, { 'content-type': 'text/plain' }) };
    return call({ organization }, (performance) => {
      const { step } = performance;
      assert.equal(step.result, 'Succeeded', errorOf(performance));
      assert.equal(outputOf(performance, 'result'), '');
      const file = outputOf(performance, 'responseFile');
      assert.deepEqual(readFileSync(file), body);
      assert.ok(file.startsWith(step.folders.temp));
      assert.deepEqual(
        step.issues.map(({ type }) => type),
        ['warning'],
      );
      assert.match(errorOf(performance), /is not text/);
      assert.match(errorOf(performance), /result is empty.*responseFile/s);
    });
  });

  it('would keep a later step from starting, of which Linux allows no variable of 128 KiB', function () {
    if (STEP_PLATFORM !== 'linux') {
      skip(this, 'this platform is not Linux');
    }
    const start = (bytes: number) =>
      spawnSync(process.execPath, ['--version'], { env: { RESULT: 'x'.repeat(bytes) } });
    assert.equal(start(24_000).status, 0);
    assert.equal((start(128 * 1024).error as NodeJS.ErrnoException | undefined)?.code, 'E2BIG');
  });
});

describe('a secret result', () => {
  const inputs = { query: 'value', secretResult: 'true' };

  it('is masked from the moment it is known, and in no file', () =>
    call({ inputs, organization: { lastingFault: say({ value: SECRET }) } }, (performance) => {
      const { step } = performance;
      assert.deepEqual(step.outputs.get('result'), { value: SECRET, isSecret: true });
      assert.ok(!step.log.join('\n').includes(SECRET));
      const lines = step.stdout.split('\n').filter((line) => line.includes(SECRET));
      assert.equal(lines[0], `##vso[task.setsecret]${SECRET}`);
      assert.equal(outputOf(performance, 'responseFile'), '');
    }));

  it('of an answer that is no success is not shown either', () =>
    call(
      {
        inputs,
        organization: {
          lastingFault: { kind: 'response', status: 400, body: { value: SECRET, message: 'No.' } },
        },
      },
      ({ step }) => {
        assert.equal(step.result, 'Failed');
        assert.equal(step.outputs.get('result')?.isSecret, true);
        assert.ok(!step.log.join('\n').includes(SECRET));
      },
    ));
});

describe('an answer that is no success', () => {
  it('is there for a later step to read', () =>
    call({ inputs: { url: 'NoProject/_apis/git/repositories', query: 'x' } }, (performance) => {
      assert.equal(performance.step.result, 'Failed');
      assert.equal(outputOf(performance, 'statusCode'), '404');
      const body = JSON.parse(outputOf(performance, 'result')) as { message: string };
      assert.match(body.message, /VS800075/);
      const file = readFileSync(outputOf(performance, 'responseFile'), 'utf8');
      assert.deepEqual(JSON.parse(file), body);
    }));
});
