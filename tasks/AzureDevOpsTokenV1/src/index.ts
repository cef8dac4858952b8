// The agent starts this file. It is built for Node.js 6, the oldest that an agent or a container can bring, so that
// an old Node.js reads a sentence here instead of failing on the syntax of the rest.
import { failEarly } from './fail-early';
import { describeOldNode } from './node-version';

const complaint = describeOldNode(process.versions.node);
if (complaint === undefined) {
  // The path is as in the built folder; the bundler leaves this call alone.
  require('./task.js');
} else {
  failEarly(complaint);
}
