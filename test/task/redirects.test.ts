// Where a call is redirected, and what goes there with it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { join } from 'node:path';
import type { Fault } from '../emulators/faults';
import { TENANT_ID } from '../emulators/identity-endpoint';
import type { OrganizationOptions } from '../emulators/organization/organization';
import { redirect, unauthorized } from '../emulators/organization/error-responses';
import { ARTIFACT, ARTIFACT_HOST, STORE_HOST } from '../emulators/organization/rest-api';
import { openMachine } from '../emulators/places';
import { startPublicServer, type PublicServer } from '../emulators/public-server';
import type { Performance } from '../stage';
import { atServer, call, errorOf, outputOf, requestsOf, say, trickle } from './call-step';

const DOWNLOAD = 'SecretSauce/_apis/build/builds/7/artifacts?artifactName=drop&$format=zip';

describe('a redirect to another host', () => {
  let store: PublicServer;

  /** Storage that takes its signature and no token, as the real one does. */
  beforeEach(async () => {
    store = await startPublicServer(STORE_HOST, ({ headers }, response) => {
      if (headers.authorization === undefined) {
        response.writeHead(200, { 'content-type': 'application/zip', etag: '"z"' }).end(ARTIFACT);
      } else {
        response.writeHead(400).end('InvalidAuthenticationInfo');
      }
    });
  });

  afterEach(() => store.close());

  const open =
    (faults: readonly (Fault | undefined)[] = []) =>
    () =>
      openMachine({ hosts: { [STORE_HOST]: store.port }, organization: { faults } });

  it('brings a download', () =>
    call(
      { open: open(), inputs: { url: DOWNLOAD, outputFile: 'drop/drop.zip' } },
      (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        const file = join(performance.step.folders.sources, 'drop', 'drop.zip');
        assert.deepEqual(readFileSync(file), ARTIFACT);
        assert.equal(outputOf(performance, 'responseFile'), file);
        assert.equal(outputOf(performance, 'statusCode'), '200');
        assert.match(outputOf(performance, 'responseHeaders'), /"etag":"\\"z\\""/);
        assert.equal(outputOf(performance, 'result'), '');
        const [warning] = performance.step.issues;
        assert.match(warning?.message ?? '', /is not text.*responseFile/s);
      },
    ));

  it('is followed although its own response has no end', () => {
    const redirectTo =
      (location: string): RequestListener =>
      (_, response) => {
        response.writeHead(302, { location });
        trickle(response, 'Moved');
      };
    return atServer(
      redirectTo(`https://${STORE_HOST}/x`),
      { open: open(), inputs: { outputFile: 'x.zip', maxRetries: '0' } },
      (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        const file = join(performance.step.folders.sources, 'x.zip');
        assert.deepEqual(readFileSync(file), ARTIFACT);
      },
    );
  });

  it('takes neither the token nor the headers of the author nor the version with it', () =>
    call(
      { open: open(), inputs: { url: DOWNLOAD, headers: 'X-Own: own\nAccept: application/zip' } },
      (performance) => {
        const [first, second] = performance.organization?.requests ?? [];
        assert.equal(second?.url.hostname, ARTIFACT_HOST);
        // The first two are Azure DevOps.
        for (const request of [first, second]) {
          assert.equal(request?.headers.authorization, `Bearer ${performance.tokens[0] ?? ''}`);
          assert.equal(request.headers['x-own'], 'own');
        }
        const [last, ...others] = store.requests;
        assert.equal(others.length, 0);
        const { connection, host, ...rest } = last?.headers ?? {};
        assert.equal(connection, 'keep-alive');
        assert.equal(host, STORE_HOST);
        assert.deepEqual(Object.keys(rest).sort(), ['accept', 'accept-encoding', 'user-agent']);
        assert.equal(rest.accept, '*/*');
        // Its own, of its signature: nothing is added.
        assert.equal(
          last?.url,
          '/b-1/drop.zip?sv=2019-07-07&sr=b&api-version=2019-07-07&sig=abc%2Fdef',
        );
      },
    ));

  it('is followed from the start again by a retry', () =>
    call(
      { open: open([undefined, { kind: 'response', status: 503 }]), inputs: { url: DOWNLOAD } },
      (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        const hosts = performance.organization?.requests.map(({ url }) => url.hostname);
        const own = 'dev.azure.com';
        assert.deepEqual(hosts, [own, ARTIFACT_HOST, own, ARTIFACT_HOST]);
        assert.ok(
          performance.step.log.some((line) =>
            line.startsWith(`${ARTIFACT_HOST} returned 503. Next attempt in`),
          ),
        );
      },
    ));

  it('takes the token with it where the step names the host', async () => {
    const other = await startPublicServer('devops.example.com', (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":1}');
    });
    const faults = [redirect('https://devops.example.com/x')];
    await call(
      {
        open: () =>
          openMachine({ hosts: { 'devops.example.com': other.port }, organization: { faults } }),
        inputs: { allowedHosts: 'devops.example.com' },
      },
      (performance) => {
        assert.equal(outputOf(performance, 'result'), '{"a":1}');
        const [request] = other.requests;
        assert.equal(request?.headers.authorization, `Bearer ${performance.tokens[0] ?? ''}`);
      },
    );
    await other.close();
  });

  it('does not take the token to a look-alike', async () => {
    const host = 'dev.azure.com.example.com';
    const other = await startPublicServer(host, (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    const organization = { faults: [redirect(`https://${host}/x`)] };
    await call({ machine: { hosts: { [host]: other.port } }, organization }, () => {
      assert.equal(other.requests.length, 1);
      assert.equal(other.requests[0]?.headers.authorization, undefined);
    });
    await other.close();
  });

  it('to a page there is no success', async () => {
    const other = await startPublicServer('portal.example.com', (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Hello</html>');
    });
    const faults = [redirect('https://portal.example.com/')];
    await call(
      {
        open: () =>
          openMachine({ hosts: { 'portal.example.com': other.port }, organization: { faults } }),
      },
      (performance) => {
        assert.equal(performance.step.result, 'Failed');
        assert.match(errorOf(performance), /redirected to portal\.example\.com/);
        assert.match(errorOf(performance), /The response is a web page/);
      },
    );
    await other.close();
  });
});

interface Leaving {
  /** The address of the first redirect. */
  readonly first?: string;
  readonly organization?: OrganizationOptions;
}

describe('a chain of redirects that has left Azure DevOps', () => {
  const FOREIGN = 'files.example.com';
  const BACK = 'https://dev.azure.com/MyOrg/_apis/back';
  let foreign: PublicServer;
  let target: string;
  /** Returned before the redirect. */
  let statuses: number[];

  beforeEach(async () => {
    target = BACK;
    statuses = [];
    foreign = await startPublicServer(FOREIGN, (_, response) => {
      response.writeHead(statuses.shift() ?? 302, { location: target }).end();
    });
  });

  afterEach(() => foreign.close());

  const leave = (
    options: Parameters<typeof call>[0],
    check: (performance: Performance) => void,
    { first = `https://${FOREIGN}/x`, organization = {} }: Leaving = {},
  ) =>
    call(
      {
        open: () =>
          openMachine({
            hosts: { [FOREIGN]: foreign.port },
            organization: { faults: [redirect(first)], ...organization },
          }),
        ...options,
      },
      check,
    );
  const assertBare = ({ headers }: { headers: IncomingHttpHeaders } = assert.fail()) => {
    const { connection, host, ...rest } = headers;
    assert.deepEqual([connection, typeof host], ['keep-alive', 'string']);
    assert.deepEqual(Object.keys(rest).sort(), ['accept', 'accept-encoding', 'user-agent']);
  };

  it('never carries the token again, back at Azure DevOps', () =>
    leave(
      { inputs: { headers: 'X-Own: own' } },
      (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        assert.equal(outputOf(performance, 'result'), '{"end":true}');
        assertBare(foreign.requests[0]);
        const [first, back] = performance.organization?.requests ?? [];
        assert.equal(first?.headers.authorization, `Bearer ${performance.tokens[0] ?? ''}`);
        assert.equal(back?.url.href.replace('http:', 'https:'), BACK);
        assertBare(back);
      },
      { organization: { lastingFault: say({ end: true }) } },
    ));

  it('says nothing of the tenant, because no token was accepted', () => {
    const tenant = { 'x-vss-resourcetenant': '0d1e2f3a-4b5c-4d6e-8f7a-9b0c1d2e3f4a' };
    return call(
      {
        open: () =>
          openMachine({
            form: 'five parts',
            hosts: { [FOREIGN]: foreign.port },
            organization: {
              faults: [redirect(`https://${FOREIGN}/x`)],
              lastingFault: say({ end: true }, tenant),
            },
          }),
      },
      (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        assert.equal(outputOf(performance, 'tenantId'), '');
      },
    );
  });

  it('never carries it to a host that the step names', async () => {
    const named = await startPublicServer('devops.example.com', (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    target = 'https://devops.example.com/y';
    const hosts = { [FOREIGN]: foreign.port, 'devops.example.com': named.port };
    await call(
      {
        open: () =>
          openMachine({ hosts, organization: { faults: [redirect(`https://${FOREIGN}/x`)] } }),
        inputs: { allowedHosts: 'devops.example.com' },
      },
      (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        assertBare(named.requests[0]);
      },
    ).finally(() => named.close());
  });

  it('fails by what it did, and not by the identity, if Azure DevOps refuses it', async () => {
    // Others are in test/unit/rest/outcome.test.ts.
    const fault = unauthorized(TENANT_ID, 'TF400813: The user is not authorized.');
    await leave(
      {},
      (performance) => {
        assert.equal(performance.step.result, 'Failed');
        const message = errorOf(performance);
        assert.match(message, / returned 401/);
        assert.match(message, /failed without a token, because .* led to files\.example\.com\./);
        assert.match(message, /to the input allowedHosts: files\.example\.com\n/);
        assert.doesNotMatch(message, /not know the identity|Users|apiVersion|permissions/);
      },
      { organization: { faults: [redirect(`https://${FOREIGN}/x`), fault] } },
    );
  });

  it('begins with the token again in a retry', async () => {
    statuses = [503];
    await leave(
      {},
      (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        const bearer = `Bearer ${performance.tokens[0] ?? ''}`;
        const seen = performance.organization?.requests.map((one) => one.headers.authorization);
        assert.deepEqual(seen, [bearer, bearer, undefined]);
        assert.deepEqual(
          foreign.requests.map((one) => one.headers.authorization),
          [undefined, undefined],
        );
      },
      {
        organization: {
          faults: [redirect(`https://${FOREIGN}/x`), redirect(`https://${FOREIGN}/x`)],
          lastingFault: say({ end: true }),
        },
      },
    );
  });

  it('has done so by a user name and a password in the address of Azure DevOps', () => {
    const location = 'https://user:password@dev.azure.com/MyOrg/_apis/x';
    const organization = {
      faults: [redirect(location), redirect(BACK)],
      lastingFault: say({ end: true }),
    };
    return call({ organization }, (performance) => {
      const seen = performance.organization?.requests.slice(1) ?? [];
      assert.equal(seen.length, 2);
      seen.forEach(assertBare);
    });
  });
});

describe('a redirect', () => {
  it('is followed five times, as the same request', () => {
    const faults = [0, 1, 2, 3, 4].map((hop) => redirect(`/MyOrg/_apis/x${hop}`));
    const inputs = { method: 'HEAD' };
    return call({ inputs, organization: { faults, lastingFault: say('') } }, (performance) => {
      assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
      assert.deepEqual(
        requestsOf(performance).slice(1),
        faults.map((_, hop) => `HEAD https://dev.azure.com/MyOrg/_apis/x${hop}`),
      );
    });
  });

  it('that the step expects is the answer', () =>
    call(
      {
        inputs: { expectedStatus: '302' },
        organization: { lastingFault: redirect('https://dev.azure.com/MyOrg/x') },
      },
      (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        assert.equal(outputOf(performance, 'statusCode'), '302');
        assert.match(outputOf(performance, 'responseHeaders'), /"location":"https:/);
        assert.equal(requestsOf(performance).length, 1);
      },
    ));

  it('to plain http is not followed, not even to a loopback address that the step names', () =>
    call(
      {
        inputs: { allowedHosts: '127.0.0.1:8080' },
        organization: { lastingFault: redirect('http://127.0.0.1:8080/x') },
      },
      (performance) => {
        assert.equal(performance.step.result, 'Failed');
        assert.equal(requestsOf(performance).length, 1);
        assert.ok(!existsSync(join(performance.step.folders.sources, 'x')));
      },
    ));
});

describe('a server that sends the token back', () => {
  const echo = (serve: RequestListener, inputs: Readonly<Record<string, string>> = {}) =>
    atServer(serve, { inputs }, ({ step }) => {
      assert.equal(step.result, 'Failed');
      assert.match(step.issues[0]?.message ?? '', /The response contains the token that was sent/);
      assert.equal(step.outputs.has('result'), false);
    });

  it('in its answer, in one piece or in several, is not listened to', async () => {
    await echo(({ headers }, response) => {
      response.end(JSON.stringify(headers));
    });
    await echo(
      ({ headers: { authorization = '' } }, response) => {
        response.write(`x${authorization.slice(0, 200)}`);
        setTimeout(() => response.end(authorization.slice(200)), 200);
      },
      { outputFile: 'x' },
    );
  });

  // Other forms of it are in test/unit/rest/token-watch.test.ts.
  it('behind escapes of JSON that comes as text, after a piece of white space, is not listened to either', () =>
    atServer(
      ({ headers: { authorization = '' } }, response) => {
        const token = authorization.slice('Bearer '.length).replaceAll('.', '\\u002e');
        response.writeHead(200, { 'content-type': 'text/plain' }).write(' \r\n');
        // Too large for the output, which is searched once more.
        const rest = JSON.stringify({ padding: 'x'.repeat(30_000) }).replace(
          '{',
          `{"t":"${token}",`,
        );
        setTimeout(() => response.end(rest), 200);
      },
      { inputs: { outputFile: 'x' } },
      (performance) => {
        assert.equal(performance.step.result, 'Failed');
        assert.match(performance.step.issues[0]?.message ?? '', /The response contains the token/);
        assert.ok(!existsSync(join(performance.step.folders.sources, 'x')));
      },
    ));

  it('in parts that a query joins is not listened to either', () =>
    atServer(
      ({ headers: { authorization = '' } }, response) => {
        const parts = [authorization.slice(7, 200), authorization.slice(200)];
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(parts));
      },
      { inputs: { query: "join('', @)", outputFile: 'x' } },
      (performance) => {
        assert.equal(performance.step.result, 'Failed');
        assert.match(performance.step.issues[0]?.message ?? '', /The response contains the token/);
        assert.equal(performance.step.outputs.get('result')?.value, '');
        assert.ok(!existsSync(join(performance.step.folders.sources, 'x')));
      },
    ));

  it('in a refusal, or in a header, is not either', async () => {
    await echo(({ headers }, response) => {
      response.writeHead(404).end(headers.authorization);
    });
    await echo(({ headers }, response) => {
      response.writeHead(200, { 'x-you-said': headers.authorization ?? '' }).end('{}');
    });
  });
});
