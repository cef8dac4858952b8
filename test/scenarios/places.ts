// The kinds of places where an agent can run, each with a step that gets a token there.
import { canMount, openArcMachine } from '../emulators/arc-machine';
import {
  APP_SERVICE,
  CLOUD_SHELL,
  IMDS,
  MACHINE_LEARNING,
  SERVICE_FABRIC,
  WINDOWS_CONTAINER,
  WINDOWS_CONTAINER_ADDRESS,
  type Dialect,
} from '../emulators/identity-dialects';
import { openHostedAgent, openPod } from '../emulators/federated-places';
import { openBareMachine, openMachineBehindProxy } from '../emulators/places';
import { CONNECTION_ID } from '../emulators/service-connections';
import { machine, type Scenario } from './scenario';

interface Kind extends Pick<Scenario, 'name' | 'story'> {
  readonly dialect: Dialect;
  readonly source: string;
}

const at = ({ dialect, source, ...kind }: Kind): Scenario => ({
  ...kind,
  open: machine({ dialect }),
  names: [`Got a token for Azure DevOps from ${source}`],
});

export const PLACES: readonly Scenario[] = [
  at({
    name: 'virtual-machine',
    story: 'A virtual machine, a scale set or a Managed DevOps Pool.',
    dialect: IMDS,
    source: 'the instance metadata service (IMDS)',
  }),
  at({
    name: 'container-apps',
    story: 'Container Apps, App Service or Functions.',
    dialect: APP_SERVICE,
    source: 'App Service, Functions or Container Apps',
  }),
  {
    name: 'windows-container',
    story: 'App Service in a Windows container.',
    open: machine({ dialect: WINDOWS_CONTAINER, endpointAddress: WINDOWS_CONTAINER_ADDRESS }),
    names: ['Got a token for Azure DevOps from App Service, Functions or Container Apps'],
  },
  at({
    name: 'machine-learning',
    story: 'Azure Machine Learning.',
    dialect: MACHINE_LEARNING,
    source: 'Azure Machine Learning',
  }),
  at({
    name: 'cloud-shell',
    story: 'Azure Cloud Shell.',
    dialect: CLOUD_SHELL,
    source: 'Azure Cloud Shell',
  }),
  {
    name: 'azure-arc',
    story: 'A server with Azure Arc (on Linux, as a user who may mount).',
    open: openArcMachine,
    isPossible: canMount,
    names: ['Got a token for Azure DevOps from Azure Arc'],
  },
  at({
    name: 'service-fabric',
    story: 'A service in a Service Fabric cluster.',
    dialect: SERVICE_FABRIC,
    source: 'Service Fabric',
  }),
  {
    name: 'kubernetes',
    story: 'A pod of AKS with workload identity, behind a proxy that requires a password.',
    open: openPod,
    names: ['Got a token for Azure DevOps from Microsoft Entra (workload identity)'],
  },
  {
    name: 'behind-a-proxy',
    story: 'A virtual machine that reaches the internet through a proxy only.',
    open: openMachineBehindProxy,
    names: ['Got a token for Azure DevOps from the instance metadata service (IMDS)'],
  },
  {
    name: 'microsoft-hosted',
    story: 'A Microsoft-hosted agent, which has no managed identity.',
    open: openBareMachine,
    row: 'no identity endpoint',
    names: ['Microsoft-hosted agents have no managed identity'],
  },
  {
    name: 'service-connection',
    story:
      'A Microsoft-hosted agent with an Azure DevOps service connection, behind a proxy that requires a password.',
    open: openHostedAgent,
    inputs: { connectionType: 'azureDevOps', azureDevOpsServiceConnection: CONNECTION_ID },
    names: [`Got a token for Azure DevOps from Microsoft Entra as the identity of the service`],
  },
];
