import assert from 'node:assert/strict';
import { InputReader } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/input-reader';
import { readOidcUrl } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/read-oidc-url';
import { FakeAgent } from '../fakes';

const DEV = 'https://dev.azure.com/MyOrg/';
const PATH = 'p/_apis/oidctoken';

function read(uri: string, collection: string) {
  const variables = { 'System.OidcRequestUri': uri, 'System.CollectionUri': collection };
  const reader = new InputReader(new FakeAgent({}, variables), []);
  return { url: readOidcUrl(reader)?.href, problem: reader.problems.join() };
}

describe('the URL of the OIDC token of a job', () => {
  for (const [uri, collection] of [
    [`${DEV}${PATH}`, DEV],
    [`https://dev.azure.com/myorg/${PATH}`, DEV],
    [`https://myorg.visualstudio.com/${PATH}`, DEV],
    [`${DEV}${PATH}`, 'https://myorg.visualstudio.com/'],
    [`https://vsrm.dev.azure.com/MyOrg/${PATH}`, DEV],
    [`https://vsrm.dev.azure.com/MYORG/${PATH}`, 'https://myorg.visualstudio.com/'],
    [`https://myorg.vsrm.visualstudio.com/${PATH}`, DEV],
    [`https://myorg.vsrm.visualstudio.com/${PATH}`, 'https://MyOrg.visualstudio.com/'],
    [`${DEV}${PATH}`, 'https://vsrm.dev.azure.com/MyOrg/'],
  ] as const) {
    it(`may be ${uri} in a pipeline of ${collection}`, () => {
      assert.deepEqual(read(uri, collection), { url: uri, problem: '' });
    });
  }

  it('may not be of another host, not even the one of the collection', () => {
    for (const origin of ['https://devops.example.com', 'https://vssps.dev.azure.com']) {
      const { url, problem } = read(`${origin}/MyOrg/${PATH}`, `${origin}/MyOrg/`);
      assert.equal(url, undefined);
      assert.match(problem, /it is not a URL of the organization of the pipeline/);
    }
  });

  for (const [uri, why] of [
    [`https://dev.azure.com/Evil/${PATH}`, 'it is not a URL of the organization of the pipeline'],
    [
      `https://evil.visualstudio.com/${PATH}`,
      'it is not a URL of the organization of the pipeline',
    ],
    [
      `https://vsrm.dev.azure.com/Evil/${PATH}`,
      'it is not a URL of the organization of the pipeline',
    ],
    [
      `https://evil.vsrm.visualstudio.com/${PATH}`,
      'it is not a URL of the organization of the pipeline',
    ],
    [
      `https://vsrm.visualstudio.com/MyOrg/${PATH}`,
      'it is not a URL of the organization of the pipeline',
    ],
    [
      `https://vssps.dev.azure.com/MyOrg/${PATH}`,
      'it is not a URL of the organization of the pipeline',
    ],
    [
      `https://myorg.pkgs.visualstudio.com/${PATH}`,
      'it is not a URL of the organization of the pipeline',
    ],
    [`https://vsrm.dev.azure.com:444/MyOrg/${PATH}`, 'it is not a URL of the organization'],
    [`http://vsrm.dev.azure.com/MyOrg/${PATH}`, 'it is not a URL of Azure DevOps with https'],
    [`https://evil.example/MyOrg/${PATH}`, 'it is not a URL of the organization of the pipeline'],
    [`https://dev.azure.com.evil.example/MyOrg/${PATH}`, 'it is not a URL of the organization'],
    [`http://dev.azure.com/MyOrg/${PATH}`, 'it is not a URL of Azure DevOps with https'],
    [`https://user@dev.azure.com/MyOrg/${PATH}`, 'it is not a URL of Azure DevOps with https'],
    [
      `https://dev.azure.com:8443/MyOrg/${PATH}`,
      'it is not a URL of the organization of the pipeline',
    ],
  ] as const) {
    it(`may not be ${uri}`, () => {
      const { url, problem } = read(uri, DEV);
      assert.equal(url, undefined);
      assert.ok(problem.includes(why), problem);
      assert.match(
        problem,
        /The access token of the job is not sent there\. If a pipeline variable has that name, remove it\.$/,
      );
    });
  }

  it('may not be of an organization if nothing says which one is that of the pipeline', () => {
    for (const collection of ['', 'MyOrg']) {
      const { url, problem } = read(`${DEV}${PATH}`, collection);
      assert.equal(url, undefined);
      assert.match(problem, /but it is not a URL of the organization of the pipeline/);
    }
  });

  it('may not be missing, or no address', () => {
    for (const uri of ['', 'oidctoken']) {
      assert.match(
        read(uri, DEV).problem,
        /^System\.OidcRequestUri is not set.* federation cannot be used here\. Run the job with Azure DevOps Services\.$/,
      );
    }
  });
});
