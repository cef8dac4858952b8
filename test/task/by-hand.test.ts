// The ways by hand and the one step, as docs/by-hand.md has them: real shells, the built task, and servers that demand the
// token. The blocks are read from the page, and one thing in them is replaced: 169.254.169.254, which no process on this
// machine may answer at, by the address of the emulator of the identity endpoint. The Azure CLI, whose address of it cannot be
// replaced, reaches the emulator as its proxy.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASK_FOLDER } from '../../scripts/build-task';
import { readText, task } from '../contract/files';
import { readBlocks, readSamples } from '../contract/samples';
import { runJob, type Job, type YamlStep } from '../emulators/agent/run-job';
import { authorityFile } from '../emulators/certificates';
import {
  AZURE_DEVOPS,
  DEPLOY,
  RELEASE,
  startIdentityEndpoint,
  SYSTEM_ASSIGNED,
  type IdentityEndpoint,
} from '../emulators/identity-endpoint';
import { REPOSITORIES } from '../emulators/organization/content';
import {
  startOrganization,
  type OrganizationOptions,
  type OrganizationServer,
} from '../emulators/organization/organization';
import { startProxy, type Proxy } from '../emulators/proxy';
import { startPublicServer, type PublicServer } from '../emulators/public-server';
import { assertKept, assertNotIn } from './secrecy';
import { skip } from '../skip';

const PAGE = 'docs/by-hand.md';
const ENDPOINT = 'http://169.254.169.254';
const NAMES = REPOSITORIES.map(({ name }) => name);

const has = (...commands: readonly string[]) =>
  process.platform !== 'win32' &&
  commands.every((command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0);

const shellOf = (heading: string) =>
  readBlocks(PAGE).find(
    ({ heading: own, language }) => own === heading && /^(?:bash|powershell)$/.test(language),
  )?.text ?? assert.fail(heading);
const stepsOf = (heading: string) =>
  readSamples(PAGE).find(({ heading: own }) => own === heading)?.steps ?? assert.fail(heading);

/** A virtual machine, from which an organization can be reached through a proxy. */
class Machine {
  readonly endpoint: IdentityEndpoint;
  readonly organization: OrganizationServer;
  readonly #manager: PublicServer;
  readonly #proxy: Proxy;
  /** Where the Azure CLI writes down who has signed in. */
  readonly azureFolder = mkdtempSync(join(tmpdir(), 'az-'));
  readonly #jobs: Job[] = [];

  private constructor(
    endpoint: IdentityEndpoint,
    organization: OrganizationServer,
    others: { readonly manager: PublicServer; readonly proxy: Proxy },
  ) {
    this.endpoint = endpoint;
    this.organization = organization;
    this.#manager = others.manager;
    this.#proxy = others.proxy;
  }

  static async open(options: OrganizationOptions = {}): Promise<Machine> {
    const endpoint = await startIdentityEndpoint({
      identities: [SYSTEM_ASSIGNED, DEPLOY, RELEASE],
    });
    const organization = await startOrganization({ issued: endpoint.tokens, ...options });
    // Azure Resource Manager, which `az login` asks for subscriptions: there are none.
    const manager = await startPublicServer('management.azure.com', (_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end('{ "value": [] }');
    });
    const proxy = await startProxy({
      routes: {
        'dev.azure.com:443': organization.port,
        'management.azure.com:443': manager.port,
      },
    });
    return new Machine(endpoint, organization, { manager, proxy });
  }

  /** Runs steps, which all succeed or fail as they do. */
  async run(steps: readonly YamlStep[]): Promise<Job> {
    const authority = await authorityFile();
    const job = await runJob({
      taskFolder: TASK_FOLDER,
      steps,
      machineEnvironment: {
        AZURE_POD_IDENTITY_AUTHORITY_HOST: this.endpoint.origin,
        HTTPS_PROXY: this.#proxy.origin,
        NODE_EXTRA_CA_CERTS: authority,
        CURL_CA_BUNDLE: authority,
        SSL_CERT_FILE: authority,
        // The Azure CLI, and how it reaches the identity endpoint.
        REQUESTS_CA_BUNDLE: authority,
        HTTP_PROXY: this.endpoint.origin,
        AZURE_CONFIG_DIR: this.azureFolder,
        AZURE_CORE_COLLECT_TELEMETRY: 'no',
      },
    });
    this.#jobs.push(job);
    return job;
  }

  /** Runs a script of the page, with the address of the emulator in it. */
  runByHand(heading: string, shell: 'bash' | 'pwsh' = 'bash', more = ''): Promise<Job> {
    const script = shellOf(heading)
      .replaceAll(ENDPOINT, this.endpoint.origin)
      .replace(AZURE_DEVOPS, `${AZURE_DEVOPS}${more}`);
    return this.run([{ [shell]: script }]);
  }

  async close(): Promise<void> {
    for (const { folders } of this.#jobs) {
      rmSync(folders.root, { recursive: true });
    }
    rmSync(this.azureFolder, { recursive: true });
    const { endpoint, organization } = this;
    await Promise.all([
      endpoint.close(),
      organization.close(),
      this.#manager.close(),
      this.#proxy.close(),
    ]);
  }
}

/** What the last step printed, when all went well. */
function linesOf({ steps }: Job): readonly string[] {
  for (const { result, stdout, stderr } of steps) {
    assert.equal(result, 'Succeeded', `${stdout}${stderr}`);
  }
  return steps.at(-1)?.log ?? [];
}

const WAYS: readonly {
  readonly name: string;
  readonly needs: readonly string[];
  readonly run: (machine: Machine) => Promise<Job>;
  /** What else the page says of it. */
  readonly prove?: (machine: Machine) => void;
}[] = [
  {
    name: 'One step',
    needs: ['bash', 'jq'],
    run: (machine) => machine.run(stepsOf('One step')),
  },
  {
    name: 'One step, and a script',
    needs: ['bash', 'curl', 'jq'],
    run: (machine) => machine.run(stepsOf('One step, and a script')),
  },
  { name: 'curl', needs: ['bash', 'curl', 'jq'], run: (machine) => machine.runByHand('curl') },
  {
    name: 'Azure CLI',
    needs: ['bash', 'az', 'curl', 'jq'],
    run: (machine) => machine.runByHand('Azure CLI'),
    prove: ({ azureFolder }) => {
      assert.ok(readdirSync(azureFolder).includes('azureProfile.json'));
    },
  },
  {
    name: 'PowerShell',
    needs: ['pwsh'],
    run: (machine) => machine.runByHand('PowerShell', 'pwsh'),
  },
];

describe('by hand, and with one step', () => {
  let machine: Machine;

  beforeEach(async () => {
    machine = await Machine.open();
  });

  afterEach(() => machine.close());

  for (const { name, needs, run, prove } of WAYS) {
    it(`(${name}) lists the repositories, and keeps the token out of the log`, async function () {
      if (!has(...needs)) {
        skip(this, `one of these is not installed: ${needs.join(', ')}`);
      }
      const job = await run(machine);
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
      prove?.(machine);
    });
  }

  it('asks the identity endpoint the same question', async function () {
    if (!has('bash', 'curl', 'jq')) {
      skip(this, 'one of these is not installed: bash, curl, jq');
    }
    await machine.runByHand('curl');
    await machine.run(stepsOf('One step'));
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
      if (!has('bash', 'curl', 'jq')) {
        skip(this, 'one of these is not installed: bash, curl, jq');
      }
      const value = DEPLOY[input];
      await machine.runByHand('curl', 'bash', `&${parameter}=${value}`);
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
    if (!has('bash', 'jq')) {
      skip(this, 'one of these is not installed: bash, jq');
    }
    assert.deepEqual(linesOf(await machine.run(stepsOf('Choosing an identity'))), NAMES);
    const [request] = machine.endpoint.requests;
    assert.equal(request?.url.searchParams.get('client_id'), DEPLOY.clientId);
  });
});

describe('a token that the organization does not know', () => {
  it('ends curl without a reason, and the step with an error that says what to do', async function () {
    if (!has('bash', 'curl', 'jq')) {
      skip(this, 'one of these is not installed: bash, curl, jq');
    }
    const machine = await Machine.open({ issued: [] });
    try {
      const byHand = await machine.runByHand('curl');
      const [script] = byHand.steps;
      assert.equal(script?.result, 'Failed');
      assert.match(script.stderr, /curl: \(22\) The requested URL returned error: 401/);
      const withStep = await machine.run(stepsOf('One step'));
      assert.equal(withStep.steps[0]?.result, 'Failed');
      assert.match(withStep.steps[0].log.join('\n'), /Organization settings > Users/);
    } finally {
      await machine.close();
    }
  });
});

describe('docs/by-hand.md', () => {
  it('has a test for each way, but for the Az module', () => {
    const headings = readBlocks(PAGE)
      .map(({ heading }) => heading)
      .filter((heading) => heading !== 'Choosing an identity');
    assert.deepEqual(headings, [...WAYS.map(({ name }) => name), 'PowerShell with the Az module']);
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
