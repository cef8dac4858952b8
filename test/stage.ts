import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TASK_FOLDER } from '../scripts/build-task';
import { makeFolders, type AgentFolders } from './emulators/agent/job-setting';
import { runScript } from './emulators/agent/run-script';
import { runStep, type Step, type StepOptions } from './emulators/agent/run-step';
import { joinEnvironments } from './emulators/network';
import type { Place } from './emulators/places';
import { openPlace, type LaterStep, type Scenario } from './scenarios';

/** A step as it went, and what its place saw of it. */
export interface Performance extends Place {
  readonly step: Step;
  /** The later step, if the scenario has one and this one succeeded. */
  readonly later?: Step;
}

/** Runs the built task in the place of a scenario. */
export async function perform(
  scenario: Omit<Scenario, 'name' | 'story' | 'names'>,
  options: Partial<StepOptions> = {},
): Promise<Performance> {
  const place = await openPlace(scenario);
  const { inputs = {} } = scenario;
  try {
    const step = await runStep({
      taskFolder: TASK_FOLDER,
      ...(scenario.files && { folders: makeFoldersWith(scenario.files, scenario.agent?.layout) }),
      ...(place.endpoints === undefined ? {} : { endpoints: place.endpoints }),
      ...scenario.agent,
      ...options,
      ...(place.wrapNode && { node: place.wrapNode(options.node ?? process.execPath) }),
      inputs: { ...(typeof inputs === 'function' ? inputs(place) : inputs), ...options.inputs },
      variables: { 'system.debug': 'true', ...scenario.variables, ...options.variables },
      machineEnvironment: joinEnvironments(
        place.machineEnvironment,
        scenario.machineEnvironment,
        options.machineEnvironment,
      ),
    });
    const { later } = scenario;
    return later === undefined || step.result !== 'Succeeded'
      ? { ...place, step }
      : { ...place, step, later: await runLater(later, step, { ...options, place }) };
  } finally {
    await place.close();
  }
}

/** How the credential helper explains a failure of a later step. The lines of git itself follow. */
export function findExplanation({ stderr }: Pick<Step, 'stderr'>): string | undefined {
  return stderr.split('\n').find((line) => /^(?!fatal:).*Troubleshooting: /.test(line));
}

/** Runs the script in the job of a step that is named `devops`. */
function runLater(
  { bash, env }: LaterStep,
  { folders, outputs }: Step,
  { place, variables, onLog }: Partial<StepOptions> & { readonly place: Place },
): Promise<Step> {
  const named = [...outputs].map(([name, output]) => [`devops.${name}`, output] as const);
  return runScript({
    shell: 'bash',
    script: `set -e\n${bash}`,
    stepEnvironment: env,
    folders,
    variables: { ...variables, ...Object.fromEntries(named) },
    machineEnvironment: place.machineEnvironment,
    ...(onLog && { onLog }),
  });
}

function makeFoldersWith(
  files: NonNullable<Scenario['files']>,
  layout: StepOptions['layout'],
): AgentFolders {
  const folders = makeFolders(layout);
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folders.working, name), content);
  }
  return folders;
}
