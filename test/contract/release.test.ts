// The pipelines of the project cannot run here: what they say is checked, and what they call is run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { findAgentNode } from '../../scripts/agent-nodes';
import { ROOT, TASK_FOLDER } from '../../scripts/build-task';
import { EDITIONS } from '../../scripts/package-editions';
import { compileExpression } from '../../tasks/AzureDevOpsTokenV1/src/jmespath';
import { cleanUp, runStep, type Step as RanStep } from '../emulators/agent/run-step';
import { openMachine } from '../emulators/places';
import { readJson, readText, task } from './files';
import { findStepMistakes } from './check-sample';
import { findLooseEnds, stepsOf, type Pipeline, type Stage, type Step } from './pipeline-ends';
import { findFormMistakes } from './pipeline-schema';

/** Their inputs, and other names of them, by `Tasks/<name>V<major>/task.json` at https://github.com/microsoft/azure-pipelines-tasks. */
const IN_BOX: Readonly<Record<string, readonly string[]>> = {
  // Tasks/UseNodeV1/task.json
  'UseNode@1': ['version', 'checkLatest', 'force32bit'],
  // Tasks/PublishPipelineArtifactV1/task.json
  'PublishPipelineArtifact@1': [
    ...['path', 'targetPath', 'artifactName', 'artifact', 'artifactType', 'publishLocation'],
    ...['fileSharePath', 'parallel', 'parallelCount', 'properties'],
  ],
  // Tasks/DownloadPipelineArtifactV2/task.json
  'DownloadPipelineArtifact@2': [
    ...['source', 'buildType', 'project', 'pipeline', 'definition', 'preferTriggeringPipeline'],
    ...['specificBuildWithTriggering', 'runVersion', 'buildVersionToDownload', 'runBranch'],
    ...['branchName', 'runId', 'pipelineId', 'buildId', 'tags', 'allowPartiallySucceededBuilds'],
    ...['allowFailedBuilds', 'artifact', 'artifactName', 'patterns', 'itemPattern', 'path'],
    ...['targetPath', 'downloadPath'],
  ],
};
const PREVIEW = `${EDITIONS.preview.task['name'] ?? ''}@1`;
const OURS = ['AzureDevOpsToken@1', PREVIEW] as const;
const outputsOf = (name: string) =>
  (OURS as readonly string[]).includes(name)
    ? task.outputVariables.map((output) => output.name)
    : [];

const release = parse(readText('azure-pipelines.yml')) as Required<Omit<Pipeline, 'jobs'>>;
const trial = parse(readText('test/pipeline/azure-pipelines.yml')) as Required<
  Omit<Pipeline, 'stages' | 'variables'>
>;

/** The pipelines run their scripts with Node.js 24, as they stand; without it, tsx does what it would do. */
const NODE_24 = findAgentNode(24);
const RUN_SCRIPT =
  NODE_24 === undefined
    ? { node: process.execPath, options: ['--import', 'tsx'] }
    : { node: NODE_24, options: [] };

const stepsOfStage = (stage: Stage) => stage.jobs.flatMap(stepsOf);
const stageOf = (name: string) =>
  release.stages.find(({ stage }) => stage === name) ?? assert.fail(name);
const scriptOf = ({ script, bash }: Step) => script ?? bash ?? '';
const released = release.stages.flatMap(stepsOfStage);
const tried = trial.jobs.flatMap(stepsOf);
const all = [...released, ...tried];
const PUBLISH = 'scripts/publish.ts';
const isPublishing = (step: Step) => scriptOf(step).includes(PUBLISH);

/** The stages that have to be over before this one. */
function before_(name: string): readonly string[] {
  const index = release.stages.findIndex(({ stage }) => stage === name);
  // Where nothing is said, it is the one before.
  const own = stageOf(name).dependsOn ?? release.stages[index - 1]?.stage ?? [];
  const direct = typeof own === 'string' ? [own] : own;
  return [...new Set([...direct, ...direct.flatMap(before_)])];
}

interface Run {
  readonly branch: string;
  readonly reason: string;
  readonly release: boolean;
  readonly failed?: boolean;
  /** What somebody left out. */
  readonly skipped?: string;
}

/** Whether a condition is true of a run: as much of the language of expressions as is used. */
function holds(condition: string, run: Run): boolean {
  const text = condition
    .replaceAll("'${{ parameters.release }}'", run.release ? "'True'" : "'False'")
    .replaceAll("variables['Build.SourceBranch']", `'${run.branch}'`)
    .replaceAll("variables['Build.Reason']", `'${run.reason}'`)
    .replaceAll('succeeded()', String(run.failed !== true))
    .replace(
      /\bin\(dependencies\.(\w+)\.result, 'Succeeded', 'SucceededWithIssues'\)/g,
      (_, name) => String(name !== run.skipped),
    );
  const [, terms = ''] = /^and\((.*)\)$/.exec(text) ?? assert.fail(text);
  return terms.split(/, (?![^(]*\))/).every((term) => {
    const [, operator, one, other] = /^(eq|ne)\('([^']*)', '([^']*)'\)$/.exec(term) ?? [];
    assert.ok(operator !== undefined || /^(?:true|false)$/.test(term), term);
    // Text is compared without regard to case.
    const isEqual = one?.toLowerCase() === other?.toLowerCase();
    return operator === undefined ? term === 'true' : isEqual === (operator === 'eq');
  });
}

const GOOD: Run = { branch: 'refs/heads/main', reason: 'Manual', release: true };

/** The stages that a run goes through: each needs those that it depends on. */
function stagesOf(run: Run): readonly string[] {
  const ran: string[] = [];
  for (const { stage, condition = 'and(true)' } of release.stages) {
    const isReached = before_(stage).every((name) => name === run.skipped || ran.includes(name));
    if (isReached && holds(condition, run)) {
      ran.push(stage);
    }
  }
  return ran;
}

describe('the release', () => {
  it('goes through its stages in this order', () => {
    assert.deepEqual(
      release.stages.map(({ stage }) => [stage, [...before_(stage)].sort()]),
      [
        ['Test', []],
        ['Package', ['Test']],
        ['Preview', ['Package', 'Test']],
        ['Organization', ['Package', 'Preview', 'Test']],
        ['Release', ['Organization', 'Package', 'Preview', 'Test']],
      ],
    );
  });

  it('tests on Linux, Windows and macOS, each with Node.js 20 and 24', () => {
    const [job, ...others] = stageOf('Test').jobs;
    assert.equal(others.length, 0);
    const legs = Object.values(job?.strategy?.matrix ?? {}).map(
      (leg) => `${leg['image']} ${leg['node']}`,
    );
    const systems = ['macOS', 'ubuntu', 'windows'];
    const expected = systems.flatMap((os) => [`${os}-latest 20.x`, `${os}-latest 24.x`]);
    assert.deepEqual(legs.sort(), expected);
    assert.equal(job?.pool.vmImage, '$(image)');
    const steps = stepsOfStage(stageOf('Test'));
    assert.equal(steps.find((step) => step.task === 'UseNode@1')?.inputs?.['version'], '$(node)');
    assert.ok(steps.some((step) => step.script === 'npm test'));
  });

  for (const [what, run] of [
    ['a pull request', { ...GOOD, reason: 'PullRequest', branch: 'refs/pull/1/merge' }],
    ['a pull request that says that it is main', { ...GOOD, reason: 'PullRequest' }],
    ['another branch', { ...GOOD, branch: 'refs/heads/release' }],
    ['a tag', { ...GOOD, branch: 'refs/tags/main' }],
    ['a push that nobody asked to release', { ...GOOD, reason: 'IndividualCI', release: false }],
    ['a run of which a stage failed', { ...GOOD, failed: true }],
    ['a run that was not tested', { ...GOOD, skipped: 'Test' }],
  ] as const) {
    it(`publishes nothing from ${what}`, () => {
      assert.deepEqual(stagesOf(run), ['Test', 'Package']);
    });
  }

  it('goes no further where somebody leaves a stage out', () => {
    for (const [index, { stage, isSkippable }] of release.stages.entries()) {
      const others = release.stages.slice(0, index).map((one) => one.stage);
      // Without the packages there is nothing to publish.
      if (stage !== 'Package' && index < release.stages.length - 1) {
        const ran = stagesOf({ ...GOOD, skipped: stage }).filter((one) => one !== stage);
        assert.deepEqual(ran, stage === 'Test' ? ['Package'] : others, stage);
      }
      assert.equal(isSkippable, ['Test', 'Package'].includes(stage) ? false : undefined);
    }
  });

  it('goes all the way from main, where somebody asks for it', () => {
    assert.deepEqual(
      stagesOf(GOOD),
      release.stages.map(({ stage }) => stage),
    );
    assert.deepEqual(
      release.parameters.map((parameter) => [parameter.name, parameter.default]),
      [['release', false]],
    );
  });

  it('knows the token, the pool with the identity and the environment in those stages only', () => {
    for (const stage of [stageOf('Test'), stageOf('Package')]) {
      assert.ok(stage.jobs.every(({ pool }) => pool.vmImage !== undefined));
      assert.ok(stepsOfStage(stage).every((step) => step.task !== 'AzureDevOpsToken@1'));
      assert.ok(!stepsOfStage(stage).some(isPublishing));
    }
  });

  it('waits for an approval, which belongs to an environment, before it is for everybody', () => {
    const [job] = stageOf('Release').jobs;
    assert.ok(job?.deployment !== undefined && job.environment === 'marketplace');
    const [first] = stepsOf(job);
    assert.match(
      String(first?.inputs?.['url']),
      /resourceType=environment&resourceId=\$\(Environment\.Id\)$/,
    );
    const { evaluate } = compileExpression(String(first?.inputs?.['failWhen']));
    const check = (name: string, isDisabled?: boolean) => ({ type: { name }, isDisabled });
    assert.equal(evaluate({ value: [check('ExclusiveLock'), check('Approval')] }), false);
    assert.equal(evaluate({ value: [check('Approval', false)] }), false);
    assert.equal(evaluate({ value: [check('Approval', true), check('ExclusiveLock')] }), true);
    assert.equal(evaluate({ value: [] }), true);
    const files = release.stages.flatMap((stage) =>
      stepsOfStage(stage)
        .filter(isPublishing)
        .map((step) => [stage.stage, step.env?.['FILE']]),
    );
    const base = '$(Pipeline.Workspace)/extension/$(publisher).$(extension)';
    assert.deepEqual(files, [
      ['Preview', `${base}-preview-$(version).vsix`],
      ['Release', `${base}-$(version).vsix`],
    ]);
  });

  it('publishes what it has packed once, under the names that it has then', () => {
    const packing = released.filter((step) => scriptOf(step).startsWith('npm run package'));
    assert.deepEqual(
      packing.map(({ script }) => script),
      ['npm run package -- --publisher $(publisher) --docs-url $(docsUrl) --public --preview'],
    );
    assert.ok(stepsOfStage(stageOf('Package')).includes(packing[0] ?? assert.fail()));
    const kept = released.filter((step) => step.task === 'PublishPipelineArtifact@1');
    assert.deepEqual(
      kept.map(({ inputs }) => inputs),
      [{ path: 'dist', artifactName: 'extension' }],
    );
    for (const stage of ['Preview', 'Release']) {
      const steps = stepsOfStage(stageOf(stage));
      const taken = steps.filter((step) => step.task === 'DownloadPipelineArtifact@2');
      // No source: of this run.
      assert.deepEqual(
        taken.map(({ inputs }) => inputs),
        [{ artifact: 'extension', path: '$(Pipeline.Workspace)/extension' }],
      );
      assert.ok(steps.indexOf(taken[0]!) < steps.findIndex(isPublishing));
    }
  });

  it('knows the ids that the packages have', () => {
    const { id } = readJson('vss-extension.json');
    assert.equal(release.variables['extension'], id);
    assert.equal(EDITIONS.preview.extension['id'], `${String(id)}-preview`);
    assert.equal(release.variables['previewTask'], EDITIONS.preview.task['id']);
  });

  it('reads outputs of stages on which the stage itself depends, and of steps that there are', () => {
    for (const stage of release.stages) {
      const read = /^\$\[ stageDependencies\.(\w+)\.(\w+)\.outputs\['(\w+)\.version'\] \]$/;
      for (const value of Object.values(stage.variables ?? {})) {
        const [, other = '', job, step] = read.exec(value) ?? assert.fail(value);
        assert.ok([stage.dependsOn].flat().includes(other), stage.stage);
        const jobs = stageOf(other).jobs.filter((one) => one.job === job);
        assert.ok(jobs.flatMap(stepsOf).some((one) => one.name === step));
      }
      const isUsed = JSON.stringify(stage.jobs).includes('$(version)');
      assert.equal('version' in (stage.variables ?? {}), isUsed);
    }
  });

  it('tags the commit last, when it is published, and by itself', () => {
    const [publishing, tagging] = stageOf('Release').jobs;
    assert.ok(publishing !== undefined && stepsOf(publishing).some(isPublishing));
    assert.ok(tagging !== undefined && tagging.dependsOn === publishing.deployment);
    const last = stepsOfStage(stageOf('Release')).at(-1);
    assert.deepEqual(
      stepsOf(tagging).map((step) => step.checkout ?? step),
      ['none', last],
    );
    assert.equal(
      last?.inputs?.['url'],
      '$(System.TeamProjectId)/_apis/git/repositories/$(Build.Repository.ID)/annotatedtags',
    );
    assert.deepEqual(JSON.parse(String(last.inputs['body'])), {
      name: 'v$(version)',
      message: 'Version $(version)',
      taggedObject: { objectId: '$(Build.SourceVersion)' },
    });
  });

  it('waits for the very version of the preview', () => {
    const waiting = released.find(({ displayName }) => displayName?.startsWith('Wait for'));
    const text = String(waiting?.inputs?.['waitUntil']).replaceAll('$(version)', '1.2.3');
    const { evaluate } = compileExpression(text);
    const response = (...versions: readonly (readonly number[])[]) => ({
      value: versions.map(([major, minor, patch]) => ({ version: { major, minor, patch } })),
    });
    assert.equal(evaluate(response([1, 2, 2], [1, 2, 3])), true);
    assert.equal(evaluate(response([1, 2, 2], [1, 2, 30], [11, 2, 3])), false);
    assert.equal(evaluate(response()), false);
  });

  it('goes on after a run in the organization that succeeded, but for the step that has to fail', () => {
    const { inputs = {} } = released.find((step) => step.name === 'run') ?? assert.fail();
    const { definition, templateParameters, sourceVersion } = JSON.parse(
      String(inputs['body']).replace('$(testPipeline)', '7'),
    ) as Record<string, unknown>;
    assert.deepEqual(definition, { id: 7 });
    assert.deepEqual(templateParameters, { version: '$(version)' });
    assert.equal(sourceVersion, '$(Build.SourceVersion)');
    const fails = compileExpression(String(inputs['failWhen'])).evaluate;
    const results = ['succeeded', 'partiallySucceeded', 'failed', 'canceled', 'none'];
    assert.deepEqual(
      results.map((result) => fails({ status: 'completed', result })),
      [false, false, true, true, true],
    );
    assert.equal(fails({ status: 'inProgress' }), false);
    assert.equal(compileExpression(String(inputs['waitUntil'])).evaluate({ status: 'x' }), false);
  });
});

/** In the text of a pipeline: what stands there, and a slip in its place. */
const SLIPS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'azure-pipelines.yml': [
    ['$(organization)', '$(organisation)'],
    ['$(previewTask)', '$(previewTaks)'],
    ['$(marketplace.token)', '$(marketplace.tokn)'],
    ['$(marketplace.token)', '$(names.version)'],
    ['${{ variables.releasePool }}', '$(releasePool)'],
    ['${{ variables.releasePool }}', '${{ variables.relasePool }}'],
    ['environment: marketplace', 'environment: $(publisher)'],
    ['vmImage: $(image)', 'vmImage: $(imagee)'],
    ['vmImage: $(image)', 'vmImage: $(node)'],
    ['vmImage: ubuntu-latest', 'vmImage: ubuntu-lates'],
    ['vmImage: ubuntu-latest', 'vmImage: ubuntu-latest\n          name: Default'],
    ['- deployment: Release', '- deployment: deploy'],
    ['- deployment: Release', '- deployment: Release-it'],
    ['- job: Tag', '- job: release'],
    ['- stage: Package', '- stage: Test'],
    ['dependsOn: Release', 'dependsOn: Publish'],
    ['dependsOn: [Package, Organization]', 'dependsOn: [Package, Organisation]'],
    ['dependencies.Test.result', 'dependencies.Tests.result'],
    ['- download: none', '- bash: "true"'],
    ['- download: none', '- download: nne'],
    ['checkout: none', 'checkout: nne'],
    ['timeoutInMinutes: 60', 'timeoutInMinutes: 6O'],
    ['timeoutInMinutes: 60', 'timeoutInMinutes: 40'],
    ['query: name', 'query: $[ variables.publisher ]'],
    ['include: [main]', 'include: ["${{ variables.publisher }}"]'],
  ],
  'test/pipeline/azure-pipelines.yml': [
    ['${{ parameters.pool }}', '${{ parameters.pol }}'],
    ['- name: pool\n    type: string', '- type: string\n    name: pool'],
    ['name: call', 'name: member'],
    ['$(call.result)', '$(calls.result)'],
    ['$(System.TeamProjectId)', '$(TeamProjectId)'],
  ],
};

describe('the look at what a pipeline names', () => {
  for (const [path, slips] of Object.entries(SLIPS)) {
    for (const [right, wrong] of slips) {
      it(`finds ${wrong} in ${path}`, () => {
        const text = readText(path);
        assert.ok(text.includes(right), right);
        const pipeline = parse(text.replaceAll(right, wrong)) as Pipeline;
        assert.notDeepEqual(findLooseEnds(pipeline, outputsOf), []);
      });
    }
  }
});

describe('the pipelines', () => {
  for (const [path, pipeline] of [
    ['azure-pipelines.yml', release],
    ['test/pipeline/azure-pipelines.yml', trial],
  ] as const) {
    it(`have the form that Azure Pipelines wants: ${path}`, () => {
      assert.deepEqual(findFormMistakes(pipeline), []);
    });

    it(`name what there is, where it is read: ${path}`, () => {
      assert.deepEqual(findLooseEnds(pipeline, outputsOf), []);
    });
  }

  it('give each task inputs that it has, and ours such as it takes', () => {
    for (const step of all.filter((one) => one.task !== undefined)) {
      if (OURS.includes(step.task ?? '')) {
        assert.deepEqual(findStepMistakes({ ...step, task: OURS[0] }), [], step.displayName);
        continue;
      }
      const known = IN_BOX[step.task ?? ''] ?? assert.fail(step.task);
      for (const name of Object.keys(step.inputs ?? {})) {
        assert.ok(known.includes(name), `${step.task ?? ''}: ${name}`);
      }
    }
  });

  it('have expressions that can be read', () => {
    for (const { inputs = {} } of all) {
      for (const name of ['query', 'waitUntil', 'failWhen']) {
        compileExpression(String(inputs[name] ?? '@'));
      }
    }
  });

  it('call scripts that there are, each with a test of its own', () => {
    const { scripts } = readJson('package.json') as { scripts: Record<string, string> };
    const folders = ['test/scripts', 'test/contract'];
    const tests = folders.flatMap((folder) =>
      readdirSync(join(ROOT, folder)).map((name) => readText(`${folder}/${name}`)),
    );
    for (const text of all.map(scriptOf).filter((script) => script !== '')) {
      const [, script, file] =
        /^npm (?:run )?(\w+)(?: -- [\w$() -]+)?$|^(?:node|npx tsx) (\S+\.ts)(?: .*)?$/.exec(text) ??
        assert.fail(text);
      assert.ok(script === undefined || script === 'ci' || script in scripts, script);
      if (file !== undefined) {
        assert.ok(existsSync(join(ROOT, file)), file);
        const name = file.split('/').at(-1) ?? '';
        assert.ok(
          tests.some((test) => test.includes(`'${name}'`)),
          file,
        );
      }
    }
  });

  it('hand the token on through env: only, to the one script that publishes', () => {
    for (const { env = {}, ...rest } of all) {
      assert.doesNotMatch(JSON.stringify(rest), /\$\(\w+\.token\)/);
      const names = Object.entries(env).filter(([, value]) => /\$\(\w+\.token\)/.test(value));
      const allowed = isPublishing(rest) ? ['MARKETPLACE_TOKEN'] : ['TOKEN', 'STRANGER_TOKEN'];
      assert.ok(names.every(([name]) => allowed.includes(name)));
      assert.ok(isPublishing(rest) || names.length === 0 || tried.some((s) => s.env === env));
    }
    const texts = ['azure-pipelines.yml', 'test/pipeline/azure-pipelines.yml'].map(readText);
    assert.doesNotMatch(texts.join(), /System\.AccessToken|EXT_PAT|secrets?\b.*:/i);
  });

  it('let a publishing script say nothing to the agent', () => {
    for (const step of all.filter(isPublishing)) {
      const target = { container: 'host', commands: 'restricted', settableVariables: 'none' };
      assert.deepEqual(step.target, target);
    }
  });

  it('leave no credentials in a checkout', () => {
    for (const step of all.filter(({ checkout }) => checkout === 'self')) {
      assert.equal(step.persistCredentials, false);
    }
  });
});

describe('the trial in an organization', () => {
  const ours = tried.filter((step) => step.task !== undefined && !IN_BOX[step.task]);

  it('starts only when it is asked to, and takes what the release hands over', () => {
    assert.deepEqual([trial.trigger, trial.pr], ['none', 'none']);
    assert.ok(trial.parameters.some(({ name }) => name === 'version'));
    assert.equal(
      trial.parameters.find(({ name }) => name === 'pool')?.default,
      release.variables['releasePool'],
    );
  });

  it('runs the task of the preview, and no other of ours', () => {
    assert.ok(ours.length >= 4);
    assert.ok(ours.every((step) => step.task === PREVIEW));
  });

  it('lets the step alone fail that asks a strange organization', () => {
    const lenient = tried.filter((step) => step.continueOnError === true);
    assert.deepEqual(
      lenient.map(({ name, inputs }) => [name, inputs]),
      [['stranger', { organization: '${{ parameters.stranger }}' }]],
    );
  });

  it('reads outputs that there are, of steps before', () => {
    const outputs = task.outputVariables.map(({ name }) => name);
    const names = ours.map(({ name }) => name);
    const { env = {} } = tried.at(-1) ?? {};
    const read = Object.values(env).flatMap((value) => [
      ...value.matchAll(/^\$\((\w+)\.(\w+)\)$/g),
    ]);
    const ofSteps = read.filter(([, step]) => step !== 'System');
    assert.ok(ofSteps.length > 10);
    for (const [macro, step, output = ''] of ofSteps) {
      assert.ok(names.includes(step) && outputs.includes(output), macro);
    }
  });

  describe('its check', () => {
    const PROJECT = '5b7e2f0c-2f0f-4f55-9a07-6a1d6c1f3c11';
    let environment: Record<string, string> = {};
    const steps: RanStep[] = [];

    before(async () => {
      const response = {
        kind: 'response',
        status: 200,
        body: { id: PROJECT, name: 'SecretSauce' },
      } as const;
      const run = async (
        { inputs = {} }: Step,
        organization: Parameters<typeof openMachine>[0] & object,
      ) => {
        const place = await openMachine(organization);
        const given = Object.entries(inputs).map(([name, value]) => {
          return [name, String(value).replace(/^\$\{\{.*/, 'OtherOrg')] as const;
        });
        const { machineEnvironment } = place;
        const variables = { 'system.teamProjectId': PROJECT };
        const setting = { taskFolder: TASK_FOLDER, machineEnvironment, variables };
        const step = await runStep({ ...setting, inputs: Object.fromEntries(given) });
        await place.close();
        steps.push(step);
        return step;
      };
      const named = (name: string) => ours.find((step) => step.name === name) ?? assert.fail(name);
      const ran = {
        member: await run(named('member'), {}),
        call: await run(named('call'), { organization: { lastingFault: response } }),
        stranger: await run(named('stranger'), { organization: { members: [] } }),
      };
      const records = Object.entries(ran).map(([name, { issues }]) => ({
        type: 'Task',
        name: named(name).displayName,
        state: 'completed',
        task: { name: EDITIONS.preview.task['name'], version: '1.2.3' },
        issues: issues.length === 0 ? null : issues,
      }));
      const { inputs = {} } = named('steps');
      const timeline = { records: [{ name: 'Job', state: 'inProgress' }, ...records.toReversed()] };
      assert.equal(compileExpression(String(inputs['waitUntil'])).evaluate(timeline), true);
      const query = compileExpression(String(inputs['query'])).evaluate(timeline);
      const { env = {} } = tried.at(-1) ?? {};
      const results = { ...ran, steps: undefined };
      environment = Object.fromEntries(
        Object.entries(env).map(([name, value]) => {
          const [, step = '', output = ''] = /^\$\((\w+)\.(\w+)\)$/.exec(value) ?? [];
          const found = results[step as keyof typeof results]?.outputs.get(output)?.value;
          return [name, found ?? value];
        }),
      );
      Object.assign(environment, {
        VERSION: '1.2.3',
        PROJECT_ID: PROJECT.toUpperCase(),
        STRANGER: 'OtherOrg',
        STEPS: JSON.stringify(query),
      });
    });

    after(() => {
      steps.forEach(cleanUp);
    });

    function check(more: Readonly<Record<string, string>> = {}) {
      const file = join(ROOT, 'test', 'pipeline', 'check-outputs.ts');
      const { status, stdout, stderr } = spawnSync(RUN_SCRIPT.node, [...RUN_SCRIPT.options, file], {
        cwd: ROOT,
        encoding: 'utf8',
        env: { ...process.env, ...environment, ...more },
      });
      return { status, output: stdout + stderr };
    }

    it('is content with what the task puts out, and prints no token', () => {
      const { status, output } = check();
      assert.equal(status, 0, output);
      assert.ok(!output.includes(environment['TOKEN'] ?? assert.fail()));
      assert.equal(check({ VERSION: 'any' }).status, 0);
    });

    for (const [what, more] of [
      ['there is no token', { TOKEN: '$(member.token)' }],
      ['the token is of another tenant', { TENANT_ID: '5b7e2f0c-2f0f-4f55-9a07-6a1d6c1f3c11' }],
      ['an id is none', { OBJECT_ID: 'agent' }],
      ['the time is another', { EXPIRES_ON: '2099-01-01T00:00:00.000Z' }],
      ['the call was not answered so', { CALL_STATUS: '203' }],
      ['the project is another', { CALL_RESULT: 'c2b1a0f9-8e7d-4c6b-9a5f-4e3d2c1b0a98' }],
      ['the identity changes', { CALL_CLIENT_ID: 'c2b1a0f9-8e7d-4c6b-9a5f-4e3d2c1b0a98' }],
      ['a strange organization gives a token', { STRANGER_TOKEN: 'x.y.z' }],
      ['no step has failed', { STEPS: '[]' }],
      ['another version ran', { VERSION: '1.2.4' }],
      ['the error names another organization', { STRANGER: 'MyThirdOrg' }],
    ] as const) {
      it(`fails where ${what}`, () => {
        const { status, output } = check(more);
        assert.equal(status, 1);
        assert.match(output, /^FAILED: /m);
      });
    }
  });

  it('names the version for the stages that follow', () => {
    const file = join(ROOT, 'test', 'pipeline', 'name-version.ts');
    const { stdout } = spawnSync(RUN_SCRIPT.node, [...RUN_SCRIPT.options, file], {
      encoding: 'utf8',
    });
    const { version } = readJson('package.json');
    const command = '##vso[task.setvariable variable=version;isOutput=true;isReadOnly=true]';
    assert.ok(stdout.includes(`\n${command}${String(version)}\n`));
  });
});
