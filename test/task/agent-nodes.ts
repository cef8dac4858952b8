import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The releases of Node.js that the tests run the task on. Agents ship 20.20.2 and 24.18.1 to run it, and older ones. */
export type NodeMajor = 6 | 16 | 20 | 24;

/** The Node.js that an agent would start, or nothing where this machine has none (they come for Linux on x64). */
export function findAgentNode(major: NodeMajor): string | undefined {
  const file = join(
    import.meta.dirname,
    '..',
    'agent-nodes',
    'node_modules',
    `node-${major}`,
    'bin',
    'node',
  );
  return existsSync(file) ? file : undefined;
}
