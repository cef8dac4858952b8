// What a call sends, and where: each input through the built task.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASK_FOLDER } from '../../scripts/build-task';
import { makeFolders } from '../emulators/agent/job-setting';
import { runJob } from '../emulators/agent/run-job';
import { refuse, signInPage } from '../emulators/organization/error-responses';
import { openMachine } from '../emulators/places';
import type { Performance } from '../stage';
import { call, errorOf, outputOf, REPOSITORIES, requestsOf, say } from './call-step';

const URL_OF_REPOSITORIES = `https://dev.azure.com/MyOrg/${REPOSITORIES}`;
const OWN_ANSWER = { lastingFault: say({ value: 1 }) };

function assertGood(performance: Performance): void {
  assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
}

describe('a call of the repositories of a project', () => {
  it('by a URL with an older host gives their names', () => {
    const url = `https://myorg.visualstudio.com/${REPOSITORIES}`;
    return call({ inputs: { query: 'value[].name', url } }, (performance) => {
      assertGood(performance);
      assert.deepEqual(requestsOf(performance), [`GET ${url}?api-version=7.1`]);
      assert.equal(outputOf(performance, 'result'), '["app","library","media"]');
      assert.equal(outputOf(performance, 'statusCode'), '200');
    });
  });

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
});

describe('a path', () => {
  // Without a version, and without the organization. All areas, with the host of each, are in test/unit/hosts.test.ts.
  for (const [url, expected] of [
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
  it('may be DELETE, in lower case', () =>
    call({ inputs: { method: 'delete' }, organization: OWN_ANSWER }, (performance) => {
      assertGood(performance);
      assert.deepEqual(requestsOf(performance), [`DELETE ${URL_OF_REPOSITORIES}?api-version=7.1`]);
    }));
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
  it('is what a header says it is', () => {
    const body = '[{ "op": "add", "path": "/fields/System.Title", "value": "x" }]';
    const inputs = { method: 'PATCH', body, headers: 'content-type: text/x' };
    return call({ inputs, organization: OWN_ANSWER }, (performance) => {
      assertGood(performance);
      const [request] = performance.organization?.requests ?? [];
      assert.equal(request?.headers['content-type'], 'text/x');
    });
  });

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

  // In other files it is in test/unit/rest/request-body.test.ts.
  it('loses the byte order mark before JSON, and again in a retry', () => {
    const bodyFile = join(folder, 'a.json');
    const sent = '[{ "op": "test", "path": "/rev", "value": 1 }]';
    writeFileSync(bodyFile, `\uFEFF${sent}`);
    const inputs = { url: '_apis/echo', method: 'POST', bodyFile };
    const faults = [refuse(429, 'TF400733: slow.')];
    return call({ inputs, organization: { faults } }, (performance) => {
      assertGood(performance);
      const requests = performance.organization?.requests ?? [];
      assert.equal(requests.length, 2);
      for (const request of requests) {
        assert.equal(request.headers['content-type'], 'application/json-patch+json');
        assert.equal(request.headers['content-length'], String(sent.length));
        assert.equal(request.body.toString(), sent);
      }
    });
  });

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

  for (const layout of ['several-checkouts', 'release'] as const) {
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

describe('the expected status', () => {
  it('200,404 takes a 404', () =>
    call(
      { inputs: { expectedStatus: '200,404' }, organization: { lastingFault: refuse(404, 'No.') } },
      (performance) => {
        assertGood(performance);
        assert.equal(outputOf(performance, 'statusCode'), '404');
        assert.equal(performance.organization?.requests.length, 1);
      },
    ));

  it('is never a sign-in page', () =>
    call(
      {
        inputs: { expectedStatus: '203' },
        organization: { lastingFault: signInPage(203) },
      },
      ({ step }) => {
        assert.equal(step.result, 'Failed');
      },
    ));
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
});
