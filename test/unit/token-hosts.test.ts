import assert from 'node:assert/strict';
import { mayGetToken } from '../../tasks/AzureDevOpsTokenV1/src/token-hosts';

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
