// All pages of a list, each way that Azure DevOps hands them out: complete and in order, or the step fails or warns.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../emulators/faults';
import { makeItems, type Item } from '../emulators/organization/lists';
import { redirect, refuse } from '../emulators/organization/error-responses';
import { STORE_HOST } from '../emulators/organization/rest-api';
import { openMachine, openMachineBehindProxy } from '../emulators/places';
import { startPublicServer } from '../emulators/public-server';
import type { Performance } from '../stage';
import { makeListRun } from '../bench/list-run';
import { countTask } from '../bench/measure';
import { atServer, call, errorOf, outputOf, requestsOf, say } from './call-step';

/** By path: the name of the list. Other names and spellings are in test/unit/rest/paging.test.ts. */
const BY_TOKEN: Readonly<Record<string, string>> = {
  'SecretSauce/_apis/git/repositories/app/refs': 'value',
  'SecretSauce/_apis/wit/workItems/1/comments': 'comments',
  '_apis/audit/auditlog': 'decoratedAuditLogEntries',
  'SecretSauce/_apis/wit/reporting/workitemrevisions': 'values',
  'SecretSauce/_odata/v4.0-preview/WorkItems': 'value',
};
const BY_NUMBER: Readonly<Record<string, string>> = {
  'SecretSauce/_apis/git/repositories/app/pullrequests?$top=TOP': 'value',
};
const WAYS = { ...BY_TOKEN, ...BY_NUMBER };
const [TOKEN_LIST = '', SKIP_LIST = ''] = [BY_TOKEN, BY_NUMBER].flatMap((lists) =>
  Object.keys(lists).slice(0, 1),
);
const OUTPUT = 'list.json';
const TRIES = 4;

const read = ({ step }: Performance) =>
  JSON.parse(readFileSync(join(step.folders.sources, OUTPUT), 'utf8')) as Readonly<
    Record<string, unknown>
  >;
const itemsOf = (performance: Performance, name: string) =>
  (read(performance)[name] as readonly Item[]).map(({ id }) => id);
const hasOutput = ({ step }: Performance) => existsSync(join(step.folders.sources, OUTPUT));

function joinPages(
  url: string,
  organization: Parameters<typeof call>[0]['organization'],
  look: (performance: Performance) => void,
) {
  const maxRetries = organization?.faults?.some((fault) => fault?.kind === 'reset') ? '1' : '0';
  const inputs = { url: url.replace('TOP', '2'), allPages: 'true', outputFile: OUTPUT };
  return call({ inputs: { ...inputs, maxRetries }, organization: organization ?? {} }, look);
}

describe('the pages of a list', () => {
  const url = '_apis/userentitlements';
  const organization = { lists: { total: 25, pageSize: 5 } };

  it('come over one connection, which is there before the token', async () => {
    let connections = Infinity;
    // On a busy machine, more than five seconds can be between two pages. Then the server closes the connection.
    for (let runs = 0; connections > 1 && runs < 3; runs += 1) {
      await joinPages(url, organization, (performance) => {
        assert.equal(itemsOf(performance, 'members').length, 25);
        connections = Math.min(connections, performance.organization?.connections() ?? Infinity);
      });
    }
    assert.equal(connections, 1);
  });

  it('come over one connection through a proxy', () =>
    call(
      {
        open: () => openMachineBehindProxy({ organization, hosts: ['vsaex.dev.azure.com'] }),
        inputs: { url, allPages: 'true', outputFile: OUTPUT },
      },
      (performance) => {
        assert.equal(itemsOf(performance, 'members').length, 25, errorOf(performance));
        assert.deepEqual(performance.proxy?.requests, ['CONNECT vsaex.dev.azure.com:443']);
      },
    ));
});

for (const { pages, size, urls } of [
  { pages: 5, size: 5, urls: Object.keys(WAYS) },
  { pages: 200, size: 20, urls: [SKIP_LIST] },
]) {
  const total = pages * size;
  const ids = makeItems(0, total).map(({ id }) => id);

  describe(`${pages} pages of ${size} items`, () => {
    for (const url of urls) {
      const name = WAYS[url] ?? assert.fail(url);
      const organization = { lists: { total, pageSize: size } };

      it(`are joined completely and in order: ${url}, ${name}`, () =>
        joinPages(url.replace('TOP', String(size)), organization, (performance) => {
          assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
          assert.deepEqual(itemsOf(performance, name), ids);
          const { count, totalCount, ...others } = read(performance);
          assert.ok([undefined, total].includes(count as number | undefined));
          assert.ok([undefined, total].includes(totalCount as number | undefined));
          // What a page says of its place is not said of the list.
          const rest = Object.keys(others).filter(
            (key) => key !== name && !/^@odata\.(?:context|count)$/.test(key),
          );
          assert.deepEqual(rest, []);
          const calls = performance.organization?.requests.length ?? 0;
          // One more where only a page without items tells the end.
          const isOneMore = url in BY_NUMBER;
          assert.equal(calls, pages + (isOneMore ? 1 : 0));
          const items = total.toLocaleString('en');
          assert.ok(
            [pages, pages + 1].some((read_) =>
              performance.step.log.includes(`The list has ${items} items on ${read_} pages.`),
            ),
          );
          assert.ok(performance.step.issues.every(({ message }) => !message.includes('complete')));
        }));
    }
  });
}

describe('a list is never truncated silently', () => {
  const MISHAPS: Readonly<Record<string, Fault>> = {
    'is refused': refuse(403, 'TF401019: no permission.'),
    'is no list': say({ id: 5 }),
    'breaks off for ever': { kind: 'truncated' },
  };
  for (const [mishap, fault] of Object.entries(MISHAPS)) {
    it(`where the second page ${mishap}`, () =>
      joinPages(TOKEN_LIST, { faults: [undefined, fault, fault] }, (performance) => {
        assert.equal(performance.step.result, 'Failed');
        assert.equal(hasOutput(performance), false);
        assert.doesNotMatch(outputOf(performance, 'result'), /item 0/);
      }));
  }

  it('where the second page comes at the second attempt', () =>
    joinPages(TOKEN_LIST, { faults: [undefined, { kind: 'reset' }] }, (performance) => {
      assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
      assert.deepEqual(itemsOf(performance, 'value'), [0, 1, 2, 3, 4]);
    }));

  for (const total of [0, 4]) {
    it(`where it has ${total} items, two on a page`, () =>
      joinPages(SKIP_LIST, { lists: { total, pageSize: 2 } }, (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        assert.equal(itemsOf(performance, 'value').length, total);
      }));
  }

  it('where a page fails while a large one before it is written', () =>
    atServer(
      (request, response) => {
        if (request.url?.includes('continuationToken') === true) {
          request.socket.destroy();
          return;
        }
        const headers = { 'content-type': 'application/json', 'x-ms-continuationtoken': 'n' };
        response.writeHead(200, headers);
        response.end(JSON.stringify({ value: Array(20).fill('x'.repeat(1_000_000)) }));
      },
      { inputs: { allPages: 'true', outputFile: OUTPUT, maxRetries: '0' } },
      (performance) => {
        const [first, ...others] = performance.step.issues;
        assert.match(first?.message ?? '', /^The request to .* failed: .*\(ECONNRESET\)/s);
        assert.deepEqual(others, []);
        // What was known before stays: a later step may have to know it.
        assert.equal(outputOf(performance, 'statusCode'), '200');
        assert.equal(hasOutput(performance), false);
      },
    ));
});

describe('the joined list', () => {
  it('has every item as it was written', () => {
    const item = '{"id": 9007199254740993,  "a" : "\\u0024(x) ]}\\"" , "b":1.50}';
    const pages = [
      `{"of":12345678901234567890,"value":[${item}],"count":1,"continuationToken":"n"}`,
      `{"of":2,"count":1,"value":[ ${item.replace('93', '94')} ]}`,
    ];
    const faults = pages.map((page) => say(page, { 'content-type': 'application/json' }));
    return joinPages('_apis/x', { faults }, ({ step }) => {
      const text = readFileSync(join(step.folders.sources, OUTPUT), 'utf8');
      const expected = `{"of":12345678901234567890,"value":[${item},${item.replace('93', '94')}],"count":2}`;
      assert.equal(text, expected);
    });
  });

  it('is what query, failWhen and result are about', () =>
    call(
      {
        inputs: {
          url: 'SecretSauce/_apis/git/repositories/app/refs',
          allPages: 'true',
          query: 'value[].id',
          failWhen: 'length(value) != `5`',
        },
      },
      (performance) => {
        assert.equal(outputOf(performance, 'result'), '[0,1,2,3,4]');
        assert.equal(performance.step.result, 'Succeeded');
        const file = outputOf(performance, 'responseFile');
        assert.match(file, /azure-devops-/);
        assert.equal((JSON.parse(readFileSync(file, 'utf8')) as { count: number }).count, 5);
      },
    ));

  it('has what the author sent in the request of every page', () =>
    call(
      {
        inputs: {
          url: '_apis/graph/groups?subjectTypes=vssgp&$top=2',
          allPages: 'true',
          headers: 'X-Own: a',
        },
      },
      (performance) => {
        const requests = performance.organization?.requests ?? [];
        // The first page is asked for twice: the resource is in preview. Then that is known.
        assert.deepEqual(
          requests.map(({ url }) => url.search),
          [
            '?subjectTypes=vssgp&$top=2&api-version=7.1',
            '?subjectTypes=vssgp&$top=2&api-version=7.1-preview',
            '?subjectTypes=vssgp&%24top=2&continuationToken=after-2&api-version=7.1-preview',
            '?subjectTypes=vssgp&%24top=2&continuationToken=after-4&api-version=7.1-preview',
          ],
        );
        assert.ok(requests.every(({ headers }) => headers['x-own'] === 'a'));
        assert.equal(requestsOf(performance).length, 4);
      },
    ));
});

describe('a page', () => {
  it('that asks to wait is heeded before the next', () => {
    const faults = [say({ value: [1], continuationToken: 'n' }, { 'retry-after': '1' })];
    return joinPages('_apis/x', { faults, lastingFault: say({ value: [2] }) }, (performance) => {
      const [first, second] = performance.organization?.requests.map(({ at }) => at) ?? [];
      assert.ok((second ?? 0) - (first ?? 0) >= 950);
      assert.deepEqual(read(performance), { value: [1, 2] });
    });
  });
});

describe('a server with bad intentions', () => {
  it('leads no page to another host', () => {
    const faults = [
      say({ value: [1], continuationToken: 'n', nextLink: 'https://evil.example.com/x' }),
    ];
    return joinPages('_apis/x', { faults, lastingFault: say({ value: [2] }) }, (performance) => {
      assert.deepEqual(read(performance), { value: [1, 2] });
      assert.ok(requestsOf(performance)[1]?.startsWith('GET https://dev.azure.com/MyOrg/_apis/x?'));
    });
  });

  it('does not get the token into the list', () =>
    atServer(
      (request, response) => {
        const isSecond = request.url?.includes('continuationToken') === true;
        response.setHeader('content-type', 'application/json');
        response.setHeader('activityid', 'x');
        response.setHeader('x-ms-continuationtoken', isSecond ? '' : 'n');
        response.end(JSON.stringify({ value: [isSecond ? request.headers.authorization : 1] }));
      },
      { inputs: { allPages: 'true', outputFile: OUTPUT } },
      (performance) => {
        assert.match(errorOf(performance), /The response contains the token/);
        assert.equal(hasOutput(performance), false);
      },
    ));
});

describe('a list that goes to a file', () => {
  it('of 50,000 items is not joined in memory', async () => {
    const peakOf = async (total: number) => {
      const list = { total, pageSize: 500, padding: 2_000 };
      return (await countTask(makeListRun(list))).peakMib;
    };
    const small = await peakOf(5_000);
    // The files have about 10 and 97 MiB: to join the list in memory would take that much more, at least. On a busy machine, a step can
    // take as much because garbage is collected late, but not each time.
    let large = await peakOf(50_000);
    for (let tries = 1; tries < TRIES && large - small >= 70; tries += 1) {
      large = Math.min(large, await peakOf(50_000));
    }
    assert.ok(large - small < 70, `${small} and ${large} MiB`);
  });
});

describe('links to the next page', () => {
  const odata = 'SecretSauce/_odata/v4.0-preview/WorkItems';
  const at = (query: string) => `https://analytics.dev.azure.com/MyOrg/${odata}${query}`;
  const page = (item: number, nextLink?: string) =>
    say({ '@odata.context': 'x', value: [item], ...(nextLink && { '@odata.nextLink': nextLink }) });
  const inputs = { url: odata, allPages: 'true', query: '@' };

  it('are followed with the headers of the author, and left out of the list', () => {
    const faults = [
      page(1, at('?$skiptoken=1')),
      page(2, `${odata.replace(/.*_odata/, '/MyOrg/SecretSauce/_odata')}?$skiptoken=2`),
      page(3),
    ];
    const headers = 'Prefer: odata.maxpagesize=1';
    return call({ inputs: { ...inputs, headers }, organization: { faults } }, (performance) => {
      assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
      assert.deepEqual(performance.step.issues, []);
      assert.deepEqual(JSON.parse(outputOf(performance, 'result')), {
        '@odata.context': 'x',
        value: [1, 2, 3],
      });
      assert.deepEqual(requestsOf(performance), [
        `GET ${at('')}`,
        `GET ${at('?$skiptoken=1')}`,
        `GET ${at('?$skiptoken=2')}`,
      ]);
      for (const { headers: sent } of performance.organization?.requests ?? []) {
        assert.equal(sent['prefer'], 'odata.maxpagesize=1');
        assert.equal(sent.authorization, `Bearer ${performance.tokens[0] ?? ''}`);
      }
    });
  });

  it('end where a page has none, also if the URL has $top', () => {
    const organization = { faults: [page(1)] };
    const url = `${odata}?$top=1`;
    return call({ inputs: { ...inputs, url }, organization }, (performance) => {
      assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
      assert.deepEqual(performance.step.issues, []);
      assert.equal(performance.organization?.requests.length, 1);
    });
  });

  it('that come twice are an error', () => {
    const organization = { faults: [page(1, at('?$skiptoken=1')), page(2, at('?$skiptoken=1'))] };
    return call({ inputs, organization }, (performance) => {
      assert.equal(performance.step.result, 'Failed');
      assert.equal(outputOf(performance, 'result'), '');
    });
  });

  for (const link of ['http://[', 'ftp://evil.example.com/']) {
    it(`are not followed without TLS: ${link}`, () =>
      call({ inputs, organization: { faults: [page(1, link)] } }, (performance) => {
        assert.match(errorOf(performance), /The link to the next page cannot be followed/);
        assert.equal(performance.organization?.requests.length, 1);
        assert.equal(outputOf(performance, 'result'), '');
      }));
  }

  it('to another host take neither the token nor the headers of the author, and no later link does', async () => {
    const foreign = await startPublicServer(STORE_HOST, (_, response) => {
      const body = { value: [2], '@odata.nextLink': at('?$skiptoken=3') };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    });
    const organization = { faults: [page(1, `https://${STORE_HOST}/x`), page(3)] };
    const open = () => openMachine({ organization, hosts: { [STORE_HOST]: foreign.port } });
    const headers = 'X-Own: secret';
    try {
      await call({ open, inputs: { ...inputs, headers } }, (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        assert.match(outputOf(performance, 'result'), /"value":\[1,2,3\]/);
        const [request] = foreign.requests;
        assert.deepEqual(
          [request?.headers.authorization, request?.headers['x-own']],
          [undefined, undefined],
        );
        const sent = performance.organization?.requests.map(
          (one) => one.headers.authorization !== undefined,
        );
        assert.deepEqual(sent, [true, false]);
      });
    } finally {
      await foreign.close();
    }
  });
});

describe('a page of another host with a continuation token', () => {
  const url = `https://${STORE_HOST}/x`;

  for (const [name, faults] of [
    ['that a link names', [say({ value: [1], nextLink: url }), say({ value: [3] })]],
    ['that a redirect names', [redirect(url), say({ value: [3] })]],
  ] as const) {
    it(`is followed by pages without the token and the headers of the author, for a host ${name}`, async () => {
      const foreign = await startPublicServer(STORE_HOST, (_, response) => {
        const type = { 'content-type': 'application/json' };
        response.writeHead(200, { ...type, 'x-ms-continuationtoken': 'chosen' });
        response.end(JSON.stringify({ value: [2] }));
      });
      const organization = { faults };
      const open = () => openMachine({ organization, hosts: { [STORE_HOST]: foreign.port } });
      const inputs = { allPages: 'true', query: 'value', headers: 'X-Own: secret' };
      try {
        await call({ open, inputs }, (performance) => {
          assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
          const [first, last, ...others] = performance.organization?.requests ?? [];
          assert.equal(others.length, 0);
          assert.equal(first?.headers['x-own'], 'secret');
          assert.equal(last?.url.searchParams.get('continuationToken'), 'chosen');
          assert.deepEqual(
            [last.headers.authorization, last.headers['x-own']],
            [undefined, undefined],
          );
        });
      } finally {
        await foreign.close();
      }
    });
  }
});

describe('a list that is paged by the body of a POST', () => {
  const url = 'SecretSauce/_apis/wiki/wikis/SecretSauce.wiki/pagesbatch';
  const pages = [say([{ id: 1 }], { 'x-ms-continuationtoken': '10' }), say([{ id: 2 }])];

  it('is joined, and only the token of the body changes', () => {
    const body = '{ "top": 1, "big": 12345678901234567890, "continuationToken": null }';
    const inputs = { url, method: 'POST', body, allPages: 'true', query: '[].id' };
    return call({ inputs, organization: { faults: pages } }, (performance) => {
      assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
      assert.equal(outputOf(performance, 'result'), '[1,2]');
      assert.deepEqual(
        performance.organization?.requests.map((one) => one.body.toString()),
        [body, body.replace('null', '"10"')],
      );
    });
  });
});

describe('a list without allPages', () => {
  const LINE =
    'The response says that there are more pages. To get them all, set allPages to true.';
  const large = `{"@odata.context":"x","value":["${'x'.repeat(2 * 1024 * 1024)}"],"@odata.nextLink":"https://analytics.dev.azure.com/MyOrg/x"}`;
  // What else says so is in test/unit/rest/more-pages.test.ts.
  for (const [name, fault, isLogged] of [
    ['a link at the end of a large body', say(Buffer.from(large)), true],
    [
      'a status that is not the expected one',
      refuse(404, 'No.', { 'x-ms-continuationtoken': 'a' }),
      false,
    ],
  ] as const) {
    it(`${isLogged ? 'is said to have more pages' : 'is not said to have more'}: ${name}`, () =>
      call({ organization: { lastingFault: fault } }, ({ step }) => {
        assert.equal(step.log.filter((line) => line.includes(LINE)).length, isLogged ? 1 : 0);
      }));
  }
});
