// Variables of the pipeline that would decide whose token the job gets: each, in every spelling of which the agent makes the same name.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../emulators/agent/job-setting';
import { cleanUp } from '../emulators/agent/run-step';
import { perform } from '../stage';
import { assertSecret } from './secrecy';
import { needAgentNode } from '../skip';

const NAMES = [
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
  'IDENTITY_SERVER_THUMBPRINT',
  'IMDS_ENDPOINT',
  'MSI_ENDPOINT',
  'MSI_SECRET',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
  'AZURE_AUTHORITY_HOST',
  'AZURE_FEDERATED_TOKEN_FILE',
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
];

/** The agent makes `_` of dots and spaces, and capitals of all letters. */
const SPELLINGS: Readonly<Record<string, (name: string) => string>> = {
  'as it is': (name) => name,
  'in small letters': (name) => name.toLowerCase(),
  'with dots': (name) => name.replaceAll('_', '.'),
  'with spaces': (name) => name.replaceAll('_', ' '),
  'with dots, in small letters': (name) => name.replaceAll('_', '.').toLowerCase(),
  mixed: (name) =>
    Array.from(name)
      .map((letter, index) =>
        letter === '_' ? ('. _'[index % 3] ?? '') : index % 2 === 0 ? letter : letter.toLowerCase(),
      )
      .join(''),
};

describe('a variable of the pipeline that would choose whose token the job gets', () => {
  for (const name of NAMES) {
    for (const [how, spell] of Object.entries(SPELLINGS)) {
      it(`is refused before anything is sent: ${name}, ${how}`, async () => {
        const variable = spell(name);
        const value = name === 'NODE_OPTIONS' ? '--trace-uncaught' : 'http://127.0.0.1:9/';
        const { step, requests } = await perform({}, { variables: { [variable]: value } });
        cleanUp(step);
        assert.equal(step.result, 'Failed');
        assert.equal(requests.length, 0);
        assert.ok(
          step.issues[0]?.message.includes(`the pipeline variable "${variable}"`),
          step.issues[0]?.message,
        );
      });
    }
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

  for (const name of ['IDENTITY-ENDPOINT', 'IDENTITYENDPOINT', 'MY_MSI_SECRET', 'msi__endpoint']) {
    it(`is not one that becomes another name: ${name}`, async () => {
      const { step } = await perform({}, { variables: { [name]: 'http://203.0.113.7/' } });
      cleanUp(step);
      assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
    });
  }

  for (const [name, value] of [
    ['NODE_OPTIONS', '--max-old-space-size=4096 --no_warnings --openssl-legacy-provider'],
    ['node.options', '"--max_semi_space_size=64" --no-deprecation'],
    ['LD_LIBRARY_PATH', '/opt/oracle/lib:/usr/local/lib'],
    ['endpoint_url_staging', 'https://staging.example.com'],
    ['Endpoint.Data.Folder', '/data'],
    ['NODE_ENV', 'production'],
  ] as const) {
    for (const major of [20, 24] as const) {
      it(`does not stop the step if it is harmless: ${name}, Node.js ${major}`, async function () {
        const node = needAgentNode(this, major);
        const { step } = await perform(
          { inputs: { verifyMembership: 'false' } },
          { variables: { [name]: value }, node },
        );
        cleanUp(step);
        assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
      });
    }
  }

  for (const [name, value] of [
    ['NODE_OPTIONS', '--max-old-space-size=4096 --trace-uncaught'],
    ['LD_LIBRARY_PATH', '/usr/lib:'],
    ['LD_LIBRARY_PATH', '/proc/self/cwd'],
    ['ld.library.path', 'lib'],
    ['DYLD_LIBRARY_PATH', '/usr/lib'],
    ['NODE_COMPILE_CACHE', '/tmp/cache-of-a-test'],
    ['a\tb', 'x'],
  ] as const) {
    it(`is refused if it could load code: ${JSON.stringify(name)}`, async () => {
      const { step, requests } = await perform({}, { variables: { [name]: value } });
      cleanUp(step);
      assert.equal(step.result, 'Failed');
      assert.equal(requests.length, 0);
      assert.match(step.issues[0]?.message ?? '', /the pipeline variable "/);
    });
  }
});
