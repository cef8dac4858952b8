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
    'The task was started with Node.js ' +
    version +
    ', and it needs Node.js ' +
    String(OLDEST_NODE_MAJOR) +
    ' or newer. Update the Azure Pipelines agent to version ' +
    OLDEST_AGENT +
    ' or newer. An agent that is newer than that falls back to an old Node.js where the operating system, or the ' +
    'container of the job, is too old for Node.js 20: move that to a newer release. ' +
    nameSection(OLD_NODE)
  );
}
