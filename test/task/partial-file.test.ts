// The system does not let the partial file of a response be removed, as where a virus scanner holds it: nothing else changes for that.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAgentNode } from '../../scripts/agent-nodes';
import { makeFolders } from '../emulators/agent/job-setting';
import type { StepOptions } from '../emulators/agent/run-step';
import type { Performance } from '../stage';
import { atServer, errorOf } from './call-step';
import { needAgentNode, skip } from '../skip';
import { STEP_PLATFORM } from '../step-platform';

const chattr = (change: '+i' | '-i', path: string) =>
  spawnSync('chattr', [change, path]).status === 0;

/** Not for other users than root, nor on each file system. */
function canMakeImmutable(): boolean {
  const path = join(tmpdir(), `immutable-${process.pid}`);
  writeFileSync(path, '');
  try {
    return STEP_PLATFORM === 'linux' && chattr('+i', path);
  } finally {
    chattr('-i', path);
    rmSync(path, { force: true });
  }
}

interface Download {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly step: Partial<StepOptions>;
  /** The partial file of the first response is there, and cannot be removed from now on. */
  readonly held: (response: ServerResponse) => void;
}

/** Downloads a file, and holds the partial file of the first response. */
async function download(
  { inputs, step, held }: Download,
  look: (performance: Performance) => void,
): Promise<void> {
  const folders = makeFolders();
  const partials = () =>
    (existsSync(folders.sources) ? readdirSync(folders.sources) : [])
      .filter((name) => name.endsWith('.partial'))
      .map((name) => join(folders.sources, name));
  const release = () => {
    partials().forEach((path) => chattr('-i', path));
  };
  let requests = 0;
  try {
    await atServer(
      (_, response) => {
        requests += 1;
        response.writeHead(200, { 'content-type': 'text/plain' });
        if (requests > 1) {
          response.end('whole');
          return;
        }
        response.write('part');
        const timer = setInterval(() => {
          if (partials().some((path) => chattr('+i', path))) {
            clearInterval(timer);
            held(response);
          }
        }, 20);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
      { inputs: { outputFile: 'x', maxRetries: '0', ...inputs }, step: { ...step, folders } },
      (performance) => {
        try {
          // Otherwise the test has not shown what it is for.
          assert.equal(partials().length, 1);
          look(performance);
        } finally {
          release();
        }
      },
    );
  } finally {
    release();
  }
}

for (const major of [20, 24] as const) {
  describe(`a partial file that cannot be removed (Node.js ${major}; needs chattr, as root on Linux)`, () => {
    const node = findAgentNode(major);

    before(function () {
      needAgentNode(this, major);
      if (!canMakeImmutable()) {
        skip(this, 'chattr cannot make a file immutable here');
      }
    });

    const step = node === undefined ? {} : { node };

    it('replaces no error of a download that breaks off', () =>
      download({ step, held: (response) => response.destroy() }, (performance) => {
        const { issues, result, exitCode, stderr, stdout } = performance.step;
        assert.match(errorOf(performance), /^The request to .* failed: .*\(ECONNRESET\)/s);
        assert.deepEqual([issues.length, result, exitCode, stderr], [1, 'Failed', 0, '']);
        assert.equal(stdout.split('##vso[task.complete').length, 2);
      }));

    // The rest depends on the file system alone.
    const onNode20 = major === 20 ? it : () => undefined;

    onNode20('replaces no error of a body that cannot be written', () =>
      download({ step, held: (response) => response.end('the rest') }, (performance) => {
        const { issues, result, exitCode } = performance.step;
        assert.match(errorOf(performance), /^The file of outputFile cannot be used: .*\(EPERM\)/);
        assert.deepEqual([issues.length, result, exitCode], [1, 'Failed', 0]);
      }),
    );

    onNode20('does not keep the next attempt from its file', () =>
      download(
        { step, inputs: { maxRetries: '1' }, held: (response) => response.destroy() },
        (performance) => {
          const { issues, result, exitCode, folders } = performance.step;
          assert.deepEqual([issues, result, exitCode], [[], 'Succeeded', 0]);
          assert.ok(readdirSync(folders.sources).includes('x'));
        },
      ),
    );

    for (const [signal, exitCode] of [
      major === 20 ? (['SIGINT', 130] as const) : (['SIGTERM', 143] as const),
    ]) {
      it(`does not hold a step up that gets ${signal}`, async () => {
        const cancelling = new AbortController();
        await download(
          {
            step: { ...step, cancel: cancelling.signal, cancelSignal: signal },
            held: () => {
              cancelling.abort();
            },
          },
          ({ step: done }) => {
            assert.deepEqual([done.result, done.exitCode], ['Canceled', exitCode]);
            // Twice the limit: the machine may be busy.
            assert.ok((done.cancelledAfterMs ?? Infinity) < 2_000, String(done.cancelledAfterMs));
            assert.deepEqual([done.issues, done.stderr], [[], '']);
            assert.ok(!done.stdout.includes('task.complete'), done.stdout);
          },
        );
      });
    }
  });
}
