// How the agent expands `$(name)`, by VarUtil.ExpandValues and Variables.RecalculateExpanded in
// microsoft/azure-pipelines-agent.

const PREFIX = '$(';
/** How deep variables may stand in variables. */
const MAX_DEPTH = 50;

interface Macro {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** The next from its prefix to the first `)`: of an unbalanced `$(a $(b)` first one named `a $(b`. */
function findMacro(text: string, from: number): Macro | undefined {
  const start = text.indexOf(PREFIX, from);
  const end = start < 0 ? -1 : text.indexOf(')', start + PREFIX.length);
  return end < 0
    ? undefined
    : { name: text.slice(start + PREFIX.length, end), start, end: end + 1 };
}

/** Replaces each macro that has a value, and leaves the others; what was put in is not expanded again. */
export function expandMacros(text: string, find: (name: string) => string | undefined): string {
  let expanded = text;
  let from = 0;
  for (let macro = findMacro(text, 0); macro !== undefined; macro = findMacro(expanded, from)) {
    const value = macro.name === '' ? undefined : find(macro.name);
    if (value === undefined) {
      // The search goes on behind the prefix, and so finds what is inside of an unknown one.
      from = macro.start + 1;
    } else {
      expanded = `${expanded.slice(0, macro.start)}${value}${expanded.slice(macro.end)}`;
      from = macro.start + value.length;
    }
  }
  return expanded;
}

/** The text of a variable with its macros expanded, theirs too; unchanged where they lead in a circle or too deep. */
export function expandDeeply(
  key: string,
  value: string,
  find: (name: string) => string | undefined,
): string {
  class Stopped extends Error {}
  const expand = (text: string, path: readonly string[]): string =>
    expandMacros(text, (name) => {
      const nested = find(name);
      if (nested === undefined) {
        return undefined;
      }
      if (path.length === MAX_DEPTH || path.includes(name.toLowerCase())) {
        throw new Stopped();
      }
      return expand(nested, [...path, name.toLowerCase()]);
    });
  try {
    return expand(value, [key.toLowerCase()]);
  } catch (error) {
    if (error instanceof Stopped) {
      return value;
    }
    throw error;
  }
}
