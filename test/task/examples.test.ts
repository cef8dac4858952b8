// The pipelines of examples/: the built task, real tools, and servers that demand the token. examples/README.md shows each file as it is.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parse } from 'yaml';
import { listFiles, readText } from '../contract/files';
import { readSamples } from '../contract/samples';
import type { AgentFolders } from '../emulators/agent/job-setting';
import type { Job, YamlStep } from '../emulators/agent/run-job';
import { authorityFile } from '../emulators/certificates';
import { DEPLOY } from '../emulators/identity-endpoint';
import { needGit, needTools } from '../skip';
import { assertNotIn } from './secrecy';
import { Workshop, type WorkshopOptions } from './workshop';

const PAGE = 'examples/README.md';
/** Examples that are recipes, which tests run as such. */
const RECIPES = {
  'npm/azure-pipelines.yml': ['docs/recipes/npm.md', 'Install'],
  'rest-and-wait.yml': ['docs/recipes/rest.md', 'Queue a pipeline and wait'],
} as const;
const EXAMPLES = listFiles()
  .filter((path) => path.startsWith('examples/') && path !== PAGE)
  .map((path) => path.slice('examples/'.length));

interface Parameter {
  readonly name: string;
  readonly default?: string;
}
interface Pipeline {
  readonly steps: readonly (YamlStep & {
    readonly template?: string;
    readonly parameters?: Readonly<Record<string, string>>;
  })[];
  readonly parameters?: readonly Parameter[];
}

/** The steps of an example. Of what Azure Pipelines does with a template, this puts the parameters in their places. */
function readSteps(name: string, given: Readonly<Record<string, string>> = {}): YamlStep[] {
  const text = readText(`examples/${name}`);
  const { parameters = [] } = parse(text) as Pipeline;
  const filled = text.replace(/\$\{\{ parameters\.(\w+) \}\}/g, (_, parameter: string) => {
    const known = parameters.find((one) => one.name === parameter);
    return given[parameter] ?? known?.default ?? assert.fail(`${parameter} has no value`);
  });
  return (parse(filled) as Pipeline).steps.flatMap((step) =>
    step.template === undefined
      ? [step]
      : readSteps(posix.join(posix.dirname(name), step.template), step.parameters),
  );
}

const readCloned = ({ sources }: AgentFolders) =>
  readFileSync(join(sources, 'app', 'app.txt'), 'utf8');

describe('examples/', () => {
  it('are shown by their page, each file as it is', () => {
    const shown = [...readText(PAGE).matchAll(/`([^`\s]+)`:\n\n```\w+\n([^]*?)^```$/gm)];
    assert.deepEqual(
      Object.fromEntries(shown.map(([, name = '', text]) => [name, text])),
      Object.fromEntries(EXAMPLES.map((name) => [name, readText(`examples/${name}`)])),
    );
  });

  it('are complete pipelines, each with a pool, but for the template', () => {
    for (const name of EXAMPLES.filter((one) => one.endsWith('.yml'))) {
      const { pool, parameters, trigger } = parse(readText(`examples/${name}`)) as Readonly<
        Record<string, unknown>
      >;
      assert.ok(
        parameters === undefined ? pool === 'MyPool' && trigger !== undefined : !pool,
        name,
      );
    }
  });

  for (const [name, [page, heading]] of Object.entries(RECIPES)) {
    it(`${name} has the steps of "${heading}" of ${page}`, () => {
      const recipe = readSamples(page).find((sample) => sample.heading === heading);
      const steps = readSteps(name).filter(({ checkout }) => checkout === undefined);
      assert.deepEqual(steps, recipe?.steps);
    });
  }

  it('the deployment job of docs/recipes/pipelines.md has the steps of the recipe for git', () => {
    const deployment = readSamples('docs/recipes/pipelines.md').find(
      ({ heading }) => heading === 'Deployment jobs',
    );
    const clone = readSamples('docs/recipes/git.md').find(({ heading }) => heading === 'Clone');
    assert.deepEqual(
      deployment?.steps.filter((step) => !('download' in step)),
      clone?.steps,
    );
  });

  it('npm/ has the files that the recipe for npm shows', () => {
    const page = readText('docs/recipes/npm.md');
    for (const name of ['.npmrc', 'pipeline.npmrc']) {
      const text = readText(`examples/npm/${name}`);
      assert.ok(page.includes(`\`${name}\`:\n\n\`\`\`ini\n${text}\`\`\``), name);
    }
  });

  describe('on an agent', () => {
    const deploy: WorkshopOptions = { endpoint: { identities: [DEPLOY] } };
    const proofs: readonly [string, WorkshopOptions, (job: Job, workshop: Workshop) => void][] = [
      [
        'token.yml',
        {},
        ({ steps }) => {
          assert.deepEqual(steps.at(-1)?.log.slice(-3), ['app', 'library', 'media']);
        },
      ],
      [
        'git.yml',
        {},
        ({ folders }, { git }) => {
          assert.equal(readCloned(folders), 'the app\n');
          const pushed = git.git('MyOrg/SecretSauce/app', 'show', 'main:last-build.txt');
          assert.equal(pushed, '20260131.1');
        },
      ],
      [
        'container-job.yml',
        {},
        ({ folders }) => {
          assert.equal(readCloned(folders), 'the app\n');
        },
      ],
      [
        'template/azure-pipelines.yml',
        deploy,
        ({ steps, folders }) => {
          assert.equal(readCloned(folders), 'the app\n');
          assert.match(
            steps[0]?.log.join('\n') ?? '',
            new RegExp(`client ID {2}${DEPLOY.clientId}`),
          );
        },
      ],
    ];

    for (const [name, options, assertDone] of proofs) {
      it(`${name} does what it says, and leaves no token in the log`, async function () {
        needGit(this);
        needTools(this, 'curl', 'jq');
        const workshop = await Workshop.open(options);
        let job: Job | undefined;
        try {
          job = await workshop.run(readSteps(name), {
            machineEnvironment: { CURL_CA_BUNDLE: await authorityFile() },
          });
          const log = job.steps.flatMap((step) => step.log).join('\n');
          assert.ok(
            job.steps.every(({ result }) => result === 'Succeeded'),
            log,
          );
          assertDone(job, workshop);
          workshop.tokens.forEach((token) => {
            assertNotIn(token, [['the log', log]]);
          });
        } finally {
          await workshop.close();
          if (job !== undefined) {
            rmSync(job.folders.root, { recursive: true });
          }
        }
      });
    }
  });
});
