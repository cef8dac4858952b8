// The steps of this task that README.md, overview.md and docs/reference.md show, run as they stand there by the built task. Those of lists
// and of long-running operations are run
// by rest-recipes.test.ts, with the steps that follow; git, curl and PowerShell by the tests of their recipes.
import assert from 'node:assert/strict';
import { readSamples } from '../contract/samples';
import { cleanUp } from '../emulators/agent/run-step';
import { DEPLOY, SYSTEM_ASSIGNED } from '../emulators/identity-endpoint';
import { ARTIFACT, STORE_HOST } from '../emulators/organization/rest-api';
import { keepOpen, openMachine, type Place } from '../emulators/places';
import { startPublicServer, type PublicServer } from '../emulators/public-server';
import { CONNECTION_ID } from '../emulators/service-connections';
import { openPlace, SCENARIOS } from '../scenarios';
import { perform } from '../stage';
import { assertSecret } from './secrecy';

type Inputs = Readonly<Record<string, string>>;

const CONNECTION = 'azureDevOpsServiceConnection';
const TITLE = JSON.stringify([{ op: 'add', path: '/fields/System.Title', value: 'Bake' }]);
/** The revision that the sample tests. */
const REVISION = 5;

/** The outputs of a step that the others read. */
function findRead(steps: readonly unknown[], name: string): readonly string[] {
  const macros = JSON.stringify(steps).matchAll(/\$\((\w+)\.(\w+)\)/g);
  return [...macros].flatMap(([, step, output = '']) => (step === name ? [output] : []));
}

/** Another test runs these with their scripts. */
const ELSEWHERE = ['Lists with several pages', 'Long-running operations'];

describe('a sample of the overview and the reference', () => {
  const samples = ['README.md', 'overview.md', 'docs/reference.md']
    .flatMap(readSamples)
    .filter(({ heading }) => !ELSEWHERE.includes(heading));
  let store: PublicServer;
  let place: Place | undefined;

  before(async () => {
    store = await startPublicServer(STORE_HOST, (_, response) => response.end(ARTIFACT));
  });

  afterEach(async () => {
    await place?.close();
    place = undefined;
  });

  after(() => store.close());

  function openFor(inputs: Inputs): Promise<Place> {
    const hosted = SCENARIOS.find(({ name }) => name === 'azure-devops-connection');
    return CONNECTION in inputs
      ? openPlace(hosted ?? assert.fail())
      : openMachine({
          identities: [SYSTEM_ASSIGNED, DEPLOY],
          hosts: { [STORE_HOST]: store.port },
        });
  }

  const run = (inputs: Inputs) =>
    perform(
      {
        inputs,
        open: () => keepOpen(place ?? assert.fail()),
      },
      { variables: { 'system.debug': 'false' } },
    );

  /** Makes the work item that a sample changes, in the revision that it names. */
  async function makeWorkItem(): Promise<void> {
    const url = 'SecretSauce/_apis/wit/workitems/';
    for (let revision = 1; revision <= REVISION; revision += 1) {
      const call = revision === 1 ? { url: `${url}$Task`, method: 'POST' } : { url: `${url}1` };
      const { step } = await run({ method: 'PATCH', ...call, body: TITLE });
      cleanUp(step);
      assert.equal(step.result, 'Succeeded', step.log.join('\n'));
    }
  }

  it('is there for each kind of use', () => {
    assert.ok(samples.length >= 15);
  });

  for (const [index, { page, heading, steps }] of samples.entries()) {
    for (const { name = '', inputs = {} } of steps.filter(({ task }) => task !== undefined)) {
      it(`works as it stands: ${index + 1}, ${page}, ${heading}, ${name}`, async () => {
        const given = Object.fromEntries(
          Object.entries(inputs).map(([input, value]) => [input, String(value)]),
        );
        place = await openFor(given);
        if (given['url']?.includes('/workitems/') === true) {
          await makeWorkItem();
        }
        // The server makes the id of a connection's name, before the agent sees it.
        const connection = CONNECTION in given ? { [CONNECTION]: CONNECTION_ID } : {};
        const { step, tokens } = await run({ ...given, ...connection });
        assert.equal(step.result, 'Succeeded', step.log.join('\n'));
        tokens.forEach((token) => {
          assertSecret(step, token);
        });
        const read = findRead(steps, name);
        assert.ok(read.length > 0);
        for (const output of read) {
          assert.notEqual(step.outputs.get(output)?.value ?? '', '', output);
        }
        cleanUp(step);
      });
    }
  }
});
