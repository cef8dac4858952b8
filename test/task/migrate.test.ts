// The steps and the search of docs/migrate.md, as they stand there: the built task, a real shell and a real git.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASK_FOLDER } from '../../scripts/build-task';
import { readBlocks, readSamples, type Sample } from '../contract/samples';
import { runJob, type Job, type YamlStep } from '../emulators/agent/run-job';
import { openMachine, type Place } from '../emulators/places';
import { startPublicServer, type PublicServer } from '../emulators/public-server';
import { assertNotIn } from './secrecy';
import { needTools } from '../skip';

const PAGE = 'docs/migrate.md';

const sampleOf = (heading: string): Sample =>
  readSamples(PAGE).find((sample) => sample.heading === heading) ?? assert.fail(heading);

/**
 * By path, as the specifications have them (MicrosoftDocs/vsts-rest-api-specs, version 7.2: distributedTask.json,
 * Variablegroups - List; build.json, Definitions - List; serviceEndpoint.json, Endpoints - List). Secrets have no value.
 */
const PLACES: Readonly<Record<string, readonly unknown[]>> = {
  'distributedtask/variablegroups': [
    {
      id: 1,
      type: 'Vsts',
      name: 'release',
      variables: { target: { value: 'test' }, pat: { value: null, isSecret: true } },
    },
    { id: 2, type: 'Vsts', name: 'colours', variables: { first: { value: 'red' } } },
  ],
  'build/definitions': [
    { id: 7, name: 'nightly', variables: { token: { value: null, isSecret: true } } },
    { id: 8, name: 'plain' },
  ],
  'serviceendpoint/endpoints': [
    {
      name: 'feed',
      type: 'externalnpmregistry',
      url: 'https://pkgs.dev.azure.com/MyOrg/_packaging/sauce/npm/registry/',
      authorization: { scheme: 'Token', parameters: { apitoken: null } },
    },
    {
      name: 'azure',
      type: 'azurerm',
      url: 'https://management.azure.com/',
      authorization: { scheme: 'WorkloadIdentityFederation' },
    },
  ],
};

describe('docs/migrate.md', () => {
  let place: Place | undefined;
  let lists: PublicServer | undefined;
  let job: Job | undefined;

  async function run(steps: readonly YamlStep[], hosts: Readonly<Record<string, number>> = {}) {
    place = await openMachine({ hosts });
    job = await runJob({
      taskFolder: TASK_FOLDER,
      steps,
      variables: { 'build.buildid': '7' },
      machineEnvironment: place.machineEnvironment,
    });
    const { steps: done } = job;
    for (const { result, stdout, stderr } of done) {
      assert.equal(result, 'Succeeded', `${stdout}${stderr}`);
    }
    assert.equal(done.length, steps.length);
    const log = done.flatMap((step) => step.log);
    for (const token of place.tokens) {
      assertNotIn(token, [['the log', log.join('\n')]]);
    }
    return log;
  }

  afterEach(async () => {
    if (job !== undefined) {
      rmSync(job.folders.root, { recursive: true });
    }
    await Promise.all([place?.close(), lists?.close()]);
    [place, lists, job] = [undefined, undefined, undefined];
  });

  it('has a test for each of its blocks', () => {
    assert.deepEqual(
      readBlocks(PAGE).map(({ heading, language }) => [heading, language]),
      [
        ['1. Find the object ID (5 minutes)', 'yaml'],
        ['1. Find the object ID (5 minutes)', 'text'],
        ['1. Find the object ID (5 minutes)', 'text'],
        ['2. Have the identity added (5 minutes)', 'text'],
        ['3. Replace the token (5 minutes)', 'diff'],
        ['Microsoft-hosted agents', 'yaml'],
        ['Find where tokens are used', 'yaml'],
        ['Find where tokens are used', 'bash'],
        ['Check the identity', 'yaml'],
        ['Pitfalls', 'yaml'],
      ],
    );
  });

  it('lists by steps where secrets are, and no other variables and connections', async function () {
    needTools(this, 'bash', 'jq');
    lists = await startPublicServer('dev.azure.com', ({ url = '', headers }, response) => {
      const path = /^\/MyOrg\/SecretSauce\/_apis\/([\w/]+)\?/.exec(url)?.[1] ?? '';
      const value = PLACES[path];
      const isKnown = place?.tokens.some((token) => headers.authorization === `Bearer ${token}`);
      response.writeHead(isKnown !== true ? 401 : value === undefined ? 404 : 200, {
        'content-type': 'application/json',
      });
      response.end(JSON.stringify({ count: value?.length, value }));
    });
    const log = await run(sampleOf('Find where tokens are used').steps, {
      'dev.azure.com': lists.port,
    });
    assert.deepEqual(log.slice(-3), [
      '{"group":"release","secrets":["pat"]}',
      '{"pipeline":"nightly","secrets":["token"]}',
      '{"connection":"feed","type":"externalnpmregistry","url":"https://pkgs.dev.azure.com/MyOrg/_packaging/sauce/npm/registry/"}',
    ]);
  });

  it('shows by steps whom the organization takes the identity for, and what it sees', async function () {
    needTools(this, 'bash');
    const log = await run(sampleOf('Check the identity').steps);
    assert.equal(log.at(-1), 'agent-1 sees the repositories ["app","library","media"]');
  });

  it('has a pipeline whose jobs each get a token of their own', async () => {
    const { document } = sampleOf('Pitfalls');
    const { stages } = document as {
      readonly stages: readonly { readonly jobs: readonly { readonly steps: YamlStep[] }[] }[];
    };
    const jobs = stages.flatMap((stage) => stage.jobs);
    assert.equal(jobs.length, 2);
    assert.ok(jobs.every(({ steps }) => steps.some((step) => step.task === 'AzureDevOpsToken@1')));
    // The first is a recipe for git, and run as such.
    const clone = readSamples('docs/recipes/git.md').flatMap(({ steps }) => steps);
    const [, script] = jobs[0]?.steps ?? [];
    assert.ok(clone.some(({ env }) => JSON.stringify(env) === JSON.stringify(script?.env)));
    await run(jobs[1]?.steps ?? []);
    const [request] = place?.organization?.requests ?? [];
    assert.deepEqual(
      [request?.method, request?.url.pathname],
      ['PUT', '/MyOrg/SecretSauce/_apis/build/builds/7/tags/released'],
    );
  });

  it('finds by its search the files that hold a token, and no others', function () {
    needTools(this, 'bash', 'git');
    const folder = mkdtempSync(join(tmpdir(), 'search-'));
    try {
      const found = {
        '.npmrc': '//pkgs.dev.azure.com/MyOrg/_packaging/sauce/npm/registry/:_password=eA==',
        'nuget.config': '<add key="ClearTextPassword" value="x" />',
        'pip.conf':
          'index-url = https://build:x@pkgs.dev.azure.com/MyOrg/_packaging/sauce/pypi/simple/',
        'clone.sh': 'git -c http.extraheader="AUTHORIZATION: basic $PAT" fetch',
        'call.ps1':
          "$headers = @{ Authorization = 'Basic ' + $pat }\n$env:AZURE_DEVOPS_EXT_PAT = $pat",
        'azure-pipelines.yml': `variables:\n  pat: ${'x'.repeat(75)}AZDO${'x'.repeat(5)}`,
        'main.tf': '# reads AZDO_PERSONAL_ACCESS_TOKEN',
      };
      const others = {
        'README.md': 'https://dev.azure.com/MyOrg/SecretSauce/_git/app, http://localhost:8080/a@b',
        'index.ts': 'const password = ask();',
      };
      for (const [name, content] of Object.entries({ ...found, ...others })) {
        writeFileSync(join(folder, name), `${content}\n`);
      }
      const git = (...args: readonly string[]) => spawnSync('git', args, { cwd: folder });
      git('init', '--quiet');
      git('add', '--all');
      const script = readBlocks(PAGE).find(({ language }) => language === 'bash')?.text ?? '';
      const { stdout, stderr, status } = spawnSync('bash', ['-c', script], {
        cwd: folder,
        encoding: 'utf8',
      });
      assert.equal(status, 0, stderr);
      const names = stdout.split('\n').flatMap((line) => /^[^:]+/.exec(line) ?? []);
      assert.deepEqual([...new Set(names)].sort(), Object.keys(found).sort());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
