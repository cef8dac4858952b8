// "One pipeline in 20 minutes" of docs/migrate.md, step by step: the built task, the real git, and what the page quotes of the log.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { TASK_FOLDER } from '../../scripts/build-task';
import { readBlocks, readSamples } from '../contract/samples';
import { JOB_TOKEN } from '../emulators/agent/job-setting';
import { runJob, type Job, type YamlStep } from '../emulators/agent/run-job';
import { openGitMachine, openHostedGitAgent } from '../emulators/git-machine';
import { SYSTEM_ASSIGNED } from '../emulators/identity-endpoint';
import { openMachine, type Place } from '../emulators/places';
import { CONNECTION_ID } from '../emulators/service-connections';
import { needGit } from '../skip';

const PAGE = 'docs/migrate.md';
const FIRST = '1. Find the object ID (5 minutes)';
const SECOND = '2. Have the identity added (5 minutes)';
const THIRD = '3. Replace the token (5 minutes)';

const stepsOf = (heading: string) =>
  readSamples(PAGE).find((sample) => sample.heading === heading)?.steps ?? assert.fail(heading);

const blocksOf = (heading: string, language: string) =>
  readBlocks(PAGE)
    .filter((block) => block.heading === heading && block.language === language)
    .map(({ text }) => text);
const blockOf = (heading: string, language: string) =>
  blocksOf(heading, language)[0] ?? assert.fail(heading);

describe('docs/migrate.md, one pipeline in 20 minutes', () => {
  let place: Place | undefined;
  let job: Job | undefined;

  async function run(steps: readonly YamlStep[], at: Place): Promise<Job> {
    place = at;
    job = await runJob({
      taskFolder: TASK_FOLDER,
      steps,
      variables: { 'system.accesstoken': { value: JOB_TOKEN, isSecret: true } },
      machineEnvironment: at.machineEnvironment,
      ...(at.endpoints && { endpoints: at.endpoints }),
    });
    return job;
  }

  const logOf = ({ steps }: Job) => steps.flatMap(({ log }) => log).join('\n');

  afterEach(async () => {
    if (job !== undefined) {
      rmSync(job.folders.root, { recursive: true });
    }
    await place?.close();
    [place, job] = [undefined, undefined];
  });

  function assertCloned({ steps, folders }: Job) {
    for (const { result, stdout, stderr } of steps) {
      assert.equal(result, 'Succeeded', `${stdout}${stderr}`);
    }
    assert.equal(readFileSync(join(folders.sources, 'app', 'app.txt'), 'utf8'), 'the app\n');
  }

  it('quotes the error of the first run, which has the object ID', async () => {
    const failed = await run(stepsOf(FIRST), await openMachine({ organization: { members: [] } }));
    const log = logOf(failed);
    const [resource = assert.fail(), error = assert.fail()] = blocksOf(FIRST, 'text');
    assert.match(resource, /^ {2}resource {3}\/subscriptions\/.*\/agent-1$/m);
    assert.match(error, new RegExp(`object ID ${SYSTEM_ASSIGNED.objectId}`));
    for (const quoted of [resource, error]) {
      assert.ok(log.includes(quoted.trim()), log);
    }
  });

  it('quotes the line of the second run, which shows that the identity is a member', async () => {
    const log = logOf(await run(stepsOf(FIRST), await openMachine()));
    assert.ok(log.includes(blockOf(SECOND, 'text').trim()), log);
  });

  it('clones with the lines that it adds to the pipeline, and removes what its search finds', async function () {
    needGit(this);
    const lines = blockOf(THIRD, 'diff').trim().split('\n');
    const having = (sign: string) =>
      lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
    assert.match(having('-').join('\n'), /^ {2}- bash: git clone https:\/\/\$\(pat\)@/);
    const steps = parse(having('+').join('\n')) as YamlStep[];
    assertCloned(await run(steps, await openGitMachine()));
  });

  it('clones on a Microsoft-hosted agent with a service connection', async function () {
    needGit(this);
    // The server puts the ID in place of the name.
    const steps = stepsOf('Microsoft-hosted agents').map((step) =>
      step.inputs?.['azureDevOpsServiceConnection'] === 'devops'
        ? { ...step, inputs: { ...step.inputs, azureDevOpsServiceConnection: CONNECTION_ID } }
        : step,
    );
    assertCloned(await run(steps, await openHostedGitAgent()));
  });
});
