// What the steps of azure-pipelines.yml beside it have to have put out. Runs as it stands on Node.js 24, and prints no token.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

interface Step {
  readonly name: string;
  readonly version: string;
  readonly errors: readonly string[] | null;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An output that is not there is left as the macro that names it. */
function read(name: string): string {
  const value = process.env[name] ?? '';
  assert.ok(value !== '' && !/^\$\(.*\)$/.test(value), `${name} is missing`);
  return value;
}

const checks: Readonly<Record<string, () => void>> = {
  'The token is a token for Azure DevOps, of the tenant, and not a macro': () => {
    const [, payload = ''] = read('TOKEN').split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      readonly tid: string;
      readonly exp: number;
    };
    // Compared so that no failure prints them.
    assert.ok(claims.tid === read('TENANT_ID'), 'the token is of another tenant');
    assert.ok(
      claims.exp * 1000 === Date.parse(read('EXPIRES_ON')),
      'expiresOn is not of the token',
    );
  },
  'The token outlives the job': () => {
    assert.match(read('EXPIRES_ON'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
    assert.ok(Date.parse(read('EXPIRES_ON')) > Date.now());
  },
  'The ids are ids': () => {
    for (const name of ['TENANT_ID', 'CLIENT_ID', 'OBJECT_ID']) {
      assert.match(read(name), GUID, name);
    }
  },
  'The call was answered with the project of this pipeline': () => {
    assert.equal(read('CALL_STATUS'), '200');
    assert.equal(read('CALL_RESULT').toLowerCase(), read('PROJECT_ID').toLowerCase());
  },
  'The call tells the headers and the file of the answer': () => {
    const headers = JSON.parse(read('CALL_HEADERS')) as Record<string, unknown>;
    assert.match(String(headers['content-type']), /^application\/json/);
    const file = JSON.parse(readFileSync(read('CALL_FILE'), 'utf8')) as { readonly id: string };
    assert.equal(file.id, read('CALL_RESULT'));
  },
  'Both steps have the same identity': () => {
    assert.equal(read('CALL_CLIENT_ID'), read('CLIENT_ID'));
  },
  'A strange organization fails the step, which gives no token': () => {
    const token = process.env['STRANGER_TOKEN'] ?? '';
    assert.ok(token === '' || token === '$(stranger.token)', 'it gave a token');
  },
  'The error names the strange organization and the identity': () => {
    const errors = (readSteps().at(-1)?.errors ?? []).join('\n');
    assert.ok(errors.includes(read('STRANGER')), errors);
    assert.ok(errors.includes(read('OBJECT_ID')), errors);
  },
  'The other steps have no errors': () => {
    const others = readSteps().slice(0, -1);
    assert.deepEqual(
      others.map(({ name, errors }) => [name, errors ?? []]),
      [
        ['A token, and membership', []],
        ['A call', []],
      ],
    );
  },
  'Every step ran the version that was published': () => {
    const version = read('VERSION');
    const versions = new Set(readSteps().map((step) => step.version));
    assert.equal(versions.size, 1, [...versions].join());
    assert.ok(version === 'any' || versions.has(version), [...versions].join());
  },
};

/** In their order; the last one is that of the strange organization. */
function readSteps(): readonly Step[] {
  const order = ['A token, and membership', 'A call', 'A strange organization'];
  const steps = JSON.parse(read('STEPS')) as readonly Step[];
  return order.flatMap((name) => steps.filter((step) => step.name === name));
}

for (const [rule, check] of Object.entries(checks)) {
  try {
    check();
    console.log(`ok: ${rule}`);
  } catch (error) {
    console.log(`FAILED: ${rule}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
