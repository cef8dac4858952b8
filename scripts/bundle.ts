// How the files of the task are made: rolldown joins modules, and leaves out what is not used of them.
import { minify } from 'rolldown/utils';
import {
  rolldown,
  type CodeSplittingGroup,
  type OutputChunk,
  type OutputOptions,
  type Plugin,
} from 'rolldown';
import { requireLate, setApart, toCommonJs, type Files, type Late } from './load-late';

/** A file for `dist/`. */
export interface BundledFile {
  readonly name: string;
  readonly code: string;
  /** The paths of the modules of which something is in it. */
  readonly modules: readonly string[];
}

const TARGET = 'node20';

/** Bundles each entry, with all that it needs, into one file. */
export async function bundleWhole(
  entries: Files,
  { target = TARGET, external = [] as string[] } = {},
): Promise<readonly BundledFile[]> {
  const chunks = await Promise.all(
    Object.entries(entries).map(([name, path]) =>
      generate({ [name]: path }, { target, external }, { format: 'cjs' }),
    ),
  );
  return Promise.all(
    chunks.flat().map(async (chunk) => toFile(chunk, await takeNamesOut(chunk, true))),
  );
}

/**
 * Bundles the entries, and what they load with `import()`, each into a file; what they share is in further ones.
 * @param late what is in other files, and loaded at its first use
 * @param groups what of the shared is in which file, where that matters
 */
export async function bundleInParts(
  entries: Files,
  late: Late = { packages: {} },
  groups: CodeSplittingGroup[] = [],
): Promise<readonly BundledFile[]> {
  const input = { target: TARGET, plugins: [setApart(late), requireLate()] };
  const chunks = await generate(entries, input, { format: 'es', codeSplitting: { groups } });
  return Promise.all(
    chunks.map(async (chunk) => toFile(chunk, await toCommonJs(await takeNamesOut(chunk), late))),
  );
}

interface InputOptions {
  readonly target: string;
  readonly external?: string[];
  readonly plugins?: Plugin[];
}

async function generate(
  entries: Files,
  { target, ...input }: InputOptions,
  output: OutputOptions,
): Promise<readonly OutputChunk[]> {
  const build = await rolldown({
    ...input,
    input: { ...entries },
    platform: 'node',
    checks: { bundlerTimings: false },
    // The HTTP library asks of each body whether it is a form. The task sends none, and the mere look at that global has
    // Node.js load all of its fetch: 20 ms, and 15 % of the memory.
    transform: { target, define: { FormData: 'undefined' } },
    treeshake: { moduleSideEffects: [{ external: true, sideEffects: false }] },
  });
  const generated = await build.generate({
    ...output,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    comments: false,
    minify: { compress: true, mangle: false, codegen: false },
    minifyInternalExports: false,
    // What is made of it is CommonJS, which has one.
    polyfillRequire: false,
  });
  await build.close();
  return generated.output.filter((file) => file.type === 'chunk');
}

/**
 * Makes the names short in a file that is mostly of packages, and takes out the white space. Our names stay: they are what a stack
 * trace and a reviewer can read.
 */
async function takeNamesOut(
  { fileName, code, modules }: OutputChunk,
  isCommonJs = false,
): Promise<string> {
  const sizes = { ours: 0, packages: 0 };
  for (const [path, { renderedLength }] of Object.entries(modules)) {
    sizes[path.includes('node_modules') ? 'packages' : 'ours'] += renderedLength;
  }
  const mangle = sizes.packages > sizes.ours && { toplevel: !isCommonJs };
  return (await minify(fileName, code, { module: !isCommonJs, compress: true, mangle })).code;
}

function toFile({ fileName, modules }: OutputChunk, code: string): BundledFile {
  const used = Object.entries(modules).filter(([, { renderedLength }]) => renderedLength > 0);
  // A single other character would double the memory that Node.js needs for the code.
  const ascii = code.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { name: fileName, code: ascii, modules: used.map(([path]) => path) };
}
