import { nameSection, OLD_NODE } from './errors/sections';

const OLDEST_NODE_MAJOR = 20;
const OLDEST_AGENT = '3.232.1';

/**
 * Says why the task cannot run on this Node.js; undefined if it can.
 * @param version as in `process.versions.node`, for example `16.20.2`
 */
export function describeOldNode(version: string): string | undefined {
  if (parseInt(version, 10) >= OLDEST_NODE_MAJOR) {
    return undefined;
  }
  return (
    'Node.js ' +
    version +
    ' is too old: the task requires Node.js ' +
    String(OLDEST_NODE_MAJOR) +
    ' or newer. Update the Azure Pipelines agent to version ' +
    OLDEST_AGENT +
    ' or newer. If the agent is newer already, its operating system or the container image of the job is too old for ' +
    'Node.js 20. Move it to a newer release. ' +
    nameSection(OLD_NODE)
  );
}
