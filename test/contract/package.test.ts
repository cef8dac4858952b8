import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { unzipSync, zipSync } from 'fflate';
import { ROOT } from '../../scripts/build-task';
import { packageEditions, type Package } from '../../scripts/package-extension';
import { EDITIONS } from '../../scripts/package-editions';
import type { BundledPackage } from '../../scripts/third-party-notices';
import { cleanUp, runStep } from '../emulators/agent/run-step';
import { openMachine } from '../emulators/places';
import { readJson } from './files';
import { SCENARIOS } from '../scenarios';
import { needAgentNode } from '../skip';
import { perform } from '../stage';

const DOCS_URL = 'https://github.com/MyOrg/azure-devops-managed-identity/blob/v{version}';
const DIST = 'tasks/AzureDevOpsTokenV1/dist/';
/** Besides what the task is built of. */
const FILES = [
  '[Content_Types].xml',
  'LICENSE',
  'ThirdPartyNotices.txt',
  'extension.vsixmanifest',
  'extension.vsomanifest',
  'images/extension-icon.png',
  'images/how-it-works.png',
  'images/where-the-token-goes.png',
  'images/error.png',
  'overview.md',
  'tasks/AzureDevOpsTokenV1/icon.png',
  'tasks/AzureDevOpsTokenV1/task.json',
];
/** What it starts with, and what stands in a file of its own because hardly any step needs it. */
const BUILT_FILES = [
  'index.js',
  'task.js',
  'package.json',
  'http-proxy-agent.js',
  'https-proxy-agent.js',
  'jmespath.js',
  'jsonwebtoken.js',
];
/** What may be shipped with a product under the MIT licence. */
const LICENSES = ['MIT', 'ISC', 'BSD-3-Clause', 'Apache-2.0', 'MPL-2.0'];

/** What the code and the libraries in the bundle look at. A new name is a new way to steer the task: see SECURITY.md. */
const ENVIRONMENT: readonly string[] = [
  'AZURE_AUTHORITY_HOST',
  'AZURE_CLIENT_ID',
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_IDENTITY_DISABLE_MULTITENANTAUTH',
  'AZURE_LOG_LEVEL',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
  'AZURE_REGIONAL_AUTHORITY_NAME',
  'AZURE_TENANT_ID',
  'DEBUG',
  'DEFAULT_IDENTITY_CLIENT_ID',
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
  'IDENTITY_SERVER_THUMBPRINT',
  'IMDS_ENDPOINT',
  'MSAL_FORCE_REGION',
  'MSI_ENDPOINT',
  'MSI_SECRET',
  'NODE_DEBUG',
  'ProgramData',
  'ProgramFiles',
  'REGION_NAME',
  'SYSTEMROOT',
  'SYSTEM_OIDCREQUESTURI',
  'TYPESPEC_RUNTIME_LOG_LEVEL',
  '__IS_WSL_TEST__',
  'windir',
];

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  let files: Readonly<Record<string, Uint8Array>> = {};
  let packages: readonly BundledPackage[] = [];
  let first: Package;
  let again: Package | undefined;
  const OPTIONS = ['--publisher', 'example'];

  before(async () => {
    // tfx must not complain: packageEditions() throws where it does.
    [first, again] = await packageEditions(folder, { options: OPTIONS }, ['private', 'private']);
    const entries = Object.entries(unzipSync(readFileSync(first.file)));
    files = Object.fromEntries(entries.filter(([path]) => !path.endsWith('/')));
    ({ packages } = first);
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const text = (path: string) => Buffer.from(files[path] ?? assert.fail(path)).toString();

  /** All code of the task. */
  const readCode = () =>
    Object.keys(files)
      .filter((path) => path.startsWith(DIST) && path.endsWith('.js'))
      .map(text)
      .join('\n');

  it('holds these files, what the task is built of, and no others', () => {
    const built = Object.keys(files).filter((path) => path.startsWith(DIST));
    const others = Object.keys(files).filter((path) => !path.startsWith(DIST));
    assert.deepEqual(others.sort(), FILES.toSorted());
    assert.ok(built.every((path) => /^[\w-]+\.js$|^package\.json$/.test(path.slice(DIST.length))));
    for (const name of BUILT_FILES) {
      assert.ok(built.includes(`${DIST}${name}`), name);
    }
  });

  it('has a task of at most 300 kB', () => {
    const ofTask = Object.entries(files).filter(([path]) => path.startsWith('tasks/'));
    const size = zipSync(Object.fromEntries(ofTask), { level: 9 }).length;
    assert.ok(size <= 300_000, `${size} bytes`);
  });

  it('keeps the names of our functions, by which a stack trace says where it was', () => {
    for (const name of [
      'readInputs',
      'signIn',
      'checkToken',
      'verifyMembership',
      'publishIdentity',
    ]) {
      assert.match(readCode(), new RegExp(`function ${name}\\(`));
    }
  });

  it('is by the publisher that was named', () => {
    assert.match(text('extension.vsixmanifest'), /Publisher="example"/);
  });

  it('shows its page, its licence and its icon in the Marketplace', () => {
    const manifest = text('extension.vsixmanifest');
    for (const [type, path] of [
      ['Content.Details', 'overview.md'],
      ['Content.License', 'LICENSE'],
      ['Icons.Default', 'images/extension-icon.png'],
    ] as const) {
      const asset = `Type="Microsoft.VisualStudio.Services.${type}" d:Source="File" Path="${path}"`;
      assert.ok(manifest.includes(asset), asset);
    }
    assert.ok(manifest.includes('<License>LICENSE</License>'));
  });

  it('holds no path of the machine that built it', () => {
    for (const path of Object.keys(files)) {
      for (const place of [ROOT, homedir(), tmpdir()]) {
        // In code, a backslash is written twice.
        const [found, named] = [text(path), place].map((one) => one.replace(/\\+/g, '/'));
        assert.ok(!found?.includes(`${named ?? ''}/`), `${place} in ${path}`);
      }
    }
  });

  it('names every package in the bundle, with the text of its licence', () => {
    const notices = text('ThirdPartyNotices.txt');
    assert.ok(packages.length > 10);
    for (const { name, version, license, texts } of packages) {
      assert.ok(LICENSES.includes(license), `${name}: ${license}`);
      assert.ok(texts.join('').length > 100, `${name} has no licence text`);
      assert.ok(notices.includes(`\n${name} ${version} (${license})\nSource code, `), name);
      assert.ok(
        texts.every((licence) => notices.includes(licence)),
        name,
      );
    }
  });

  it('says where the source code is that a licence wants to be had', () => {
    const { source = '' } = packages.find(({ license }) => license === 'MPL-2.0') ?? {};
    assert.match(source, /github\.com\/jmespath-community\//);
    assert.ok(text('ThirdPartyNotices.txt').includes(source));
  });

  it('does not look at the forms of the browser, for which Node.js would load all of its fetch', () => {
    assert.doesNotMatch(readCode(), /instanceof FormData|typeof FormData|new FormData/);
  });

  it('lets the libraries read only these variables of the environment', () => {
    const code = readCode();
    const named = [...code.matchAll(/\benv(?:(?:\?\.)?\[["'`]([\w.]+)["'`]\]|\??\.(\w+))/g)];
    const quoted = [
      ...code.matchAll(
        /["'`]((?:AZURE|DEFAULT_IDENTITY|IDENTITY|IMDS|MSAL|MSI|TYPESPEC)_[A-Z_]+)["'`]/g,
      ),
    ];
    const read = [...named, ...quoted].map(([, first, second]) => first ?? second ?? '');
    assert.deepEqual([...new Set(read)].sort(), ENVIRONMENT);
  });

  it('comes with a bill of its materials, by the schema of CycloneDX 1.6, under the same name', async () => {
    assert.equal(first.materials, first.file.replace('.vsix', '.cdx.json'));
    const bill = readFileSync(first.materials, 'utf8');
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    assert.equal(await validator.validate(bill), null);
    const { metadata, components } = JSON.parse(bill) as Materials;
    const hash = createHash('sha256').update(readFileSync(first.file)).digest('hex');
    const { version } = readJson('package.json');
    assert.deepEqual(
      [metadata.component['bom-ref'], metadata.component.hashes],
      [
        `example.azure-devops-managed-identity@${String(version)}`,
        [{ alg: 'SHA-256', content: hash }],
      ],
    );
    // All that is in the bundle and nothing else, with the hash that npm has checked.
    const lock = readJson('package-lock.json')['packages'] as Record<
      string,
      { readonly integrity: string }
    >;
    const expected = packages.map(({ name, version, folder, license }) => {
      const [, integrity = ''] = lock[folder.slice(ROOT.length + 1)]?.integrity.split('-') ?? [];
      const sha512 = Buffer.from(integrity, 'base64').toString('hex');
      return [`pkg:npm/${name.replace('@', '%40')}@${version}`, license, sha512];
    });
    assert.deepEqual(
      components.map(({ purl, licenses, hashes }) => [
        purl,
        licenses[0]?.license.id,
        hashes[0]?.content,
      ]),
      expected.sort(([one = ''], [other = '']) => (one < other ? -1 : 1)),
    );
    assert.ok(components.every(({ hashes }) => /^[0-9a-f]{128}$/.test(hashes[0]?.content ?? '')));
  });

  for (const major of [20, 24] as const) {
    it(`runs from its folder, read-only, and leaves it as it was, on Node.js ${major}`, async function () {
      const node = needAgentNode(this, major);
      const unpacked = mkdtempSync(join(folder, 'unpacked-'));
      unpack(files, unpacked);
      const before = snapshot(unpacked);
      const place = await openMachine();
      const step = await runStep({
        taskFolder: join(unpacked, 'tasks', 'AzureDevOpsTokenV1'),
        node: canMount() ? mountReadOnly(node, unpacked) : node,
        machineEnvironment: place.machineEnvironment,
      });
      await place.close();
      cleanUp(step);
      assert.equal(step.result, 'Succeeded', step.log.join('\n'));
      assert.equal(step.outputs.get('token')?.value, place.tokens[0]);
      assert.deepEqual(snapshot(unpacked), before);
    });
  }

  /** A command that starts Node.js where a folder is mounted read-only, which even root cannot write to. */
  function mountReadOnly(node: string, readOnly: string): string {
    const wrapper = join(folder, `node-${createHash('sha1').update(readOnly).digest('hex')}`);
    const script = [
      '#!/bin/sh',
      `export READ_ONLY='${readOnly}' NODE='${node}'`,
      `exec unshare --map-root-user --mount sh -c '`,
      '  mount --bind "$READ_ONLY" "$READ_ONLY" && mount -o remount,bind,ro "$READ_ONLY" || exit 9',
      '  touch "$READ_ONLY/x" 2>/dev/null && exit 8',
      `  exec "$NODE" "$@"' sh "$@"`,
    ];
    writeFileSync(wrapper, `${script.join('\n')}\n`, { mode: 0o755 });
    return wrapper;
  }

  describe('its editions', () => {
    const editions = new Map<string, Readonly<Record<string, Uint8Array>>>();

    before(async function () {
      this.timeout(600_000);
      const others = mkdtempSync(join(folder, 'others-'));
      const options = { options: OPTIONS, docsUrl: DOCS_URL };
      const made = await packageEditions(others, options, ['public', 'preview']);
      for (const [edition, { file }] of Object.entries({
        private: first,
        public: made[0],
        preview: made[1] ?? assert.fail(),
      })) {
        editions.set(edition, unzipSync(readFileSync(file)));
      }
    });

    // The code of the other editions, which are built once more, is compared below.
    it('are the same, byte by byte, each time, whatever the time', () => {
      assert.equal(again?.hash, first.hash);
      const file = readFileSync(first.file);
      assert.equal(createHash('sha256').update(file).digest('hex'), first.hash);
      const header = file.indexOf('PK\x01\x02');
      // The first of January 1980, at midnight.
      assert.deepEqual([...file.subarray(header + 12, header + 16)], [0, 0, 0x21, 0]);
    });

    const text = (edition: string, path: string) =>
      Buffer.from(editions.get(edition)?.[path] ?? assert.fail(path)).toString();
    const task = (edition: string) =>
      JSON.parse(text(edition, 'tasks/AzureDevOpsTokenV1/task.json')) as Record<string, unknown>;

    const differences = (edition: string) => {
      const [one = {}, other = {}] = [editions.get('private'), editions.get(edition)];
      assert.deepEqual(Object.keys(one), Object.keys(other));
      return Object.keys(one).filter((path) => text('private', path) !== text(edition, path));
    };

    const withoutFlags = (manifest: string) =>
      manifest
        .replace(/\n *<GalleryFlags>.*<\/GalleryFlags>/, '')
        .replace(/\n *<Properties>[^]*<\/Properties>/, '');
    const VERSION = String(readJson('package.json')['version']);
    const FOLDER = `https://github.com/MyOrg/azure-devops-managed-identity/blob/v${VERSION}/`;
    const links = (markdown: string) =>
      [...markdown.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);

    it('are for everybody only where they are public', () => {
      const flags = [...editions.keys()].map(
        (edition) => /<GalleryFlags>(.*)<\//.exec(text(edition, 'extension.vsixmanifest'))?.[1],
      );
      assert.deepEqual(flags, [undefined, 'Public', 'Preview']);
    });

    it('have the same content, the public one but for the links to its pages', () => {
      assert.deepEqual(
        differences('public').filter((path) => path !== 'overview.md'),
        ['extension.vsixmanifest', 'extension.vsomanifest', 'tasks/AzureDevOpsTokenV1/task.json'],
      );
      assert.deepEqual(task('public'), { ...task('private'), helpUrl: `${FOLDER}README.md` });
      const manifest = (edition: string) => withoutFlags(text(edition, 'extension.vsixmanifest'));
      assert.equal(manifest('public'), manifest('private'));
    });

    it('have the same content, the preview but for its ids and names', () => {
      const manifest = 'extension.vsixmanifest';
      assert.deepEqual(
        differences('preview').filter((path) => path !== 'overview.md'),
        [manifest, 'extension.vsomanifest', 'tasks/AzureDevOpsTokenV1/task.json'],
      );
      assert.equal(
        withoutFlags(text('preview', manifest))
          .replace('azure-devops-managed-identity-preview', 'azure-devops-managed-identity')
          .replace('Azure DevOps Managed Identity (preview)', 'Azure DevOps Managed Identity'),
        text('private', manifest),
      );
      assert.deepEqual(task('preview'), {
        ...task('private'),
        ...EDITIONS.preview.task,
        helpUrl: `${FOLDER}README.md`,
      });
    });

    it('can be in one organization: extension, id and name of the task are others in the preview', () => {
      const [own, preview] = [task('private'), task('preview')];
      assert.match(text('preview', 'extension.vsixmanifest'), /Id="[\w-]+-preview" /);
      assert.match(
        String(preview['id']),
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
      for (const name of ['id', 'name', 'friendlyName']) {
        assert.notEqual(preview[name], own[name]);
      }
      // The limits of tfx, which has seen the task before it became that of the preview.
      assert.match(String(preview['name']), /^[A-Za-z0-9-]+$/);
      assert.ok(String(preview['friendlyName']).length <= 40);
    });

    it('link to the pages of their version if --docs-url names them', () => {
      const manifest = text('public', 'extension.vsixmanifest');
      const found = [...manifest.matchAll(/Services\.Links\.(\w+)" Value="([^"]*)"/g)];
      assert.deepEqual(
        found.map(([, name, target]) => [name, target]),
        [
          ['Home', `${FOLDER}README.md`],
          ['Getstarted', `${FOLDER}README.md`],
          ['Learn', `${FOLDER}docs/troubleshooting.md`],
          ['Support', `${FOLDER}README.md`],
          ['GitHub', 'https://github.com/MyOrg/azure-devops-managed-identity'],
        ],
      );
      for (const target of links(text('public', 'overview.md'))) {
        assert.match(target, /^https:|^#|^images\//);
        const path = target.startsWith(FOLDER) ? target.slice(FOLDER.length).split('#')[0] : '';
        assert.ok(existsSync(join(ROOT, path ?? '')), target);
      }
    });

    it('have no link that a reader cannot follow if it does not', () => {
      assert.doesNotMatch(text('private', 'extension.vsixmanifest'), /Services\.Links\./);
      for (const target of links(text('private', 'overview.md'))) {
        assert.match(target, /^https:|^#|^images\//);
      }
    });

    it('end errors with a link to their section', async () => {
      const unpacked = mkdtempSync(join(folder, 'public-'));
      unpack(editions.get('public') ?? {}, unpacked);
      const troubleshooting = readFileSync(join(ROOT, 'docs', 'troubleshooting.md'), 'utf8');
      for (const name of ['no-identity', 'not-a-member', 'body-file-in-utf-16']) {
        const scenario = SCENARIOS.find((one) => one.name === name) ?? assert.fail(name);
        const { step } = await perform(scenario, {
          taskFolder: join(unpacked, 'tasks', 'AzureDevOpsTokenV1'),
        });
        cleanUp(step);
        const last = step.issues[0]?.message.split('\n').at(-1) ?? '';
        const link = `Troubleshooting: ${FOLDER}docs/troubleshooting.md#`;
        assert.ok(last.startsWith(link), last);
        assert.ok(troubleshooting.includes(`<a id="${last.slice(link.length)}"></a>`), last);
      }
    });

    it('are not public without --docs-url', async () => {
      await assert.rejects(
        packageEditions(folder, { options: [] }, ['public']),
        /public package needs --docs-url/,
      );
    });

    it('set the id themselves', async () => {
      for (const option of ['--override', '--extension-id']) {
        await assert.rejects(
          packageEditions(folder, { options: [option, '{}'] }, ['preview']),
          /set the id/,
        );
      }
    });
  });
});

/** As much of a bill of materials as is looked at. */
interface Materials {
  readonly metadata: {
    readonly component: { readonly 'bom-ref': string; readonly hashes: object };
  };
  readonly components: readonly {
    readonly purl: string;
    readonly licenses: readonly { readonly license: { readonly id: string } }[];
    readonly hashes: readonly { readonly content: string }[];
  }[];
}

/** Mount namespaces for this user: Linux only, and not everywhere. Elsewhere the folder is only compared. */
function canMount(): boolean {
  return spawnSync('unshare', ['--map-root-user', '--mount', 'true']).status === 0;
}

/** Writes the files of a package below a folder. */
function unpack(entries: Readonly<Record<string, Uint8Array>>, folder: string): void {
  for (const [path, content] of Object.entries(entries)) {
    if (!path.endsWith('/')) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  }
}

/** Every file and folder below a folder, with a hash of what it holds. */
function snapshot(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const content = entry.isFile() ? readFileSync(path) : '';
      return `${path} ${createHash('sha256').update(content).digest('hex')}`;
    })
    .sort();
}
