import assert from 'node:assert/strict';
import { IdentityFailure } from '../../../tasks/AzureDevOpsTokenV1/src/errors/identity-failure';
import { checkEndpointVariables } from '../../../tasks/AzureDevOpsTokenV1/src/identity/endpoint-variables';
import { fakeEnvironment } from '../fakes';

function problemOf(variables: Readonly<Record<string, string>>) {
  try {
    checkEndpointVariables(fakeEnvironment(variables));
  } catch (error) {
    assert.ok(error instanceof IdentityFailure);
    return error.problem;
  }
  return undefined;
}

describe('the environment of the agent', () => {
  it('may say nothing of an endpoint', () => {
    assert.equal(problemOf({}), undefined);
  });

  for (const variable of [
    'IDENTITY_ENDPOINT',
    'IMDS_ENDPOINT',
    'MSI_ENDPOINT',
    'AZURE_POD_IDENTITY_AUTHORITY_HOST',
  ]) {
    it(`may point to this machine by ${variable}`, () => {
      assert.equal(problemOf({ [variable]: 'http://localhost:42356/msi/token' }), undefined);
    });

    it(`may not point elsewhere by ${variable}`, () => {
      assert.deepEqual(problemOf({ [variable]: 'http://identity.example:80/token?x=1' }), {
        kind: 'foreign-endpoint',
        source: `${variable} in the environment of the agent`,
        host: 'http://identity.example',
      });
    });
  }

  it('may not hold an endpoint that is no URL', () => {
    assert.deepEqual(problemOf({ MSI_ENDPOINT: 'foo bar' }), {
      kind: 'foreign-endpoint',
      source: 'MSI_ENDPOINT in the environment of the agent',
      host: 'something that is not a URL',
    });
  });

  it('may not hold space around an endpoint', () => {
    assert.equal(problemOf({ MSI_ENDPOINT: ' http://127.0.0.1' })?.kind, 'foreign-endpoint');
  });
});
