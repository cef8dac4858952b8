import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { describeBodyMistake } from '../../../tasks/AzureDevOpsTokenV1/src/rest/check-body';
import { CALL } from './plain-call';

const describeOf = (call: Partial<RestCall>) =>
  describeBodyMistake({ ...CALL, ...call } as RestCall);
const type = (value: string) => new Map([['content-type', value]]);

describe('the warning about a body', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'body-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const file = (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  it('names the input and the position, not the text', () => {
    const warning = describeOf({ body: '{"password":"secret"word"}' }) ?? '';
    assert.match(
      warning,
      /^The input body is sent as JSON and is not valid JSON: the mistake is at line 1, column 21\./,
    );
    assert.doesNotMatch(warning, /secret|word/);
    assert.match(describeOf({ body: '{"a":' }) ?? '', /: it ends too early, at line 1, column 6\./);
    const bodyFile = file('a.JSON', '[1,]');
    assert.match(
      describeOf({ bodyFile }) ?? '',
      /^The input bodyFile is sent as JSON .* line 1, column 4\./,
    );
    assert.match(describeOf({ bodyFile: file('empty.json', '') }) ?? '', /it ends too early/);
  });

  it('is there for each JSON type', () => {
    for (const value of [
      'application/json; charset=utf-8',
      'application/json-patch+json',
      'text/JSON',
    ]) {
      assert.ok(describeOf({ body: 'x', headers: type(value) }), value);
    }
    assert.ok(describeOf({ bodyFile: file('a.txt', 'x'), headers: type('application/json') }));
  });

  it('is not there for what is JSON, or is not sent as JSON', () => {
    for (const call of [
      {},
      { body: '{"a": [1]}' },
      { body: 'a=b', headers: type('application/x-www-form-urlencoded') },
      { body: 'x', headers: type('text/plain; a=application/json') },
      { bodyFile: file('b.json', '{}') },
      { bodyFile: file('mark.json', '\uFEFF{}') },
      { bodyFile: file('b.zip', 'x') },
      { bodyFile: file('c.json', 'x'), headers: type('text/plain') },
      { bodyFile: join(folder, 'nothing.json') },
      { bodyFile: file('large.json', Buffer.alloc(1024 * 1024 + 1)) },
    ]) {
      assert.equal(describeOf(call), undefined, JSON.stringify(call));
    }
  });
});
