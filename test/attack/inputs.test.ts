// Bad input: every input of task.json with anything in it is a right value, or a clear error; never an error of another kind, never a hang.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TaskError } from '../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { readInputs } from '../../tasks/AzureDevOpsTokenV1/src/inputs/read-inputs';
import { task } from '../contract/files';
import { readLine } from '../emulators/agent/logging-commands';
import { CONNECTION_ID, OF_AGENT } from '../emulators/service-connections';
import { FakeAgent, fakeEnvironment } from '../unit/fakes';
import { anyCharacter, hostileText } from './hostile-text';

const RUNS = Math.max(2_000, Number(process.env['SOAK_RUNS'] ?? 0));
/** So long that a loop within a loop over it would take minutes. */
const LENGTH = 250_000;
const NAMES = task.inputs.map(({ name }) => name);

/** A right value of each kind of input; wrong in most of the others. */
const RIGHT = [
  ...['managedIdentity', 'azureDevOps', 'azureRM', CONNECTION_ID, '5', '0.5', 'true', 'false'],
  ...[
    'MyOrg',
    'https://dev.azure.com/MyOrg',
    'devops.example.com',
    '_apis/projects',
    'GET',
    'POST',
  ],
  ...['7.1', '7.1-preview.1', 'X-A: b', '{"X-A":"b"}', '[{"op":"test","path":"/x"}]', 'x.json'],
  ...['value[].name', '200,404', '2xx', '91c7d3b5-2e4f-4a60-8d1b-7c5e9f3a2b84'],
];
/** What looks like a right value, and is another one. */
const LOOKALIKES = [
  ...[
    '５',
    '０.５',
    '٥',
    '²',
    'ｔｒｕｅ',
    'TRUE\u200b',
    'tru\u0435',
    'G\u0415T',
    'ＧＥＴ',
    'My\u041erg',
  ],
  ...[
    'devops．example．com',
    'https：//dev.azure.com/MyOrg',
    '7\u20241',
    '2\u0445\u0445',
    '–5',
    '1e1',
  ],
  ...['0x10', '1_000', '+5', '-0', 'Infinity', 'NaN', 'null', 'undefined', '[object Object]'],
  ...['９1c7d3b5-2e4f-4a60-8d1b-7c5e9f3a2b84', '{91c7d3b5-2e4f-4a60-8d1b-7c5e9f3a2b84}'],
];
const OTHERS = [
  ...['', ' ', '\t', '\n', '\u00a0', '$(x)', '$(a)$(b)', '$()', '$[variables.x]', '${{ x }}', '%'],
  ...[
    'a\nb',
    'a\r\nb',
    'X-A: b\nX-B: c',
    '{\n}',
    '5\n',
    '__proto__',
    'constructor',
    '../..',
    '/',
    '~',
  ],
  ...['[]', '{}', '""', '0', '{"__proto__":{"x":"y"}}', '{"constructor":"x"}', '`', '@', '*', '&&'],
];
const nasty = fc.oneof(
  fc.constantFrom(...RIGHT),
  fc.constantFrom(...LOOKALIKES),
  fc.constantFrom(...OTHERS),
  hostileText,
  fc.string({ unit: anyCharacter, maxLength: 40 }),
  fc.json(),
);

type Inputs = Readonly<Record<string, string>>;

function read(inputs: Inputs): 'read' | TaskError {
  const agent = new FakeAgent(inputs, {}, { [CONNECTION_ID]: OF_AGENT });
  try {
    readInputs(agent, fakeEnvironment());
    return 'read';
  } catch (error) {
    assert.ok(error instanceof TaskError, String(error));
    return error;
  }
}

function assertClear(outcome: 'read' | TaskError, inputs: Inputs): void {
  if (outcome === 'read') {
    return;
  }
  const { message, hint } = outcome;
  assert.match(message, /^/);
  assert.ok(hint.length > 20 && message.length < 20_000, `${message.length} characters`);
  for (const line of message.split('\n')) {
    assert.equal(readLine(line).kind, 'text', JSON.stringify(line));
    assert.ok(!/[\r\u0085\u2028\u2029\u0000-\u0008\u001b]/.test(line), JSON.stringify(line));
  }
  // Nothing of how the task is made comes to light.
  if (!/undefined|:\d/.test(Object.values(inputs).join())) {
    assert.ok(!/undefined|\bat \S+:\d+/.test(message), message);
  }
}

describe('an input with anything in it', function () {
  this.timeout(3_600_000);

  it(`is read, or refused in clear words (${RUNS} cases)`, () => {
    let isRead = 0;
    const some = fc.dictionary(fc.constantFrom(...NAMES), nasty, { minKeys: 1, maxKeys: 4 });
    fc.assert(
      fc.property(some, fc.boolean(), (inputs, isCall) => {
        const outcome = read({ ...(isCall ? { url: '_apis/projects' } : {}), ...inputs });
        isRead += outcome === 'read' ? 1 : 0;
        assertClear(outcome, inputs);
      }),
      { numRuns: RUNS },
    );
    assert.ok(isRead > RUNS / 100, `${isRead} were read`);
  });

  const pieces = ['x', '\u200b', 'a: b\n', '{"a":', '(', '/..', '😀'];
  it(`of 250 kB is read or refused in no time, and not repeated (${NAMES.length * pieces.length} cases)`, () => {
    for (const name of NAMES) {
      for (const piece of pieces) {
        const value = piece.repeat(LENGTH / piece.length);
        const startedAt = performance.now();
        assertClear(read({ url: '_apis/projects', [name]: value }), { [name]: piece });
        const elapsedMs = performance.now() - startedAt;
        assert.ok(elapsedMs < 10_000, `${name}, ${JSON.stringify(piece)}: ${elapsedMs} ms`);
      }
    }
  });

  it(`is refused where it only looks like a right one (${LOOKALIKES.length * 12} cases)`, () => {
    const strict = [
      ...['connectionType', 'clientId', 'objectId', 'minimumLifetimeInMinutes', 'verifyMembership'],
      ...['method', 'apiVersion', 'allPages', 'secretResult', 'waitTimeoutInMinutes', 'maxRetries'],
      'expectedStatus',
    ];
    for (const name of strict) {
      for (const value of LOOKALIKES) {
        const wait = name === 'waitTimeoutInMinutes' ? { waitUntil: 'x' } : {};
        const outcome = read({ url: '_apis/projects', ...wait, [name]: value });
        assert.ok(outcome !== 'read', `${name}: ${value}`);
        assertClear(outcome, { [name]: value });
      }
    }
  });
});
