// The agent starts this file. It is built for Node.js 6, the oldest release that an agent or a container can bring. So an old
// Node.js shows an error that explains itself, instead of a syntax error.
import { failEarly } from './fail-early';
import { describeOldNode } from './node-version';

const problem = describeOldNode(process.versions.node);
if (problem === undefined) {
  // The path is relative to the built folder. The bundler does not touch this call.
  (require('./task.js') as typeof import('./task')).startStep();
} else {
  failEarly(problem);
}
