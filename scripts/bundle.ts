// How the files of the task are made: rolldown joins modules, and leaves out what is not used of them.
import { minify } from 'rolldown/utils';
import { rolldown, type OutputChunk, type OutputOptions, type Plugin } from 'rolldown';
import { setApart, toCommonJs, type Files } from './load-late';

/** A file for `dist/`. */
export interface BundledFile {
  readonly name: string;
  readonly code: string;
  /** The paths of the modules of which something is in it. */
  readonly modules: readonly string[];
}

/** Bundles each entry, with all that it needs, into one file. */
export async function bundleWhole(
  entries: Files,
  input: InputOptions = {},
): Promise<readonly BundledFile[]> {
  const chunks = await Promise.all(
    Object.entries(entries).map(([name, path]) =>
      generate({ [name]: path }, input, { format: 'cjs' }),
    ),
  );
  return Promise.all(
    chunks
      .flat()
      .map(async (chunk) =>
        toFile(chunk, await shortenNames(chunk, { isCommonJs: true, target: input.target })),
      ),
  );
}

/**
 * Bundles the entries, and what they load with `import()`, each into a file; what they share is in further ones.
 * @param late what is in other files, and loaded at its first use
 */
export async function bundleInParts(
  entries: Files,
  late: Files = {},
): Promise<readonly BundledFile[]> {
  const chunks = await generate(entries, { plugins: [setApart(late)] }, { format: 'es' });
  return Promise.all(
    chunks.map(async (chunk) => toFile(chunk, await toCommonJs(await shortenNames(chunk), late))),
  );
}

interface InputOptions {
  /** Absent: the code keeps its syntax. */
  readonly target?: string;
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
    // An entry exports what the files that start the task need, and may export more, so that it need not be split.
    preserveEntrySignatures: 'allow-extension',
    platform: 'node',
    checks: { bundlerTimings: false },
    transform: {
      ...(target === undefined ? {} : { target }),
      // The HTTP library checks whether a body is a form. The task sends none, and that check makes Node.js load all of its
      // fetch: docs/performance.md has what this saves.
      define: { FormData: 'undefined' },
    },
  });
  const generated = await build.generate({
    ...output,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    comments: false,
    minifyInternalExports: false,
    // What is made of it is CommonJS, which has one.
    polyfillRequire: false,
  });
  await build.close();
  return generated.output.filter((file) => file.type === 'chunk');
}

/**
 * Makes the names short in a file that is mostly of packages, and removes the white space of any file. Names of the task stay: a
 * stack trace and a reviewer can read them. docs/performance.md has what this saves.
 */
async function shortenNames(
  { fileName, code, modules }: OutputChunk,
  {
    isCommonJs = false,
    target,
  }: { readonly isCommonJs?: boolean; readonly target?: string | undefined } = {},
): Promise<string> {
  const sizes = { ours: 0, packages: 0 };
  for (const [path, { renderedLength }] of Object.entries(modules)) {
    sizes[path.includes('node_modules') ? 'packages' : 'ours'] += renderedLength;
  }
  const mangle = sizes.packages > sizes.ours && { toplevel: !isCommonJs };
  return (
    await minify(fileName, code, {
      module: !isCommonJs,
      // Without the target, it would write newer syntax, which is shorter.
      compress: target === undefined ? true : { target },
      mangle,
    })
  ).code;
}

function toFile({ fileName, modules }: OutputChunk, code: string): BundledFile {
  const used = Object.entries(modules).filter(([, { renderedLength }]) => renderedLength > 0);
  return { name: fileName, code, modules: used.map(([path]) => path) };
}
