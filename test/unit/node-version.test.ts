import assert from 'node:assert/strict';
import { describeOldNode } from '../../tasks/AzureDevOpsTokenV1/src/node-version';

describe('the version of Node.js', () => {
  for (const version of ['20.0.0', '20.20.2', '24.18.1', '100.0.0']) {
    it(`accepts ${version}`, () => {
      assert.equal(describeOldNode(version), undefined);
    });
  }

  for (const version of ['19.9.0', '16.20.2', '6.17.1', '']) {
    it(`refuses "${version}", and names it and the agent to move to`, () => {
      const problem = describeOldNode(version) ?? '';
      assert.match(
        problem,
        new RegExp(
          `Node\\.js ${version.replaceAll('.', '\\.')} is too old: the task requires Node\\.js 20 or newer`,
        ),
      );
      assert.match(problem, /agent to version 3\.232\.1 or newer/);
      assert.match(
        problem,
        /too old for Node\.js 20\. Move it to a newer release\. Troubleshooting: Node\.js is too old$/,
      );
    });
  }
});
