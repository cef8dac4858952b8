// What a queue-time user, an earlier step or a job next door can do to a token that Microsoft Entra gives, and what is seen of what it is
// given for. What else can happen is in test/scenarios/federation.ts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeCertificateSettings } from '../emulators/agent/agent-configuration';
import { JOB_TOKEN, makeFolders, OIDC_PATH } from '../emulators/agent/job-setting';
import { cleanUp, type StepOptions } from '../emulators/agent/run-step';
import { FAST_CLOCK_ENVIRONMENT } from '../emulators/fast-clock';
import { openHostedAgent, PROXY_USER } from '../emulators/federated-places';
import type { Place } from '../emulators/places';
import {
  APPLICATION,
  azureRM,
  CONNECTION_ID,
  ISSUER,
  STORED_SECRET,
  SUBJECT,
  WITH_SECRET,
} from '../emulators/service-connections';
import { perform, type Performance } from '../stage';
import { assertNotIn, assertSecret, filesBelow } from './secrecy';

const OTHER_ID = 'deadbeef-0000-4000-8000-000000000000';
const OF_CONNECTION = {
  connectionType: 'azureDevOps',
  azureDevOpsServiceConnection: CONNECTION_ID,
};

async function runAt(
  open: () => Promise<Place>,
  options: Partial<StepOptions>,
  look: (performance: Performance) => void,
): Promise<void> {
  const performance = await perform({ open }, options);
  const { step, tokens, assertions = [] } = performance;
  try {
    [...tokens, ...assertions, JOB_TOKEN].forEach((token) => {
      assertSecret(step, token);
    });
    look(performance);
  } finally {
    cleanUp(step);
  }
}

const messageOf = ({ step }: Performance) => step.issues[0]?.message ?? '';

function assertRefused(performance: Performance, words: RegExp): void {
  assert.match(messageOf(performance), words);
  assert.equal(performance.step.outputs.size, 0);
  assert.deepEqual(performance.proxy?.requests, []);
}

describe('a variable of the pipeline', () => {
  for (const [name, value] of [
    ['ENDPOINT_AUTH_SYSTEMVSSCONNECTION', '{"scheme":"OAuth","parameters":{"AccessToken":"x"}}'],
    [`ENDPOINT_AUTH_${CONNECTION_ID}`, '{"scheme":"WorkloadIdentityFederation"}'],
    [`endpoint.data.${CONNECTION_ID}.environment`, 'AzureCloud'],
    ['SYSTEM_OIDCREQUESTURI', `https://dev.azure.com/Evil/${OIDC_PATH}`],
    ['INPUT_CONNECTIONTYPE', 'managedIdentity'],
  ] as const) {
    // What the agent sets last would win.
    for (const environmentOrder of name.startsWith('ENDPOINT_AUTH_S')
      ? (['variables-first', 'variables-last'] as const)
      : (['variables-last'] as const)) {
      it(`${name} does not change whom a service connection stands for, with the order ${environmentOrder}`, () =>
        runAt(
          openHostedAgent,
          { inputs: OF_CONNECTION, variables: { [name]: value }, environmentOrder },
          (performance) => {
            assertRefused(performance, /The pipeline variable ".*would (?:override|choose)/);
          },
        ));
    }
  }

  it('with the URL of the OIDC token cannot name another organization', () =>
    runAt(
      openHostedAgent,
      {
        inputs: OF_CONNECTION,
        variables: { 'System.OidcRequestUri': `https://dev.azure.com/OtherOrg/${OIDC_PATH}` },
      },
      (performance) => {
        assertRefused(performance, /not a URL of the organization of the pipeline/);
      },
    ));

  it('cannot make a service connection of its own, if another one chooses the connection', () =>
    runAt(
      openHostedAgent,
      {
        inputs: { connectionType: 'azureDevOps', azureDevOpsServiceConnection: '$(connection)' },
        variables: {
          connection: CONNECTION_ID.replaceAll('-', ''),
          [`ENDPOINT_AUTH_${CONNECTION_ID.replaceAll('-', '')}`]: JSON.stringify({
            scheme: 'WorkloadIdentityFederation',
            parameters: { tenantid: OTHER_ID, serviceprincipalid: OTHER_ID },
          }),
        },
      },
      (performance) => {
        assertRefused(performance, /"ENDPOINT_AUTH_[^-]*" would override a service connection/);
      },
    ));

  it('that names a region does not move Microsoft Entra there, where no token is requested', () => {
    const names = ['MSAL_FORCE_REGION', 'AZURE_REGIONAL_AUTHORITY_NAME', 'REGION_NAME'];
    const variables = Object.fromEntries(names.map((name) => [name, 'eastus']));
    return runAt(openHostedAgent, { inputs: OF_CONNECTION, variables }, (performance) => {
      assert.equal(performance.step.result, 'Succeeded', messageOf(performance));
    });
  });

  const ids = { AZURE_CLIENT_ID: OTHER_ID, AZURE_TENANT_ID: OTHER_ID };
  for (const spell of [
    (text: string) => text,
    (text: string) => text.replaceAll('_', '.').toLowerCase(),
  ]) {
    it(`${spell('AZURE_CLIENT_ID')} and ${spell('AZURE_TENANT_ID')} change nothing for a service connection`, () => {
      const variables = Object.fromEntries(
        Object.entries(ids).map(([variable, value]) => [spell(variable), value]),
      );
      return runAt(openHostedAgent, { inputs: OF_CONNECTION, variables }, (performance) => {
        const { step } = performance;
        assert.equal(step.result, 'Succeeded', messageOf(performance));
        assert.equal(step.outputs.get('clientId')?.value, APPLICATION.clientId);
      });
    });
  }
});

describe('what Microsoft Entra is shown', () => {
  // That it is in no line and no file of a good run is checked in each scenario.
  for (const [status, body] of [
    [200, '{"oidcToken":"eyJHIDDENHIDDENHIDDEN.eyJHIDDEN.'],
    [400, { message: 'eyJHIDDENHIDDENHIDDEN.eyJHIDDEN.x' }],
    [500, { message: 'eyJHIDDENHIDDENHIDDEN.eyJHIDDEN.x' }],
  ] as const) {
    it(`is in no line where Azure DevOps answers ${status} ${JSON.stringify(body)}`, () => {
      const lastingFault = { kind: 'response', status, body } as const;
      const faults = Array.from({ length: 20 }, () => lastingFault);
      const open = () => openHostedAgent({ organization: { faults, lastingFault } });
      const machineEnvironment = FAST_CLOCK_ENVIRONMENT;
      return runAt(open, { inputs: OF_CONNECTION, machineEnvironment }, ({ step }) => {
        assert.equal(step.result, 'Failed');
        assert.doesNotMatch(`${step.stdout}${step.stderr}`, /HIDDEN/);
      });
    });
  }
});

describe('the job token', () => {
  for (const [name, inputs] of [
    ['a result', {}],
    ['a secret result', { secretResult: 'true' }],
    ['a file', { outputFile: 'projects.json' }],
  ] as const) {
    it(`does not become ${name} where the organization returns it`, () => {
      const faults = [
        undefined,
        { kind: 'response', status: 409, body: { message: JOB_TOKEN } },
      ] as const;
      const open = () => openHostedAgent({ organization: { faults } });
      const url = 'SecretSauce/_apis/build/builds';
      return runAt(open, { inputs: { ...OF_CONNECTION, url, ...inputs } }, (performance) => {
        assert.match(messageOf(performance), /^The response contains the token/);
        assert.equal(performance.step.outputs.get('result'), undefined);
      });
    });
  }
});

describe('the stored secret of a service connection', () => {
  for (const [name, connection] of [
    ['a secret', WITH_SECRET],
    ['anything else', azureRM({ scheme: 'Other', parameters: { Password: STORED_SECRET } })],
  ] as const) {
    it(`(${name}) is in no line and no file`, () =>
      runAt(
        () => openHostedAgent({ connection }),
        { inputs: { connectionType: 'azureRM', azureSubscription: CONNECTION_ID } },
        (performance) => {
          const { step } = performance;
          assertRefused(performance, /The task supports workload identity federation/);
          assertNotIn(STORED_SECRET, [
            ['standard output', step.stdout],
            ['standard error', step.stderr],
            ...filesBelow(step.folders.root).map(
              (file) => [file, readFileSync(file, 'latin1')] as const,
            ),
          ]);
        },
      ));
  }
});

describe('Microsoft Entra behind the proxy of the agent', () => {
  /** The agent itself knows the proxy and the authority; its environment does not. */
  async function runBehind(password: string): Promise<Performance> {
    const place = await openHostedAgent();
    const { HTTPS_PROXY: address = '', NODE_EXTRA_CA_CERTS: file = '' } = place.machineEnvironment;
    const proxy = new URL(address);
    const variables = {
      'Agent.ProxyUrl': proxy.origin,
      'Agent.ProxyUsername': proxy.username,
      'Agent.ProxyPassword': { value: password, isSecret: true },
      'Agent.CAInfo': file,
    };
    const bare = { ...place.machineEnvironment, HTTPS_PROXY: '', NODE_EXTRA_CA_CERTS: '' };
    const open = () => Promise.resolve({ ...place, machineEnvironment: bare });
    const folders = makeFolders();
    writeCertificateSettings(folders.root, { CACert: file });
    const performance = await perform({ open }, { inputs: OF_CONNECTION, variables, folders });
    cleanUp(performance.step);
    return performance;
  }

  it('is reached with the user, the password and the authorities of the agent', async () => {
    const performance = await runBehind(PROXY_USER.password);
    assert.equal(performance.step.result, 'Succeeded', messageOf(performance));
    assert.ok(performance.proxy?.requests.includes('CONNECT login.microsoftonline.com:443'));
  });

  it('is not reached with a wrong password, which is said', async () => {
    const performance = await runBehind('wrong-password');
    assert.match(messageOf(performance), /proxy .*407/);
    assert.match(messageOf(performance), /The agent is configured with this proxy/);
    assert.ok(!performance.step.log.join('\n').includes('wrong-password'));
  });
});

describe('a service connection', () => {
  it('has its issuer and subject masked, also where Microsoft Entra quotes them', () =>
    runAt(
      () => openHostedAgent({ application: { credentials: [] } }),
      { inputs: OF_CONNECTION },
      (performance) => {
        const message = messageOf(performance);
        assert.match(message, /AADSTS/);
        assert.ok(message.includes('***'), message);
        for (const line of performance.step.log) {
          assert.ok(!line.includes(SUBJECT) && !line.includes(ISSUER), line);
        }
      },
    ));

  it('is not for builds of a fork whose secrets are restricted: the step is skipped', () =>
    runAt(
      openHostedAgent,
      {
        inputs: OF_CONNECTION,
        variables: { 'System.RestrictSecrets': 'True', 'System.PullRequest.IsFork': 'True' },
      },
      ({ step, entra }) => {
        assert.deepEqual([step.result, step.stdout, step.outputs.size], ['Skipped', '', 0]);
        assert.deepEqual(step.issues, []);
        assert.deepEqual(entra?.requests, []);
      },
    ));
});
