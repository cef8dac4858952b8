// Bodies that are not what the step or the server expects: no JSON, nothing, numbers that JavaScript rounds, pauses with a fraction.
// A new report is a new entry here, with its source.
import type { Fault } from '../emulators/faults';
import { refuse } from '../emulators/organization/error-responses';
import { calling, sayJson } from './call';
import { machine, type Scenario } from './scenario';

const always = (lastingFault: Fault) => machine({ organization: { lastingFault } });
const created: Fault = sayJson({ id: 1 });
const empty = (status: number): Fault => ({
  kind: 'response',
  status,
  headers: { activityid: 'x', 'content-type': '' },
});

const sending = (scenario: Pick<Scenario, 'name' | 'story'>, body: string, place: string) =>
  calling({
    ...scenario,
    inputs: { method: 'POST', body },
    open: always(created),
    names: [place, 'not valid JSON'],
  });

export const CONTENT_SCENARIOS: readonly Scenario[] = [
  sending(
    { name: 'body-with-quote', story: 'A variable brought a quote into the body.' },
    '{"title": "He said "no""}',
    'line 1, column 21',
  ),
  sending(
    { name: 'body-with-line-break', story: 'A variable brought a line break into the body.' },
    '{\n  "title": "first\nsecond"\n}',
    'line 2, column 18',
  ),
  sending(
    { name: 'body-that-ends', story: 'The body ends too early.' },
    '{"title": "x"',
    'line 1, column 14',
  ),
  calling({
    name: 'body-file-with-charset',
    story: 'The file of the body is JSON in UTF-16, and the step says so. There is no warning.',
    inputs: {
      method: 'POST',
      bodyFile: 'new.json',
      headers: 'Content-Type: application/json; charset=utf-16',
    },
    files: { 'new.json': Buffer.from('\uFEFF{"name":"app"}', 'utf16le') },
    open: always(created),
    names: ['The server returned 200.'],
  }),
  calling({
    name: 'body-file-with-charset-and-comma',
    story: '… and there is a comma too many in it.',
    inputs: {
      method: 'POST',
      bodyFile: 'new.json',
      headers: 'Content-Type: application/json; charset=utf-16',
    },
    files: { 'new.json': Buffer.from('\uFEFF{"name":"app",}', 'utf16le') },
    open: always(created),
    names: ['The input bodyFile is sent as JSON and is not valid JSON', 'line 1, column 15'],
  }),
  calling({
    name: 'body-of-another-type',
    story: 'The body is not JSON, and the step says so.',
    inputs: {
      method: 'POST',
      body: 'name=value',
      headers: 'Content-Type: application/x-www-form-urlencoded',
    },
    open: always(created),
    names: ['8 bytes'],
  }),
  ...([204, 304] as const).map((status) =>
    calling({
      name: `empty-${status}`,
      story: `query needs JSON, and the response is empty (${status}).`,
      inputs: { query: 'value', expectedStatus: '200,204,304' },
      open: always(empty(status)),
      row: 'no content',
      names: [String(status), 'empty', 'query'],
    }),
  ),
  calling({
    name: 'empty-200',
    story: '… with a status that can have a body.',
    inputs: { query: 'value' },
    open: always(sayJson('')),
    row: 'empty',
    names: ['200', 'empty', 'query'],
  }),
  calling({
    name: 'pause-with-fraction',
    story: 'The server requests a pause of a second and a half.',
    open: machine({
      organization: { faults: [refuse(503, 'Not now.', { 'retry-after': '1.5' })] },
    }),
    names: ['503. Next attempt in 2 s.'],
    calls: 2,
  }),
  calling({
    name: 'large-integer',
    story: 'query selects a number that JavaScript would round.',
    inputs: { query: 'value[0].id' },
    open: always({
      ...(sayJson('{"value":[{"id":9007199254740993}]}') as Extract<Fault, { kind: 'response' }>),
    }),
    names: ['16 bytes'],
  }),
  calling({
    name: 'large-integer-as-text',
    story: '… and makes it a text.',
    inputs: { query: 'to_string(value[0].id)' },
    open: always({
      ...(sayJson('{"value":[{"id":9007199254740993}]}') as Extract<Fault, { kind: 'response' }>),
    }),
    names: ['rounded', 'responseFile'],
  }),
];
