// The machine on which the recipes for tools run: only a proxy leads from it to Azure DevOps and to a feed, which demand the token.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { TASK_FOLDER } from '../../scripts/build-task';
import type { AgentFolders } from '../emulators/agent/job-setting';
import { runJob, type Job, type YamlStep } from '../emulators/agent/run-job';
import { authorityFile } from '../emulators/certificates';
import {
  AZURE_DEVOPS,
  startIdentityEndpoint,
  type IdentityEndpoint,
  type IdentityEndpointOptions,
} from '../emulators/identity-endpoint';
import { FEED_HOST, startFeed, TARBALL_URL, type Feed } from '../emulators/organization/feed';
import { hashOf, packForNpm } from '../emulators/organization/feed-content';
import {
  startOrganization,
  type OrganizationOptions,
  type OrganizationServer,
} from '../emulators/organization/organization';
import { STORE_HOST } from '../emulators/organization/rest-api';
import { startProxy, type Proxy } from '../emulators/proxy';
import { assertKept } from './secrecy';

type Environment = Readonly<Record<string, string>>;
type Servers = Pick<RecipeMachine, 'endpoint' | 'organization' | 'feed' | 'proxy'>;

/** What Maven needs beside itself, from a repository that earlier builds on this machine have filled. */
export const MAVEN_UPSTREAM = join(homedir(), '.m2', 'repository');

interface MachineOptions {
  readonly endpoint?: IdentityEndpointOptions;
  readonly organization?: OrganizationOptions;
  /** More of the proxy. */
  readonly routes?: Readonly<Record<string, number>>;
}

export interface RunOptions {
  readonly prepare?: (folders: AgentFolders) => void;
  /** More variables of the machine; called after `prepare`. */
  readonly environment?: (folders: AgentFolders) => Environment;
}

export class RecipeMachine {
  readonly endpoint: IdentityEndpoint;
  readonly organization: OrganizationServer;
  readonly feed: Feed;
  readonly proxy: Proxy;
  /** The first folder of PATH, which is no part of the job. */
  readonly tools = mkdtempSync(join(tmpdir(), 'tools-'));
  readonly #jobs: Job[] = [];

  private constructor({ endpoint, organization, feed, proxy }: Servers) {
    this.endpoint = endpoint;
    this.organization = organization;
    this.feed = feed;
    this.proxy = proxy;
  }

  static async open(options: MachineOptions = {}): Promise<RecipeMachine> {
    const endpoint = await startIdentityEndpoint(options.endpoint);
    const issued = endpoint.tokens;
    const organization = await startOrganization({ issued, ...options.organization });
    const feed = await startFeed({ issued, mavenUpstream: MAVEN_UPSTREAM });
    const routes = {
      'dev.azure.com:443': organization.port,
      [`${FEED_HOST}:443`]: feed.port,
      [`${STORE_HOST}:443`]: feed.store.port,
      ...options.routes,
    };
    return new RecipeMachine({ endpoint, organization, feed, proxy: await startProxy({ routes }) });
  }

  /** The last one. */
  get job(): Job {
    return this.#jobs.at(-1) ?? assert.fail('no job was run');
  }

  get token(): string {
    return this.endpoint.tokens[0] ?? assert.fail('no token was issued');
  }

  get log(): readonly string[] {
    return this.job.steps.flatMap(({ log }) => log);
  }

  /** What tools find in the environment of the machine. */
  async network(): Promise<Environment> {
    const authority = await authorityFile();
    return {
      PATH: [this.tools, process.env['PATH']].join(delimiter),
      HTTPS_PROXY: this.proxy.origin,
      https_proxy: this.proxy.origin,
      NODE_EXTRA_CA_CERTS: authority,
      CURL_CA_BUNDLE: authority,
      REQUESTS_CA_BUNDLE: authority,
      SSL_CERT_FILE: authority,
      PIP_CERT: authority,
    };
  }

  async run(
    steps: readonly YamlStep[],
    { prepare, environment = () => ({}) }: RunOptions = {},
  ): Promise<Job> {
    const machineEnvironment = {
      ...(await this.network()),
      AZURE_POD_IDENTITY_AUTHORITY_HOST: this.endpoint.origin,
    };
    const job = await runJob({
      taskFolder: TASK_FOLDER,
      steps,
      prepare: (folders) => {
        prepare?.(folders);
        Object.assign(machineEnvironment, environment(folders));
      },
      machineEnvironment,
    });
    this.#jobs.push(job);
    return job;
  }

  assertSucceeded(): void {
    for (const { result, issues, stdout, stderr } of this.job.steps) {
      assert.equal(result, 'Succeeded', `${JSON.stringify(issues)}${stdout}${stderr}`);
    }
  }

  /** Checks that no token is in a URL, the log, a file that is left, or these texts. */
  assertKept(texts: readonly (readonly [place: string, text: string])[] = []): void {
    const { endpoint, organization, feed, proxy } = this;
    const urls = [...organization.requests, ...feed.requests].map(({ url }) => String(url));
    assertKept(endpoint.tokens, this.job, [
      ['a URL', urls.join('\n')],
      ['what the proxy and the store saw', JSON.stringify([proxy.requests, feed.store.requests])],
      ...texts,
    ]);
  }

  /** Requests a token as a step does. */
  async requestToken(): Promise<void> {
    const query = new URLSearchParams({ 'api-version': '2018-02-01', resource: AZURE_DEVOPS });
    const url = `${this.endpoint.origin}/metadata/identity/oauth2/token?${query.toString()}`;
    assert.equal((await fetch(url, { headers: { metadata: 'true' } })).status, 200);
  }

  async close(): Promise<void> {
    const { endpoint, organization, feed, proxy } = this;
    for (const { folders } of this.#jobs) {
      rmSync(folders.root, { recursive: true });
    }
    rmSync(this.tools, { recursive: true });
    await Promise.all([endpoint.close(), organization.close(), feed.close(), proxy.close()]);
  }
}

/**
 * Before the tests of this block, opens a machine and uses it; closes it after them.
 * @param check skips the tests if something is missing here
 * @returns the machine, for the tests
 */
export function onMachine(
  check: (context: Mocha.Context) => void | Promise<void>,
  use: (machine: RecipeMachine) => Promise<unknown>,
): () => RecipeMachine {
  let machine: RecipeMachine | undefined;
  before(async function () {
    await check(this);
    machine = await RecipeMachine.open();
    await use(machine);
  });
  after(() => machine?.close());
  return () => machine ?? assert.fail('no machine was opened');
}

const PROJECT = { name: 'stew', version: '2.0.0', dependencies: { pepper: '1.0.0' } };

/** Writes the `package.json` of a project that needs the package of the feed. */
export function writeManifest(folder: string): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(PROJECT));
}

/** Writes the `package-lock.json` of that project. */
export function writeLock(folder: string): void {
  const integrity = `sha512-${hashOf('sha512', packForNpm(), 'base64')}`;
  const pepper = { version: '1.0.0', resolved: TARBALL_URL, integrity };
  const packages = { '': PROJECT, 'node_modules/pepper': pepper };
  const lock = { ...PROJECT, lockfileVersion: 3, requires: true, packages };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
}
