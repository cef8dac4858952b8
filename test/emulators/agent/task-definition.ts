import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As much of `task.json` as the agent acts on. */
export interface TaskDefinition {
  readonly name: string;
  readonly friendlyName: string;
  readonly description: string;
  readonly helpMarkDown: string;
  readonly author: string;
  readonly version: { readonly Major: number; readonly Minor: number; readonly Patch: number };
  readonly inputs: readonly {
    readonly name: string;
    readonly type: string;
    readonly defaultValue?: string;
  }[];
  readonly outputVariables: readonly { readonly name: string; readonly description: string }[];
  readonly restrictions: {
    readonly commands: { readonly mode: string };
    readonly settableVariables: { readonly allowed: readonly string[] };
  };
  readonly execution: Readonly<Record<string, { readonly target: string }>>;
}

/** Reads the task.json of a task's folder. */
export function loadTask(folder: string): TaskDefinition {
  return JSON.parse(readFileSync(join(folder, 'task.json'), 'utf8')) as TaskDefinition;
}
