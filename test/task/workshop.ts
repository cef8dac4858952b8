// A machine whose steps reach Azure DevOps through a proxy only, with the real git and repositories that demand the token.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASK_FOLDER } from '../../scripts/build-task';
import type { AgentFolders } from '../emulators/agent/job-setting';
import { runJob, type Job, type JobOptions, type YamlStep } from '../emulators/agent/run-job';
import { authorityFile } from '../emulators/certificates';
import { ENTRA_HOST, startEntra, type Entra, type EntraOptions } from '../emulators/entra';
import {
  startIdentityEndpoint,
  type IdentityEndpoint,
  type IdentityEndpointOptions,
} from '../emulators/identity-endpoint';
import { openGitServer, type GitServer } from '../emulators/organization/git-server';
import {
  startOrganization,
  type OrganizationOptions,
  type OrganizationServer,
} from '../emulators/organization/organization';
import { startPublicServer, type PublicServer } from '../emulators/public-server';
import { startProxy, type Proxy, type ProxyOptions } from '../emulators/proxy';

const PUBLIC_HOST = 'git.example.com';
const HOSTS = ['dev.azure.com', 'myorg.visualstudio.com'];

export interface WorkshopOptions {
  readonly endpoint?: IdentityEndpointOptions;
  readonly organization?: OrganizationOptions;
  /** Absent: there is no Microsoft Entra. */
  readonly entra?: EntraOptions;
  readonly proxy?: Pick<ProxyOptions, 'credentials'>;
}

function seedRepositories(git: GitServer): void {
  git.seed('MyOrg/SecretSauce/library', { 'library.txt': 'a library\n' });
  git.seed('OtherOrg/SecretSauce/tools', { 'tools.txt': 'the tools\n' });
  git.seed('public/format', { 'format.txt': 'a format\n' });
  git.seed('MyOrg/SecretSauce/app', {
    'app.txt': 'the app\n',
    library: { repository: 'MyOrg/SecretSauce/library', url: '../library' },
    format: { repository: 'public/format', url: `https://${PUBLIC_HOST}/public/format` },
  });
  git.seed('MyOrg/SecretSauce/media', {
    '.gitattributes': '*.png filter=lfs diff=lfs merge=lfs -text\n',
    'logo.png': git.keepLargeFile('a large picture'),
  });
}

type Parts = Pick<Workshop, 'endpoint' | 'git' | 'organization' | 'elsewhere' | 'proxy' | 'entra'>;

export class Workshop {
  readonly endpoint: IdentityEndpoint;
  readonly git: GitServer;
  readonly organization: OrganizationServer;
  readonly elsewhere: PublicServer;
  readonly proxy: Proxy;
  readonly entra: Entra | undefined;
  /** The events that git writes: every process with its arguments. */
  readonly trace = mkdtempSync(join(tmpdir(), 'trace-'));

  private constructor(parts: Parts) {
    this.endpoint = parts.endpoint;
    this.git = parts.git;
    this.organization = parts.organization;
    this.elsewhere = parts.elsewhere;
    this.proxy = parts.proxy;
    this.entra = parts.entra;
  }

  static async open(options: WorkshopOptions = {}): Promise<Workshop> {
    const endpoint = await startIdentityEndpoint(options.endpoint);
    const entra = options.entra && (await startEntra(options.entra));
    const git = openGitServer(seedRepositories);
    const { serveGit } = git;
    const issued = entra?.tokens ?? endpoint.tokens;
    const organization = await startOrganization({ issued, serveGit, ...options.organization });
    const elsewhere = await startPublicServer(PUBLIC_HOST, serveGit);
    const proxy = await startProxy({
      ...options.proxy,
      routes: {
        ...Object.fromEntries(HOSTS.map((host) => [`${host}:443`, organization.port])),
        [`${PUBLIC_HOST}:443`]: elsewhere.port,
        ...(entra && { [`${ENTRA_HOST}:443`]: entra.port }),
      },
    });
    return new Workshop({ endpoint, git, organization, elsewhere, proxy, entra });
  }

  /** The tokens that were issued to the step and to git. */
  get tokens(): readonly string[] {
    return [...this.endpoint.tokens, ...(this.entra?.tokens ?? [])];
  }

  /** Runs the steps of a job on this machine. */
  async run(
    steps: readonly YamlStep[],
    options: Omit<JobOptions, 'steps' | 'taskFolder'> = {},
  ): Promise<Job> {
    return runJob({
      ...options,
      taskFolder: TASK_FOLDER,
      steps,
      variables: { 'build.buildnumber': '20260131.1', ...options.variables },
      checkOut: (folders) => {
        this.#checkOut(folders);
      },
      machineEnvironment: {
        AZURE_POD_IDENTITY_AUTHORITY_HOST: this.endpoint.origin,
        HTTPS_PROXY: this.proxy.origin,
        https_proxy: this.proxy.origin,
        NODE_EXTRA_CA_CERTS: await authorityFile(),
        GIT_SSL_CAINFO: await authorityFile(),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TRACE2_EVENT: this.trace,
        ...options.machineEnvironment,
      },
    });
  }

  /** What `checkout: self` leaves: the sources, the URL with the name of the organization before it, no token. */
  #checkOut({ sources }: AgentFolders): void {
    const bare = this.git.git('MyOrg/SecretSauce/app', 'rev-parse', '--absolute-git-dir');
    const run = (...args: readonly string[]) => execFileSync('git', args, { cwd: sources });
    run('clone', '--quiet', bare, '.');
    run('remote', 'set-url', 'origin', 'https://MyOrg@dev.azure.com/MyOrg/SecretSauce/_git/app');
  }

  async close(): Promise<void> {
    this.git.close();
    rmSync(this.trace, { recursive: true });
    const { endpoint, organization, elsewhere, proxy, entra } = this;
    const servers = [endpoint, organization, elsewhere, proxy, ...(entra ? [entra] : [])];
    await Promise.all(servers.map((server) => server.close()));
  }

  /** The requests for repositories. */
  gitRequests(): OrganizationServer['requests'] {
    return this.organization.requests.filter(({ url }) => url.pathname.includes('/_git/'));
  }

  /** Every argument list of a git process, as text. */
  argumentLists(): readonly string[] {
    return readdirSync(this.trace)
      .flatMap((name) => readFileSync(join(this.trace, name), 'utf8').split('\n'))
      .filter((line) => line.includes('"argv":'));
  }
}
