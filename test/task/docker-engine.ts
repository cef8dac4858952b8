// A Docker Engine for one test, as its root: with a folder, mounts and a network of its own, so that it reaches nobody, nobody
// reaches it but by its socket, and nothing of it is left. Its images are made here: none can be pulled.
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

/** Bound to no library, so that an image needs nothing else. */
const BUSYBOX = '/bin/busybox';
const APPLETS = ['sh', 'cat', 'sha256sum'];
/** The engine makes it, and a key in it. */
const CONFIGURATION = '/etc/docker';
const GROUPS = '/sys/fs/cgroup';
/** What the engine and its containerd write outside their folder goes where nobody else sees it. */
const SCRIPT = `
  for place in /run /opt ${CONFIGURATION}; do
    mount -t tmpfs tmpfs "$place" || exit
  done
  exec dockerd "$@"
`;

export interface Docker {
  /** The client: of those on PATH the first that can build with BuildKit, for which newer ones need a plug-in. */
  readonly client: string;
  /** Of the engine: major and minor. */
  readonly version: readonly [number, number];
}

/** What is installed here; undefined where that is not all that it takes. */
export function findDocker(): Docker | undefined {
  const run = (file: string, ...args: readonly string[]) => {
    const environment = { PATH: process.env['PATH'], HOME: '/nonexistent', DOCKER_BUILDKIT: '1' };
    const { status, stdout } = spawnSync(file, args, { env: environment });
    // Of a file that is not there, nothing.
    return { status, output: String(stdout) };
  };
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return undefined;
  }
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(run('dockerd', '--version').output) ?? [];
  const client = run('which', '-a', 'docker')
    .output.split('\n')
    .find((file) => file !== '' && run(file, 'build', '--help').output.includes('--secret'));
  const isRoom = run('unshare', '--net', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/run');
  const isStatic = existsSync(BUSYBOX) && run('ldd', BUSYBOX).status !== 0;
  return major !== undefined && client !== undefined && isRoom.status === 0 && isStatic
    ? { client, version: [Number(major), Number(minor)] }
    : undefined;
}

export class DockerEngine {
  /** What a client needs in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #client: string;
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  /** What was made so that something can be mounted there. */
  readonly #made: readonly string[];

  private constructor(client: string) {
    this.#client = client;
    this.#folder = mkdtempSync(join(tmpdir(), 'docker-'));
    this.#made = ['/opt', CONFIGURATION].filter((folder) => !existsSync(folder));
    this.#made.forEach((folder) => {
      mkdirSync(folder);
    });
    const socket = `unix://${join(this.#folder, 'socket')}`;
    this.environment = {
      DOCKER_HOST: socket,
      DOCKER_BUILDKIT: '1',
      DOCKER_CONFIG: join(this.#folder, 'client'),
    };
    const configuration = join(this.#folder, 'engine.json');
    writeFileSync(configuration, '{}');
    const options = {
      'config-file': configuration,
      host: socket,
      'data-root': this.data,
      'exec-root': join(this.#folder, 'exec'),
      pidfile: join(this.#folder, 'pid'),
      // Files as they are, without a file system that the one below might not bear.
      'storage-driver': 'vfs',
      iptables: 'false',
      ip6tables: 'false',
      'exec-opt': 'native.cgroupdriver=cgroupfs',
      'cgroup-parent': `/${basename(this.#folder)}`,
    };
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    this.#process = spawn('unshare', ['--net', '--mount', 'sh', '-c', SCRIPT, 'dockerd', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // When nobody has its output open any longer: its containerd has ended too.
    this.#ended = once(this.#process, 'close');
  }

  static async start(client: string): Promise<DockerEngine> {
    const engine = new DockerEngine(client);
    const said = await engine.#listen();
    if (said !== undefined) {
      await engine.close();
      throw new Error(`The engine has ended: ${said}`);
    }
    return engine;
  }

  /** @returns what it said, if it has ended before it listened */
  async #listen(): Promise<string | undefined> {
    let said = '';
    const listens = new Promise<undefined>((resolve) => {
      for (const stream of [this.#process.stdout, this.#process.stderr]) {
        stream?.on('data', (piece: Buffer) => {
          said += piece.toString();
          if (said.includes('API listen on')) {
            resolve(undefined);
          }
        });
      }
    });
    return Promise.race([listens, this.#ended.then(() => said)]);
  }

  /** Where everything is that it keeps. */
  get data(): string {
    return join(this.#folder, 'data');
  }

  /** Runs the client; rejects where it fails. */
  async run(
    args: readonly string[],
    { folder, environment = {} }: { folder?: string; environment?: NodeJS.ProcessEnv } = {},
  ): Promise<string> {
    const { stdout, stderr } = await promisify(execFile)(this.#client, args, {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...this.environment, ...environment },
    });
    return `${stdout}${stderr}`;
  }

  /** Makes an image of a shell and one program, which is a script. */
  async makeImage(image: string, program: string, script: string): Promise<void> {
    const folder = mkdtempSync(join(this.#folder, 'image-'));
    const programs = join(folder, 'bin');
    mkdirSync(programs);
    copyFileSync(BUSYBOX, join(programs, 'busybox'));
    APPLETS.forEach((name) => {
      symlinkSync('busybox', join(programs, name));
    });
    writeFileSync(join(programs, program), script);
    chmodSync(join(programs, program), 0o755);
    await promisify(execFile)('tar', ['-cf', `${folder}.tar`, '-C', folder, '.']);
    await this.run(['import', `${folder}.tar`, image]);
  }

  /** @returns the folders with what is in an image: all that is not in a layer, then the layers, from below */
  async unpack(image: string): Promise<readonly string[]> {
    const folder = mkdtempSync(join(this.#folder, 'saved-'));
    await this.run(['image', 'save', '--output', `${folder}.tar`, image]);
    await promisify(execFile)('tar', ['-xf', `${folder}.tar`, '-C', folder]);
    const [{ Layers: layers = [] } = {}] = JSON.parse(
      readFileSync(join(folder, 'manifest.json'), 'utf8'),
    ) as readonly { readonly Layers?: readonly string[] }[];
    const unpacked = [folder];
    for (const layer of layers) {
      const place = mkdtempSync(join(this.#folder, 'layer-'));
      await promisify(execFile)('tar', ['-xf', join(folder, layer), '-C', place]);
      unpacked.push(place);
    }
    return unpacked;
  }

  async close(): Promise<void> {
    this.#process.kill();
    await this.#ended;
    const roots = readdirSync(GROUPS, { withFileTypes: true }).filter((root) => root.isDirectory());
    [GROUPS, ...roots.map(({ name }) => join(GROUPS, name))].forEach((root) => {
      removeGroup(join(root, basename(this.#folder)));
    });
    rmSync(this.#folder, { recursive: true });
    this.#made.forEach((folder) => {
      rmdirSync(folder);
    });
  }
}

/** The files of a group are no files: it goes when it is empty of groups. */
function removeGroup(group: string): void {
  if (existsSync(group)) {
    readdirSync(group, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .forEach(({ name }) => {
        removeGroup(join(group, name));
      });
    rmdirSync(group);
  }
}
