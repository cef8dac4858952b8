// tfx itself publishes, to a Marketplace on loopback.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { ROOT } from '../../scripts/build-task';
import { readPublication } from '../../scripts/publish-extension';
import { networkEnvironment } from '../emulators/network';
import { startPublicServer, type PublicServer } from '../emulators/public-server';

const HOST = 'marketplace.visualstudio.com';
const TOKEN = 'eyJ0eXAi.eyJhdWQi.c2lnbmF0dXJl-_';
const MANIFEST = `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest><Metadata><Identity Id="one" Version="1.2.3" Publisher="example"/></Metadata></PackageManifest>`;
/** Where the calls of tfx are, as the Marketplace tells it (azure-devops-node-api, GalleryApi.js). */
const LOCATIONS = [
  ['a41192c8-9525-4b58-bc86-179fa549d80d', '_apis/gallery/extensions'],
  [
    'e11ea35a-16fe-4b80-ab11-c4cab88a0966',
    '_apis/gallery/publishers/{publisherName}/extensions/{extensionName}',
  ],
  [
    'a1e66d8f-f5de-4d16-8309-91a4e015ee46',
    '_apis/gallery/publishers/{publisherName}/extensions/{extensionName}/share/{accountName}',
  ],
].map(([id, routeTemplate]) => ({
  id,
  area: 'gallery',
  resourceName: 'extensions',
  routeTemplate,
  minVersion: '1.0',
  maxVersion: '7.2',
  releasedVersion: '0.0',
  resourceVersion: 2,
}));
const VALIDATED = 1;

interface Setting {
  /** Whether the Marketplace has an earlier version. */
  readonly isThere?: boolean;
  /** What it says of the package. */
  readonly complaint?: string;
  readonly status?: number;
}

describe('publishing', () => {
  let folder = '';
  let vsix = '';
  let server: PublicServer | undefined;
  let calls: string[] = [];
  let uploads: Buffer[] = [];
  let seen: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'publish-'));
    vsix = join(folder, 'one.vsix');
    writeFileSync(vsix, zipSync({ 'extension.vsixmanifest': Buffer.from(MANIFEST) }));
    [calls, uploads, seen] = [[], [], []];
  });

  afterEach(async () => {
    await server?.close();
    rmSync(folder, { recursive: true });
  });

  async function open({ isThere = false, complaint, status }: Setting): Promise<void> {
    let isPublished = isThere;
    server = await startPublicServer(HOST, (request, response) => {
      const body: Buffer[] = [];
      request.on('data', (chunk: Buffer) => body.push(chunk));
      request.on('end', () => {
        const path = (request.url ?? '').replace(/\?.*/, '');
        const { method = '' } = request;
        calls.push(`${method} ${path}`);
        seen.push(...readProcesses(folder));
        const isUpload = ['POST', 'PUT'].includes(method) && !path.includes('/share/');
        if (isUpload) {
          uploads.push(Buffer.concat(body));
        }
        const extension = {
          versions: [
            {
              version: '1.2.3',
              lastUpdated: '2026-12-31T00:00:00Z',
              flags: VALIDATED,
              validationResultMessage: complaint,
            },
          ],
        };
        const isUnknown = method === 'GET' && !isPublished;
        isPublished ||= isUpload;
        response.statusCode = (isUpload ? status : undefined) ?? (isUnknown ? 404 : 200);
        response.setHeader('Content-Type', 'application/json');
        const locations = { value: LOCATIONS, count: LOCATIONS.length };
        response.end(JSON.stringify(method === 'OPTIONS' ? locations : extension));
      });
    });
  }

  async function publish(...args: readonly string[]) {
    const network = server === undefined ? {} : await networkEnvironment({ [HOST]: server.port });
    return run(args, { ...network, MARKETPLACE_TOKEN: TOKEN });
  }

  /** With the temporary folder of this test, in which nothing may be left. */
  function run(args: readonly string[], more: NodeJS.ProcessEnv) {
    const temporary = { TMPDIR: folder, TEMP: folder, TMP: folder };
    const environment: NodeJS.ProcessEnv = { ...process.env, ...temporary, ...more };
    const file = [join(ROOT, 'scripts', 'publish.ts'), ...args];
    return new Promise<{ code: number; output: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        ['--import', 'tsx', ...file],
        { cwd: ROOT, env: environment },
        (_error, stdout, stderr) => {
          resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
        },
      );
    });
  }

  const EXTENSION = '/_apis/gallery/publishers/example/extensions/one';
  const authorization = `Basic ${Buffer.from(`OAuth:${TOKEN}`).toString('base64')}`;

  it('creates an extension, to the byte, waits until it is valid, and shows the token to nobody', async () => {
    await open({});
    const { code, output } = await publish(vsix);
    assert.equal(code, 0, output);
    assert.ok(calls.includes('POST /_apis/gallery/extensions'), calls.join());
    assert.deepEqual(uploads, [readFileSync(vsix)]);
    assert.ok(server?.requests.every(({ headers }) => headers.authorization === authorization));
    assert.ok(!calls.some((call) => call.includes('/share/')));
    // No command line, no environment of tfx, no file, no output.
    assert.ok(!output.includes(TOKEN), output);
    if (process.platform === 'linux') {
      // The script that was given it has it in the environment that it was started with, and nobody else.
      assert.ok(seen.some((text) => text.includes('tfx-cli.js')));
      assert.deepEqual(
        seen.filter((text) => text.includes(TOKEN) && !text.startsWith('environment of publish')),
        [],
      );
    }
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('tfx-')),
      [],
    );
  });

  it('updates one that is there, and shares it where that is asked for', async () => {
    await open({ isThere: true });
    const { code, output } = await publish(vsix, '--share-with', 'MyOrg');
    assert.equal(code, 0, output);
    assert.ok(calls.includes(`PUT ${EXTENSION}`), calls.join());
    assert.ok(calls.includes(`POST ${EXTENSION}/share/MyOrg`), calls.join());
    assert.deepEqual(uploads, [readFileSync(vsix)]);
  });

  it('fails where the Marketplace finds fault with the package', async () => {
    await open({ complaint: 'The picture is no picture.' });
    const { code, output } = await publish(vsix);
    assert.notEqual(code, 0);
    assert.match(output, /The picture is no picture\./);
  });

  it('fails where the Marketplace does not let the identity in', async () => {
    await open({ status: 401 });
    const { code, output } = await publish(vsix);
    assert.notEqual(code, 0);
    assert.match(output, /401/);
    assert.ok(!output.includes(TOKEN));
  });

  it('ends with an error before it asks anyone, if there is no token', async () => {
    await open({});
    const { code, output } = await run([vsix], { MARKETPLACE_TOKEN: '' });
    assert.equal(code, 2);
    assert.match(output, /MARKETPLACE_TOKEN has no token/);
    assert.deepEqual(calls, []);
  });

  it('needs a token, and not a macro that nothing was put into', () => {
    assert.throws(() => readPublication([vsix], '$(marketplace.token)'), /has no token/);
  });

  it('wants one package that there is', () => {
    for (const [args, message] of [
      [[join(folder, 'other.vsix')], /there is none at/],
      [[vsix, vsix], /takes one package/],
      [[vsix, '--public'], /--public/],
    ] as const) {
      assert.throws(() => readPublication(args, TOKEN), message);
    }
  });
});

/** The command lines and environments of the processes that this test has started, and the files that they wrote. */
function readProcesses(folder: string): readonly string[] {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'latin1');
    } catch {
      return '';
    }
  };
  if (!existsSync('/proc/self/environ')) {
    return [];
  }
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => read(`/proc/${id}/environ`).includes(`TMPDIR=${folder}\0`))
    .flatMap((id) => {
      const command = read(`/proc/${id}/cmdline`);
      const name = command.includes('tfx-cli.js') ? 'tfx' : 'publish';
      return [`command ${command}`, `environment of ${name} ${read(`/proc/${id}/environ`)}`];
    });
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.vsix'))
    .map((entry) => read(join(entry.parentPath, entry.name)));
  return [...processes, ...files];
}
