// The emulator of the agent does what the agent's source says; the vectors are from its rules.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM_ENDPOINT } from './endpoints';
import { JOB_ENDPOINT } from './job-setting';
import { LineSplitter } from './line-splitter';
import { readLine } from './logging-commands';
import { OutputQueue } from './output-queue';
import { cleanUp, runStep, type Step, type StepOptions } from './run-step';
import { SecretMasker } from './secret-masker';
import { buildEnvironment, Variables, type EnvironmentOrder } from './task-environment';
import { needSignals, skip } from '../../skip';

describe('the lines that the agent reads', () => {
  for (const [name, chunks, expected] of [
    ['at line feeds', ['a\nb\n'], ['a', 'b']],
    ['at carriage returns that stand alone', ['a\rb\r\nc'], ['a', 'b', 'c']],
    ['across chunks', ['a\r', '\nb', 'c\n'], ['a', 'bc']],
    ['to the end without a line feed', ['a\nb'], ['a', 'b']],
    ['and keeps empty ones', ['\n\na\n'], ['', '', 'a']],
  ] as const) {
    it(`are cut ${name}`, () => {
      const splitter = new LineSplitter();
      const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)));
      assert.deepEqual([...lines, ...splitter.end()], expected);
    });
  }

  it('may break within a character', () => {
    const splitter = new LineSplitter();
    const bytes = Buffer.from('ü\n');
    assert.deepEqual(
      [...splitter.push(bytes.subarray(0, 1)), ...splitter.push(bytes.subarray(1))],
      ['ü'],
    );
  });
});

describe('the output of a task', () => {
  it('is taken in batches, standard error first', () => {
    const queue = new OutputQueue();
    queue.out.lines.push('out 1', 'out 2');
    queue.err.lines.push('err 1', 'err 2');
    assert.deepEqual(queue.takeBatch(), ['err 1', 'err 2', 'out 1', 'out 2']);
    queue.out.lines.push('out 3');
    assert.deepEqual(queue.takeBatch(), ['out 3']);
    assert.deepEqual(queue.takeBatch(), []);
  });
});

describe('a logging command', () => {
  const read = (line: string) => {
    const found = readLine(line);
    return found.kind === 'command'
      ? { ...found.command, properties: [...found.command.properties] }
      : found.kind;
  };
  const command = (properties: [string, string][], data: string) => ({
    area: 'task',
    event: 'setvariable',
    properties,
    data,
  });

  for (const [name, line, expected] of [
    [
      'has properties and data',
      '##vso[task.setvariable variable=a;issecret=true;]b',
      command(
        [
          ['variable', 'a'],
          ['issecret', 'true'],
        ],
        'b',
      ),
    ],
    ['may stand anywhere in its line', 'x ##vso[task.setvariable]b', command([], 'b')],
    [
      'ends its head at the first bracket',
      '##vso[task.setvariable]a]##vso[x.y]b',
      command([], 'a]##vso[x.y]b'),
    ],
    [
      'is unescaped',
      '##vso[task.setvariable variable=%5D%3B%0A%0D%AZP25]%AZP250A',
      command([['variable', '];\n\r%']], '%0A'),
    ],
    ['is unescaped by capitals only', '##vso[task.setvariable]%3b%25', command([], '%3b%25')],
    [
      'knows its properties in any case',
      '##vso[task.setvariable VARIABLE=a]',
      command([['variable', 'a']], ''),
    ],
    ['has no empty properties', '##vso[task.setvariable variable=;issecret]', command([], '')],
    [
      'loses equals signs at the start of a value',
      '##vso[task.setvariable variable==a=b]',
      command([['variable', 'a=b']], ''),
    ],
    ['needs an area', '##vso[setvariable]x', 'suspicious'],
    ['needs an event', '##vso[task.]x', 'suspicious'],
    ['needs a bracket', '##vso[task.setvariable x', 'suspicious'],
    ['is written in lower case', '##VSO[task.setvariable]x', 'text'],
    [
      'is looked for across characters that nobody sees',
      '#\u200B#vso[task.setvariable]x',
      'disguised',
    ],
    ['is no text', 'plain ## text [x]', 'text'],
  ] as const) {
    it(name, () => {
      assert.deepEqual(read(line), expected);
    });
  }
});

describe('the mask', () => {
  it('covers a secret wherever it stands, and merges what overlaps', () => {
    const masker = new SecretMasker();
    masker.add('abc');
    masker.add('cde');
    masker.add('');
    assert.equal(masker.mask('xabcdey abc ABC'), 'x***y *** ABC');
  });

  it('covers the forms that the agent knows, and base64 not', () => {
    const masker = new SecretMasker();
    masker.add('a"b c');
    assert.equal(masker.mask('a\\"b c'), '***');
    assert.equal(masker.mask('a%22b%20c'), '***');
    assert.equal(masker.mask(Buffer.from('a"b c').toString('base64')), 'YSJiIGM=');
  });
});

const CONNECTION = '0A1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D';

describe('the environment of a task', () => {
  function build(
    inputs: Readonly<Record<string, string>>,
    variables: Readonly<Record<string, string>> = {},
    order?: EnvironmentOrder,
  ) {
    const all = new Variables();
    all.set('secret.one', 's', true);
    for (const [name, value] of Object.entries(variables)) {
      all.set(name, value, false);
    }
    return buildEnvironment({
      inputs: [
        { name: 'plain', value: inputs['plain'] ?? ' default ', isPath: false },
        { name: 'file', value: inputs['file'] ?? '', isPath: true },
      ],
      variables: all,
      stepEnvironment: { OF_STEP: ' $(my var) ' },
      machineEnvironment: { MACHINE: 'm' },
      endpoints: {
        [CONNECTION]: { url: 'https://x/', scheme: 'None', parameters: {}, data: { a: 'b' } },
        [SYSTEM_ENDPOINT]: JOB_ENDPOINT,
      },
      filePathRoot: '/root',
      ...(order && { order }),
    });
  }

  it('holds defaults, trimmed', () => {
    assert.equal(build({})['INPUT_PLAIN'], 'default');
    assert.equal(build({ plain: ' x\n' })['INPUT_PLAIN'], 'x');
  });

  it('holds inputs with their macros expanded, unknown ones left', () => {
    const environment = build(
      { plain: '$(my var)-$(MACHINE)-$(secret.one)-$(none)' },
      { 'my var': 'v' },
    );
    assert.equal(environment['INPUT_PLAIN'], 'v-m-s-$(none)');
    assert.equal(environment['OF_STEP'], 'v');
  });

  it('holds paths rooted in the folder of the job, an empty one too', () => {
    assert.equal(build({ file: 'a/b' })['INPUT_FILE'], '/root/a/b');
    assert.equal(build({ file: '/a' })['INPUT_FILE'], '/a');
    assert.equal(build({})['INPUT_FILE'], '/root');
  });

  it('holds variables under names of the environment, secret ones apart, and the lists of both', () => {
    const environment = build({}, { 'my var.x': 'v' });
    assert.equal(environment['MY_VAR_X'], 'v');
    assert.equal(environment['SECRET_SECRET_ONE'], 's');
    assert.equal(environment['VSTS_PUBLIC_VARIABLES'], '["my var.x"]');
    assert.equal(environment['VSTS_SECRET_VARIABLES'], '["secret.one"]');
    assert.equal(environment['MACHINE'], 'm');
  });

  for (const [order, plain, scheme] of [
    ['variables-first', 'x', 'None'],
    ['variables-last', 'y', 'z'],
  ] as const) {
    it(`with the order ${order} holds the input ${plain} where a variable has its name`, () => {
      const variables = { 'input.plain': 'y', [`endpoint.auth.scheme.${CONNECTION}`]: 'z' };
      const environment = build({ plain: 'x' }, variables, order);
      assert.equal(environment['INPUT_PLAIN'], plain);
      assert.equal(environment[`ENDPOINT_AUTH_SCHEME_${CONNECTION}`], scheme);
    });
  }

  it('holds the data of a service connection, and not of the connection of the job', () => {
    const environment = build({});
    assert.equal(environment[`ENDPOINT_DATA_${CONNECTION}_A`], 'b');
    assert.equal(environment['ENDPOINT_URL_SYSTEMVSSCONNECTION'], JOB_ENDPOINT.url);
    const names = Object.keys(environment).filter((name) => name.startsWith('ENDPOINT_DATA_'));
    assert.deepEqual(names.sort(), [
      `ENDPOINT_DATA_${CONNECTION}`,
      `ENDPOINT_DATA_${CONNECTION}_A`,
    ]);
  });

  for (const [name, value] of [
    ['a\0b', ''],
    ['a', 'b\0c'],
  ] as const) {
    it(`cannot hold a NUL: ${JSON.stringify([name, value])}`, () => {
      assert.throws(() => build({}, { [name]: value }), /null character/);
    });
  }
});

describe('the macros of variables', () => {
  function expand(values: Readonly<Record<string, string>>) {
    const variables = new Variables();
    for (const [name, value] of Object.entries(values)) {
      variables.set(name, value, name.startsWith('secret'));
    }
    variables.expandValues();
    return variables;
  }
  const chain = (length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, index) => [
        `v${index + 1}`,
        index + 1 === length ? 'end' : `$(v${index + 2})`,
      ]),
    );

  for (const [name, values, expected] of [
    ['are expanded in each other', { a: 'x$(b)y', b: '1$(c)', c: '2' }, 'x12y'],
    ['are found inside an unbalanced one', { a: '$(x $(b)', b: '1' }, '$(x 1'],
    ['are left where they are unknown or empty', { a: '$(x)$()$(b)', b: '1' }, '$(x)$()1'],
    ['are not expanded at all in a circle', { a: '$(c)$(b)', b: '$(a)', c: '1' }, '$(c)$(b)'],
  ] as const) {
    it(name, () => {
      assert.equal(expand(values).get('a')?.value, expected);
    });
  }

  it('are followed through 50 variables, and no more', () => {
    assert.equal(expand(chain(50)).get('v1')?.value, 'end');
    const longer = expand(chain(51));
    assert.equal(longer.get('v1')?.value, '$(v2)');
    assert.equal(longer.get('v2')?.value, 'end');
  });

  it('make a secret of what holds one', () => {
    const variables = expand({ a: 'x$(secret)', b: '$(none)', secret: 's' });
    assert.deepEqual(variables.get('a'), { value: 'xs', isSecret: true });
    assert.equal(variables.get('b')?.isSecret, false);
  });

  it('are those of the last value, which stays a secret', () => {
    const variables = expand({ secret: 's' });
    variables.set('SECRET', 'public', false);
    assert.deepEqual(variables.get('secret'), { value: 'public', isSecret: true });
  });
});

describe('a step', () => {
  let folder: string;
  let steps: Step[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'task-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
    steps.forEach(cleanUp);
    steps = [];
  });

  async function run(script: string, options: Partial<StepOptions> = {}): Promise<Step> {
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist', 'index.js'), script);
    writeFileSync(
      join(folder, 'task.json'),
      JSON.stringify({
        name: 'RunExample',
        friendlyName: 'Example',
        version: { Major: 1, Minor: 2, Patch: 3 },
        instanceNameFormat: 'Run $(x)',
        inputs: [],
        outputVariables: [{ name: 'declared' }],
        restrictions: {
          commands: { mode: 'restricted' },
          settableVariables: { allowed: ['Decl*', 'other'] },
        },
        execution: { Node20_1: { target: 'dist/index.js' } },
      }),
    );
    const step = await runStep({ taskFolder: folder, ...options });
    steps.push(step);
    return step;
  }

  it('runs the task in the sources, and shows its log in a frame', async () => {
    const { result, log, exitCode, folders } = await run(
      'console.log(process.cwd()); console.log(process.env.TF_BUILD)',
    );
    assert.deepEqual([result, exitCode], ['Succeeded', 0]);
    assert.equal(log[0], '##[section]Starting: RunExample');
    assert.ok(log.includes('Version      : 1.2.3'));
    assert.deepEqual(log.slice(-3), [folders.sources, 'True', '##[section]Finishing: RunExample']);
  });

  it('sets outputs, masks secrets, and counts issues', async () => {
    const { outputs, issues, log } = await run(`
      console.log('##vso[task.setvariable variable=declared;issecret=true]geheim');
      console.log('it is geheim');
      console.log('##vso[task.logissue type=warning]careful with geheim');
      for (let i = 0; i < 12; i++) console.log('##vso[task.issue type=error]' + i);`);
    assert.deepEqual(outputs.get('declared'), { value: 'geheim', isSecret: true });
    assert.ok(log.includes('it is ***'));
    assert.deepEqual(issues[0], { type: 'warning', message: 'careful with ***' });
    assert.equal(issues.filter(({ type }) => type === 'error').length, 10);
  });

  it('refuses what the task may not do, with a warning', async () => {
    const { outputs, issues, result } = await run(`
      console.log('##vso[task.setvariable variable=foreign]x');
      console.log('##vso[task.uploadsummary]/etc/hostname');
      console.log('##vso[build.addbuildtag]x');`);
    assert.equal(outputs.size, 0);
    assert.equal(result, 'Succeeded');
    assert.deepEqual(
      issues.map(({ message }) => message),
      [
        "Setting variable 'foreign' has been disabled by the task.",
        'task.uploadsummary is not allowed in this step.',
        'build.addbuildtag is not allowed in this step.',
      ],
    );
  });

  it('fails on a command that its area does not have, and not on an area that nobody has', async () => {
    const { result, issues } = await run(`
      console.log('##vso[nothing.atall]x');
      console.log('##vso[telemetry.publish area=a;feature=b]{}');`);
    assert.equal(result, 'Succeeded');
    assert.deepEqual(
      issues.map(({ type, message }) => [type, message]),
      [['warning', "##vso command area 'nothing' is not known."]],
    );
    rmSync(join(folder, 'dist'), { recursive: true });
    for (const command of ['task.nothing', 'build.nothing']) {
      const failed = await run(`console.log('##vso[${command}]x')`);
      rmSync(join(folder, 'dist'), { recursive: true });
      assert.equal(failed.result, 'Failed');
      assert.match(failed.issues[0]?.message ?? '', /Unable to process command/);
    }
  });

  it('keeps what was a secret once a secret', async () => {
    const { variables, log } = await run(`
      console.log('##vso[task.setvariable variable=other;issecret=true]first1');
      console.log('##vso[task.setvariable variable=other]second2');
      console.log('it is second2');`);
    assert.deepEqual(variables.get('other'), { value: 'second2', isSecret: true });
    assert.ok(log.includes('it is ***'));
  });

  it('shows a command unescaped in the debug log, on several lines', async () => {
    const { log } = await run(`console.log('##vso[task.setprogress value=5]a%0Ab%AZP25')`, {
      variables: { 'system.debug': 'true' },
    });
    const index = log.indexOf('##[debug]Processed: ##vso[task.setprogress value=5]a');
    assert.equal(log[index + 1], 'b%');
  });

  it('fails on a secret of several lines, and shows it', async () => {
    const { result, issues } = await run(
      `console.log('##vso[task.setvariable variable=other;issecret=true]one%0Atwo');`,
    );
    assert.equal(result, 'Failed');
    assert.match(issues[0]?.message ?? '', /one%0Atwo/);
  });

  it('keeps the worst of several results', async () => {
    const { result } = await run(`
      for (const result of ['Succeeded', 'Failed', 'SucceededWithIssues'])
        console.log('##vso[task.complete result=' + result + ']');`);
    assert.equal(result, 'Failed');
  });

  it('fails on a result that it does not know', async () => {
    assert.equal(
      (await run(`console.log('##vso[task.complete result=Cancelled]')`)).result,
      'Failed',
    );
  });

  it('fails before its process where a variable holds a NUL', async () => {
    const { result, issues, stdout, exitCode } = await run("console.log('started')", {
      variables: { a: 'b\0c' },
    });
    assert.deepEqual([result, stdout, exitCode], ['Failed', '', undefined]);
    assert.match(issues[0]?.message ?? '', /null character/);
  });

  it('reads a name up to its first equals sign, and of two of one name the first', async function () {
    if (process.platform === 'win32') {
      skip(this, 'the environment of Windows has other rules');
    }
    const { stdout } = await run(
      `const raw = require('node:fs').existsSync('/proc/self/environ')
         ? require('node:fs').readFileSync('/proc/self/environ', 'latin1').split('\\0') : undefined;
       console.log(JSON.stringify([process.env.A, raw?.filter((entry) => entry.startsWith('A='))]));`,
      { variables: { 'A=B': 'c', A: 'd' } },
    );
    const raw = process.platform === 'linux' ? ['A=B=c', 'A=d'] : null;
    assert.deepEqual(JSON.parse(stdout), ['B=c', raw]);
  });

  it('fails on an exit code', async () => {
    const { result, issues } = await run('process.exitCode = 3');
    assert.equal(result, 'Failed');
    assert.match(issues[0]?.message ?? '', /Exit code 3/);
  });

  it('shows both streams', async () => {
    const { log, stdout, stderr } = await run("console.log('out'); console.error('err')");
    assert.ok(log.includes('out') && log.includes('err'));
    assert.deepEqual([stdout, stderr], ['out\n', 'err\n']);
  });

  it('shows debug lines on demand only', async () => {
    const script = `console.log('##vso[task.debug]detail'); console.log('##vso[task.setprogress value=5]x');`;
    const variables = { 'system.debug': 'true' };
    const { log } = await run(script, { variables });
    assert.ok(log.includes('##[debug]detail'));
    assert.ok(log.includes('##[debug]Processed: ##vso[task.setprogress value=5]x'));
    rmSync(join(folder, 'dist'), { recursive: true });
    assert.ok(!(await run(script)).log.some((line) => line.startsWith('##[debug]')));
  });

  it('warns of text that looks like a command', async () => {
    const { issues, log } = await run(
      `console.log('##vso is fine'); console.log('#\\u200B#vso[task.debug]x')`,
    );
    assert.equal(issues.length, 2);
    assert.ok(log.includes('##vso is fine'));
  });

  it('is cancelled by a signal, and a second one after 7.5 seconds', async function () {
    needSignals(this);
    const cancelling = new AbortController();
    const promise = run(
      `process.on('SIGINT', () => {}); console.log('ready'); setInterval(() => {}, 1000);`,
      {
        cancel: cancelling.signal,
        onLog: (line) => {
          if (line === 'ready') {
            cancelling.abort();
          }
        },
      },
    );
    const { result, cancelledAfterMs = 0 } = await promise;
    assert.equal(result, 'Canceled');
    assert.ok(cancelledAfterMs >= 7_400, `${cancelledAfterMs}`);
  });
});
