import { TASK_FOLDER } from '../scripts/build-task';
import { runStep, type Step, type StepOptions } from './emulators/agent/run-step';
import { joinEnvironments } from './emulators/network';
import type { Place } from './emulators/places';
import { openPlace, type Scenario } from './scenarios';

/** A step as it went, and what its place saw of it. */
export interface Performance {
  readonly step: Step;
  readonly requests: Place['requests'];
  readonly tokens: Place['tokens'];
  readonly organization: Place['organization'];
  readonly proxy: Place['proxy'];
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
      ...options,
      inputs: { ...(typeof inputs === 'function' ? inputs(place) : inputs), ...options.inputs },
      variables: { 'system.debug': 'true', ...scenario.variables, ...options.variables },
      machineEnvironment: joinEnvironments(
        place.machineEnvironment,
        scenario.machineEnvironment,
        options.machineEnvironment,
      ),
    });
    const { requests, tokens, organization, proxy } = place;
    return { step, requests, tokens, organization, proxy };
  } finally {
    await place.close();
  }
}
