// What an agent has around a job: its folders, its environment, the variables that are there from the start.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Variables, type Variable } from './task-environment';

export interface AgentFolders {
  readonly root: string;
  readonly home: string;
  readonly temp: string;
  readonly tools: string;
  readonly sources: string;
}

export function makeFolders(): AgentFolders {
  const root = mkdtempSync(join(tmpdir(), 'agent-'));
  const folders = {
    root,
    home: join(root, 'home'),
    temp: join(root, '_work', '_temp'),
    tools: join(root, '_work', '_tool'),
    sources: join(root, '_work', '1', 's'),
  };
  for (const folder of Object.values(folders)) {
    mkdirSync(folder, { recursive: true });
  }
  return folders;
}

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
): Variables {
  const variables = new Variables();
  const predefined: Readonly<Record<string, string | Variable>> = {
    'agent.homedirectory': folders.root,
    'agent.workfolder': join(folders.root, '_work'),
    'agent.tempdirectory': folders.temp,
    'agent.toolsdirectory': folders.tools,
    'agent.builddirectory': join(folders.root, '_work', '1'),
    'agent.isselfhosted': '1',
    'agent.jobstatus': 'Succeeded',
    'agent.version': '5.278.0',
    'build.sourcesdirectory': folders.sources,
    'system.collectionuri': 'https://dev.azure.com/MyOrg/',
    'system.culture': 'en-US',
    'system.defaultworkingdirectory': folders.sources,
    'system.hosttype': 'build',
    'system.teamfoundationcollectionuri': 'https://dev.azure.com/MyOrg/',
    'system.teamproject': 'SecretSauce',
  };
  for (const [name, value] of Object.entries({ ...predefined, ...given })) {
    if (typeof value === 'string') {
      variables.set(name, value, false);
    } else {
      variables.set(name, value.value, value.isSecret);
    }
  }
  variables.expandValues();
  return variables;
}
