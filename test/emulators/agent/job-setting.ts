// What an agent has around a job: its folders, its environment, the variables that are there from the start.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueToken } from '../token-issuer';
import { CONTAINER_ID, toContainerPath } from './container';
import type { ServiceEndpoint } from './endpoints';
import { Variables, type Variable } from './task-environment';

const JOB_ID = '12f1170f-54f2-53f3-20dd-22fc7dff55f9';
/** By which a job shows to its own organization which job it is. */
export const JOB_TOKEN = issueToken({ aui: JOB_ID, scp: 'app_token', nam: 'SecretSauce Build' });
export const JOB_ENDPOINT: ServiceEndpoint = {
  url: 'https://dev.azure.com/MyOrg/',
  scheme: 'OAuth',
  parameters: { AccessToken: JOB_TOKEN },
  data: { ServerId: JOB_ID },
};
/** The path of the OIDC token of a job, below its organization. */
export const OIDC_PATH = `a1b2c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d/_apis/distributedtask/hubs/build/plans/9d8c7b6a-5f4e-4d3c-8b2a-1f0e9d8c7b6a/jobs/${JOB_ID}/oidctoken`;

/**
 * What the steps of a job find on the disk: the sources of one repository; those of several, with `workspaceRepo: true` on
 * the first; the artifacts of a classic release.
 */
export type JobLayout = 'one-checkout' | 'several-checkouts' | 'release';

export interface AgentFolders {
  readonly layout: JobLayout;
  readonly root: string;
  readonly home: string;
  readonly temp: string;
  readonly tools: string;
  /** Agent.BuildDirectory, or Agent.ReleaseDirectory. */
  readonly job: string;
  /** Build.SourcesDirectory, or System.ArtifactsDirectory of a release. */
  readonly sources: string;
  /** System.DefaultWorkingDirectory. */
  readonly working: string;
}

export function makeFolders(layout: JobLayout = 'one-checkout'): AgentFolders {
  const root = mkdtempSync(join(tmpdir(), 'agent-'));
  const work = join(root, '_work');
  const job = join(work, layout === 'release' ? 'r1' : '1');
  const sources = join(job, layout === 'release' ? 'a' : 's');
  const folders = {
    root,
    home: join(root, 'home'),
    temp: join(work, '_temp'),
    tools: join(work, '_tool'),
    job,
    sources,
    // PluginInternalCommandExtension.cs sets it to the repository of workspaceRepo, and leaves Build.SourcesDirectory.
    working: layout === 'several-checkouts' ? join(sources, 'SecretSauce') : sources,
  };
  for (const folder of Object.values(folders)) {
    mkdirSync(folder, { recursive: true });
  }
  return { layout, ...folders };
}

/** A step of a container job: in the Linux container, or on the host (`target: host`). */
export type ContainerStep = 'inside' | 'host';

/** The environment of the agent's own process. */
export function machineOf(
  folders: AgentFolders,
  more: Readonly<Record<string, string | undefined>> = {},
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    ...(process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] } : {}),
    HOME: folders.home,
    USERPROFILE: folders.home,
    ...more,
  };
}

/** The variables of a job: those of every job, and these. */
export function makeVariables(
  given: Readonly<Record<string, string | Variable>> = {},
  folders: AgentFolders,
  container?: ContainerStep,
): Variables {
  const variables = new Variables();
  const predefined: Readonly<Record<string, string>> = {
    'agent.homedirectory': folders.root,
    'agent.workfolder': join(folders.root, '_work'),
    'agent.tempdirectory': folders.temp,
    'agent.toolsdirectory': folders.tools,
    'agent.isselfhosted': '1',
    'agent.jobstatus': 'Succeeded',
    'agent.version': '5.278.0',
    'system.collectionuri': 'https://dev.azure.com/MyOrg/',
    'system.culture': 'en-US',
    'system.defaultworkingdirectory': folders.working,
    'system.teamfoundationcollectionuri': 'https://dev.azure.com/MyOrg/',
    'system.teamproject': 'SecretSauce',
    ...(container && { 'agent.containerid': CONTAINER_ID }),
    ...(folders.layout === 'release' ? describeRelease(folders) : describeBuild(folders)),
  };
  for (const [name, value] of Object.entries({ ...predefined, ...given })) {
    const variable = typeof value === 'string' ? { value, isSecret: false } : value;
    const text = container === 'inside' ? toContainerPath(variable.value, folders) : variable.value;
    variables.set(name, text, variable.isSecret);
  }
  variables.expandValues();
  return variables;
}

function describeBuild(folders: AgentFolders): Readonly<Record<string, string>> {
  return {
    'agent.builddirectory': folders.job,
    'build.sourcesdirectory': folders.sources,
    'system.hosttype': 'build',
    'system.oidcrequesturi': `https://dev.azure.com/MyOrg/${OIDC_PATH}`,
  };
}

/** That the OIDC token is requested at the host of releases is an inference from System.TeamFoundationServerUri. */
function describeRelease(folders: AgentFolders): Readonly<Record<string, string>> {
  const server = 'https://vsrm.dev.azure.com/MyOrg/';
  return {
    'agent.releasedirectory': folders.job,
    'system.artifactsdirectory': folders.sources,
    'system.hosttype': 'release',
    'system.oidcrequesturi': `${server}${OIDC_PATH.replace('/hubs/build/', '/hubs/release/')}`,
    'system.teamfoundationserveruri': server,
  };
}
