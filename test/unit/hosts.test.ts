import assert from 'node:assert/strict';
import {
  findService,
  isBelowOrganization,
  mayGetToken,
} from '../../tasks/AzureDevOpsTokenV1/src/hosts';

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

const CASES: readonly (readonly [string, readonly string[], boolean])[] = [
  ['https://dev.azure.com/MyOrg', [], true],
  ['https://dev.azure.com:443/MyOrg', [], true],
  ['https://DEV.azure.com/MyOrg', [], true],
  ['http://dev.azure.com/MyOrg', [], false],
  ['http://dev.azure.com/MyOrg', ['dev.azure.com'], false],
  ['https://dev.azure.com:444/MyOrg', [], false],
  ['https://dev.azure.com./MyOrg', [], false],
  ['https://dev.azure.com.example/MyOrg', [], false],
  ['https://x.dev.azure.com/MyOrg', [], false],
  ['https://x@dev.azure.com/MyOrg', [], false],
  ['https://:x@dev.azure.com/MyOrg', [], false],
  ['ftp://dev.azure.com/MyOrg', ['dev.azure.com'], false],
  ['https://myorg.visualstudio.com/', [], true],
  ['https://myorg.vsrm.visualstudio.com/', [], true],
  ['https://app.vssps.visualstudio.com/_apis/accounts', [], true],
  ['https://a.b.c.visualstudio.com/', [], false],
  ['https://visualstudio.com/', [], false],
  ['https://.visualstudio.com/', [], false],
  ['https://myorg.visualstudio.com.example/', [], false],
  ['https://myorgvisualstudio.com/', [], false],
  ['https://myorg.visualstudio.com:444/', [], false],
  ['http://myorg.visualstudio.com/', [], false],
  ['https://x.blob.core.windows.net/', [], false],
  ['https://x.vsblob.vsassets.io/', [], false],
  ...[
    'advsec',
    'almsearch',
    'analytics',
    'artifacts',
    'auditservice',
    'extmgmt',
    'feeds',
    'pkgs',
    'status',
    'vsaex',
    'vsrm',
    'vssps',
    'vstmr',
  ].map((name) => [`https://${name}.dev.azure.com/MyOrg`, [], true] as const),
  ['https://devops.example.com/', [], false],
  ['https://devops.example.com/', ['devops.example.com'], true],
  ['https://devops.example.com/', ['devops.example.com:443'], true],
  ['https://devops.example.com/', ['devops.example.com:80'], false],
  ['https://devops.example.com:8443/', ['devops.example.com'], false],
  ['https://devops.example.com:8443/', ['devops.example.com:8443'], true],
  ['https://x.devops.example.com/', ['devops.example.com'], false],
  ['http://devops.example.com/', ['devops.example.com'], false],
  ['http://127.0.0.1/', [], false],
  ['http://127.0.0.1/', ['127.0.0.1'], true],
  ['http://127.0.0.1/', ['127.0.0.1:80'], true],
  ['http://127.0.0.1:8080/', ['127.0.0.1'], false],
  ['http://127.0.0.1:8080/', ['127.0.0.1:8080'], true],
  ['http://127.255.255.254:8080/', ['127.255.255.254:8080'], true],
  ['http://127.0.0.1.example/', ['127.0.0.1.example'], false],
  ['http://x127.0.0.1/', ['x127.0.0.1'], false],
  ['http://localhost:8080/', ['localhost:8080'], true],
  ['http://xlocalhost:8080/', ['xlocalhost:8080'], false],
  ['http://[::1]:8080/', ['[::1]:8080'], true],
  ['http://10.0.0.1:8080/', ['10.0.0.1:8080'], false],
];

describe('the hosts that may get the token', () => {
  for (const [url, allowedHosts, expected] of CASES) {
    const named = allowedHosts.length === 0 ? '' : `, with ${allowedHosts.join()} named`;
    it(`${expected ? 'include' : 'do not include'} ${url}${named}`, () => {
      // An address that the platform itself does not take is none that could get it.
      const isTaken = URL.canParse(url) && mayGetToken(new URL(url), allowedHosts);
      assert.equal(isTaken, expected);
    });
  }
});
