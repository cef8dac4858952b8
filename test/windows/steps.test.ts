// Chosen steps in the Windows build of Node.js, under Wine. `npm run test:windows` runs all tests of the task there.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeCertificateSettings } from '../emulators/agent/agent-configuration';
import { makeFolders, type AgentFolders } from '../emulators/agent/job-setting';
import { cleanUp, type StepOptions } from '../emulators/agent/run-step';
import { authorityFile } from '../emulators/certificates';
import { FAST_CLOCK_ENVIRONMENT } from '../emulators/fast-clock';
import { APP_SERVICE, arc } from '../emulators/identity-dialects';
import { openMachine, openMachineBehindProxy } from '../emulators/places';
import { SCENARIOS } from '../scenarios';
import { perform, type Performance } from '../stage';
import { checkCancelling, PHASES } from '../task/cancelled-step';
import { call, errorOf, outputOf, requestsOf, say, type CallOptions } from '../task/call-step';
import { filesBelow } from '../task/secrecy';
import { skip } from '../skip';
import {
  DRIVE_C,
  endWine,
  findObstacle,
  findProcesses,
  holdFile,
  makeReadOnly,
  startLauncher,
  startWine,
  toWindows,
  WINDOWS,
  WINDOWS_NODE,
} from './windows-node';

/** Wine can be slow, and hang under load. */
const LIMIT_MS = 60_000;
const ON_WINDOWS: Partial<StepOptions> = { launcher: WINDOWS };

/** A step with a REST call. */
function callOnWindows<T>(
  { step, ...options }: CallOptions,
  look: (performance: Performance) => T | Promise<T>,
): Promise<T> {
  return call({ ...options, step: { ...ON_WINDOWS, ...step } }, look);
}

async function performOnWindows(
  scenario: Parameters<typeof perform>[0],
  look: (performance: Performance) => void,
  options: Partial<StepOptions> = {},
): Promise<void> {
  const performance = await perform(scenario, { ...ON_WINDOWS, ...options });
  try {
    look(performance);
  } finally {
    cleanUp(performance.step);
  }
}

function assertSucceeded(performance: Performance): void {
  const { step } = performance;
  assert.equal(step.result, 'Succeeded', `${errorOf(performance)}\n${step.stderr}`);
  assert.equal(step.exitCode, 0);
}

const own = ({ sources }: AgentFolders) =>
  filesBelow(sources).map((path) => path.slice(sources.length + 1));

type Launched = ReturnType<typeof startLauncher>;

describe('a step on Windows', function () {
  this.timeout(LIMIT_MS);

  before(function () {
    // A new prefix of Wine takes half a minute on a busy machine.
    this.timeout(5 * LIMIT_MS);
    const obstacle = findObstacle();
    if (obstacle !== undefined) {
      skip(this, obstacle);
    }
    startWine();
  });

  after(() => {
    if (existsSync(DRIVE_C)) {
      endWine();
      assert.deepEqual(findProcesses(), [], 'no process is left');
    }
  });

  describe('gets a token', () => {
    for (const name of ['default', 'azure-devops-connection']) {
      it(`in the scenario ${name}`, () => {
        const scenario = SCENARIOS.find((one) => one.name === name) ?? assert.fail(name);
        return performOnWindows(scenario, (performance) => {
          assertSucceeded(performance);
          assert.ok(performance.tokens.includes(outputOf(performance, 'token')));
          for (const part of scenario.names) {
            assert.ok(
              performance.step.log.some((line) => line.includes(part)),
              part,
            );
          }
        });
      });
    }

    it('of App Service, whose variables are spelled in another case', () =>
      performOnWindows(
        {
          open: async () => {
            const place = await openMachine({ dialect: APP_SERVICE });
            const machineEnvironment = Object.fromEntries(
              Object.entries(place.machineEnvironment).map(([name, value]) => [
                name.startsWith('IDENTITY_') ? name.toLowerCase() : name,
                value,
              ]),
            );
            return { ...place, machineEnvironment };
          },
        },
        assertSucceeded,
      ));

    it('not with a pipeline variable in another case that names the identity endpoint', () =>
      performOnWindows(
        { variables: { Identity_Endpoint: 'http://127.0.0.1:1/' } },
        (performance) => {
          assert.equal(performance.step.result, 'Failed');
          assert.match(errorOf(performance), /Identity_Endpoint/i);
          assert.deepEqual(performance.requests, []);
        },
      ));

    it('not of an organization that does not have the identity as a member', () =>
      performOnWindows(
        { open: () => openMachine({ organization: { members: [] } }) },
        (performance) => {
          assert.equal(performance.step.result, 'Failed');
          assert.match(errorOf(performance), /is not a member of MyOrg/);
        },
      ));
  });

  describe('on a server of Azure Arc', () => {
    const agent = join(DRIVE_C, 'ProgramData', 'AzureConnectedMachineAgent');
    const folder = join(agent, 'Tokens');
    const named = 'C:\\ProgramData\\AzureConnectedMachineAgent\\Tokens\\';

    afterEach(() => {
      rmSync(agent, { recursive: true, force: true });
    });

    it('gets a token with the key file', () =>
      performOnWindows(
        { open: () => openMachine({ dialect: arc(folder, { named }) }) },
        (performance) => {
          assertSucceeded(performance);
          assert.equal(performance.requests.length, 2);
        },
      ));

    for (const [what, path, place] of [
      ['above the folder, by slashes', `${named}../../`, DRIVE_C],
      ['above the folder, by backslashes', `${named}..\\`, agent],
      ['in another folder', 'C:\\users\\', join(DRIVE_C, 'users')],
      ['of another spelling of the folder', `\\\\?\\${named}`, folder],
    ] as const) {
      it(`sends no key file ${what}`, () =>
        performOnWindows(
          { open: () => openMachine({ dialect: arc(place, { named: path }) }) },
          (performance) => {
            assert.equal(performance.step.result, 'Failed');
            assert.match(
              errorOf(performance),
              /could not read the key file.* is not in C:\\ProgramData/,
            );
            assert.equal(performance.requests.length, 1);
          },
        ));
    }
  });

  describe('makes a REST call', () => {
    it('with a query', () =>
      callOnWindows({ inputs: { query: 'count' } }, (performance) => {
        assertSucceeded(performance);
        assert.equal(outputOf(performance, 'result'), '3');
      }));

    it('whose lines end in CRLF, in each input of several lines', () =>
      callOnWindows(
        {
          inputs: {
            url: '_apis/x',
            method: 'POST',
            headers: 'X-First: one\r\nX-Second: two\r\n',
            allowedHosts: 'a.example.com\r\nb.example.com\r\n',
            body: '{\r\n"a": 1\r\n}',
          },
          organization: { lastingFault: say({}) },
        },
        (performance) => {
          assertSucceeded(performance);
          const [request] = performance.organization?.requests ?? [];
          assert.equal(request?.headers['x-first'], 'one');
          assert.equal(request.headers['x-second'], 'two');
          assert.deepEqual(JSON.parse(String(request.body)), { a: 1 });
        },
      ));

    for (const [what, nameOf] of [
      ['with backslashes', () => 'sub\\new one.json'],
      ['with an absolute path', ({ sources }) => toWindows(join(sources, 'sub', 'new one.json'))],
      [
        'with a path relative to the drive',
        ({ sources }) => `Z:${toWindows(sources).slice(2)}/sub/new one.json`,
      ],
    ] as readonly (readonly [string, (folders: AgentFolders) => string])[]) {
      it(`with a body file ${what}`, () => {
        const folders = makeFolders();
        mkdirSync(join(folders.sources, 'sub'));
        writeFileSync(join(folders.sources, 'sub', 'new one.json'), '{"a":1}');
        const bodyFile = nameOf(folders);
        return callOnWindows(
          {
            inputs: { url: '_apis/x', method: 'POST', bodyFile },
            organization: { lastingFault: say({}) },
            step: { folders },
          },
          (performance) => {
            assertSucceeded(performance);
            const [request] = performance.organization?.requests ?? [];
            assert.equal(String(request?.body), '{"a":1}');
          },
        );
      });
    }

    it('through a proxy with a password', () =>
      performOnWindows(
        {
          open: () => openMachineBehindProxy(),
          inputs: { url: 'SecretSauce/_apis/git/repositories' },
        },
        (performance) => {
          assertSucceeded(performance);
          assert.deepEqual(performance.proxy?.requests, ['CONNECT dev.azure.com:443']);
        },
      ));

    it('with the certificate file of the agent', async () => {
      const folders = makeFolders();
      const path = toWindows(await authorityFile());
      writeCertificateSettings(folders.root, { CACert: path });
      await callOnWindows(
        {
          step: {
            folders,
            machineEnvironment: { NODE_EXTRA_CA_CERTS: undefined },
            variables: { 'Agent.HomeDirectory': folders.root, 'Agent.CAInfo': path },
          },
        },
        assertSucceeded,
      );
    });

    it('and writes all of its output before it ends', () => {
      const names = Array.from({ length: 1_900 }, (_, index) => `name-${index}`);
      return callOnWindows(
        {
          inputs: { url: '_apis/x', secretResult: 'true', query: 'names' },
          organization: { lastingFault: say({ names }) },
        },
        (performance) => {
          assertSucceeded(performance);
          assert.equal(outputOf(performance, 'result'), JSON.stringify(names));
          // More than a pipe has room for. Lines end as on Windows.
          assert.equal(performance.step.stdout.length > 65_536, true);
          assert.match(performance.step.stdout, /\r\n$/);
        },
      );
    });
  });

  describe('writes outputFile', () => {
    const onDriveC = join(DRIVE_C, 'out dir');

    afterEach(() => {
      rmSync(onDriveC, { recursive: true, force: true });
    });

    for (const [path, at] of [
      ['answer.json', 'answer.json'],
      ['a\\b c\\answer.json', 'a/b c/answer.json'],
      ['a/b\\answer.json', 'a/b/answer.json'],
      ['a\\..\\answer.json', 'answer.json'],
      ['Z:answer.json', 'answer.json'],
      ['äöü 漢字\\ß.json', 'äöü 漢字/ß.json'],
      [
        `${'long '.repeat(30)}x\\${'name '.repeat(30)}x.json`,
        `${'long '.repeat(30)}x/${'name '.repeat(30)}x.json`,
      ],
    ] as const) {
      it(`at ${path.slice(0, 40)}`, () =>
        callOnWindows({ inputs: { outputFile: path } }, (performance) => {
          assertSucceeded(performance);
          const { folders } = performance.step;
          assert.deepEqual(own(folders), [at]);
          const file = join(folders.sources, at);
          assert.equal(outputOf(performance, 'responseFile'), toWindows(file));
          assert.equal((JSON.parse(readFileSync(file, 'utf8')) as { count: number }).count, 3);
        }));
    }

    it('on another drive', () =>
      callOnWindows({ inputs: { outputFile: 'C:\\out dir\\x.json' } }, (performance) => {
        assertSucceeded(performance);
        assert.deepEqual(filesBelow(onDriveC), [join(onDriveC, 'x.json')]);
      }));

    for (const [path, reason] of [
      ['a?.json', /contains \?/],
      ['a|b.json', /contains \|/],
      ['report:2026.json', /contains :/],
      ['con.json', /con is the name of a device/],
      ['sub\\com1.txt', /com1 is the name of a device/],
      ['answer.json.', /ends in a dot/],
      ['\\\\.\\pipe\\x', /leads to a device/],
      ['file\\x.json', /is no folder/],
      ['sub \\x.json', /ends in a space/],
    ] as const) {
      it(`not at ${path}, before anything is sent`, () => {
        const folders = makeFolders();
        writeFileSync(join(folders.sources, 'file'), '');
        return callOnWindows({ inputs: { outputFile: path }, step: { folders } }, (performance) => {
          assert.equal(performance.step.result, 'Failed');
          assert.match(errorOf(performance), reason);
          assert.deepEqual(performance.requests, []);
          assert.deepEqual(own(folders), ['file']);
        });
      });
    }

    it('not in place of a file that is read-only, before anything is sent', () => {
      const folders = makeFolders();
      const file = join(folders.sources, 'x.json');
      writeFileSync(file, 'old');
      makeReadOnly(file);
      return callOnWindows(
        { inputs: { outputFile: 'x.json' }, step: { folders } },
        (performance) => {
          assert.match(
            errorOf(performance),
            /this file exists and is read-only\. Remove the attribute/,
          );
          assert.deepEqual(performance.requests, []);
          chmodSync(file, 0o644);
        },
      );
    });

    describe('in place of a file that another program has open', () => {
      const inputs = { outputFile: 'x.json', url: '_apis/x', method: 'POST', body: '{}' };
      let folders: AgentFolders;
      let file = '';
      let close: () => Promise<void>;

      beforeEach(async () => {
        folders = makeFolders();
        file = join(folders.sources, 'x.json');
        writeFileSync(file, 'old');
        close = await holdFile(file);
      });

      afterEach(() => close());

      it('for a moment', () =>
        callOnWindows(
          {
            inputs,
            organization: {
              lastingFault: say({ a: 1 }),
              limit: () => {
                void setTimeout(1_000).then(close);
                return {};
              },
            },
            step: { folders },
          },
          (performance) => {
            assertSucceeded(performance);
            assert.equal(readFileSync(file, 'utf8'), '{"a":1}');
            assert.deepEqual(own(folders), ['x.json']);
            assert.equal(requestsOf(performance).length, 1);
          },
        ));

      it('for long: the error says that the REST call was made', () =>
        callOnWindows(
          {
            inputs,
            organization: { lastingFault: say({ a: 1 }) },
            step: { folders, machineEnvironment: FAST_CLOCK_ENVIRONMENT },
          },
          (performance) => {
            assert.equal(performance.step.result, 'Failed');
            assert.match(
              errorOf(performance),
              /another program has the file of outputFile open.*The REST call was made: POST .* returned 200.*check what it did before/s,
            );
            assert.equal(outputOf(performance, 'statusCode'), '200');
            assert.deepEqual(own(folders), ['x.json']);
            assert.equal(readFileSync(file, 'utf8'), 'old');
          },
        ));
    });
  });

  describe('that is cancelled by Ctrl+C', () => {
    for (const name of Object.keys(PHASES)) {
      it(`ends while ${name}`, () =>
        // Before the agent sends Ctrl+Break, after 7.5 seconds: Wine can be slow.
        checkCancelling(
          name,
          { exitCode: 130, longestMs: 7_000, noise: /^wine: .*\n/gm },
          ON_WINDOWS,
        ));
    }
  });

  describe('leaves no process', () => {
    const isNode = (id: string) => findProcesses().includes(id);

    /** A program that does not end by itself, and the processes that came with it. */
    async function startEndless() {
      const before = findProcesses();
      const launcher = startLauncher([WINDOWS_NODE, '-e', 'console.log(1);setInterval(()=>{},9)']);
      await once(launcher.stdout, 'data');
      const started = findProcesses().filter((id) => !before.includes(id));
      assert.notEqual(started.length, 0);
      return { launcher, started };
    }

    for (const [what, end] of [
      [
        'if the test ends before it',
        (launcher: Launched) => {
          launcher.stdin.end();
        },
      ],
      [
        'if it is killed',
        (launcher: Launched) => {
          launcher.kill('SIGKILL');
        },
      ],
    ] as const) {
      it(what, async () => {
        const { launcher, started } = await startEndless();
        end(launcher);
        // The time limit of the test ends the waiting.
        while (started.some(isNode)) {
          await setTimeout(50);
        }
      });
    }
  });
});
