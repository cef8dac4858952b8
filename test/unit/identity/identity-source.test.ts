import assert from 'node:assert/strict';
import { findIdentitySource } from '../../../tasks/AzureDevOpsTokenV1/src/identity/identity-source';
import { fakeEnvironment } from '../fakes';

const ALL = ['clientId', 'objectId', 'resourceId'];
const AT = 'http://localhost:4141/msi/token';

describe('the token source of a machine', () => {
  for (const [variables, name, ids, namedBy] of [
    [{}, 'the instance metadata service (IMDS)', ALL, undefined],
    [
      { AZURE_POD_IDENTITY_AUTHORITY_HOST: AT },
      'the instance metadata service (IMDS)',
      ALL,
      'AZURE_POD_IDENTITY_AUTHORITY_HOST',
    ],
    [{ IDENTITY_HEADER: 'x' }, 'the instance metadata service (IMDS)', ALL, undefined],
    [
      { IDENTITY_ENDPOINT: AT, IDENTITY_HEADER: 'x' },
      'App Service, Functions or Container Apps',
      ALL,
      'IDENTITY_ENDPOINT',
    ],
    [
      { IDENTITY_ENDPOINT: AT, IDENTITY_HEADER: 'x', IDENTITY_SERVER_THUMBPRINT: 'y' },
      'Service Fabric',
      [],
      'IDENTITY_ENDPOINT',
    ],
    [{ MSI_ENDPOINT: AT, MSI_SECRET: 'x' }, 'Azure Machine Learning', ['clientId'], 'MSI_ENDPOINT'],
    [{ MSI_ENDPOINT: AT }, 'Azure Cloud Shell', [], 'MSI_ENDPOINT'],
    [{ IDENTITY_ENDPOINT: AT, IMDS_ENDPOINT: AT }, 'Azure Arc', [], 'IDENTITY_ENDPOINT'],
    [
      { IDENTITY_ENDPOINT: AT, IMDS_ENDPOINT: AT, IDENTITY_HEADER: 'x' },
      'App Service, Functions or Container Apps',
      ALL,
      'IDENTITY_ENDPOINT',
    ],
  ] as const) {
    it(`is ${name} if the environment has ${Object.keys(variables).join(', ') || 'nothing'}`, () => {
      const source = findIdentitySource(fakeEnvironment(variables));
      assert.equal(source.name, name);
      assert.deepEqual(source.ids, ids);
      assert.equal(source.namedBy, namedBy);
    });
  }
});
