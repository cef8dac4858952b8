// Runs the built task as a pipeline would and prints the log that a user sees: `npm start -- --help`.
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { cleanUp, runStep, type Step } from '../test/emulators/agent/run-step';
import { PLACES, SCENARIOS, type Scenario } from '../test/scenarios';
import { perform } from '../test/stage';
import { findAgentNode, installAgentNodes } from './agent-nodes';
import { buildTask, TASK_FOLDER } from './build-task';
import { findSimilarNames } from './similar-names';

const USAGE = `npm start                        gets a token and makes a REST call, with emulators on loopback
npm start -- --scenario NAME     shows one success or failure of a step; --scenario list names all
npm start -- --place NAME        gets a token on one kind of machine or service; --place list names all
npm start -- --real              gets a token with the managed identity of this machine
npm start -- --real --input NAME=VALUE   sets an input of the task, such as clientId or organization
npm start -- --debug             shows the debug log of the agent`;

/** The scenarios that a newcomer wants to see. */
const MAIN_JOB = ['default', 'repositories'];

const COLORS: Readonly<Record<string, string>> = {
  '##[section]': '\x1b[32m',
  '##[error]': '\x1b[31m',
  '##[warning]': '\x1b[33m',
  '##[debug]': '\x1b[35m',
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string' },
      place: { type: 'string' },
      real: { type: 'boolean', default: false },
      input: { type: 'string', multiple: true, default: [] },
      debug: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const all = values.place === undefined ? SCENARIOS : PLACES;
  const chosen = values.place ?? values.scenario;
  if (chosen === 'list') {
    const width = Math.max(...all.map(({ name }) => name.length));
    all.forEach(({ name, story }) => {
      console.log(`${name.padEnd(width)}  ${story}`);
    });
    return 0;
  }
  const names = chosen === undefined ? MAIN_JOB : [chosen];
  const scenarios = all.filter(({ name }) => names.includes(name));
  if (scenarios.length === 0) {
    console.error(describeUnknown(names.join(), values.place === undefined ? 'scenario' : 'place'));
    return 2;
  }
  await buildTask();
  const variables = { 'system.debug': String(values.debug) };
  if (values.real) {
    const step = await runReal(Object.fromEntries(values.input.map(parseInput)), variables);
    describeEnd(step);
    cleanUp(step);
    return step.result === 'Succeeded' ? 0 : 1;
  }
  for (const scenario of scenarios) {
    if (scenario.isPossible?.() === false) {
      console.error(`This machine cannot run "${scenario.name}": ${scenario.story}`);
      return 2;
    }
    describeStart(scenario);
    const options = { variables, node: chooseNode(scenario), onLog: show };
    const { step, later } = await perform(scenario, options);
    describeEnd(step);
    if (later !== undefined) {
      console.log(`The step that runs git ${later.result.toLowerCase()}.`);
    }
    cleanUp(step);
  }
  return 0;
}

/** Names the scenarios or places that a misspelled name may mean. */
function describeUnknown(name: string, kind: 'scenario' | 'place'): string {
  const all = (kind === 'scenario' ? SCENARIOS : PLACES).map((known) => known.name);
  const similar = findSimilarNames(name, all);
  const suggestion = similar.length === 0 ? '' : ` Similar names: ${similar.join(', ')}.`;
  return `There is no ${kind} "${name}".${suggestion} To list all names: npm start -- --${kind} list`;
}

/** The step as its author writes it. */
function describeStart({ inputs = {}, later }: Scenario): void {
  const given = Object.entries(typeof inputs === 'function' ? {} : inputs);
  console.log('\n- task: AzureDevOpsToken@1\n  name: devops');
  if (given.length > 0) {
    console.log(stringify({ inputs: Object.fromEntries(given) }).replace(/^(?=.)/gm, '  '));
  }
  if (later !== undefined) {
    console.log(stringify([later]));
  }
}

function chooseNode({ node: major }: Scenario): string {
  if (major === undefined) {
    return process.execPath;
  }
  const node = installAgentNodes() ? findAgentNode(major) : undefined;
  if (node === undefined) {
    throw new Error(
      `Node.js ${major} is not available on this machine. The project installs it on Linux with x64 only.`,
    );
  }
  return node;
}

function parseInput(text: string): readonly [string, string] {
  const [name = '', ...value] = text.split('=');
  return [name, value.join('=')];
}

function runReal(
  inputs: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
): Promise<Step> {
  // The home folder stays the emulator's own.
  const machineEnvironment = { ...process.env };
  delete machineEnvironment['HOME'];
  delete machineEnvironment['USERPROFILE'];
  // The organization of the emulated pipeline does not exist.
  const all = 'organization' in inputs ? inputs : { verifyMembership: 'false', ...inputs };
  return runStep({
    taskFolder: TASK_FOLDER,
    inputs: all,
    variables,
    machineEnvironment,
    onLog: show,
  });
}

function show(line: string): void {
  const tag = /^##\[\w+\]/.exec(line)?.[0] ?? '';
  const color = process.stdout.isTTY ? COLORS[tag] : undefined;
  console.log(color === undefined ? line : `${color}${line}\x1b[0m`);
}

function describeEnd(step: Step): void {
  console.log(
    `\nThe step ${step.result.toLowerCase()} after ${(step.elapsedMs / 1000).toFixed(1)} s.`,
  );
  if (step.outputs.size > 0) {
    console.log('The outputs, as later steps of the job read them:');
    for (const [name, { value, isSecret }] of step.outputs) {
      console.log(`  $(devops.${name})`.padEnd(26), isSecret ? '***' : value);
    }
  }
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 2;
  },
);
