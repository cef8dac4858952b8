import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';

export const ROOT = join(import.meta.dirname, '..');
export const TASK_FOLDER = join(ROOT, 'tasks', 'AzureDevOpsTokenV1');

const COMMON: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  charset: 'utf8',
  format: 'cjs',
  // The licences are in ThirdPartyNotices.txt.
  legalComments: 'none',
  // Names stay: they are what a stack trace and a reviewer can read.
  minifySyntax: true,
  minifyWhitespace: true,
  outdir: join(TASK_FOLDER, 'dist'),
  platform: 'node',
};

/** Builds `dist/` of the task; returns what is in the bundle. */
export async function buildTask(): Promise<Metafile> {
  rmSync(join(TASK_FOLDER, 'dist'), { recursive: true, force: true });
  const source = join(TASK_FOLDER, 'src');
  // node6: whatever Node.js an agent or a container brings can read it, see index.ts.
  await build({
    ...COMMON,
    entryPoints: [join(source, 'index.ts')],
    external: ['./task.js'],
    target: 'node6',
  });
  const { metafile } = await build({
    ...COMMON,
    entryPoints: [join(source, 'task.ts')],
    metafile: true,
    target: 'node20',
  });
  return metafile;
}
