// Variables of the pipeline that would decide whose token the job gets, in every spelling of which the agent makes the same name. All of
// them are in test/unit/inputs/pipeline-variables.test.ts.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../emulators/agent/job-setting';
import { cleanUp } from '../emulators/agent/run-step';
import { perform } from '../stage';
import { assertSecret } from './secrecy';
import { needAgentNode } from '../skip';

/** The agent makes `_` of dots and spaces, and capitals of all letters. */
const SPELLINGS = ['IDENTITY_ENDPOINT', 'AZURE FEDERATED TOKEN FILE', 'NoDe oPtIoNs'];

describe('a variable of the pipeline that would choose whose token the job gets', () => {
  for (const variable of SPELLINGS) {
    it(`is refused before anything is sent: ${variable}`, async () => {
      const value = variable.includes('oPtIoNs') ? '--trace-uncaught' : 'http://127.0.0.1:9/';
      const { step, requests } = await perform({}, { variables: { [variable]: value } });
      cleanUp(step);
      assert.equal(step.result, 'Failed');
      assert.equal(requests.length, 0);
      assert.ok(
        step.issues[0]?.message.includes(`The pipeline variable "${variable}"`),
        step.issues[0]?.message,
      );
    });
  }

  for (const major of [20, 24] as const) {
    it(`can have Node.js ${major} write files, in which there is no token`, async function () {
      const node = needAgentNode(this, major);
      const folders = makeFolders();
      const coverage = join(folders.root, 'coverage');
      const variables = {
        NODE_V8_COVERAGE: coverage,
        NODE_REDIRECT_WARNINGS: join(folders.root, 'warnings.txt'),
      };
      const { step, tokens } = await perform({}, { node, folders, variables });
      try {
        assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
        assert.equal(readdirSync(coverage).length, 1);
        tokens.forEach((token) => {
          assertSecret(step, token);
        });
      } finally {
        cleanUp(step);
      }
    });
  }

  it('is not one that becomes another name', async () => {
    const names = ['IDENTITY-ENDPOINT', 'IDENTITYENDPOINT', 'MY_MSI_SECRET', 'msi__endpoint'];
    const variables = Object.fromEntries(names.map((name) => [name, 'http://203.0.113.7/']));
    const { step } = await perform({}, { variables });
    cleanUp(step);
    assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
  });

  for (const [major, name, value] of [
    [20, 'NODE_OPTIONS', '--max-old-space-size=4096 --no_warnings --openssl-legacy-provider'],
    [24, 'node.options', '"--max_semi_space_size=64" --no-deprecation'],
  ] as const) {
    it(`does not stop the step if it is harmless: ${name}, Node.js ${major}`, async function () {
      const node = needAgentNode(this, major);
      const others = {
        LD_LIBRARY_PATH: '/opt/oracle/lib:/usr/local/lib',
        endpoint_url_staging: 'https://staging.example.com',
        'Endpoint.Data.Folder': '/data',
        NODE_ENV: 'production',
      };
      const { step } = await perform(
        { inputs: { verifyMembership: 'false' } },
        { variables: { ...others, [name]: value }, node },
      );
      cleanUp(step);
      assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
    });
  }

  for (const [name, value] of [
    ['NODE_OPTIONS', '--max-old-space-size=4096 --trace-uncaught'],
    ['ld.library.path', 'lib'],
    ['a\tb', 'x'],
  ] as const) {
    it(`is refused if it could load code: ${JSON.stringify(name)}`, async () => {
      const { step, requests } = await perform({}, { variables: { [name]: value } });
      cleanUp(step);
      assert.equal(step.result, 'Failed');
      assert.equal(requests.length, 0);
      assert.match(step.issues[0]?.message ?? '', /pipeline variable/);
    });
  }
});
