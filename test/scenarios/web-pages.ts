// Web pages in place of a response of the REST API: of Azure DevOps itself, and of IIS and HTTP.sys in front of it.
// A new report is a new entry here, with its source.
import type { Fault } from '../emulators/faults';
import { OWN_HEADERS, signInPage } from '../emulators/organization/error-responses';
import { calling } from './call';
import { machine, type Scenario } from './scenario';

const always = (lastingFault: Fault) => machine({ organization: { lastingFault } });
const PAGE = { ...OWN_HEADERS, 'content-type': 'text/html; charset=utf-8' };
const page = (title: string, body = ''): Fault => ({
  kind: 'response',
  status: 200,
  headers: PAGE,
  body: `<!DOCTYPE html><html><head><title>${title}</title></head><body>${body}</body></html>`,
});
/** A page of HTTP.sys: https://serverfault.com/questions/856562 */
const ofHttpSys = (status: number, title: string, explanation: string): Fault => ({
  kind: 'response',
  status,
  headers: { 'content-type': 'text/html; charset=us-ascii', server: 'Microsoft-HTTPAPI/2.0' },
  body:
    `<HTML><HEAD><TITLE>${status === 400 ? 'Bad Request' : title}</TITLE></HEAD><BODY><h2>${title}</h2>\r\n` +
    `<hr><p>HTTP Error ${status}. ${explanation}</p>\r\n</BODY></HTML>\r\n`,
});
const IDS = Array.from({ length: 400 }, (_, index) => 100_000 + index).join(',');
const MANY_WORK_ITEMS = `_apis/wit/workitems?ids=${IDS}`;
const WHAT_TO_SEND = ['_apis/wit/workitemsbatch', '$batch'];

export const WEB_PAGE_SCENARIOS: readonly Scenario[] = [
  calling({
    name: 'page-of-coverage',
    story: 'The step downloads a coverage report from a build container.',
    inputs: {
      url: '_apis/resources/Containers/7?itemPath=coverage/SignIn.tsx.html',
      outputFile: 'coverage.html',
    },
    open: always(page('Code coverage report for src/SignIn.tsx', '<h1>Sign in</h1>')),
    row: 'web page',
    names: [
      '200',
      'text/html',
      'https://dev.azure.com/MyOrg/_apis/resources/Containers/7',
      'headers',
    ],
  }),
  calling({
    name: 'page-of-coverage-as-page',
    story: '… and requests a web page.',
    inputs: {
      url: '_apis/resources/Containers/7?itemPath=coverage/SignIn.tsx.html',
      headers: 'Accept: text/html',
      outputFile: 'coverage.html',
    },
    open: always(page('Code coverage report for src/SignIn.tsx', '<h1>Sign in</h1>')),
    names: ['coverage.html'],
  }),
  calling({
    name: 'page-of-feed',
    story: 'The index of a feed is a page.',
    inputs: {
      url: 'https://pkgs.dev.azure.com/MyOrg/SecretSauce/_packaging/sauces/pypi/simple/pepper/',
      query: 'files',
    },
    open: always(page('Links for pepper', '<a href="pepper-1.0.0.whl">pepper-1.0.0.whl</a>')),
    row: 'web page',
    names: ['200', 'text/html', '_packaging/sauces/pypi/simple/pepper/'],
  }),
  calling({
    name: 'page-of-portal',
    story: 'url is the address of a page of the web portal.',
    inputs: { url: 'SecretSauce/_build' },
    open: always(
      page('Pipelines - Recent', '<a href="https://app.vssps.visualstudio.com/_signout">'),
    ),
    row: 'web page',
    names: [
      '200',
      'https://dev.azure.com/MyOrg/SecretSauce/_build',
      'Check that url contains _apis/',
    ],
  }),
  calling({
    name: 'page-for-all-pages',
    story: 'A list continues with a page.',
    inputs: { url: 'SecretSauce/_wiki/wikis', allPages: 'true' },
    open: always(page('Wiki')),
    row: 'web page',
    names: ['200', 'Check that url contains _apis/'],
  }),
  calling({
    name: 'page-of-sign-in-by-form',
    story: 'A page without a title of its own sends the browser to Microsoft Entra.',
    open: always(
      page(
        'Working...',
        '<form method="POST" action="https://login.microsoftonline.com/common/oauth2/authorize">',
      ),
    ),
    row: 'unknown to the organization',
    names: ['200', 'sign-in page'],
  }),
  calling({
    name: 'page-of-sign-in-as-page',
    story: 'The step requests a web page, and gets a sign-in page.',
    inputs: { headers: 'Accept: text/html' },
    open: always(signInPage(200)),
    row: 'unknown to the organization',
    names: ['200', 'sign-in page'],
  }),
  {
    name: 'organization-is-a-page',
    story: 'The address of the organization is a web page.',
    open: always(page('Azure DevOps')),
    row: 'organization is a page',
    names: ['200', 'text/html', 'https://dev.azure.com/MyOrg/_apis/connectionData'],
    calls: 1,
  },
  calling({
    name: 'url-too-long',
    story: 'The URL names more work items than fit into it.',
    // https://github.com/MicrosoftDocs/azure-devops-docs/issues/10602
    inputs: { url: MANY_WORK_ITEMS },
    open: always(ofHttpSys(414, 'Request URL Too Long', 'The request URL is too long.')),
    row: 'URL too long',
    names: ['414', 'The request URL is too long.', ...WHAT_TO_SEND],
  }),
  calling({
    name: 'url-invalid',
    story: 'HTTP.sys does not accept the URL.',
    inputs: { url: MANY_WORK_ITEMS },
    open: always(ofHttpSys(400, 'Bad Request - Invalid URL', 'The request URL is invalid.')),
    row: 'URL too long',
    names: ['400', 'Bad Request - Invalid URL', ...WHAT_TO_SEND],
  }),
  calling({
    name: 'url-invalid-and-short',
    story: '… although it is short: a part of it is not valid.',
    inputs: { url: '_apis/git/repositories/100%25%25' },
    open: always(ofHttpSys(400, 'Bad Request - Invalid URL', 'The request URL is invalid.')),
    row: 'URL too long',
    names: ['400', 'Bad Request - Invalid URL', '%25', '260 characters', ...WHAT_TO_SEND],
  }),
  calling({
    name: 'url-too-long-for-iis',
    story: 'IIS does not accept the length of the query.',
    inputs: { url: MANY_WORK_ITEMS },
    open: always({
      kind: 'response',
      status: 404,
      headers: { 'content-type': 'text/html', server: 'Microsoft-IIS/10.0' },
      body: '<html><head><title>IIS 10.0 Detailed Error - 404.15 - Not Found</title></head><body><h3>HTTP Error 404.15 - Not Found</h3><h4>The request filtering module is configured to deny a request where the query string is too long.</h4></body></html>',
    }),
    row: 'URL too long',
    names: ['404', 'query string is too long', ...WHAT_TO_SEND],
  }),
  calling({
    name: 'url-too-long-for-analytics',
    story: 'Analytics returns a 404 without a body for a query of more than 3,000 characters.',
    // https://learn.microsoft.com/azure/devops/report/extend-analytics/odata-query-guidelines
    inputs: {
      url: `https://analytics.dev.azure.com/MyOrg/SecretSauce/_odata/v4.0-preview/WorkItems?$filter=WorkItemId in (${IDS})`,
    },
    open: machine({
      organization: {
        hosts: ['analytics.dev.azure.com'],
        lastingFault: { kind: 'response', status: 404, headers: { 'content-length': '0' } },
      },
    }),
    row: 'URL too long',
    names: ['404', ...WHAT_TO_SEND],
  }),
  calling({
    name: 'url-too-long-for-asp-net',
    story: 'ASP.NET does not accept the length of the query.',
    inputs: { url: MANY_WORK_ITEMS },
    open: always({
      kind: 'response',
      status: 400,
      headers: { 'content-type': 'text/html', 'x-azure-ref': '0abc' },
      body: '<!DOCTYPE html><html><head><title>The length of the query string for this request exceeds the configured maxQueryStringLength value.</title></head></html>',
    }),
    row: 'URL too long',
    names: ['400', 'maxQueryStringLength', ...WHAT_TO_SEND],
  }),
  calling({
    name: 'headers-too-long',
    story: 'The headers are too long for HTTP.sys, and the URL is not.',
    open: always(
      ofHttpSys(
        400,
        'Bad Request - Request Too Long',
        'The size of the request headers is too long.',
      ),
    ),
    row: 'unexpected status',
    names: ['400', 'The size of the request headers is too long.'],
  }),
  calling({
    name: 'page-of-the-front-door',
    story: 'Azure Front Door blocks the request.',
    open: always({
      kind: 'response',
      status: 403,
      headers: { 'content-type': 'text/html', 'x-azure-ref': '0abc' },
      body: '<html><head><title>403 - The request is blocked</title></head></html>',
    }),
    row: 'no permission',
    names: ['403', 'The request is blocked'],
  }),
];
