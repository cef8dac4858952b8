/** What issues the tokens of a machine. */
export type Platform =
  | 'imds'
  | 'app-service'
  | 'container-instances'
  | 'arc'
  | 'service-fabric'
  | 'machine-learning'
  | 'cloud-shell'
  | 'pod';

interface PlatformText {
  readonly name: string;
  /** What an identity is assigned to. */
  readonly resource: string;
  /** How to assign a user-assigned identity. */
  readonly assign: string;
  /** How to assign the one identity, if the platform does not let the step choose. Absent: it does, or there is always one. */
  readonly assignOnly?: string;
  /** How to switch on the system-assigned identity, in parentheses. */
  readonly switchOn?: string;
  /** How to start its identity endpoint. */
  readonly start: string;
}

const IMDS: PlatformText = {
  name: 'the Azure Instance Metadata Service (IMDS)',
  resource: 'VM, scale set or pool',
  assign:
    'In the Azure portal, open the VM or scale set, and add this identity under Security > Identity > User assigned. For a Managed DevOps Pool, add it ' +
    'under Settings > Identity.',
  start:
    'If a program on the agent machine should respond at that address (for example an identity proxy), start it.',
};

export const PLATFORMS: Readonly<Record<Platform, PlatformText>> = {
  imds: IMDS,
  pod: IMDS,
  'app-service': {
    name: 'App Service, Functions or Container Apps',
    resource: 'app',
    assign:
      'In the Azure portal, open the app, and add this identity under Settings > Identity > User assigned.',
    switchOn: ' (in the Azure portal, Settings > Identity > System assigned)',
    start: 'Restart the app, so that its identity service starts again.',
  },
  'container-instances': {
    name: 'Container Instances',
    resource: 'container group',
    assign:
      'Create the container group again with this identity (option --assign-identity of az container create).',
    switchOn: ' (create it again with az container create --assign-identity [system])',
    start: 'Restart the container group.',
  },
  arc: {
    name: 'Azure Arc',
    resource: 'server',
    assign:
      'Azure Arc supports only the system-assigned identity of the server, so no other can be assigned.',
    assignOnly:
      'Connect the server to Azure Arc again (azcmagent connect), so that it gets a system-assigned identity.',
    start: 'Start the service himds (Linux: systemctl start himdsd; Windows: Start-Service himds).',
  },
  'service-fabric': {
    name: 'Service Fabric',
    resource: 'application',
    assign:
      'Add this identity to the identities of the application in the template of the cluster.',
    assignOnly:
      'Add an identity to the application in the template of the cluster, and bind it to the service (IdentityBindingPolicy in the application manifest).',
    start: 'Check that the Managed Identity Token Service of the cluster is enabled and healthy.',
  },
  'machine-learning': {
    name: 'Azure Machine Learning',
    resource: 'compute',
    assign:
      'In Azure Machine Learning studio, open Compute, and assign this identity to the compute.',
    start: 'Restart the compute.',
  },
  'cloud-shell': {
    name: 'Azure Cloud Shell',
    resource: 'user',
    assign: 'Azure Cloud Shell supports only the identity of its user.',
    start: 'Restart Azure Cloud Shell.',
  },
};
