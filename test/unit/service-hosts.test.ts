import assert from 'node:assert/strict';
import { findService, isBelowOrganization } from '../../tasks/AzureDevOpsTokenV1/src/service-hosts';

/** Each area of the published specifications, and what is documented besides, by the host that serves it. */
const AREAS: Readonly<Record<string, string>> = {
  'dev.azure.com':
    'accesscontrolentries accesscontrollists build dashboard distributedtask favorite git githubconnections hooks operations ' +
    'permissions permissionsreport pipelines policy process projects public resourceusage security securitynamespaces securityroles ' +
    'serviceendpoint sourceProviders teams test testplan tfvc wiki wit work notification connectionData',
  'vssps.dev.azure.com': 'delegatedauth graph identities tokenadmin tokens',
  'vsaex.dev.azure.com':
    'groupentitlements memberentitlements serviceprincipalentitlements userentitlements userentitlementsummary',
  'vsrm.dev.azure.com': 'release',
  'vstmr.dev.azure.com': 'testresults',
  'feeds.dev.azure.com': 'packaging',
  'pkgs.dev.azure.com': 'provenance',
  'almsearch.dev.azure.com': 'search',
  'auditservice.dev.azure.com': 'audit',
  'extmgmt.dev.azure.com': 'extensionmanagement',
  'advsec.dev.azure.com': 'alert management reporting',
  'artifacts.dev.azure.com': 'symbol',
  'status.dev.azure.com': 'status',
  'app.vssps.visualstudio.com': 'accounts profile',
};
const OUTSIDE = new Set(['status.dev.azure.com', 'app.vssps.visualstudio.com']);

describe('the host of a path', () => {
  for (const [host, areas] of Object.entries(AREAS)) {
    for (const area of areas.split(' ')) {
      it(`is ${host} for ${area}, in a project or not, in any case`, () => {
        const expected = { host, isInOrganization: !OUTSIDE.has(host) };
        assert.deepEqual(findService(['_apis', area, 'x']), expected);
        assert.deepEqual(findService(['SecretSauce', 'graph', '_apis', area]), expected);
        assert.deepEqual(findService(['_APIS', area.toUpperCase()]), expected);
      });
    }
  }

  for (const [path, host] of [
    ['_apis/packaging/feeds/MyFeed', 'feeds.dev.azure.com'],
    ['_apis/packaging/feeds/MyFeed/packages', 'feeds.dev.azure.com'],
    ['_apis/packaging/feeds/npm', 'feeds.dev.azure.com'],
    ['_apis/public/packaging/feeds/MyFeed', 'feeds.dev.azure.com'],
    ...['cargo', 'maven', 'npm', 'nuget', 'PyPI', 'upack'].map(
      (protocol) =>
        [
          `SecretSauce/_apis/packaging/feeds/MyFeed/${protocol}/packages`,
          'pkgs.dev.azure.com',
        ] as const,
    ),
    ['_apis/packaging/npm/validateupstream', 'pkgs.dev.azure.com'],
    ['SecretSauce/_packaging/MyFeed/npm/registry', 'pkgs.dev.azure.com'],
    ['SecretSauce/_odata/v4.0-preview/WorkItems', 'analytics.dev.azure.com'],
    ['SecretSauce/_git/app', 'dev.azure.com'],
    ['_apis', 'dev.azure.com'],
    ['SecretSauce/graph', 'dev.azure.com'],
    ['_apis/constructor', 'dev.azure.com'],
  ] as const) {
    it(`is ${host} for ${path}`, () => {
      assert.deepEqual(findService(path.split('/')), { host, isInOrganization: true });
    });
  }
});

describe('an address of the REST API', () => {
  for (const [url, organization, expected] of [
    ['https://dev.azure.com/MyOrg/_apis/x', undefined, true],
    ['https://myorg.visualstudio.com/_apis/x', undefined, true],
    ['https://dev.azure.com/MyOrg/_git/x', undefined, false],
    ['https://api.example.com/_apis/x', undefined, false],
    ['https://api.example.com/MyOrg/_apis/x', 'https://api.example.com/MyOrg', true],
    ['https://api.example.com/MyOrgs/_apis/x', 'https://api.example.com/MyOrg', false],
  ] as const) {
    it(`is ${expected ? '' : 'not '}${url}`, () => {
      assert.equal(isBelowOrganization(new URL(url), organization), expected);
    });
  }
});
