// The ways by hand and the one step, as docs/by-hand.md has them: real shells, the built task, and servers that demand the
// token. The blocks are read from the page, and one thing in them is replaced: 169.254.169.254, which no process on this
// machine may answer at, by the address of the emulator of the identity endpoint. The Azure CLI, whose address of it cannot be
// replaced, reaches the emulator as its proxy.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readText, task } from '../contract/files';
import { readBlocks, readSamples } from '../contract/samples';
import type { Job, YamlStep } from '../emulators/agent/run-job';
import { AZURE_DEVOPS, DEPLOY, RELEASE, SYSTEM_ASSIGNED } from '../emulators/identity-endpoint';
import { REPOSITORIES } from '../emulators/organization/content';
import type { OrganizationOptions } from '../emulators/organization/organization';
import { startPublicServer, type PublicServer } from '../emulators/public-server';
import { RecipeMachine } from './recipe-machine';
import { assertKept, assertNotIn } from './secrecy';
import { needTools } from '../skip';

const PAGE = 'docs/by-hand.md';
const ENDPOINT = 'http://169.254.169.254';
const NAMES = REPOSITORIES.map(({ name }) => name);

const shellOf = (heading: string) =>
  readBlocks(PAGE).find(
    ({ heading: own, language }) => own === heading && /^(?:bash|powershell)$/.test(language),
  )?.text ?? assert.fail(heading);
const stepsOf = (heading: string) =>
  readSamples(PAGE).find(({ heading: own }) => own === heading)?.steps ?? assert.fail(heading);

let machine: RecipeMachine;
/** Azure Resource Manager, which `az login` asks for subscriptions: there are none. */
let manager: PublicServer;
/** Where the Azure CLI writes down who has signed in. */
const azureFolder = () => join(machine.tools, 'azure');

async function open(organization: OrganizationOptions = {}): Promise<void> {
  manager = await startPublicServer('management.azure.com', (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{ "value": [] }');
  });
  machine = await RecipeMachine.open({
    endpoint: { identities: [SYSTEM_ASSIGNED, DEPLOY, RELEASE] },
    organization,
    routes: { 'management.azure.com:443': manager.port },
  });
}

async function close(): Promise<void> {
  await Promise.all([machine.close(), manager.close()]);
}

/** Runs steps, which all succeed or fail as they do. */
const run = (steps: readonly YamlStep[]) =>
  machine.run(steps, {
    environment: () => ({
      // How the Azure CLI reaches the identity endpoint.
      HTTP_PROXY: machine.endpoint.origin,
      AZURE_CONFIG_DIR: azureFolder(),
      AZURE_CORE_COLLECT_TELEMETRY: 'no',
    }),
  });

/** Runs a script of the page, with the address of the emulator in it. */
function runByHand(heading: string, shell: 'bash' | 'pwsh' = 'bash', more = ''): Promise<Job> {
  const script = shellOf(heading)
    .replaceAll(ENDPOINT, machine.endpoint.origin)
    .replace(AZURE_DEVOPS, `${AZURE_DEVOPS}${more}`);
  return run([{ [shell]: script }]);
}

/** What the last step printed, when all went well. */
function linesOf({ steps }: Job): readonly string[] {
  for (const { result, stdout, stderr } of steps) {
    assert.equal(result, 'Succeeded', `${stdout}${stderr}`);
  }
  return steps.at(-1)?.log ?? [];
}

/** What each way needs, and how it is gone. */
const WAYS: Readonly<Record<string, readonly [tools: readonly string[], go: () => Promise<Job>]>> =
  {
    'One step': [['bash', 'jq'], () => run(stepsOf('One step'))],
    'One step, and a script': [
      ['bash', 'curl', 'jq'],
      () => run(stepsOf('One step, and a script')),
    ],
    curl: [['bash', 'curl', 'jq'], () => runByHand('curl')],
    'Azure CLI': [['bash', 'az', 'curl', 'jq'], () => runByHand('Azure CLI')],
    PowerShell: [['pwsh'], () => runByHand('PowerShell', 'pwsh')],
  };

describe('by hand, and with one step', () => {
  beforeEach(() => open());
  afterEach(close);

  for (const [name, [tools, go]] of Object.entries(WAYS)) {
    it(`(${name}) lists the repositories, and keeps the token out of the log`, async function () {
      needTools(this, ...tools);
      const job = await go();
      assert.deepEqual(linesOf(job), NAMES);
      const { tokens } = machine.endpoint;
      if (name === 'One step') {
        assertKept(tokens, job);
      }
      for (const token of tokens) {
        assertNotIn(token, [['the log', job.steps.flatMap(({ log }) => log).join('\n')]]);
      }
      const [call] = machine.organization.requests.filter(({ url }) =>
        url.pathname.endsWith('/_apis/git/repositories'),
      );
      assert.equal(call?.url.href.replace(/^http:/, 'https:'), addressOnPage());
      assert.equal(call.headers.authorization, `Bearer ${tokens.at(-1) ?? ''}`);
      if (name === 'Azure CLI') {
        assert.ok(readdirSync(azureFolder()).includes('azureProfile.json'));
      }
    });
  }

  it('asks the identity endpoint the same question', async function () {
    needTools(this, 'bash', 'curl', 'jq');
    await runByHand('curl');
    await run(stepsOf('One step'));
    const questions = machine.endpoint.requests.map(({ method, url, headers }) => ({
      method,
      path: url.pathname.replace(/\/$/, ''),
      query: Object.fromEntries(url.searchParams),
      metadata: headers['metadata'],
    }));
    const question = {
      method: 'GET',
      path: '/metadata/identity/oauth2/token',
      query: { 'api-version': '2018-02-01', resource: AZURE_DEVOPS },
      metadata: 'true',
    };
    assert.deepEqual(questions, [question, question]);
  });

  for (const [parameter, input] of [
    ['client_id', 'clientId'],
    ['object_id', 'objectId'],
    ['msi_res_id', 'resourceId'],
  ] as const) {
    it(`chooses an identity by ${parameter} as by ${input}`, async function () {
      needTools(this, 'bash', 'curl', 'jq');
      const value = DEPLOY[input];
      await runByHand('curl', 'bash', `&${parameter}=${value}`);
      const owners = machine.endpoint.tokens.map((token) => {
        const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
        return (JSON.parse(claims) as { readonly oid: string }).oid;
      });
      // test/scenarios/identity.ts shows the same of the input.
      assert.deepEqual(owners, [DEPLOY.objectId]);
      const item = sideBySide().find(({ byHand }) => byHand.includes(`&${parameter}=`));
      assert.match(item?.withStep ?? '', new RegExp(`\`${input}\``));
    });
  }

  it('chooses the identity that the page shows', async function () {
    needTools(this, 'bash', 'jq');
    assert.deepEqual(linesOf(await run(stepsOf('Choosing an identity'))), NAMES);
    const [request] = machine.endpoint.requests;
    assert.equal(request?.url.searchParams.get('client_id'), DEPLOY.clientId);
  });
});

describe('a token that the organization does not know', () => {
  it('ends curl without a reason, and the step with an error that says what to do', async function () {
    needTools(this, 'bash', 'curl', 'jq');
    await open({ issued: [] });
    try {
      const byHand = await runByHand('curl');
      const [script] = byHand.steps;
      assert.equal(script?.result, 'Failed');
      assert.match(script.stderr, /curl: \(22\) The requested URL returned error: 401/);
      const withStep = await run(stepsOf('One step'));
      assert.equal(withStep.steps[0]?.result, 'Failed');
      assert.match(withStep.steps[0].log.join('\n'), /Organization settings > Users/);
    } finally {
      await close();
    }
  });
});

describe('docs/by-hand.md', () => {
  it('has a test for each way, but for the Az module', () => {
    const headings = readBlocks(PAGE)
      .map(({ heading }) => heading)
      .filter((heading) => heading !== 'Choosing an identity');
    assert.deepEqual(headings, [...Object.keys(WAYS), 'PowerShell with the Az module']);
  });

  it('sets beside the lines of the scripts inputs and outputs that there are', () => {
    const known = [...task.inputs, ...task.outputVariables].map(({ name }) => name);
    const scripts = readBlocks(PAGE)
      .map(({ text }) => text)
      .join('\n');
    for (const { byHand, withStep } of sideBySide()) {
      const code = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
      for (const line of code(byHand).filter((text) => !text.startsWith('&'))) {
        assert.ok(scripts.includes(line), line);
      }
      for (const name of code(withStep).filter((text) => /^[a-z]\w+$/i.test(text))) {
        assert.ok(known.includes(name), name);
      }
    }
    assert.ok(sideBySide().length > 15);
  });
});

/** The items of the lists under "Side by side": what a command does, and below it what the step does. */
function sideBySide(): readonly { readonly byHand: string; readonly withStep: string }[] {
  const [, section = ''] = /^## Side by side$([^]*?)^## /m.exec(readText(PAGE)) ?? [];
  return [...section.matchAll(/^- (.+)\n {2}(.+)$/gm)].map(([, byHand = '', withStep = '']) => ({
    byHand,
    withStep,
  }));
}

/** Where the scripts of the page list the repositories. */
function addressOnPage(): string {
  return /'(https:\/\/dev\.azure\.com\/[^']+)'/.exec(shellOf('curl'))?.[1] ?? assert.fail();
}
