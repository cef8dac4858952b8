import assert from 'node:assert/strict';
import { isTokenApi } from '../../../tasks/AzureDevOpsTokenV1/src/azure-devops/token-apis';

const HOST = 'https://vssps.dev.azure.com/MyOrg';

describe('an API that returns tokens', () => {
  for (const url of [
    `${HOST}/_apis/tokens/pats`,
    `${HOST}/_apis/tokens`,
    `${HOST}/_apis/token/sessiontokens?api-version=7.1`,
    'https://dev.azure.com/MyOrg/SecretSauce/_apis/distributedtask/hubs/build/plans/1/jobs/2/oidctoken',
    'https://myorg.vssps.visualstudio.com/_apis/Token/SessionTokens',
    'https://127.0.0.1:8443/x/_apis/tokens/pats',
    `${HOST}/_APIS/Tokens/pats`,
    `${HOST}//_apis//tokens//pats`,
    `${HOST}/_apis/./tokens/pats`,
    `${HOST}/_apis/git/../tokens/pats`,
    `${HOST}/_apis/git/%2e%2e/tokens/pats`,
    `${HOST}/_apis/git/%252e%252e/tokens/pats`,
    `${HOST}/_apis/%74okens/pats`,
    `${HOST}/_apis/%2574okens/pats`,
    `${HOST}/_apis/%252574okens/pats`,
    `${HOST}/%5Fapis%2Ftokens%2Fpats`,
    `${HOST}/_apis%252Ftokens/pats`,
    `${HOST}/_apis%5Ctokens/pats`,
    `${HOST}/_apis/%u0074okens/pats`,
    `${HOST}/_apis/tokens;x=1/pats`,
    `${HOST}/_apis/tokens./pats`,
    `${HOST}/_apis/tokens%20/pats`,
    `${HOST}/_apis/%EF%BD%94okens/pats`,
    `${HOST}/100%/_apis/tokens/pats`,
    `${HOST}/jobs/2/OIDC%54oken`,
  ]) {
    it(`is ${url}`, () => {
      assert.equal(isTokenApi(new URL(url)), true);
    });
  }
});

describe('an API that returns none', () => {
  for (const url of [
    `${HOST}/_apis/tokenadmin/personalaccesstokens/x`,
    `${HOST}/_apis/projects?x=/_apis/tokens`,
    `${HOST}/tokens/_apis/git/repositories`,
    `${HOST}/_apis/git/repositories/tokens`,
    `${HOST}/_apis/git/repositories/a/items?path=/oidctoken`,
    `${HOST}/_apis/tokens/../projects`,
    `${HOST}/%E0%A4%A/_apis/projects`,
  ]) {
    it(`is ${url}`, () => {
      assert.equal(isTokenApi(new URL(url)), false);
    });
  }
});
