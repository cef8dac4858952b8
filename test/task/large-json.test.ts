// JSON that takes long, or much memory, to read: it is read by a process that ends with the step.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TASK_FOLDER } from '../../scripts/build-task';
import { readInProcess } from '../../tasks/AzureDevOpsTokenV1/src/rest/json-process-runner';
import { readJson, type JsonRequest } from '../../tasks/AzureDevOpsTokenV1/src/rest/read-json';
import { FAST_CLOCK_ENVIRONMENT } from '../emulators/fast-clock';
import { needAgentNode, skip } from '../skip';
import { atServer, errorOf, outputOf } from './call-step';
import { findJsonProcesses, isRunning, readPeakMiB, type JsonProcess } from './json-processes';
import { filesBelow } from './secrecy';
import { STEP_PLATFORM } from '../step-platform';

const MB = 1_000_000;
const ENTRY = join(TASK_FOLDER, 'dist', 'json-process.js');
const repeat = (text: string, size: number) => text.repeat(Math.ceil(size / text.length));
const arrays = (size: number) => `[${repeat('[],', size)}[]]`;
const numbers = (size: number) => `[${repeat('1,', size)}1]`;
/** Compares each item with each other one. */
const ENDLESS = 'length([?contains($, `2`)])';

const say =
  (body: string): RequestListener =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  };

/** Watches the processes that read JSON while something runs. */
async function watch<T>(run: () => Promise<T>, see: (found: JsonProcess) => void): Promise<T> {
  const timer = setInterval(() => {
    findJsonProcesses().forEach(see);
  }, 20);
  try {
    return await run();
  } finally {
    clearInterval(timer);
  }
}

interface Reading {
  readonly body: () => string;
  readonly inputs: Readonly<Record<string, string>>;
}

const CANCELLED: Readonly<Record<string, Reading>> = {
  '60 MB of empty arrays for query': {
    body: () => arrays(60 * MB),
    inputs: { query: 'length(@)' },
  },
  'a large response for query': { body: () => numbers(2 * MB), inputs: { query: ENDLESS } },
  'a small response for an expression that takes long': {
    body: () => numbers(MB / 2),
    inputs: { query: ENDLESS },
  },
  'a large page for allPages': { body: () => arrays(20 * MB), inputs: { allPages: 'true' } },
  'a joined list for query': {
    body: () => numbers(2 * MB),
    inputs: { allPages: 'true', query: ENDLESS },
  },
};

/** Work items, as a list of Azure DevOps has them. */
function workItems(size: number): string {
  const item = (id: number) =>
    JSON.stringify({
      id,
      rev: id % 9,
      fields: {
        'System.Title': `work item ${id}`,
        'System.State': 'Active',
        'System.TeamProject': 'SecretSauce',
        'System.CreatedDate': '2026-11-25T10:00:00Z',
        'System.Description': 'x'.repeat(500),
      },
      url: `https://dev.azure.com/MyOrg/_apis/wit/workItems/${id}`,
    });
  const count = Math.ceil(size / item(100_000).length);
  return `{"count":${count},"value":[${Array.from({ length: count }, (_, id) => item(id)).join(',')}]}`;
}

interface Load {
  readonly makeBody: () => string;
  readonly query: string;
  /** Absent: it needs more memory than there is. */
  readonly result?: string;
  /** Another load shows the same on the other release. */
  readonly isOnOneNode?: true;
}

const LOADS: Readonly<Record<string, Load>> = {
  '60 MB of empty arrays': { makeBody: () => arrays(60 * MB), query: 'length(@)' },
  '60 MB of brackets': {
    makeBody: () => '['.repeat(60 * MB),
    query: 'length(@)',
    isOnOneNode: true,
  },
  'a list of 100 MB': {
    makeBody: () => workItems(100 * MB),
    query: 'value[?id == `7`].url | [0]',
    isOnOneNode: true,
    result: 'https://dev.azure.com/MyOrg/_apis/wit/workItems/7',
  },
};

/** One reading in the task that is interrupted, and one in the process, for what depends on the signal and the release alone. */
const SOME = ['a large response for query', 'a large page for allPages'];

for (const [major, signal, exitCode, names] of [
  [20, 'SIGINT', 130, Object.keys(CANCELLED)],
  [20, 'SIGTERM', 143, SOME.slice(0, 1)],
  [24, 'SIGINT', 130, SOME],
  [24, 'SIGTERM', 143, SOME.slice(0, 1)],
] as const) {
  describe(`a step on Node.js ${major} that gets ${signal}`, () => {
    for (const name of names) {
      it(`ends within a second while it reads ${name}`, async function () {
        const { body: makeBody, inputs } = CANCELLED[name] ?? assert.fail(name);
        const node = needAgentNode(this, major);
        if (STEP_PLATFORM !== 'linux') {
          skip(this, 'this platform is not Linux');
        }
        const body = makeBody();
        const cancelling = new AbortController();
        const seen = new Map<number, JsonProcess>();
        const step = { node, cancel: cancelling.signal, cancelSignal: signal };
        const cancel = (found: JsonProcess) => {
          if (!seen.has(found.pid)) {
            seen.set(found.pid, found);
            // It may just have begun to read.
            setTimeout(() => {
              cancelling.abort();
            }, 100);
          }
        };
        const options = { inputs: { ...inputs, outputFile: 'x.json' }, step };
        await watch(
          () =>
            atServer(say(body), options, ({ step: done }) => {
              assert.equal(done.result, 'Canceled');
              assert.equal(done.exitCode, exitCode);
              // Twice the limit: the machine may be busy.
              assert.ok(
                (done.cancelledAfterMs ?? Infinity) < 2_000,
                `${String(done.cancelledAfterMs)} ms`,
              );
              assert.ok(!done.stdout.includes('task.complete'), done.stdout);
              assert.equal(done.stderr, '');
              // All of the response, or nothing.
              filesBelow(done.folders.sources).forEach((path) => {
                assert.equal(basename(path), 'x.json');
                assert.equal(statSync(path).size, body.length);
              });
              assert.deepEqual(readdirSync(done.folders.temp), []);
            }),
          cancel,
        );
        assert.ok(seen.size > 0);
        await assertGone([...seen.keys()]);
      });
    }
  });
}

for (const major of [20, 24] as const) {
  describe(`a process on Node.js ${major} that reads large JSON`, () => {
    it('gets no environment, no secret and no way to the agent, and ends with a task that is killed', async function () {
      const node = needAgentNode(this, major);
      if (STEP_PLATFORM !== 'linux') {
        skip(this, 'this platform is not Linux');
      }
      const seen = new Map<number, JsonProcess>();
      const kill = (found: JsonProcess) => {
        // Before it is started in earnest, it looks like the task.
        if (!seen.has(found.pid) && found.environment === '') {
          seen.set(found.pid, found);
          setTimeout(() => {
            process.kill(found.taskPid, 'SIGKILL');
          }, 1_000);
        }
      };
      const options = { inputs: { query: ENDLESS }, step: { node } };
      await watch(
        () =>
          atServer(say(numbers(2 * MB)), options, ({ step, tokens }) => {
            assert.notEqual(step.exitCode, 0);
            const [{ commandLine }] = [...seen.values()] as [JsonProcess];
            [...tokens, ENDLESS].forEach((text) => {
              assert.ok(!commandLine.includes(text));
            });
          }),
        kill,
      );
      assert.equal(seen.size, 1);
      await assertGone([...seen.keys()]);
    });

    for (const [name, { makeBody, query, result, isOnOneNode }] of Object.entries(LOADS)) {
      if (isOnOneNode === true && major === 24) {
        continue;
      }
      const end = result === undefined ? ', and the error names outputFile' : '';
      it(`and its task use 1 GiB at most for ${name}${end}`, async function () {
        const node = needAgentNode(this, major);
        const peaks = new Map<number, number>();
        const measure = ({ pid, taskPid }: JsonProcess) => {
          for (const one of [pid, taskPid]) {
            peaks.set(one, Math.max(peaks.get(one) ?? 0, readPeakMiB(one)));
          }
        };
        await watch(
          () =>
            atServer(say(makeBody()), { inputs: { query }, step: { node } }, (performance_) => {
              assert.equal(outputOf(performance_, 'statusCode'), '200');
              assert.equal(outputOf(performance_, 'result'), result ?? '', errorOf(performance_));
              if (result === undefined) {
                const message = errorOf(performance_);
                assert.match(message, /for query needs more than 1 GiB of memory.*set outputFile/s);
              }
            }),
          measure,
        );
        const peakMiB = [...peaks.values()].reduce((sum, peak) => sum + peak, 0);
        // Twice the limits of docs/performance.md.
        assert.ok(peakMiB < 2 * 1024, `${peakMiB} MiB`);
      }).timeout(300_000);
    }
  });
}

describe('a large response', () => {
  const text = `${'x'.repeat(1_500_000)}–`;
  const body = JSON.stringify({ text, value: [1, 2], name: 'found-it' });

  it('gives the result of its query, and fails the step if failWhen is true', () =>
    atServer(
      say(body),
      { inputs: { query: 'name', failWhen: "name == 'found-it'" } },
      (performance_) => {
        assert.equal(outputOf(performance_, 'result'), 'found-it');
        assert.match(errorOf(performance_), /failWhen is true/);
      },
    ));

  it('ends the waiting if waitUntil is true', () =>
    atServer(say(body), { inputs: { waitUntil: 'name', query: 'value' } }, (performance_) => {
      assert.equal(performance_.step.result, 'Succeeded', errorOf(performance_));
      assert.equal(outputOf(performance_, 'result'), '[1,2]');
    }));

  it('is a page like any other', () =>
    atServer(
      (request, response) => {
        const isFirst = !request.url?.includes('continuationToken');
        const headers = isFirst ? { 'x-ms-continuationtoken': 'next' } : {};
        response.writeHead(200, { 'content-type': 'application/json', ...headers });
        response.end(isFirst ? `\uFEFF${body}` : JSON.stringify({ value: ['é', 3] }));
      },
      { inputs: { allPages: 'true', query: '[name, value]' } },
      (performance_) => {
        assert.equal(performance_.step.result, 'Succeeded', errorOf(performance_));
        assert.equal(outputOf(performance_, 'result'), '["found-it",[1,2,"é",3]]');
      },
    ));

  it('is not JSON if it breaks off', () =>
    atServer(say(body.slice(0, -1)), { inputs: { query: 'name' } }, (performance_) => {
      assert.match(errorOf(performance_), /The response is not JSON/);
    }));
});

describe('an expression that does not end', () => {
  it('fails the step after five minutes, and its process ends', async () => {
    const seen = new Map<number, JsonProcess>();
    // The five minutes take three seconds, and what has less time has it in full.
    const faster = { FAST_CLOCK: '100', FAST_CLOCK_FROM_MS: '300000' };
    const machineEnvironment = { ...FAST_CLOCK_ENVIRONMENT, ...faster };
    const inputs = { query: ENDLESS, requestTimeoutInSeconds: '1000' };
    await watch(
      () =>
        atServer(say(numbers(2 * MB)), { inputs, step: { machineEnvironment } }, (performance_) => {
          const message = errorOf(performance_);
          assert.match(message, /Reading the response for query takes more than 5 minutes/);
          assert.match(message, /Simplify the expression.*set outputFile/s);
          assert.equal(outputOf(performance_, 'statusCode'), '200');
          assert.ok(performance_.step.elapsedMs > 2_900);
        }),
      (found) => seen.set(found.pid, found),
    );
    assert.ok(seen.size > 0 || STEP_PLATFORM !== 'linux');
    await assertGone([...seen.keys()]);
  });
});

describe('a response that is read in the task and in another process', () => {
  // The process of these tests may have more memory than a task.
  const usedBytes = 100 * MB;
  const folder = mkdtempSync(join(tmpdir(), 'json-process-'));
  const writeProcess = (code: string) => {
    const path = join(folder, 'process.cjs');
    writeFileSync(path, code);
    return path;
  };

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const bodies = [
    '{"value":[{"id":9007199254740993,"a":"é"},{"id":2}],"count":2,"continuationToken":"t"}',
    '\uFEFF [1, "–", {"x":[]}] ',
    '{"a":[1],"b":[2]}',
    '{"items":[],"x":{"value":[1]},"hasMore":false}',
    'null',
    '"text"',
    '{"a":',
    '',
    `["${'x'.repeat(24_001)}"]`,
    '['.repeat(200_000) + ']'.repeat(200_000),
    Buffer.from([0x22, 0xff, 0x22]),
  ];
  // Each process reads three expressions.
  const expressions: readonly JsonRequest[] = [
    { query: '@', failWhen: 'value[].id', waitUntil: 'length(@)' },
    { query: 'sum(@)', failWhen: 'keys(@)', waitUntil: '[0]' },
  ].map((three) => ({ kind: 'expressions', expressions: three }));

  for (const [index, body] of bodies.entries()) {
    it(`is the same: ${body.toString().slice(0, 40)}`, async () => {
      const bytes = Buffer.from(body as string);
      const request = expressions[index % expressions.length] ?? assert.fail();
      for (const one of [{ kind: 'page' } as const, request]) {
        const cut = Math.floor(bytes.length / 2);
        const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
        assert.deepEqual(
          await readInProcess(one, pieces, { entry: ENTRY, usedBytes }),
          JSON.parse(JSON.stringify(readJson(one, bytes))),
        );
      }
    });
  }

  it('is the same if a reading is larger than a pipe holds', async () => {
    const bytes = Buffer.from(JSON.stringify({ text: 'x'.repeat(1_500_000), value: [1] }));
    const expected: unknown = JSON.parse(JSON.stringify(readJson({ kind: 'page' }, bytes)));
    // Whether the pipe is full when it is written to is a matter of chance.
    for (let run = 0; run < 8; run += 1) {
      assert.deepEqual(
        await readInProcess({ kind: 'page' }, [bytes], { entry: ENTRY, usedBytes }),
        expected,
      );
    }
  });

  it('is not read if the task itself has too much memory', async () => {
    const options = { entry: ENTRY, usedBytes: 961 * 1024 * 1024 };
    assert.deepEqual(await readInProcess({ kind: 'page' }, [Buffer.from('[]')], options), {
      kind: 'unreadable',
      exceeded: 'memory',
    });
  });

  it('cannot be read if the process does not run', async () => {
    const request: JsonRequest = { kind: 'page' };
    const ended = await readInProcess(request, [Buffer.from('[]')], {
      entry: `${ENTRY}x`,
      usedBytes,
    });
    assert.deepEqual(ended, { kind: 'unreadable', reason: 'exit code 1' });
    const missing = join(TASK_FOLDER, 'no-such-folder', 'x.js');
    const unread = { kind: 'unreadable', reason: 'ENOENT' };
    const options = { entry: missing, usedBytes };
    assert.deepEqual(await readInProcess(request, [Buffer.from('[]')], options), unread);
  });

  it('is given up if the process neither reads nor ends', async () => {
    const options = {
      entry: writeProcess('setInterval(() => undefined, 1000)'),
      timeoutMs: 500,
      usedBytes,
    };
    const reading = await readInProcess({ kind: 'page' }, [Buffer.alloc(10 * MB)], options);
    assert.deepEqual(reading, { kind: 'unreadable', exceeded: 'time' });
  });

  it('needs too much memory if that ends a line which the process has begun', async () => {
    const line = JSON.stringify('{"kind":"page","pa{"kind":"unread","exceeded":"memory"}\n');
    const options = { entry: writeProcess(`process.stdout.write(${line})`), usedBytes };
    const reading = await readInProcess({ kind: 'page' }, [Buffer.from('[]')], options);
    assert.deepEqual(reading, { kind: 'unreadable', exceeded: 'memory' });
  });
});

/** A process that was killed is there until its parent has seen it. */
async function assertGone(pids: readonly number[]): Promise<void> {
  for (let waits = 0; pids.some(isRunning) && waits < 100; waits += 1) {
    await sleep(20);
  }
  assert.deepEqual(pids.filter(isRunning), []);
}
