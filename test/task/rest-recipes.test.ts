// The recipes for REST, step by step as their YAML has them, and their requests beside the published specifications.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TASK_FOLDER } from '../../scripts/build-task';
import { listPages, readText } from '../contract/files';
import { readSamples, type Sample } from '../contract/samples';
import { runJob, type Job } from '../emulators/agent/run-job';
import type { OrganizationRequest } from '../emulators/organization/organization';
import { ARTIFACT, STORE_HOST } from '../emulators/organization/rest-api';
import { openMachine, type Place } from '../emulators/places';
import { startPublicServer, type PublicServer } from '../emulators/public-server';
import { assertKept, assertSecret } from './secrecy';
import { needTools } from '../skip';

/** An operation as its specification has it (MicrosoftDocs/vsts-rest-api-specs, version 7.2). */
interface Operation {
  /** The file and the operation. */
  readonly name: string;
  readonly method: string;
  /** With `{}` in place of each parameter. */
  readonly template: string;
  /** Of its query, besides `api-version`: those that it has. */
  readonly query?: readonly string[];
  readonly contentType?: string;
  /** Of its body: those that it may have and a recipe may send. */
  readonly fields?: readonly string[];
  readonly version?: string;
}

const JSON_TYPE = 'application/json';
const PATCH_TYPE = 'application/json-patch+json';
const AZURE_DEVOPS = 'https://dev.azure.com/{organization}';
const GRAPH = 'https://vssps.dev.azure.com/{organization}/_apis/graph';
const OPERATIONS = {
  builds: {
    name: 'build.json, Builds_List',
    method: 'GET',
    template: `${AZURE_DEVOPS}/{project}/_apis/build/builds`,
    query: ['statusFilter', 'continuationToken'],
  },
  batchPages: {
    name: 'wiki.json, Pages Batch_Get',
    method: 'POST',
    template: `${AZURE_DEVOPS}/{project}/_apis/wiki/wikis/{wikiIdentifier}/pagesbatch`,
    contentType: JSON_TYPE,
    fields: ['top', 'continuationToken', 'pageViewsForDays'],
  },
  createPullRequest: {
    name: 'git.json, Pull Requests_Create',
    method: 'POST',
    template: `${AZURE_DEVOPS}/{project}/_apis/git/repositories/{repositoryId}/pullrequests`,
    contentType: JSON_TYPE,
    fields: ['sourceRefName', 'targetRefName', 'title', 'description'],
  },
  createThread: {
    name: 'git.json, Pull Request Threads_Create',
    method: 'POST',
    template: `${AZURE_DEVOPS}/{project}/_apis/git/repositories/{repositoryId}/pullRequests/{pullRequestId}/threads`,
    contentType: JSON_TYPE,
    fields: ['comments', 'status'],
  },
  runPipeline: {
    name: 'pipelines.json, Runs_Run Pipeline',
    method: 'POST',
    template: `${AZURE_DEVOPS}/{project}/_apis/pipelines/{pipelineId}/runs`,
    contentType: JSON_TYPE,
    fields: ['resources', 'templateParameters', 'variables', 'stagesToSkip'],
  },
  getRun: {
    name: 'pipelines.json, Runs_Get',
    method: 'GET',
    template: `${AZURE_DEVOPS}/{project}/_apis/pipelines/{pipelineId}/runs/{runId}`,
  },
  createWorkItem: {
    name: 'workItemTracking.json, Work Items_Create',
    method: 'POST',
    template: `${AZURE_DEVOPS}/{project}/_apis/wit/workitems/\${type}`,
    contentType: PATCH_TYPE,
  },
  updateWorkItem: {
    name: 'workItemTracking.json, Work Items_Update',
    method: 'PATCH',
    template: `${AZURE_DEVOPS}/{project}/_apis/wit/workitems/{id}`,
    contentType: PATCH_TYPE,
  },
  getVariableGroup: {
    name: 'taskAgent.json, Variablegroups_Get',
    method: 'GET',
    template: `${AZURE_DEVOPS}/{project}/_apis/distributedtask/variablegroups/{groupId}`,
  },
  updateVariableGroup: {
    name: 'taskAgent.json, Variablegroups_Update',
    method: 'PUT',
    template: `${AZURE_DEVOPS}/_apis/distributedtask/variablegroups/{groupId}`,
    contentType: JSON_TYPE,
    fields: ['id', 'type', 'name', 'variables', 'variableGroupProjectReferences'],
  },
  getArtifact: {
    name: 'build.json, Artifacts_Get Artifact',
    method: 'GET',
    template: `${AZURE_DEVOPS}/{project}/_apis/build/builds/{buildId}/artifacts`,
    query: ['artifactName', '$format'],
  },
  addTag: {
    name: 'build.json, Tags_Add Build Tag',
    method: 'PUT',
    template: `${AZURE_DEVOPS}/{project}/_apis/build/builds/{buildId}/tags/{tag}`,
  },
  listGroups: {
    name: 'graph.json, Groups_List',
    method: 'GET',
    template: `${GRAPH}/groups`,
    query: ['continuationToken'],
    version: '7.1-preview.1',
  },
  listMemberships: {
    name: 'graph.json, Memberships_List',
    method: 'GET',
    template: `${GRAPH}/Memberships/{subjectDescriptor}`,
    query: ['direction'],
    version: '7.1-preview.1',
  },
  lookUpSubjects: {
    name: 'graph.json, Subject Lookup_Lookup Subjects',
    method: 'POST',
    template: `${GRAPH}/subjectlookup`,
    contentType: JSON_TYPE,
    fields: ['lookupKeys'],
    version: '7.1-preview.1',
  },
  getPage: {
    name: 'wiki.json, Pages_Get Page',
    method: 'GET',
    template: `${AZURE_DEVOPS}/{project}/_apis/wiki/wikis/{wikiIdentifier}/pages`,
    query: ['path', 'includeContent'],
  },
  updatePage: {
    name: 'wiki.json, Pages_Create Or Update',
    method: 'PUT',
    template: `${AZURE_DEVOPS}/{project}/_apis/wiki/wikis/{wikiIdentifier}/pages`,
    query: ['path'],
    contentType: JSON_TYPE,
    fields: ['content'],
  },
  listPullRequests: {
    name: 'git.json, Pull Requests_Get Pull Requests',
    method: 'GET',
    template: `${AZURE_DEVOPS}/{project}/_apis/git/repositories/{repositoryId}/pullrequests`,
    query: ['searchCriteria.status', '$top', '$skip'],
  },
  createProject: {
    name: 'core.json, Projects_Create',
    method: 'POST',
    template: `${AZURE_DEVOPS}/_apis/projects`,
    contentType: JSON_TYPE,
    fields: ['name', 'description', 'visibility', 'capabilities'],
  },
  getOperation: {
    name: 'operations.json, Operations_Get',
    method: 'GET',
    template: `${AZURE_DEVOPS}/_apis/operations/{operationId}`,
  },
  /** No specification of the gallery is published; this is what Microsoft's client for Node.js asks. */
  updateExtension: {
    name: 'azure-devops-node-api, GalleryApi.updateExtension',
    method: 'PUT',
    template:
      'https://marketplace.visualstudio.com/_apis/gallery/publishers/{publisherName}/extensions/{extensionName}',
    contentType: 'application/octet-stream',
    version: '7.2-preview.2',
  },
} as const satisfies Readonly<Record<string, Operation>>;

type OperationKey = keyof typeof OPERATIONS;

interface Recipe {
  /** The operations that it asks for, in order. */
  readonly operations: readonly OperationKey[];
  /** What its last script says, or another proof. */
  readonly proof: (job: Job, requests: readonly OrganizationRequest[]) => void;
}

const says = (line: string) => (job: Job) => {
  const log = job.steps.flatMap((step) => step.log);
  assert.ok(log.includes(line), log.join('\n'));
};
const bodyOf = (request: OrganizationRequest | undefined) =>
  JSON.parse(request?.body.toString() ?? '') as Readonly<Record<string, unknown>>;

/** By heading. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  'List everything of a kind': { operations: ['builds', 'builds', 'builds'], proof: says('5') },
  'List the pages of a wiki': {
    operations: ['batchPages', 'batchPages', 'batchPages'],
    proof: (job, requests) => {
      says('5')(job);
      const tokens = requests.map((request) => bodyOf(request)['continuationToken']);
      assert.deepEqual(tokens, [null, '2', '4']);
    },
  },
  'Create a pull request': {
    operations: ['createPullRequest'],
    proof: (job, [request]) => {
      says('Pull request 22')(job);
      assert.equal(bodyOf(request)['description'], 'Made by build 20260131.1.');
    },
  },
  'Comment on a pull request': { operations: ['createThread'], proof: says('Thread 148') },
  'Queue a pipeline and wait': {
    operations: ['runPipeline', 'getRun', 'getRun', 'getRun'],
    proof: says(
      'https://dev.azure.com/MyOrg/6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c/_build/results?buildId=1',
    ),
  },
  'Create and change work items': {
    operations: ['createWorkItem', 'updateWorkItem'],
    proof: (job) => {
      const item = JSON.parse(job.steps.at(-1)?.outputs.get('result')?.value ?? '') as object;
      assert.deepEqual(item, { id: 1, rev: 2, fields: { 'System.State': 'Active' } });
    },
  },
  'Read and set variable groups': {
    operations: ['getVariableGroup', 'updateVariableGroup'],
    proof: (_, [, request]) => {
      const { variables, id } = bodyOf(request);
      assert.equal(id, 7);
      const secret = { value: null, isSecret: true };
      assert.deepEqual(variables, { version: { value: '1.2' }, secret });
    },
  },
  'Download an artifact': {
    operations: ['getArtifact'],
    proof: ({ folders }) => {
      assert.deepEqual(readFileSync(join(folders.sources, 'drop.zip')), ARTIFACT);
    },
  },
  'Tag a build': {
    operations: ['addTag'],
    proof: says('The build has the tags nightly, released'),
  },
  'List the members of a group': {
    operations: ['listGroups', 'listGroups', 'listGroups', 'listMemberships', 'lookUpSubjects'],
    proof: says('Cook, agent-1'),
  },
  'Edit a wiki page': {
    operations: ['getPage', 'updatePage'],
    proof: (_, [, request]) => {
      assert.equal(request?.headers['if-match'], '"1"');
      assert.equal(bodyOf(request)['content'], 'All is well.\n\nBuild 20260131.1');
    },
  },
  'Publish an extension to the Marketplace': {
    operations: ['updateExtension'],
    proof: (job, [request]) => {
      says('Published 1.2.3')(job);
      assert.equal(request?.body.toString(), 'a package');
    },
  },
  'Lists with several pages: requests': {
    operations: Array<OperationKey>(4).fill('listPullRequests'),
    proof: (job) => {
      says('Change 4')(job);
      assert.deepEqual(job.steps[0]?.issues, []);
    },
  },
  'Long-running operations: run': {
    operations: ['runPipeline', 'getRun', 'getRun', 'getRun'],
    proof: says(
      'https://dev.azure.com/MyOrg/6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c/_build/results?buildId=1',
    ),
  },
  'Long-running operations: project': {
    operations: ['createProject', 'getOperation', 'getOperation', 'getOperation'],
    proof: (job) => {
      const { status } = JSON.parse(job.steps[0]?.outputs.get('result')?.value ?? '') as {
        status: string;
      };
      assert.equal(status, 'succeeded');
    },
  },
};

/** What a project is made of: https://learn.microsoft.com/rest/api/azure/devops/core/projects/create */
const PROJECT = {
  name: 'Stew',
  visibility: 'private',
  capabilities: {
    versioncontrol: { sourceControlType: 'Git' },
    processTemplate: { templateTypeId: '6b724908-ef14-45cf-84f8-768b5384da45' },
  },
};

/** Compares a request with the operation that it should be. */
function assertIs(request: OrganizationRequest, operation: Operation): void {
  const { method, url, headers, size } = request;
  const { template, query = [], contentType, fields, version = '7.1' } = operation;
  const pattern = template
    .replace(/[.$]/g, '\\$&')
    .replace(/\{\w+\}/g, '[^/]+')
    .replace('https:', 'http:');
  const address = decodeURIComponent(`${url.origin}${url.pathname}`);
  assert.equal(method, operation.method, operation.name);
  assert.match(address, new RegExp(`^${pattern}$`, 'i'), operation.name);
  const names = [...url.searchParams.keys()];
  assert.ok(names.includes('api-version'), operation.name);
  assert.equal(url.searchParams.get('api-version'), version, operation.name);
  for (const name of names.filter((one) => one !== 'api-version')) {
    assert.ok(query.includes(name), `${operation.name}: ${name}`);
  }
  assert.equal(headers['content-type'], contentType, operation.name);
  if (contentType === undefined) {
    assert.equal(size, 0, operation.name);
  }
  if (fields !== undefined) {
    const sent = Object.keys(bodyOf(request));
    assert.ok(sent.length > 0);
    assert.deepEqual(
      sent.filter((field) => !fields.includes(field)),
      [],
      operation.name,
    );
  }
}

/** What `docs/reference.md` shows of lists and of long-running operations, by the names of their steps. */
function readLongSamples(): readonly Sample[] {
  return readSamples('docs/reference.md')
    .filter(({ heading }) => /^(?:Lists|Long-running) /.test(heading))
    .map((sample) => ({ ...sample, heading: `${sample.heading}: ${sample.steps[0]?.name ?? ''}` }));
}

/** The pages show pauses that fit real runs. */
function withShortPauses(sample: Sample): Sample {
  const steps = sample.steps.map((step) =>
    step.inputs?.['waitUntil'] === undefined
      ? step
      : { ...step, inputs: { ...step.inputs, waitIntervalInSeconds: '0.1' } },
  );
  return { ...sample, steps };
}

const PAGES = listPages();

describe('the recipes for REST', () => {
  const samples = [...readSamples('docs/recipes/rest.md'), ...readLongSamples()].map(
    withShortPauses,
  );

  it('each have their proof', () => {
    assert.deepEqual(
      samples.map(({ heading }) => heading),
      Object.keys(RECIPES),
    );
  });

  it('name the operations that they ask for', () => {
    const page = readText('docs/recipes/rest.md').replace(/\s+/g, ' ');
    const asked = readSamples('docs/recipes/rest.md').flatMap(
      ({ heading }) => RECIPES[heading]?.operations ?? [],
    );
    for (const { name } of asked.map((key) => OPERATIONS[key])) {
      const [file = '', operation = ''] = name.split(', ');
      assert.ok(page.includes(file) && page.includes(operation.replace('_', ' - ')), name);
    }
  });

  it('poll no more often than a server and a log can bear', () => {
    const waits = PAGES.flatMap(readSamples)
      .flatMap(({ steps }) => steps)
      .flatMap(({ inputs = {} }) => ('waitUntil' in inputs ? [inputs] : []));
    assert.ok(waits.length > 0);
    for (const { waitIntervalInSeconds = 10, waitTimeoutInMinutes = 30 } of waits) {
      const [interval, timeout] = [Number(waitIntervalInSeconds), Number(waitTimeoutInMinutes)];
      assert.ok(interval >= 5, `${interval} s`);
      assert.ok((timeout * 60) / interval <= 300, `${timeout} min, every ${interval} s`);
    }
  });

  it('check what a server returned before it is in a logging command', () => {
    const scripts = PAGES.flatMap(readSamples)
      .flatMap(({ steps }) => steps)
      .map(({ bash = '', script = '', pwsh = '' }) => bash + script + pwsh)
      .filter((text) => text.includes('##vso['));
    assert.ok(scripts.length > 0);
    for (const script of scripts) {
      const [before = '', ...commands] = script.split('##vso[');
      for (const command of commands) {
        const [, name = ''] = /^[^\n]*\]"?\$\{?(\w+)/.exec(command) ?? [];
        const check = new RegExp(`\\[\\[ "\\$${name}" =~ \\S+ \\]\\] \\|\\| exit 1`);
        assert.match(before, check, script);
      }
    }
  });

  describe('with an ETag that is no ETag', () => {
    for (const etag of [
      '"1"##vso[task.setvariable variable=PATH]/evil',
      '"##vso[task.complete result=Succeeded]"',
      '"1" $(secret)',
      'none',
      '',
    ]) {
      // With a good one, it goes on: see its recipe below.
      it(`stops before it uses it: ${etag}`, function () {
        needTools(this, 'bash', 'jq');
        const { steps = [] } = samples.find((one) => one.heading === 'Edit a wiki page') ?? {};
        const { bash = '', env = {} } = steps[1] ?? assert.fail();
        assert.deepEqual(env, {
          HEADERS: '$(page.responseHeaders)',
          CONTENT: '$(page.result)',
        });
        const { status, stdout, stderr } = spawnSync(
          'bash',
          ['--noprofile', '--norc', '-c', bash],
          {
            env: { PATH: process.env['PATH'], HEADERS: JSON.stringify({ etag }), CONTENT: 'x' },
            encoding: 'utf8',
          },
        );
        assert.deepEqual([status, stdout, stderr], [1, '', '']);
      });
    }
  });

  for (const { heading, steps } of samples) {
    describe(heading, () => {
      let store: PublicServer;
      let place: Place;
      let job: Job | undefined;

      before(async function () {
        needTools(this, 'bash', 'jq');
        store = await startPublicServer(STORE_HOST, (_, response) => response.end(ARTIFACT));
        place = await openMachine({ hosts: { [STORE_HOST]: store.port } });
        job = await runJob({
          taskFolder: TASK_FOLDER,
          steps,
          variables: {
            'build.buildid': '7',
            'build.buildnumber': '20260131.1',
            'system.pullrequest.pullrequestid': '22',
          },
          prepare: ({ sources }) => {
            writeFileSync(join(sources, 'sauce.vsix'), 'a package');
            writeFileSync(join(sources, 'project.json'), JSON.stringify(PROJECT));
          },
          machineEnvironment: place.machineEnvironment,
        });
      });

      after(async () => {
        if (job !== undefined) {
          rmSync(job.folders.root, { recursive: true });
          await Promise.all([place.close(), store.close()]);
        }
      });

      it('does what it says', () => {
        const done = job ?? assert.fail();
        for (const { result, issues, stdout, stderr } of done.steps) {
          assert.equal(result, 'Succeeded', `${JSON.stringify(issues)}${stdout}${stderr}`);
        }
        assert.equal(done.steps.length, steps.length);
        RECIPES[heading]?.proof(done, place.organization?.requests ?? []);
      });

      it('asks as the specification has it', () => {
        const requests = (place.organization?.requests ?? []).filter(
          ({ url }) => !url.hostname.endsWith('artifacts.visualstudio.com'),
        );
        const { operations = [] } = RECIPES[heading] ?? {};
        assert.equal(requests.length, operations.length);
        requests.forEach((request, index) => {
          assertIs(request, OPERATIONS[operations[index] ?? assert.fail()]);
        });
      });

      it('keeps the token secret', () => {
        const done = job ?? assert.fail();
        assertKept(place.tokens, done);
        const [token = ''] = place.tokens;
        done.steps
          .filter(({ outputs }) => outputs.has('token'))
          .forEach((step) => {
            assertSecret(step, token);
          });
      });
    });
  }
});
