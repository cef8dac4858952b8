// The form of a pipeline, as Azure Pipelines wants it: as much as our pipelines and pages use of version 1.247.2 of what Microsoft publishes,
// https://github.com/microsoft/azure-pipelines-vscode/blob/main/service-schema.json. Values are texts to the service, however they are written.
import { Ajv } from 'ajv';

const TEXT = { type: ['string', 'number', 'boolean'] };
const BOOLEAN = { enum: [true, false] };
const MAP = { type: 'object', additionalProperties: TEXT };
/** Of jobs, steps and the like. */
const NAME = { type: 'string', pattern: '^[-_A-Za-z0-9]*$' };
const BRANCHES = listOf({ type: 'string', pattern: '^[^/~^: [\\]\\\\]+(/[^/~^: [\\]\\\\]+)*$' });
const FILTERS = shape({ include: BRANCHES, exclude: BRANCHES });
const NAMES = { anyOf: [TEXT, listOf(TEXT)] };

function listOf(items: object): object {
  return { type: 'array', items };
}

/** A map with these keys and no others. */
function shape(properties: object, required: readonly string[] = []): object {
  return { type: 'object', properties, required, additionalProperties: false };
}

const TARGET = {
  anyOf: [
    { type: 'string' },
    shape({
      container: TEXT,
      commands: { enum: ['any', 'restricted'] },
      settableVariables: { anyOf: [{ const: 'none' }, listOf(TEXT)] },
    }),
  ],
};
const OF_EACH_STEP = {
  ...{ name: NAME, displayName: TEXT, condition: TEXT, continueOnError: BOOLEAN },
  ...{ enabled: BOOLEAN, env: MAP, target: TARGET, timeoutInMinutes: TEXT },
  retryCountOnTaskFailure: TEXT,
};
const OF_EACH_SCRIPT = { failOnStderr: TEXT, workingDirectory: TEXT };
const OF_POWERSHELL = {
  ...OF_EACH_SCRIPT,
  ...{ errorActionPreference: TEXT, ignoreLASTEXITCODE: TEXT },
};
/** What a step has besides, by its first key. */
const STEPS: Readonly<Record<string, object>> = {
  task: { inputs: MAP },
  script: OF_EACH_SCRIPT,
  bash: OF_EACH_SCRIPT,
  pwsh: OF_POWERSHELL,
  powershell: OF_POWERSHELL,
  checkout: {
    ...{ clean: TEXT, fetchDepth: TEXT, fetchFilter: TEXT, fetchTags: TEXT, lfs: TEXT },
    ...{ path: TEXT, persistCredentials: TEXT, submodules: TEXT, workspaceRepo: TEXT },
  },
  download: { artifact: TEXT, patterns: TEXT },
  publish: { artifact: TEXT },
};
const STEP = {
  oneOf: [
    ...Object.entries(STEPS).map(([kind, own]) =>
      shape({ [kind]: TEXT, ...own, ...OF_EACH_STEP }, [kind]),
    ),
    shape({ template: TEXT, parameters: MAP }, ['template']),
  ],
};
const POOL = {
  anyOf: [{ type: 'string' }, shape({ name: TEXT, vmImage: TEXT, demands: NAMES })],
};
const OF_EACH_JOB = {
  ...{ displayName: TEXT, dependsOn: NAMES, condition: TEXT, continueOnError: TEXT },
  ...{ timeoutInMinutes: TEXT, cancelTimeoutInMinutes: TEXT, variables: MAP, pool: POOL },
  workspace: shape({ clean: { enum: ['outputs', 'resources', 'all'] } }),
  container: {
    anyOf: [{ type: 'string' }, shape({ image: TEXT, options: TEXT, env: MAP }, ['image'])],
  },
};
const MATRIX = {
  type: 'object',
  minProperties: 1,
  patternProperties: { '^[A-Za-z0-9_]+$': MAP },
  additionalProperties: false,
};
const HOOK = shape({ steps: listOf(STEP), pool: POOL });
const JOB = {
  oneOf: [
    shape(
      {
        ...{ job: NAME, ...OF_EACH_JOB, steps: listOf(STEP) },
        strategy: {
          anyOf: [shape({ matrix: MATRIX, maxParallel: TEXT }), shape({ parallel: TEXT })],
        },
      },
      ['job'],
    ),
    shape(
      {
        ...{ deployment: TEXT, ...OF_EACH_JOB, environment: { type: 'string' } },
        strategy: shape({ runOnce: shape({ preDeploy: HOOK, deploy: HOOK }) }),
      },
      ['deployment'],
    ),
  ],
};
const STAGE = shape(
  {
    ...{ stage: TEXT, displayName: TEXT, pool: POOL, dependsOn: NAMES, condition: TEXT },
    ...{ variables: MAP, jobs: listOf(JOB), isSkippable: BOOLEAN },
  },
  ['stage'],
);
const OF_EACH_PIPELINE = {
  ...{ name: TEXT, variables: MAP, pool: POOL },
  trigger: {
    anyOf: [
      { const: 'none' },
      BRANCHES,
      shape({ batch: BOOLEAN, branches: FILTERS, paths: FILTERS }),
    ],
  },
  pr: { anyOf: [{ const: 'none' }, BRANCHES, shape({ branches: FILTERS, paths: FILTERS })] },
  parameters: listOf(
    shape(
      {
        ...{ name: TEXT, displayName: TEXT, default: TEXT, values: listOf(TEXT) },
        type: { enum: ['boolean', 'number', 'object', 'string'] },
      },
      ['name'],
    ),
  ),
  resources: shape({
    repositories: listOf({ type: 'object', required: ['repository'] }),
    containers: listOf({ type: 'object', required: ['container'] }),
  }),
};
const isOfForm = new Ajv({ allErrors: true, allowUnionTypes: true }).compile({
  oneOf: [
    shape({ ...OF_EACH_PIPELINE, stages: listOf(STAGE) }, ['stages']),
    shape({ ...OF_EACH_PIPELINE, jobs: listOf(JOB) }, ['jobs']),
    // Its only job has no name, and some of the keys of a job.
    shape({ ...OF_EACH_PIPELINE, container: OF_EACH_JOB.container, steps: listOf(STEP) }, [
      'steps',
    ]),
  ],
});
/** They have to come first. */
const KINDS = [...Object.keys(STEPS), 'template', 'stage', 'job', 'deployment'];

/**
 * Looks at a pipeline, or at steps alone.
 * @returns what is wrong with its form, without an order: the first is not always the cause
 */
export function findFormMistakes(document: unknown): readonly string[] {
  const pipeline = Array.isArray(document) ? { steps: document as unknown[] } : document;
  const mistakes = isOfForm(pipeline) ? [] : (isOfForm.errors ?? []);
  return [
    ...mistakes.map(({ instancePath, message = '', params }) =>
      [instancePath, message, JSON.stringify(params)].join(' '),
    ),
    ...findLateKinds(pipeline),
  ];
}

function findLateKinds(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) {
    return [];
  }
  const keys = Array.isArray(node) ? [] : Object.keys(node);
  const kind = keys.find((key) => KINDS.includes(key));
  const isLate = kind !== undefined && kind !== keys[0];
  return [
    ...(isLate ? [`${kind} is not the first key of ${keys.join()}`] : []),
    ...Object.entries(node).flatMap(([key, value]) =>
      // What stands in them is the author's.
      ['inputs', 'env', 'variables', 'matrix'].includes(key) ? [] : findLateKinds(value),
    ),
  ];
}
