// What the form of a pipeline does not tell: whether what it names is there, and whether each expression stands where Azure Pipelines
// reads it. https://learn.microsoft.com/azure/devops/pipelines/process/expressions, …/process/variables, …/process/runtime-parameters
export interface Step {
  readonly task?: string;
  readonly script?: string;
  readonly bash?: string;
  readonly checkout?: string;
  readonly download?: string;
  readonly name?: string;
  readonly displayName?: string;
  readonly continueOnError?: boolean;
  readonly persistCredentials?: boolean;
  readonly target?: object;
  readonly inputs?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
}
export interface Job {
  readonly job?: string;
  readonly deployment?: string;
  readonly dependsOn?: string | readonly string[];
  readonly environment?: string;
  readonly timeoutInMinutes?: number;
  readonly pool: { readonly name?: string; readonly vmImage?: string };
  readonly steps?: readonly Step[];
  readonly strategy?: {
    readonly matrix?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly runOnce?: { readonly deploy: { readonly steps: readonly Step[] } };
  };
}
export interface Stage {
  readonly stage: string;
  readonly isSkippable?: boolean;
  readonly dependsOn?: string | readonly string[];
  readonly condition?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly jobs: readonly Job[];
}
export interface Pipeline {
  readonly trigger?: unknown;
  readonly pr?: unknown;
  readonly parameters?: readonly { readonly name: string; readonly default?: unknown }[];
  readonly variables?: Readonly<Record<string, string | number>>;
  readonly stages?: readonly Stage[];
  readonly jobs?: readonly Job[];
}

/** https://learn.microsoft.com/azure/devops/pipelines/build/variables */
const PREDEFINED = /^(?:Agent|Build|Environment|Pipeline|System)\.\w+(?:\.\w+)*$/;
/** A name that an expression can name without brackets. */
const NAME = /^[A-Za-z_]\w*$/;
/** Of those that https://learn.microsoft.com/azure/devops/pipelines/agents/hosted lists. */
const IMAGES = ['ubuntu-latest', 'windows-latest', 'macOS-latest'];
/** What a job has where it says nothing, in minutes. */
const JOB_TIMEOUT = 60;

const textOf = (node: unknown) => JSON.stringify(node ?? '');
const listOf = (names: string | readonly string[] | undefined) => [names ?? []].flat();
const unless = (isGood: boolean, mistake: string) => (isGood ? [] : [mistake]);
export const stepsOf = ({ steps, strategy }: Job) => steps ?? strategy?.runOnce?.deploy.steps ?? [];

/**
 * @param outputsOf the names of the outputs of a task, by `Task@1`
 * @returns what is wrong
 */
export function findLooseEnds(
  pipeline: Pipeline,
  outputsOf: (task: string) => readonly string[],
): readonly string[] {
  const stages: readonly Stage[] = pipeline.stages ?? [{ stage: 'All', jobs: pipeline.jobs ?? [] }];
  return [
    ...findTemplateMistakes(pipeline),
    ...findNameMistakes(
      'stage',
      stages.map(({ stage }) => stage),
    ),
    ...stages.flatMap((stage) => [
      ...findUnknown(
        listOf(stage.dependsOn),
        stages.map((other) => other.stage),
      ),
      ...findUnknown(
        [...(stage.condition ?? '').matchAll(/\bdependencies\.(\w+)/g)].map(
          ([, name = '']) => name,
        ),
        listOf(stage.dependsOn),
      ),
      ...findNameMistakes('job', stage.jobs.map(nameOf)),
      ...stage.jobs.flatMap((job) => [
        ...findUnknown(listOf(job.dependsOn), stage.jobs.map(nameOf)),
        ...findJobMistakes(job),
        ...findUnknownMacros(
          job,
          [...Object.keys(pipeline.variables ?? {}), ...Object.keys(stage.variables ?? {})],
          outputsOf,
        ),
      ]),
    ]),
  ];
}

const nameOf = ({ job, deployment }: Job) => job ?? deployment ?? '';

const findUnknown = (names: readonly string[], known: readonly string[]) =>
  names.flatMap((name) => unless(known.includes(name), `there is no ${name}`));

/** Template expressions are filled in before anything runs, and not everywhere. */
function findTemplateMistakes(pipeline: Pipeline): readonly string[] {
  const { parameters = [], variables = {}, trigger, pr } = pipeline;
  const known = {
    parameters: parameters.map(({ name }) => name),
    variables: Object.keys(variables),
  };
  return [
    ...parameters.flatMap((one) =>
      unless(Object.keys(one)[0] === 'name', `name is not the first key of a parameter`),
    ),
    ...[...textOf(pipeline).matchAll(/\$\{\{ *(parameters|variables)\.(\w+) *\}\}/g)].flatMap(
      ([expression, kind, name = '']) =>
        unless(known[kind as keyof typeof known].includes(name), `nothing gives ${expression}`),
    ),
    ...unless(
      !textOf([parameters, trigger, pr]).includes('${{'),
      'an expression where none is read',
    ),
  ];
}

function findNameMistakes(what: string, names: readonly string[]): readonly string[] {
  return names.flatMap((name, index) => [
    // A deployment of that name is not supported.
    ...unless(NAME.test(name) && name !== 'deploy', `${name} is no name of a ${what}`),
    ...unless(
      !names.slice(0, index).some((other) => other.toLowerCase() === name.toLowerCase()),
      `two are the ${what} ${name}`,
    ),
  ]);
}

function findJobMistakes(job: Job): readonly string[] {
  const { pool, environment, dependsOn, strategy, timeoutInMinutes = JOB_TIMEOUT } = job;
  const steps = stepsOf(job);
  const [, variable] = /^\$\((\w+)\)$/.exec(pool.vmImage ?? '') ?? [];
  const legs = Object.values(strategy?.matrix ?? {});
  const images =
    variable === undefined ? (pool.vmImage ?? []) : legs.map((leg) => leg[variable] ?? '');
  const isDeployment = job.deployment !== undefined;
  return [
    // Where a job runs, and who has to allow it, is settled when the run is queued.
    ...unless(!/\$[([]/.test(textOf([pool.name, environment, dependsOn])), 'a variable of the run'),
    ...unless((pool.vmImage === undefined) !== (pool.name === undefined), 'not one kind of pool'),
    ...listOf(images).flatMap((image) => unless(IMAGES.includes(image), `${image} is no image`)),
    ...unless(Number.isInteger(timeoutInMinutes), 'timeoutInMinutes is no number'),
    ...unless(
      !isDeployment ||
        (environment !== undefined && steps.some(({ download }) => download !== undefined)),
      'a deployment without an environment, or that downloads everything',
    ),
    ...findNameMistakes(
      'step',
      steps.flatMap(({ name }) => name ?? []),
    ),
    ...steps.flatMap((step) => [
      ...unless(['self', 'none'].includes(step.checkout ?? 'self'), `checkout ${step.checkout}`),
      ...unless(['current', 'none'].includes(step.download ?? 'none'), `download ${step.download}`),
      ...unless(!textOf(step).includes('$['), 'a runtime expression in a step'),
      ...unless(
        Number(step.inputs?.['waitTimeoutInMinutes'] ?? 0) < timeoutInMinutes,
        'the job ends before the step has waited',
      ),
    ]),
  ];
}

/** `$(name)` is left as it stands where nothing has that name. */
function findUnknownMacros(
  job: Job,
  variables: readonly string[],
  outputsOf: (task: string) => readonly string[],
): readonly string[] {
  const known = [...variables, ...Object.keys(Object.values(job.strategy?.matrix ?? {})[0] ?? {})];
  return [textOf(job.pool), ...stepsOf(job)].flatMap((part) => {
    const macros = [...textOf(part).matchAll(/\$\(([\w.]+)\)/g)];
    const mistakes = macros.flatMap(([macro, name = '']) =>
      unless(known.includes(name) || PREDEFINED.test(name), `nothing gives ${macro}`),
    );
    const { name, task } = typeof part === 'string' ? {} : part;
    if (name !== undefined && task !== undefined) {
      known.push(...outputsOf(task).map((output) => `${name}.${output}`));
    }
    return mistakes;
  });
}
