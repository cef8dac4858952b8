import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { buildTask } from '../../scripts/build-task';
import { packageExtension } from '../../scripts/package-extension';
import { listBundledPackages, type BundledPackage } from '../../scripts/third-party-notices';
import { cleanUp, runStep } from '../emulators/agent/run-step';
import { openMachine } from '../emulators/places';
import { findAgentNode } from '../../scripts/agent-nodes';

const FILES = [
  '[Content_Types].xml',
  'LICENSE',
  'ThirdPartyNotices.txt',
  'extension.vsixmanifest',
  'extension.vsomanifest',
  'images/extension-icon.png',
  'overview.md',
  'tasks/AzureDevOpsTokenV1/dist/index.js',
  'tasks/AzureDevOpsTokenV1/dist/task.js',
  'tasks/AzureDevOpsTokenV1/icon.png',
  'tasks/AzureDevOpsTokenV1/task.json',
];
/** What may be shipped with a product under the MIT licence. */
const LICENSES = ['MIT', 'ISC', 'BSD-3-Clause', 'Apache-2.0'];

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  let files: Readonly<Record<string, Uint8Array>> = {};
  let packages: readonly BundledPackage[] = [];

  before(async () => {
    // tfx must not complain: packageExtension() throws where it does.
    const { file } = await packageExtension(folder, ['--publisher', 'example']);
    const entries = Object.entries(unzipSync(readFileSync(file)));
    files = Object.fromEntries(entries.filter(([path]) => !path.endsWith('/')));
    packages = listBundledPackages(await buildTask());
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const text = (path: string) => Buffer.from(files[path] ?? assert.fail(path)).toString();

  it('holds these files and no others', () => {
    assert.deepEqual(Object.keys(files).sort(), FILES.toSorted());
  });

  it('is by the publisher that was named', () => {
    assert.match(text('extension.vsixmanifest'), /Publisher="example"/);
  });

  it('has an entry that even Node.js 6 can parse', function () {
    const node = findAgentNode(6);
    if (node === undefined) {
      this.skip();
    }
    assert.ok(!/=>|`|\bconst\b.*\?\.|async/.test(text('tasks/AzureDevOpsTokenV1/dist/index.js')));
  });

  it('holds no path of the machine that built it', () => {
    for (const path of FILES) {
      assert.ok(!text(path).includes(dirname(import.meta.dirname)), path);
    }
  });

  it('names every package in the bundle, with the text of its licence', () => {
    const notices = text('ThirdPartyNotices.txt');
    assert.ok(packages.length > 10);
    for (const { name, version, license, texts } of packages) {
      assert.ok(LICENSES.includes(license), `${name}: ${license}`);
      assert.ok(texts.join('').length > 100, `${name} has no licence text`);
      assert.ok(notices.includes(`\n${name} ${version} (${license})\n`), name);
      assert.ok(
        texts.every((licence) => notices.includes(licence)),
        name,
      );
    }
  });

  for (const major of [20, 24] as const) {
    it(`runs from its folder, which it cannot and does not change, on Node.js ${major}`, async function () {
      const node = findAgentNode(major);
      if (node === undefined) {
        this.skip();
      }
      const unpacked = mkdtempSync(join(folder, 'unpacked-'));
      const written = Object.entries(files).map(([path, content]) => {
        const target = join(unpacked, path);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, content);
        chmodSync(target, 0o444);
        return target;
      });
      const taskFolder = join(unpacked, 'tasks', 'AzureDevOpsTokenV1');
      [join(taskFolder, 'dist'), taskFolder].forEach((path) => {
        chmodSync(path, 0o555);
      });
      const hash = () => {
        const sum = createHash('sha256');
        written.forEach((path) => sum.update(readFileSync(path)));
        return sum.digest('hex');
      };
      const before = hash();
      const place = await openMachine();
      const step = await runStep({
        taskFolder,
        node,
        machineEnvironment: place.machineEnvironment,
      });
      await place.close();
      cleanUp(step);
      assert.equal(step.result, 'Succeeded', step.log.join('\n'));
      assert.equal(step.outputs.get('token')?.value, place.tokens[0]);
      assert.equal(hash(), before);
      [taskFolder, join(taskFolder, 'dist')].forEach((path) => {
        chmodSync(path, 0o755);
      });
    });
  }
});
