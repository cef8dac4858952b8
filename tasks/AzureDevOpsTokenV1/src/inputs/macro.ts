// A macro of the agent, `$(variable)`, that the agent did not expand.
const MACRO = /\$\(([^()]+)\)/;

/** The variable of the first macro in a text. */
export function findMacro(text: string): string | undefined {
  return MACRO.exec(text)?.[1];
}

/** The variable of a text that is one macro and nothing else. */
export function readMacro(text: string): string | undefined {
  const variable = findMacro(text);
  return text === `$(${variable ?? ''})` ? variable : undefined;
}
