import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/build-task';
import { bumpVersion } from '../../scripts/bump-version';

const TASK = 'tasks/AzureDevOpsTokenV1/task.json';
const FILES = ['package.json', 'package-lock.json', 'vss-extension.json', TASK, 'CHANGELOG.md'];
const CHANGES = '# Changes\n\n## Unreleased\n\n- It is new.\n\n## 1.2.3, 2026-11-30\n\n- It is.\n';
const TODAY = '2026-12-31';

describe('the next version', () => {
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bump-'));
    for (const file of FILES) {
      cpSync(join(ROOT, file), join(root, file));
    }
    writeFileSync(join(root, 'CHANGELOG.md'), '# Changes\n\n## Unreleased\n\n- All.\n');
    bumpVersion(root, '1.2.3', '2026-11-30');
    writeFileSync(join(root, 'CHANGELOG.md'), CHANGES);
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const readAll = () => FILES.map(read);

  it('is in the package, its lock, the extension and the task', () => {
    bumpVersion(root, '1.10.0', TODAY);
    const lock = JSON.parse(read('package-lock.json')) as {
      version: string;
      packages: Record<string, { version: string }>;
    };
    assert.equal(lock.version, '1.10.0');
    assert.equal(lock.packages['']?.version, '1.10.0');
    for (const file of ['package.json', 'vss-extension.json']) {
      assert.equal((JSON.parse(read(file)) as { version: string }).version, '1.10.0');
    }
    const { version } = JSON.parse(read(TASK)) as { version: object };
    assert.deepEqual(version, { Major: 1, Minor: 10, Patch: 0 });
  });

  it('changes nothing else in them, not even a space', () => {
    const before = readAll();
    bumpVersion(root, '1.10.0', TODAY);
    const changed = readAll().map((text, index) => {
      const lines = before[index]?.split('\n') ?? [];
      return text.split('\n').flatMap((line, at) => (line === lines[at] ? [] : [line.trim()]));
    });
    const version = '"version": "1.10.0",';
    const numbers = ['"Minor": 10,', '"Patch": 0'];
    const head = `## 1.10.0, ${TODAY}`;
    assert.deepEqual(changed, [[version], [version, version], [version], numbers, [head]]);
  });

  it('heads what was not released with the version and the day', () => {
    bumpVersion(root, '1.2.4', TODAY);
    assert.equal(read('CHANGELOG.md'), CHANGES.replace('Unreleased', `1.2.4, ${TODAY}`));
  });

  it('may be the one that the files have, as long as it was not released', () => {
    writeFileSync(join(root, 'CHANGELOG.md'), '# Changes\n\n## Unreleased\n\n- It is.\n');
    bumpVersion(root, '1.2.3', TODAY);
    assert.equal(read('CHANGELOG.md'), `# Changes\n\n## 1.2.3, ${TODAY}\n\n- It is.\n`);
  });

  for (const [version, complaint] of [
    ['1.2.3', 'not higher'],
    ['1.2.2', 'not higher'],
    ['1.1.9', 'not higher'],
    ['0.9.9', 'not higher'],
    ['2.0.0', 'folder of its own'],
    ['1.3', 'three numbers'],
    ['1.3.0.1', 'three numbers'],
    ['1.03.0', 'three numbers'],
    ['v1.3.0', 'three numbers'],
    ['1.3.0-beta', 'three numbers'],
    ['1.3.0\n', 'three numbers'],
    ['', 'three numbers'],
  ] as const) {
    it(`is not ${JSON.stringify(version)} after 1.2.3, and then no file changes`, () => {
      const before = readAll();
      assert.throws(() => {
        bumpVersion(root, version, TODAY);
      }, new RegExp(complaint));
      assert.deepEqual(readAll(), before);
    });
  }

  for (const changes of [
    '# Changes\n\n## 1.2.3, 2026-11-30\n\n- It is.\n',
    '# Changes\n\n## Unreleased\n\n## 1.2.3, 2026-11-30\n\n- It is.\n',
    '# Changes\n\n## Unreleased\n',
  ]) {
    it(`is refused where the changes say nothing of it: ${JSON.stringify(changes)}`, () => {
      writeFileSync(join(root, 'CHANGELOG.md'), changes);
      const before = readAll();
      assert.throws(() => {
        bumpVersion(root, '1.2.4', TODAY);
      }, /nothing under "## Unreleased"/);
      assert.deepEqual(readAll(), before);
    });
  }

  for (const args of [['0.0.1'], ['1.9.9', '1.9.9']]) {
    it(`is not made of "npm run bump -- ${args.join(' ')}", which fails`, () => {
      const before = FILES.map((file) => readFileSync(join(ROOT, file), 'utf8'));
      const tsx = ['--import', 'tsx', join(ROOT, 'scripts', 'bump.ts'), ...args];
      const { status, stderr } = spawnSync(process.execPath, tsx, { cwd: ROOT, encoding: 'utf8' });
      assert.equal(status, 1);
      assert.match(stderr, /npm run bump -- 1\.2\.3|not higher/);
      assert.deepEqual(
        FILES.map((file) => readFileSync(join(ROOT, file), 'utf8')),
        before,
      );
    });
  }
});
