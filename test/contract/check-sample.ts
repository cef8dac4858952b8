// What is wrong with a piece of YAML: beside task.json, by the task's own reading of its inputs, and by the rules of the
// pages for outputs and tokens.
import { join } from 'node:path';
import { ROOT } from '../../scripts/build-task';
import { TaskError } from '../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { readInputs } from '../../tasks/AzureDevOpsTokenV1/src/inputs/read-inputs';
import type { YamlStep } from '../emulators/agent/run-job';
import { azureDevOps, azureRM } from '../emulators/service-connections';
import { FakeAgent, fakeEnvironment, type FakeEndpoint } from '../unit/fakes';
import { readJson, task } from './files';

interface Input {
  readonly name: string;
  readonly type: string;
  readonly defaultValue: string;
  readonly required: boolean;
  readonly visibleRule?: string;
  readonly options?: Readonly<Record<string, string>>;
}

type Values = Readonly<Record<string, string>>;

const INPUTS = readJson('tasks/AzureDevOpsTokenV1/task.json')['inputs'] as readonly Input[];
const OUTPUTS = task.outputVariables.map(({ name }) => name);
const OURS = 'AzureDevOpsToken';
/** The variables that the agent and the server set are in these groups. */
const GROUPS = /^(?:agent|build|environment|pipeline|release|resources|system)$/i;
/** What is filled in before the task starts: `$(Build.BuildId)`, `${{ parameters.project }}`. */
const FILLED_IN = /\$\((?:\w+\.)*\w+\)|\$\{\{.*?\}\}/g;

export const isOurs = ({ task: name }: YamlStep) => name?.startsWith(`${OURS}@`) ?? false;

/** What is wrong with a step of ours. */
export function findStepMistakes(step: YamlStep): readonly string[] {
  const values = Object.fromEntries(
    Object.entries(step.inputs ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const mistakes = [
    ...(step.task === `${OURS}@${task.version.Major}`
      ? []
      : ['the version is not that of the task']),
    ...Object.keys(values).flatMap((name) =>
      INPUTS.some((input) => input.name === name) ? [] : [`${name} is no input`],
    ),
    ...INPUTS.flatMap((input) => findInputMistakes(input, values)),
  ];
  return mistakes.length > 0 ? mistakes : readAsTask(values);
}

function findInputMistakes(input: Input, values: Values): readonly string[] {
  const { name, type, options = type === 'boolean' ? { true: '', false: '' } : undefined } = input;
  const value = values[name];
  const isVisible = isShown(input, values);
  if (value === undefined) {
    return input.required && isVisible ? [`${name} is missing`] : [];
  }
  return [
    ...(isVisible ? [] : [`${name} does nothing unless ${input.visibleRule ?? ''}`]),
    ...(options === undefined || value in options || value.replace(FILLED_IN, '') === ''
      ? []
      : [`${name} takes ${Object.keys(options).join(', ')}`]),
  ];
}

/** The rules in use are conjunctions of (in)equalities. */
function isShown({ visibleRule = '' }: Input, values: Values): boolean {
  return [...visibleRule.matchAll(/(\w+) (!?=) (\S+)/g)].every(([, name = '', operator, value]) => {
    const given = values[name] ?? INPUTS.find((input) => input.name === name)?.defaultValue;
    return (given === value?.replace('""', '')) === (operator === '=');
  });
}

/** What the task itself says to these inputs. */
function readAsTask(values: Values): readonly string[] {
  const given = Object.entries(values)
    // Of what is filled in as a whole nothing is known.
    .filter(([, value]) => value.replace(FILLED_IN, '') !== '')
    .map(([name, value]) => [name, name === 'body' ? value : value.replace(FILLED_IN, '7')])
    // An earlier step makes the file, which has to be there.
    .map(([name, value]) => [name, name === 'bodyFile' ? join(ROOT, 'package.json') : value]);
  const { azureDevOpsServiceConnection = '', azureSubscription = '' } = values;
  const endpoints = {
    [azureDevOpsServiceConnection]: inLowerCase(azureDevOps()),
    [azureSubscription]: inLowerCase(azureRM()),
    SYSTEMVSSCONNECTION: { scheme: 'OAuth', parameters: { AccessToken: 'job.access.token' } },
  };
  const oidc = 'https://dev.azure.com/MyOrg/p/_apis/distributedtask/oidctoken';
  const inputs = Object.fromEntries(given) as Values;
  try {
    readInputs(
      new FakeAgent(inputs, { 'System.OidcRequestUri': oidc }, endpoints),
      fakeEnvironment(),
    );
    return [];
  } catch (error) {
    if (error instanceof TaskError) {
      return [error.message];
    }
    throw error;
  }
}

function inLowerCase({ parameters, ...rest }: ReturnType<typeof azureRM>): FakeEndpoint {
  const entries = Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value]);
  return { ...rest, parameters: Object.fromEntries(entries) as Values };
}

/**
 * What is wrong with the outputs that a piece of YAML reads.
 * @param names of the steps of the page
 */
export function findOutputMistakes(document: unknown, names: readonly string[]): readonly string[] {
  return listTexts(document).flatMap(({ text, path }) => [
    ...[...text.matchAll(/\$\((\w+)\.(\w+)\)/g)].flatMap(([macro, step = '', output = '']) => {
      if (!names.includes(step)) {
        return GROUPS.test(step) ? [] : [`${macro}: the page has no such step`];
      }
      return [
        ...(OUTPUTS.includes(output) ? [] : [`${macro}: the task has no such output`]),
        // Not inside a script, not in an input, not in a name.
        ...(path.at(-2) === 'env'
          ? []
          : [`${macro} is handed on by ${path.join('.')}, not by env:`]),
      ];
    }),
    ...[...text.matchAll(/outputs\['([\w.]+\.)?(\w+)\.(\w+)'\]/gi)].flatMap(
      ([expression, , step = '', output = '']) =>
        names.includes(step) && (output === 'token' || !OUTPUTS.includes(output))
          ? [`${expression}: no such output leaves its job`]
          : [],
    ),
  ]);
}

interface Text {
  readonly text: string;
  readonly path: readonly string[];
}

function listTexts(node: unknown, path: readonly string[] = []): readonly Text[] {
  if (typeof node === 'object' && node !== null) {
    return Object.entries(node).flatMap(([key, value]) => listTexts(value, [...path, key]));
  }
  return typeof node === 'string' ? [{ text: node, path }] : [];
}

/** Parts of the shell itself: they start no process, so that nobody sees their arguments. */
const BUILT_IN = /^\s*(?:printf|echo|export|local|readonly|\[\[?|if|test|while|read)\s/;

/** Of variables: of the shell, or of the environment of a command that follows. */
const ASSIGNMENTS = /^\s*(?:\w+=(?:"[^"]*"|'[^']*'|[^\s"']+)*(?:\s+|$))+/;

/** The commands of a script to which the token is an argument. */
export function findTokenArguments({ env = {}, ...step }: YamlStep): readonly string[] {
  const secrets = Object.entries(env)
    .filter(([, value]) => String(value).includes('.token)'))
    .map(([name]) => name);
  if (secrets.length === 0) {
    return [];
  }
  const names = secrets.join('|');
  const powerShell = [step.pwsh, (step as { readonly powershell?: string }).powershell];
  const shell = [step.bash, step.script].map((script = '') => withoutInput(script));
  return [
    ...shell
      .flatMap((script) => script.replace(/\\\n/g, ' ').split(/&&|\|\||\$\(|[|;\n()]/))
      .map((command) => command.replace(ASSIGNMENTS, ''))
      .filter((command) => new RegExp(`\\$\\{?(?:${names})\\b|%(?:${names})%`).test(command))
      .filter((command) => !BUILT_IN.test(command)),
    ...powerShell
      .flatMap((script = '') => script.replace(/`\n/g, ' ').split(/[|;\n]/))
      .filter((command) => new RegExp(`\\$\\{?env:(?:${names})\\b`, 'i').test(command))
      // A cmdlet and an assignment start no process; programs have no capital and no hyphen after a verb.
      .filter((command) => !/^\s*(?:[$@(}\]'"]|[A-Z]\w*-[A-Z]|\w+\s*=|if|foreach)/.test(command)),
  ];
}

/** Without what goes to standard input: a here-document, a here-string. */
function withoutInput(script: string): string {
  return script
    .replace(/<<-?\s*(['"]?)(\w+)\1([^\n]*)\n[^]*?^\s*\2$/gm, '$3')
    .replace(/<<<\s*(?:"(?:\\[^]|[^"\\])*"|'[^']*'|\S+)/g, '');
}

/** Whether a URL in a step has more before its host than a name. */
export function hasSecretInUrl(step: YamlStep): boolean {
  return /:\/\/[^/\s@]*[:$%][^/\s@]*@/.test(JSON.stringify(step));
}
