// What a call sends, and where: each input through the built task.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASK_FOLDER } from '../../scripts/build-task';
import { makeFolders } from '../emulators/agent/job-setting';
import { runJob } from '../emulators/agent/run-job';
import { refuse } from '../emulators/organization/error-responses';
import { openMachine } from '../emulators/places';
import type { Performance } from '../stage';
import { call, errorOf, outputOf, REPOSITORIES, requestsOf, say } from './call-step';

const URL_OF_REPOSITORIES = `https://dev.azure.com/MyOrg/${REPOSITORIES}`;
const OWN_ANSWER = { lastingFault: say({ value: 1 }) };

function assertGood(performance: Performance): void {
  assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
}

describe('a call of the repositories of a project', () => {
  for (const [name, inputs, expected] of [
    ['by a URL', { url: URL_OF_REPOSITORIES }, `${URL_OF_REPOSITORIES}?api-version=7.1`],
    [
      'of an organization by its older URL',
      { organization: 'https://myorg.visualstudio.com' },
      `https://dev.azure.com/myorg/${REPOSITORIES}?api-version=7.1`,
    ],
    [
      'by a URL with an older host',
      { url: `https://myorg.visualstudio.com/${REPOSITORIES}` },
      `https://myorg.visualstudio.com/${REPOSITORIES}?api-version=7.1`,
    ],
  ] as const) {
    it(`${name} gives their names`, () =>
      call({ inputs: { query: 'value[].name', ...inputs } }, (performance) => {
        assertGood(performance);
        const asked = requestsOf(performance).map((text) => text.toLowerCase());
        assert.deepEqual(asked, [`GET ${expected}`.toLowerCase()]);
        const result = outputOf(performance, 'result');
        assert.equal(result, '["app","library","media"]');
        assert.equal(outputOf(performance, 'statusCode'), '200');
      }));
  }

  it('shows the token, and says who asks', () =>
    call({}, ({ organization, tokens }) => {
      const { headers } = organization?.requests[0] ?? assert.fail();
      assert.equal(headers.authorization, `Bearer ${tokens[0] ?? ''}`);
      assert.equal(headers['x-tfs-fedauthredirect'], 'Suppress');
      assert.match(headers['user-agent'] ?? '', /^AzureDevOpsToken\/\d+\.\d+\.\d+$/);
      assert.equal(headers.accept, 'application/json');
      assert.equal(headers['content-type'], undefined);
      assert.equal(organization?.connections(), 1);
    }));

  it('does not show its query in the log', () =>
    call({ inputs: { url: `${REPOSITORIES}?key=hidden-value` } }, ({ step }) => {
      const own = step.log.filter((line) => !line.includes('INPUT_') && !line.includes('url='));
      assert.ok(!own.join('\n').includes('hidden-value'));
    }));

  it('has one session with all its requests', () =>
    call({ inputs: { url: '_apis/graph/users' } }, ({ organization }) => {
      const ids = organization?.requests.map(({ headers }) => headers['x-tfs-session']) ?? [];
      assert.equal(ids.length, 2);
      assert.equal(new Set(ids).size, 1);
      assert.match(String(ids[0]), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }));

  it('goes to a loopback address without TLS where the step names it', () =>
    call(
      {
        organization: { isPlain: true },
        inputs: ({ organization }) => ({
          organization: `${organization?.origin ?? ''}/MyOrg`,
          allowedHosts: `127.0.0.1:${organization?.port ?? 0}`,
        }),
      },
      (performance) => {
        assertGood(performance);
        const [request = ''] = requestsOf(performance);
        assert.ok(request.endsWith(`/MyOrg/${REPOSITORIES}?api-version=7.1`), request);
      },
    ));
});

describe('a path', () => {
  // Each form that an address has. All areas, with the host of each, are in test/unit/hosts.test.ts.
  for (const [url, expected] of [
    ['_apis/Identities', 'https://vssps.dev.azure.com/MyOrg/_apis/Identities?api-version=7.1'],
    [
      'SecretSauce/_packaging/main/nuget/v3/index.json',
      'https://pkgs.dev.azure.com/MyOrg/SecretSauce/_packaging/main/nuget/v3/index.json',
    ],
    ['_apis/status/health', 'https://status.dev.azure.com/_apis/status/health?api-version=7.1'],
  ] as const) {
    it(`goes to the host that serves its area: ${url}`, () =>
      call({ inputs: { url }, organization: OWN_ANSWER }, (performance) => {
        assertGood(performance);
        assert.deepEqual(requestsOf(performance), [`GET ${expected}`]);
      }));
  }
});

describe('the method', () => {
  for (const method of ['HEAD', 'delete']) {
    it(`may be ${method}`, () =>
      call({ inputs: { method }, organization: OWN_ANSWER }, (performance) => {
        assertGood(performance);
        const asked = `${method.toUpperCase()} ${URL_OF_REPOSITORIES}?api-version=7.1`;
        assert.deepEqual(requestsOf(performance), [asked]);
      }));
  }
});

describe('the headers', () => {
  it('are sent: one JSON object', () => {
    const headers = '{ "If-Match": "\\"5\\"", "X-Empty": "", "accept": "text/plain" }';
    return call({ inputs: { headers }, organization: OWN_ANSWER }, (performance) => {
      assertGood(performance);
      const sent = performance.organization?.requests[0]?.headers ?? {};
      assert.equal(sent['if-match'], '"5"');
      assert.equal(sent.accept, 'text/plain');
      assert.equal(sent['x-empty'], '');
    });
  });
});

describe('the body', () => {
  const PATCH = '[{ "op": "add", "path": "/fields/System.Title", "value": "x" }]';
  for (const [name, inputs, type] of [
    ['a JSON Patch', { method: 'PATCH', body: PATCH }, 'application/json-patch+json'],
    [
      'what a header says it is',
      { method: 'PATCH', body: PATCH, headers: 'content-type: text/x' },
      'text/x',
    ],
  ] as const) {
    it(`is ${name}`, () =>
      call({ inputs, organization: OWN_ANSWER }, (performance) => {
        assertGood(performance);
        const [request] = performance.organization?.requests ?? [];
        assert.equal(request?.headers['content-type'], type);
      }));
  }

  it('arrives as it was given', () => {
    const body = '{ "a": "$(b) ##vso[x]",\n "c": "Größe" }';
    const inputs = { url: '_apis/echo', method: 'POST', body };
    return call({ inputs }, (performance) => {
      assertGood(performance);
      const { body: arrived } = JSON.parse(outputOf(performance, 'result')) as { body: string };
      assert.equal(arrived, body);
    });
  });
});

describe('the body file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'body-'));

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const PATCH = '[{ "op": "test", "path": "/rev", "value": 1 }]';
  it('without content is sent as application/octet-stream', () => {
    const bodyFile = join(folder, 'empty.bin');
    writeFileSync(bodyFile, '');
    const inputs = { url: '_apis/echo', method: 'POST', bodyFile };
    return call({ inputs }, (performance) => {
      assertGood(performance);
      const [request] = performance.organization?.requests ?? [];
      assert.equal(request?.headers['content-type'], 'application/octet-stream');
      assert.equal(request.headers['content-length'], '0');
      assert.equal(request.size, 0);
    });
  });

  /** What Windows PowerShell 5.1 writes with `Set-Content -Encoding UTF8`. */
  const MARK = '\uFEFF';
  const JSON_TYPE = 'application/json';
  const PATCH_TYPE = 'application/json-patch+json';
  for (const { name, file, content, headers = '', type, sent } of [
    { name: 'a patch', file: 'a.json', content: `${MARK}${PATCH}`, type: PATCH_TYPE, sent: PATCH },
    {
      name: 'an object',
      file: 'b.json',
      content: `${MARK}{"a":"ä"}`,
      type: JSON_TYPE,
      sent: '{"a":"ä"}',
    },
    { name: 'nothing else', file: 'c.json', content: MARK, type: JSON_TYPE, sent: '' },
    {
      name: 'a long list',
      file: 'd.json',
      content: `${MARK}[${'0,'.repeat(1_000_000)}0]`,
      type: JSON_TYPE,
      sent: `[${'0,'.repeat(1_000_000)}0]`,
    },
    {
      name: 'JSON by its Content-Type',
      file: 'e.txt',
      content: `${MARK}[]`,
      headers: 'Content-Type: application/json; charset=utf-8',
      type: 'application/json; charset=utf-8',
      sent: '[]',
    },
    {
      name: 'a file that is no JSON by its Content-Type',
      file: 'f.json',
      content: `${MARK}{}`,
      headers: 'Content-Type: application/octet-stream',
      type: 'application/octet-stream',
      sent: `${MARK}{}`,
    },
    {
      name: 'a text',
      file: 'g.txt',
      content: `${MARK}a`,
      type: 'application/octet-stream',
      sent: `${MARK}a`,
    },
  ]) {
    const isDropped = !sent.startsWith(MARK);
    it(`${isDropped ? 'loses' : 'keeps'} the byte order mark before ${name}`, () => {
      const bodyFile = join(folder, file);
      writeFileSync(bodyFile, content);
      const inputs = { url: '_apis/echo', method: 'POST', bodyFile, headers };
      // A retry starts at the same place of the file.
      const faults = file === 'a.json' ? [refuse(429, 'TF400733: slow.')] : [];
      return call({ inputs, organization: { faults } }, (performance) => {
        assertGood(performance);
        const requests = performance.organization?.requests ?? [];
        assert.equal(requests.length, 1 + faults.length);
        for (const request of requests) {
          assert.equal(request.headers['content-type'], type);
          assert.equal(request.headers['content-length'], String(Buffer.byteLength(sent)));
          assert.equal(request.body.toString(), sent);
        }
      });
    });
  }

  it('is refused before any request if it is JSON in UTF-32', () => {
    const bodyFile = join(folder, 'wide.json');
    writeFileSync(bodyFile, Buffer.from('{\0\0\0}\0\0\0'));
    return call({ inputs: { url: '_apis/echo', method: 'POST', bodyFile } }, (performance) => {
      assert.equal(performance.step.result, 'Failed');
      assert.match(errorOf(performance), /names a file in UTF-32, and JSON has to be UTF-8/);
      assert.equal(performance.requests.length, 0);
      assert.deepEqual(performance.organization?.requests, []);
    });
  });

  for (const contentType of ['application/octet-stream', 'application/json; charset=utf-16']) {
    it(`may be UTF-16 as ${contentType}`, () => {
      const bodyFile = join(folder, 'wide.json');
      const content = Buffer.from('\uFEFF{}', 'utf16le');
      writeFileSync(bodyFile, content);
      const headers = `Content-Type: ${contentType}`;
      const inputs = { url: '_apis/echo', method: 'POST', bodyFile, headers };
      return call({ inputs }, (performance) => {
        assertGood(performance);
        assert.deepEqual(performance.organization?.requests[0]?.body, content);
      });
    });
  }

  for (const layout of ['one-checkout', 'several-checkouts', 'release'] as const) {
    it(`is relative to the working directory of the job, and so is the output file: ${layout}`, () => {
      const folders = makeFolders(layout);
      mkdirSync(join(folders.working, 'drop'));
      writeFileSync(join(folders.working, 'drop', 'a.json'), '[1]');
      const files = { bodyFile: 'drop/a.json', outputFile: 'answer.json' };
      const inputs = { url: '_apis/echo', method: 'PUT', ...files };
      return call({ inputs, step: { folders } }, (performance) => {
        assertGood(performance);
        assert.equal(performance.organization?.requests[0]?.body.toString(), '[1]');
        assert.equal(existsSync(join(folders.working, 'answer.json')), true);
      });
    });
  }

  it('is not needed, nor is any other input that names a file', () =>
    call({ step: { layout: 'several-checkouts' } }, assertGood));

  it('of many megabytes arrives whole, and again after a retry', () => {
    const bodyFile = join(folder, 'large.bin');
    const size = 8 * 1024 * 1024;
    writeFileSync(bodyFile, Buffer.alloc(size, 'abcdefg'));
    const inputs = { url: 'SecretSauce/_apis/wit/attachments', method: 'PUT', bodyFile };
    const faults = [{ kind: 'response', status: 503 }, undefined] as const;
    return call(
      { inputs: { ...inputs, expectedStatus: '404' }, organization: { faults } },
      (one) => {
        assertGood(one);
        const [, second] = one.organization?.requests ?? [];
        assert.equal(second?.size, size);
        assert.equal(second.headers['content-length'], String(size));
        assert.equal(second.headers['transfer-encoding'], undefined);
      },
    );
  });
});

describe('a work item', () => {
  it('is made, and changed only if no one else has changed it', async () => {
    const place = await openMachine();
    const title = { op: 'add', path: '/fields/System.Title', value: 'Stir' };
    const test = { op: 'test', path: '/rev', value: 1 };
    const url = 'SecretSauce/_apis/wit/workitems';
    const task = 'AzureDevOpsToken@1';
    const body = JSON.stringify([test, title]);
    const change = { url: `${url}/1`, method: 'PATCH', body, query: 'rev' };
    const make = { url: `${url}/$Task`, method: 'POST', body: JSON.stringify([title]) };
    const { steps, folders } = await runJob({
      taskFolder: TASK_FOLDER,
      machineEnvironment: place.machineEnvironment,
      steps: [
        { task, name: 'made', inputs: { ...make, query: 'fields."System.Title"' } },
        { task, name: 'changed', inputs: change },
        { task, name: 'late', inputs: change },
      ],
    });
    await place.close();
    rmSync(folders.root, { recursive: true });
    const [made, changed, late] = steps;
    assert.equal(made?.outputs.get('result')?.value, 'Stir');
    assert.equal(changed?.outputs.get('result')?.value, '2');
    assert.match(late?.issues[0]?.message ?? '', / returned 412 \("The work item has another/);
  });
});

describe('an attachment', () => {
  it('is taken as bytes', () => {
    const folder = makeFolders();
    writeFileSync(join(folder.sources, 'a.bin'), Buffer.from([0, 255, 10]));
    const inputs = {
      url: 'SecretSauce/_apis/wit/attachments?fileName=a.bin',
      method: 'POST',
      bodyFile: 'a.bin',
      query: 'id',
      expectedStatus: '201',
    };
    return call({ inputs, step: { folders: folder } }, (performance) => {
      assertGood(performance);
      assert.equal(outputOf(performance, 'statusCode'), '201');
      assert.match(outputOf(performance, 'result'), /^[0-9a-f-]{36}$/);
      const [request] = performance.organization?.requests ?? [];
      assert.deepEqual([...(request?.body ?? [])], [0, 255, 10]);
    });
  });
});

describe('a new personal access token', () => {
  const inputs = {
    url: '_apis/tokens/pats',
    method: 'POST',
    body: '{"displayName":"x"}',
    apiVersion: '7.1-preview.1',
    query: 'patToken.token',
    secretResult: 'true',
  };

  it('is a secret, and in no file', () =>
    call({ inputs }, (performance) => {
      assertGood(performance);
      const { value, isSecret } = performance.step.outputs.get('result') ?? assert.fail();
      assert.equal(isSecret, true);
      assert.match(value, /^(?:secret)+/);
      assert.equal(outputOf(performance, 'responseFile'), '');
      assert.ok(!performance.step.log.join('\n').includes(value));
    }));
});

describe('the expected status', () => {
  for (const [expectedStatus, status, isGood] of [
    ['200,404', 404, true],
    ['200', 201, false],
  ] as const) {
    it(`${expectedStatus} ${isGood ? 'takes' : 'does not take'} a ${status}`, () =>
      call(
        {
          inputs: { expectedStatus },
          organization: { lastingFault: { ...(say({}) as object), status } as never },
        },
        ({ step, organization }) => {
          assert.equal(step.result, isGood ? 'Succeeded' : 'Failed');
          assert.equal(step.outputs.get('statusCode')?.value, String(status));
          assert.equal(organization?.requests.length, 1);
        },
      ));
  }

  it('is never a sign-in page', () =>
    call(
      {
        inputs: { expectedStatus: '203' },
        organization: { lastingFault: { ...(say('<html>') as object), status: 203 } as never },
      },
      ({ step }) => {
        assert.equal(step.result, 'Failed');
      },
    ));
});

describe('failWhen', () => {
  it('that is not true lets the step succeed', () => {
    const inputs = { failWhen: "value[?name == 'nothing']", query: 'count' };
    return call({ inputs }, (performance) => {
      assertGood(performance);
      assert.equal(outputOf(performance, 'result'), '3');
    });
  });
});

describe('the timeout of a request', () => {
  it('is for silence: an answer may take longer in all', () => {
    const slow = { kind: 'slow', msPerByte: 25 } as const;
    const inputs = { requestTimeoutInSeconds: '1', url: '_apis/projects', maxRetries: '0' };
    return call({ inputs, organization: { faults: [slow] } }, (performance) => {
      assertGood(performance);
      assert.ok(performance.step.elapsedMs > 2_000);
    });
  });

  it('ends an attempt in which nothing comes', () => {
    const silence = { kind: 'silence', afterHeaders: true } as const;
    const inputs = { requestTimeoutInSeconds: '1', maxRetries: '0' };
    return call({ inputs, organization: { faults: [silence] } }, (performance) => {
      assert.equal(performance.step.result, 'Failed');
      assert.match(errorOf(performance), /no response came in time/);
    });
  });
});
