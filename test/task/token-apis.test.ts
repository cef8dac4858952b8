// Responses that are secrets: those of the APIs that return tokens, and those that the step calls secret.
import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { makeFolders } from '../emulators/agent/job-setting';
import { atServer, call, errorOf, outputOf, say } from './call-step';
import { skip } from '../skip';
import type { Performance } from '../stage';
import { STEP_PLATFORM } from '../step-platform';

const PAT = 'new-personal-access-token/1234567890';
const BODY = {
  patToken: {
    displayName: 'for "me"',
    token: PAT,
    note: 'a/b\nsecond line',
    n: 123456789,
    short: 'x',
  },
};
const modeOf = (file: string) => statSync(file).mode & 0o777;
const onWindows = STEP_PLATFORM === 'win32';

function assertWithheld(performance: Performance): void {
  const { step } = performance;
  assert.equal(step.result, 'Succeeded', errorOf(performance));
  assert.equal(outputOf(performance, 'result'), '');
  assert.ok(!step.stdout.includes(PAT));
  assert.match(step.log.join('\n'), /the output result is empty/);
}

describe('an API that returns tokens', () => {
  // All of them, in each spelling, are in test/unit/azure-devops/token-apis.test.ts.
  const url = 'https://dev.azure.com/MyOrg/_apis//%2574okens/pats';

  it('is not requested without secretResult or outputFile', () =>
    call({ inputs: { url } }, (performance) => {
      assert.equal(performance.step.result, 'Failed');
      assert.match(errorOf(performance), /Set secretResult to true, or set outputFile/);
      assert.deepEqual(performance.organization?.requests, []);
    }));

  it('has no result with outputFile alone', async () => {
    for (const query of ['', 'patToken.token']) {
      await call(
        {
          inputs: { url, outputFile: 'pat.json', query },
          organization: { lastingFault: say(BODY) },
        },
        (performance) => {
          const { step } = performance;
          assertWithheld(performance);
          const file = join(step.folders.sources, 'pat.json');
          assert.equal(outputOf(performance, 'responseFile'), file);
          assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), BODY);
          assert.ok(onWindows || modeOf(file) === 0o600);
        },
      );
    }
  });

  it('has no result and no file if it refuses', () =>
    call(
      {
        inputs: { url: '_apis/tokens/pats', outputFile: 'pat.json' },
        organization: {
          lastingFault: { kind: 'response', status: 409, body: { message: 'No.', was: PAT } },
        },
      },
      (performance) => {
        const { step } = performance;
        assert.equal(step.result, 'Failed');
        assert.equal(outputOf(performance, 'result'), '');
        assert.equal(outputOf(performance, 'responseFile'), '');
        assert.ok(!step.stdout.includes(PAT));
        assert.deepEqual(readdirSync(step.folders.sources), []);
        assert.ok(!readdirSync(step.folders.temp).some((name) => name.includes('azure-devops')));
      },
    ));

  it('does not show in an error what an expression finds', () =>
    call(
      {
        inputs: { url: '_apis/tokens/pats', outputFile: 'x', failWhen: 'abs(patToken.token)' },
        organization: { lastingFault: say(BODY) },
      },
      (performance) => {
        assert.equal(performance.step.result, 'Failed');
        assert.ok(!performance.step.stdout.includes(PAT));
      },
    ));

  const serveTokens: RequestListener = ({ url = '' }, response) => {
    if (url.includes('tokens')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(BODY));
    } else {
      response.writeHead(202, {
        'content-type': 'application/json',
        location: '/_apis/tokens/pats',
      });
      response.end('{}');
    }
  };

  it('that a poll reaches has no result and no file', () =>
    atServer(
      serveTokens,
      { inputs: { method: 'POST', waitUntil: 'patToken', waitIntervalInSeconds: '0.01' } },
      (performance) => {
        const { step } = performance;
        assertWithheld(performance);
        assert.ok(!readdirSync(step.folders.temp).some((name) => name.includes('azure-devops')));
      },
    ));
});

describe('a secret result that is JSON', () => {
  it('has every string of it masked before the output is set', () =>
    call(
      { inputs: { secretResult: 'true' }, organization: { lastingFault: say(BODY) } },
      (performance) => {
        const lines = performance.step.stdout.split(/\r?\n/);
        const set = lines.findIndex((line) =>
          line.startsWith('##vso[task.setvariable variable=result;'),
        );
        const secrets = lines
          .slice(0, set)
          .flatMap((line) => /^##vso\[task\.setsecret\](.*)$/.exec(line)?.[1] ?? []);
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        // Decoded, and as JSON writes them; of several lines, each.
        for (const secret of [PAT, 'for "me"', 'for \\"me\\"', 'second line']) {
          assert.ok(secrets.includes(secret), secret);
        }
        assert.ok(
          !secrets.some((secret) =>
            ['token', 'displayName', '123456789', 'x', 'a/b'].includes(secret),
          ),
        );
        assert.ok(!performance.step.log.join('\n').includes(PAT));
      },
    ));

  it('may have as many strings as 24,000 bytes hold', () => {
    const list = Array.from({ length: 2_600 }, (_, index) => String(index + 100_000));
    return call(
      { inputs: { secretResult: 'true' }, organization: { lastingFault: say(list) } },
      (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        assert.equal(outputOf(performance, 'result'), JSON.stringify(list));
        assert.ok(performance.step.stdout.includes('##vso[task.setsecret]102599'));
      },
    );
  });
});

describe('the output file', () => {
  before(function () {
    if (onWindows) {
      skip(this, 'Windows has other access rights');
    }
  });

  it('of a secret is for the user of the agent alone', () =>
    call(
      { inputs: { secretResult: 'true', outputFile: 'x.json', query: 'value[0].id' } },
      ({ step }) => {
        assert.equal(modeOf(join(step.folders.sources, 'x.json')), 0o600);
      },
    ));

  for (const secretResult of ['true', 'false']) {
    for (const mode of secretResult === 'true' ? [0o644] : [0o640, 0o444]) {
      it(`keeps the mode ${mode.toString(8)} of the file that it replaces, secretResult: ${secretResult}`, () => {
        const folders = makeFolders();
        const file = join(folders.sources, 'x.json');
        writeFileSync(file, 'old');
        chmodSync(file, mode);
        return call(
          {
            inputs: { secretResult, outputFile: 'x.json', query: 'value[0].id' },
            step: { folders },
          },
          () => {
            assert.match(readFileSync(file, 'utf8'), /"count":3/);
            assert.equal(modeOf(file), mode);
          },
        );
      });
    }
  }

  it('of a secret is for the user of the agent alone if it replaces a link, whose target stays', () => {
    const folders = makeFolders();
    const target = join(folders.sources, 'target');
    writeFileSync(target, 'old');
    chmodSync(target, 0o644);
    symlinkSync('target', join(folders.sources, 'x.json'));
    const inputs = { secretResult: 'true', outputFile: 'x.json', query: 'value[0].id' };
    return call({ inputs, step: { folders } }, () => {
      const file = lstatSync(join(folders.sources, 'x.json'));
      assert.equal(file.isFile(), true);
      assert.equal(file.mode & 0o777, 0o600);
      assert.equal(readFileSync(target, 'utf8'), 'old');
    });
  });

  it('has the rights of any new file otherwise', () =>
    call({ inputs: { outputFile: 'x.json' } }, ({ step }) => {
      const other = join(step.folders.sources, 'other');
      writeFileSync(other, '');
      assert.equal(modeOf(join(step.folders.sources, 'x.json')), modeOf(other));
    }));
});
