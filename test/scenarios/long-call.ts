// What can happen to a step that joins pages, or waits.
import type { Fault } from '../emulators/faults';
import { refuse } from '../emulators/organization/error-responses';
import { calling, sayJson as say } from './call';
import { machine, type Scenario } from './scenario';

const RUNS = 'SecretSauce/_apis/pipelines/7/runs';
const RUN =
  'https://dev.azure.com/MyOrg/6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c/_apis/pipelines/7/runs/1';
const REFS = 'SecretSauce/_apis/git/repositories/app/refs';
const WIKI_PAGES = {
  url: 'SecretSauce/_apis/wiki/wikis/SecretSauce.wiki/pagesbatch',
  method: 'POST',
  body: '{ "top": 100, "continuationToken": null }',
  allPages: 'true',
};
const QUICK = { waitIntervalInSeconds: '0.1' };
const QUEUE = {
  ...QUICK,
  url: RUNS,
  method: 'POST',
  body: '{}',
  waitUntil: "state == 'completed'",
  failWhen: "state == 'completed' && result != 'succeeded'",
};
const NO_CONTENT: Fault = { kind: 'response', status: 204, headers: { activityid: 'x' } };
const inTurn = (...faults: readonly (Fault | undefined)[]) => machine({ organization: { faults } });

export const LONG_CALL_SCENARIOS: readonly Scenario[] = [
  calling({
    name: 'all-pages',
    story: 'The step requests all branches of a repository. The server returns two per page.',
    inputs: { url: REFS, allPages: 'true', query: 'length(value)' },
    names: ['The list has 5 items on 3 pages.', 'The server returned 200.'],
    calls: 3,
  }),
  calling({
    name: 'pages-in-doubt',
    story: 'The API returns no continuation token.',
    inputs: { allPages: 'true' },
    names: ['The list may be incomplete', '3 items on 1 page', '$top'],
  }),
  calling({
    name: 'paging-by-one-token',
    story: 'The server returns the same continuation token for each page.',
    inputs: { url: REFS, allPages: 'true' },
    open: inTurn(
      say({ value: [1] }, { 'x-ms-continuationtoken': 'same' }),
      say({ value: [2] }, { 'x-ms-continuationtoken': 'same' }),
    ),
    row: 'endless pages',
    names: ['the continuation token "same" for the second time', REFS],
    calls: 2,
  }),
  calling({
    name: 'paging-by-one-page',
    story: 'The server ignores $skip, and returns the same full page each time.',
    inputs: { url: `${REFS}?$top=2`, allPages: 'true' },
    open: inTurn(say({ value: [1, 2] }), say({ value: [1, 2] })),
    row: 'endless pages',
    names: ['page 2 is the same as an earlier page', REFS],
    calls: 2,
  }),
  calling({
    name: 'analytics-pages',
    story: 'The step reads work items of Analytics, whose pages are linked.',
    inputs: { url: 'SecretSauce/_odata/v4.0-preview/WorkItems', allPages: 'true', query: 'value' },
    names: ['The list has 5 items on 3 pages.'],
    calls: 3,
  }),
  calling({
    name: 'wiki-pages',
    story: 'The step lists the pages of a wiki. The body of a POST says which come next.',
    inputs: { ...WIKI_PAGES, query: 'value[].path' },
    open: machine({ organization: { lists: { total: 3, pageSize: 2 } } }),
    names: ['The list has 3 items on 2 pages.', 'The server returned 200.'],
    calls: 2,
  }),
  calling({
    name: 'wiki-pages-of-one-token',
    story: '… and the server ignores the continuation token in the body.',
    inputs: WIKI_PAGES,
    open: inTurn(
      say({ value: [{ id: 1 }] }, { 'x-ms-continuationtoken': '1' }),
      say({ value: [{ id: 1 }] }, { 'x-ms-continuationtoken': '1' }),
    ),
    row: 'endless pages',
    names: ['page 2 is the same as an earlier page', 'pagesbatch', 'continuationToken in body'],
    calls: 2,
  }),
  calling({
    name: 'wiki-pages-throttled',
    story: '… and the second page is throttled, without a pause. It is requested again.',
    inputs: { ...WIKI_PAGES, query: 'value[].path' },
    open: machine({
      organization: {
        lists: { total: 3, pageSize: 2 },
        faults: [undefined, refuse(429, 'TF400733: slow.', { 'retry-after': '1' })],
      },
    }),
    names: ['dev.azure.com returned 429. Next attempt in 1 s.', 'The list has 3 items on 2 pages.'],
    calls: 3,
  }),
  {
    name: 'wiki-pages-without-field',
    story: '… and its body has no field for the continuation token.',
    inputs: { ...WIKI_PAGES, body: '{ "top": 100 }' },
    row: 'wrong input',
    requests: 0,
    names: ['allPages', 'continuationToken'],
  },
  calling({
    name: 'more-pages',
    story: 'The step does not set allPages, and the response says that there are more pages.',
    inputs: { url: REFS },
    names: ['there are more pages. To get them all, set allPages to true.'],
  }),
  calling({
    name: 'pages-linked-without-tls',
    story: 'The link to the next page leads to a host without TLS.',
    inputs: { url: REFS, allPages: 'true' },
    open: inTurn(say({ value: [1], '@odata.nextLink': 'http://dev.azure.com/MyOrg/x' })),
    row: 'next link',
    names: ['it leads to http://dev.azure.com', REFS],
  }),
  calling({
    name: 'pages-of-nothing',
    story: 'The response is not a list.',
    inputs: { allPages: 'true' },
    open: inTurn(say({ id: 5 })),
    row: 'no list',
    names: ['has no array at its top level', 'value, else members, else items'],
  }),
  calling({
    name: 'pages-of-several',
    story: 'The response has several lists.',
    inputs: { allPages: 'true' },
    open: inTurn(say({ added: [1], removed: [2] })),
    row: 'no list',
    names: ['several arrays (added, removed)'],
  }),
  calling({
    name: 'pages-not-json',
    story: 'The second page is not JSON.',
    inputs: { url: REFS, allPages: 'true' },
    open: inTurn(undefined, say('x,y', { 'content-type': 'text/csv' })),
    row: 'not JSON',
    names: ['text/csv', 'allPages needs JSON'],
    calls: 2,
  }),
  calling({
    name: 'pages-break-off',
    story: 'The identity may see the first page only.',
    inputs: { url: REFS, allPages: 'true' },
    open: inTurn(undefined, refuse(403, 'TF401019: no permission.')),
    row: 'no permission',
    names: ['TF401019', '403', REFS],
    calls: 2,
  }),
  calling({
    name: 'run-and-wait',
    story: 'The step queues a pipeline, and waits for its result.',
    inputs: QUEUE,
    names: [
      `Polling ${RUN} every 0.1 s, for at most 30 min, until this is true: state == 'completed'`,
      'waitUntil is not true yet. Next poll in 0.1 s.',
      'and waitUntil is true.',
    ],
    calls: 4,
  }),
  calling({
    name: 'run-fails',
    story: 'The pipeline that the step queued fails.',
    inputs: QUEUE,
    open: machine({ organization: { work: { polls: 1, result: 'failed' } } }),
    row: 'what failWhen names',
    names: [`GET ${RUN}`, 'poll 3 after', "result != 'succeeded'"],
    calls: 3,
  }),
  calling({
    name: 'run-takes-too-long',
    story: 'The pipeline that the step queued takes longer than the step waits.',
    inputs: { ...QUEUE, waitTimeoutInMinutes: '0.01' },
    open: machine({ organization: { work: { polls: 1_000, result: 'succeeded' } } }),
    row: 'wait over',
    names: [`GET ${RUN}`, "waitUntil did not become true in time: state == 'completed'"],
    calls: 'some',
  }),
  calling({
    name: 'run-not-there-yet',
    story: 'Shortly after the POST, the run that it queued is not found, and then has no content.',
    inputs: QUEUE,
    open: inTurn(undefined, refuse(404, 'VS402323: not found.'), NO_CONTENT),
    names: [`Polling ${RUN}`, 'Next poll in 0.1 s.', 'and waitUntil is true.'],
    calls: 4,
  }),
  calling({
    name: 'wait-through-204',
    story: 'The resource has no content at first (204).',
    inputs: { ...QUICK, waitUntil: 'count > `0`' },
    open: inTurn(NO_CONTENT, NO_CONTENT),
    names: ['the server returned 204, and waitUntil is not true yet.', 'and waitUntil is true.'],
    calls: 3,
  }),
  calling({
    name: 'wait-until-it-exists',
    story: 'The step waits until a resource exists. It expects 404.',
    inputs: { ...QUICK, waitUntil: 'count > `0`', expectedStatus: '200,404' },
    open: inTurn(refuse(404, 'VS402323: not found.'), refuse(404, 'VS402323: not found.')),
    names: ['the server returned 404, and waitUntil is not true yet.', 'and waitUntil is true.'],
    calls: 3,
  }),
  calling({
    name: 'wait-for-nothing',
    story: '… and it is not there in time.',
    inputs: {
      ...QUICK,
      waitUntil: 'count > `0`',
      expectedStatus: '200,404',
      waitTimeoutInMinutes: '0.01',
    },
    open: machine({ organization: { lastingFault: refuse(404, 'VS402323: not found.') } }),
    row: 'wait over',
    names: ['waitUntil did not become true in time', 'count > `0`', 'the status 404.'],
    calls: 'some',
  }),
  calling({
    name: 'wait-for-unexpected-404',
    story: '… and it does not expect 404, which then is an error.',
    inputs: { ...QUICK, waitUntil: 'count > `0`' },
    open: machine({ organization: { lastingFault: refuse(404, 'VS402323: not found.') } }),
    row: 'not found',
    names: ['VS402323', '404'],
  }),
  calling({
    name: 'no-poll-address',
    story: 'The response to a POST contains no URL to poll.',
    inputs: { ...QUICK, url: '_apis/x', method: 'POST', waitUntil: 'done' },
    open: inTurn(say({ id: 5 })),
    row: 'no poll address',
    names: ['POST https://dev.azure.com/MyOrg/_apis/x', 'Location, url or _links.self.href'],
  }),
  calling({
    name: 'poll-at-other-host',
    story: 'The response to a POST contains a URL of a host that may not receive the token.',
    inputs: { ...QUICK, url: '_apis/x', method: 'POST', waitUntil: 'done' },
    open: inTurn(say({ url: 'https://evil.example.com/x' })),
    row: 'poll at other host',
    names: ['evil.example.com', 'allowedHosts'],
  }),
  calling({
    name: 'poll-not-json',
    story: 'The response to a poll is text.',
    inputs: { ...QUICK, waitUntil: 'done' },
    open: inTurn(undefined, say('queued', { 'content-type': 'text/plain' })),
    row: 'not JSON',
    names: ['text/plain', 'waitUntil needs JSON', 'poll 2 after'],
    calls: 2,
  }),
  calling({
    name: 'poll-not-found',
    story: 'The resource that the step polls is deleted.',
    inputs: { ...QUICK, waitUntil: 'done' },
    open: inTurn(undefined, refuse(404, 'VS402323: gone.')),
    row: 'not found',
    names: ['VS402323', 'poll 2 after'],
    calls: 2,
  }),
];
