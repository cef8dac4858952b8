import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import * as fs from 'node:fs/promises';

import { setTimeout as sleep } from 'node:timers/promises';
import { restError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/rest-request';
import { TaskError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import {
  ResponseFile,
  type ResponseFileOptions,
} from '../../../tasks/AzureDevOpsTokenV1/src/rest/response-file';
import { FakeClock } from '../fakes';
import { problemOf } from '../to-problem';
import { skip } from '../../skip';
import { useFolder } from '../folders';

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

describe('the file of an answer', () => {
  const at = useFolder();

  const good = () => ({ path: at('sub', 'good'), isPrivate: false });
  const bad = (isPrivate = false) => ({ path: at('bad'), isPrivate });

  function open(options: Partial<ResponseFileOptions> = {}) {
    return new ResponseFile({
      clock: new FakeClock(),
      report: (path, error, isHeld) =>
        restError({
          ...(isHeld ? { kind: 'file-held', status: 201 } : { kind: 'file' }),
          input: 'outputFile',
          path,
          reason: (error as { code: string }).code,
          method: 'GET',
          url: 'https://dev.azure.com',
          organization: 'MyOrg',
          identityDetails: { clientId: 'c', objectId: 'o', tenantId: 't' },
        }),
      ...options,
    });
  }

  const list = () =>
    readdirSync(at(), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);

  it('is beside its place until it is kept', async () => {
    const file = open();
    await file.start(good());
    await file.write(Buffer.from('ab'));
    await file.write(Buffer.from('c'));
    const [partial = '', ...others] = list();
    assert.equal(others.length, 0);
    assert.match(partial, /^\.[0-9a-f-]{36}\.partial$/);
    const path = await file.keep();
    assert.equal(path, at('sub', 'good'));
    assert.deepEqual(list(), ['good']);
    assert.equal(readFileSync(path, 'utf8'), 'abc');
    await file.discard();
    assert.deepEqual(list(), ['good']);
  });

  it('is on the disk before a large piece is followed by another', async () => {
    const file = open();
    await file.start(bad());
    const [partial = ''] = list();
    await file.write(Buffer.alloc(2 * 1024 * 1024));
    assert.equal(statSync(at(partial)).size, 2 * 1024 * 1024);
    await file.discard();
  });

  it('replaces what was there', async () => {
    mkdirSync(at('sub'));
    writeFileSync(at('sub', 'good'), 'a longer text');
    const file = open();
    await file.start(good());
    await file.write(Buffer.from('x'));
    await file.keep();
    assert.equal(readFileSync(at('sub', 'good'), 'utf8'), 'x');
  });

  it('is gone when it is discarded', async () => {
    const file = open();
    await file.discard();
    await file.start(good());
    await file.write(Buffer.from('x'));
    await file.discard();
    await file.discard();
    assert.deepEqual(list(), []);
  });

  it('starts again with every answer', async () => {
    const file = open();
    await file.start(good());
    await file.write(Buffer.from('old'));
    await file.start(bad());
    await file.write(Buffer.from('new'));
    assert.equal(await file.keep(), at('bad'));
    assert.deepEqual(list(), ['bad']);
    assert.equal(readFileSync(at('bad'), 'utf8'), 'new');
  });

  it('is none where the answer has no place', async () => {
    const file = open();
    await file.start(undefined);
    await file.write(Buffer.from('x'));
    assert.equal(await file.keep(), undefined);
    assert.deepEqual(list(), []);
  });

  it('is for its user alone where it is private', async function () {
    if (process.platform === 'win32') {
      skip(this, 'Windows has other access rights');
    }
    for (const isPrivate of [true, false]) {
      const file = open();
      await file.start(bad(isPrivate));
      await file.keep();
      const others = statSync(at('bad')).mode & 0o044;
      assert.equal(others === 0, isPrivate);
      rmSync(at('bad'));
    }
  });

  it('is readable by its user alone until it replaces another file', async function () {
    if (process.platform === 'win32') {
      skip(this, 'Windows has other access rights');
    }
    const replaced = at('bad');
    for (const [change, mode] of [
      [() => undefined, 0o640],
      [() => fs.chmod(replaced, 0o604), 0o604],
      [() => fs.rm(replaced), 0o640],
    ] as const) {
      rmSync(replaced, { force: true });
      writeFileSync(replaced, 'old', { mode: 0o640 });
      const file = open();
      await file.start(bad());
      const [partial = ''] = list().filter((name) => name !== 'bad');
      assert.equal(statSync(at(partial)).mode & 0o777, 0o600);
      await change();
      await file.keep();
      assert.equal(statSync(replaced).mode & 0o777, mode);
    }
  });

  it('that cannot be made is a failure that names its place', async () => {
    writeFileSync(at('sub'), '');
    const { kind, path, reason } = await problemOf(open().start(good()));
    assert.deepEqual([kind, path], ['file', at('sub', 'good')]);
    assert.match(String(reason), /^(?:EEXIST|ENOTDIR)$/);
  });

  it('that cannot be written to its end is a failure, and leaves nothing', async function () {
    if (process.platform !== 'linux') {
      skip(this, 'this platform is not Linux');
    }
    for (const [pieces, pauseMs] of [
      [1, 0],
      [40, 0],
      // The stream has failed before the second piece.
      [2, 20],
    ] as const) {
      const file = open();
      await file.start(good());
      // Whatever the reason: the system takes no more of it.
      const isOfFile = (fd: string) =>
        existsSync(`/proc/self/fd/${fd}`) && readlinkSync(`/proc/self/fd/${fd}`).startsWith(at());
      const [fd = ''] = readdirSync('/proc/self/fd').filter(isOfFile);
      closeSync(Number(fd));
      const write = async () => {
        for (let piece = 0; piece < pieces; piece += 1) {
          await file.write(Buffer.alloc(100_000));
          await sleep(pauseMs);
        }
        await file.keep();
      };
      const { kind, reason } = await problemOf(write());
      assert.deepEqual([kind, reason], ['file', 'EBADF']);
      await file.discard();
      assert.deepEqual(list(), []);
    }
  });

  it('that cannot be put into its place is a failure, and leaves nothing', async () => {
    const file = open();
    await file.start(good());
    mkdirSync(at('sub', 'good', 'x'), { recursive: true });
    await assert.rejects(file.keep(), TaskError);
    await file.discard();
    assert.deepEqual(list(), []);
  });

  describe('that another process has open on Windows', () => {
    const fail = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));

    /** Files of which some renames and removals fail; `opened` is what an attempt to open the file says. */
    function hold(code: string, times: number, opened: typeof fs.open = () => fail('EBUSY')) {
      const left = { rename: times, rm: times };
      const files: ResponseFileOptions['files'] = {
        open: opened,
        rename: (from, to) => (left.rename-- > 0 ? fail(code) : fs.rename(from, to)),
        rm: (path, options) => (left.rm-- > 0 ? fail(code) : fs.rm(path, options)),
      };
      return { files, left };
    }

    async function keep(options: Partial<ResponseFileOptions>) {
      const file = open({ platform: 'win32', ...options });
      await file.start(good());
      await file.write(Buffer.from('new'));
      return { file, kept: file.keep() };
    }

    for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
      it(`is replaced as soon as it is closed, after ${code}`, async () => {
        const clock = new FakeClock();
        const { files } = hold(code, 4);
        const { kept } = await keep({ clock, files });
        assert.equal(readFileSync((await kept) ?? '', 'utf8'), 'new');
        assert.deepEqual(list(), ['good']);
        assert.equal(clock.sleeps.length, 4);
      });
    }

    it('is given up after 10 seconds, and nothing is left', async () => {
      const clock = new FakeClock();
      const { files } = hold('EPERM', Infinity);
      const { file, kept } = await keep({ clock, files: { ...files, rm: fs.rm } });
      const { kind, reason, status } = await problemOf(kept);
      assert.deepEqual([kind, reason, status], ['file-held', 'EPERM', 201]);
      assert.equal(Math.round(sum(clock.sleeps)), 10_000);
      await file.discard();
      assert.deepEqual(list(), []);
    });

    for (const [title, [prepare, opened, kind]] of Object.entries({
      'is told from one that the user may not change': [writeFileSync, () => fail('EPERM'), 'file'],
      'is told from one that the user may not open': [writeFileSync, () => fail('EACCES'), 'file'],
      'is told from a folder': [
        (path: string) => {
          mkdirSync(path);
        },
        fs.open,
        'file',
      ],
      'is held although it can be opened': [writeFileSync, fs.open, 'file-held'],
    } as const)) {
      it(title, async () => {
        const { files } = hold('EPERM', Infinity, opened);
        mkdirSync(at('sub'));
        prepare(good().path, '');
        const { kept } = await keep({ files });
        assert.equal((await problemOf(kept)).kind, kind);
      });
    }

    it('is removed as soon as it is closed', async () => {
      const { files } = hold('EBUSY', 3);
      const file = open({ platform: 'win32', files });
      await file.start(good());
      await file.discard();
      assert.deepEqual(list(), []);
    });

    it('is left for the end of the process after 2 seconds', async () => {
      const clock = new FakeClock();
      const { files } = hold('EBUSY', Infinity);
      const file = open({ platform: 'win32', clock, files });
      await file.start(good());
      await file.discard();
      assert.equal(list().length, 1);
      assert.equal(Math.round(sum(clock.sleeps)), 2_000);
    });

    for (const [what, options] of [
      ['of another kind', { ...hold('ENOSPC', Infinity), platform: 'win32' }],
      ['on another platform', { ...hold('EPERM', Infinity), platform: 'linux' }],
    ] as const) {
      it(`is given up at once after an error ${what}`, async () => {
        const clock = new FakeClock();
        const { kept } = await keep({ clock, files: options.files, platform: options.platform });
        assert.equal((await problemOf(kept)).kind, 'file');
        assert.deepEqual(clock.sleeps, []);
      });
    }
  });
});
