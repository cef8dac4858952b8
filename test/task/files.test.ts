// The files that a call reads and writes.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { makeFolders, type AgentFolders } from '../emulators/agent/job-setting';
import type { Fault } from '../emulators/faults';
import { signInPage } from '../emulators/organization/error-responses';
import { atServer, call, errorOf, outputOf, say } from './call-step';
import { filesBelow } from './secrecy';
import { needAgentNode, needSignals } from '../skip';
import { STEP_PLATFORM } from '../step-platform';

const own = (folders: AgentFolders) =>
  filesBelow(folders.sources).map((path) =>
    path.slice(folders.sources.length + 1).replaceAll(sep, '/'),
  );
/** What a call leaves in the temporary folder. */
const temporary = ({ temp }: AgentFolders) =>
  readdirSync(temp).filter((name) => /azure-devops|partial/.test(name));

describe('the output file', () => {
  it('has its parents made, below the working directory', () => {
    const path = 'a/b c/answer.json';
    return call({ inputs: { outputFile: path, query: 'count' } }, (performance) => {
      const file = join(performance.step.folders.sources, path);
      assert.equal(outputOf(performance, 'responseFile'), file);
      assert.equal((JSON.parse(readFileSync(file, 'utf8')) as { count: number }).count, 3);
      assert.deepEqual(own(performance.step.folders), [path]);
      assert.deepEqual(temporary(performance.step.folders), []);
      assert.equal(outputOf(performance, 'result'), '3');
    });
  });

  it('holds the answer byte for byte', () => {
    const body = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    return call(
      { inputs: { outputFile: 'x.bin' }, organization: { lastingFault: say(body) } },
      ({ step }) => {
        assert.deepEqual(readFileSync(join(step.folders.sources, 'x.bin')), body);
      },
    );
  });

  for (const major of [20, 24] as const) {
    it(`has nothing of an attempt that was abandoned after requestTimeoutInSeconds (Node.js ${major})`, async function () {
      const node = needAgentNode(this, major);
      const responses: ServerResponse[] = [];
      await atServer(
        (_, response) => {
          response.writeHead(200, { 'content-type': 'text/plain' });
          responses.push(response);
          const [abandoned] = responses;
          response.write(response === abandoned ? 'first ' : 'second ');
          if (response !== abandoned) {
            // The first one goes on while the second is written.
            setTimeout(() => abandoned?.end('late '), 200);
            setTimeout(() => response.end('end'), 600);
          }
        },
        {
          inputs: { outputFile: 'x', requestTimeoutInSeconds: '1', maxRetries: '1' },
          step: { node },
        },
        (performance) => {
          assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
          assert.equal(responses.length, 2);
          const file = join(performance.step.folders.sources, 'x');
          assert.equal(readFileSync(file, 'utf8'), 'second end');
          assert.deepEqual(own(performance.step.folders), ['x']);
        },
      );
    });
  }

  const CUT = { kind: 'truncated' } as const;
  for (const [name, faults, lastingFault] of [
    ['a download that breaks off', [CUT], CUT],
    ['an answer that stalls', [], { kind: 'silence', afterHeaders: true }],
    ['a sign-in page', [], signInPage(200)],
  ] satisfies [string, Fault[], Fault][]) {
    it(`is left as it was by ${name}`, async () => {
      for (const before of [...(lastingFault === CUT ? [undefined] : []), 'what was there']) {
        const folders = makeFolders();
        const file = join(folders.sources, 'x.zip');
        if (before !== undefined) {
          writeFileSync(file, before);
        }
        const inputs = { outputFile: 'x.zip', maxRetries: '1', requestTimeoutInSeconds: '1' };
        const organization = { faults, lastingFault };
        await call({ inputs, organization, step: { folders } }, (performance) => {
          assert.equal(performance.step.result, 'Failed');
          assert.deepEqual(own(folders), before === undefined ? [] : ['x.zip']);
          if (before !== undefined) {
            assert.equal(readFileSync(file, 'utf8'), before);
          }
          assert.ok(temporary(folders).every((path) => !path.includes('partial')));
        });
      }
    });
  }

  it('is whole after a download that broke off once: it starts again', () =>
    call({ inputs: { outputFile: 'x.json' }, organization: { faults: [CUT] } }, (performance) => {
      assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
      const text = readFileSync(join(performance.step.folders.sources, 'x.json'), 'utf8');
      assert.equal((JSON.parse(text) as { count: number }).count, 3);
      assert.deepEqual(own(performance.step.folders), ['x.json']);
      assert.equal(performance.organization?.requests.length, 2);
    }));

  it('is not there, and the error says why, where the system does not let it be written', () => {
    const folders = makeFolders();
    return atServer(
      (_, response) => {
        // Meanwhile somebody makes a folder of that name.
        mkdirSync(join(folders.sources, 'x', 'y'), { recursive: true });
        response.end('text');
      },
      { inputs: { outputFile: 'x' }, step: { folders } },
      (performance) => {
        assert.equal(performance.step.result, 'Failed');
        const path = join(folders.sources, 'x');
        assert.ok(errorOf(performance).includes(`The path is ${path}.`), errorOf(performance));
        assert.match(errorOf(performance), /\((?:EISDIR|ENOTEMPTY|EEXIST|EPERM)\)/);
        assert.match(errorOf(performance), /write to the folder/);
        // The server has acted, and a later step may have to know.
        assert.equal(outputOf(performance, 'statusCode'), '200');
        assert.deepEqual(own(folders), []);
      },
    );
  });
});

describe('without an output file, the answer', () => {
  it('is in the temporary folder, for the user of the agent alone', () =>
    call({}, (performance) => {
      const file = outputOf(performance, 'responseFile');
      assert.equal(join(performance.step.folders.temp), join(file, '..'));
      assert.equal((JSON.parse(readFileSync(file, 'utf8')) as { count: number }).count, 3);
      if (STEP_PLATFORM !== 'win32') {
        assert.equal(statSync(file).mode & 0o777, 0o600);
      }
    }));
});

describe('a body file', () => {
  it('that is not there any more for a retry is an error that says so', () => {
    const folders = makeFolders();
    const file = join(folders.sources, 'a.bin');
    writeFileSync(file, 'abc');
    return atServer(
      (request, response) => {
        request.resume();
        rmSync(file);
        response.writeHead(503, { 'retry-after': '1' }).end();
      },
      { inputs: { method: 'POST', bodyFile: 'a.bin' }, step: { folders } },
      (performance) => {
        assert.equal(performance.step.result, 'Failed');
        const message = errorOf(performance);
        assert.ok(
          message.includes(
            `The file of bodyFile cannot be used: no such file or directory (ENOENT).\nThe path is ${file}.`,
          ),
          message,
        );
        assert.match(message, /nothing changes it while it is sent/);
      },
    );
  });
});

describe('a download that is cancelled', () => {
  it('leaves what was there before, and nothing else', async function () {
    needSignals(this);
    const cancelling = new AbortController();
    const folders = makeFolders();
    const path = join(folders.sources, 'drop.zip');
    writeFileSync(path, 'old');
    let files: readonly string[] = [];
    await atServer(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/zip', 'content-length': '1000000' });
        response.write(Buffer.alloc(100_000));
        const timer = setInterval(() => {
          files = own(folders);
          if (files.length > 1) {
            clearInterval(timer);
            cancelling.abort();
          }
        }, 20);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
      { inputs: { outputFile: 'drop.zip' }, step: { folders, cancel: cancelling.signal } },
      ({ step }) => {
        assert.equal(step.result, 'Canceled');
        assert.equal(files.length, 2);
        assert.deepEqual(own(folders), ['drop.zip']);
        assert.equal(readFileSync(path, 'utf8'), 'old');
        assert.ok(step.log.some((line) => line.startsWith('The step was cancelled.')));
      },
    );
  });
});
