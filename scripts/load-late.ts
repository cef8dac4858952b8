// How the files of the task come to load one another when they are first used. The code of a package stays what it is; what changes is
// when the modules that it names are loaded, by settings of the tools that make CommonJS of it.
import { isBuiltin } from 'node:module';
import { normalize } from 'node:path';
import { template, transformAsync, type NodePath } from '@babel/core';
import type { Plugin } from 'rolldown';

/** By the name of a file in `dist/`, without `.js`: the path of what is in it. */
export type Files = Readonly<Record<string, string>>;

/** Leaves the imports of these files in the code: they are resolved when the task runs. */
export function setApart(late: Files): Plugin {
  return {
    name: 'set-apart',
    async resolveId(source, importer, extra) {
      if (importer === undefined) {
        return undefined;
      }
      const resolved = await this.resolve(source, importer, { ...extra, skipSelf: true });
      const file = resolved && normalize(resolved.id);
      const [name] = Object.entries(late).find(([, path]) => path === file) ?? [];
      // If nothing of it is used, it need not be loaded either.
      return name === undefined
        ? resolved
        : { id: `./${name}.js`, external: true, moduleSideEffects: false };
    },
  };
}

/** Makes it a module of CommonJS that loads what is late when that is first used. */
export async function toCommonJs(code: string, late: Files): Promise<string> {
  const isLate = (source: string) => Object.keys(late).some((name) => source === `./${name}.js`);
  const result = await transformAsync(code, {
    babelrc: false,
    configFile: false,
    comments: false,
    minified: true,
    sourceType: 'module',
    plugins: [
      { visitor: { MetaProperty: nameFile } },
      ['@babel/plugin-transform-dynamic-import'],
      [
        '@babel/plugin-transform-modules-commonjs',
        {
          importInterop: (source: string) =>
            isBuiltin(source) || isLate(source) ? 'node' : 'none',
          // The modules of Node.js, too: TLS alone is a tenth of the CPU time of a token on Node.js 24 (docs/performance.md).
          lazy: (source: string) => isBuiltin(source) || isLate(source),
        },
      ],
    ],
  });
  if (typeof result?.code !== 'string') {
    throw new Error('Babel gave nothing back');
  }
  return result.code;
}

/** A module of CommonJS knows its address by another name. */
function nameFile(path: NodePath): void {
  path.parentPath?.replaceWith(
    template.expression.ast`require('node:url').pathToFileURL(__filename).href`,
  );
}
