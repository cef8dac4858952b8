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
  /** How to assign a user-assigned identity. */
  readonly assign: string;
  /** How to start its identity endpoint. */
  readonly start: string;
}

const IMDS: PlatformText = {
  name: 'IMDS',
  assign:
    'In the Azure portal, open the VM, scale set or pool, and add it under Identity > User assigned (Managed DevOps Pool: Settings > Identity).',
  start: 'Start the identity service at that address.',
};

export const PLATFORMS: Readonly<Record<Platform, PlatformText>> = {
  imds: IMDS,
  pod: IMDS,
  'app-service': {
    name: 'App Service, Functions or Container Apps',
    assign:
      'In the Azure portal, open the app, and add it under Settings > Identity > User assigned.',
    start: 'Restart the app, so that its identity service starts again.',
  },
  'container-instances': {
    name: 'Container Instances',
    assign: 'Create the container group with it (az container create --assign-identity).',
    start: 'Restart the container group.',
  },
  arc: {
    name: 'Azure Arc',
    assign: 'Azure Arc supports the system-assigned identity of the server only.',
    start: 'Start the service himds (Linux: systemctl start himdsd; Windows: Start-Service himds).',
  },
  'service-fabric': {
    name: 'Service Fabric',
    assign: 'Add it to the identities of the application in the template of the cluster.',
    start: 'Check that the Managed Identity Token Service of the cluster is enabled and healthy.',
  },
  'machine-learning': {
    name: 'Azure Machine Learning',
    assign: 'In Azure Machine Learning studio, open Compute, and assign it to the compute.',
    start: 'Restart the compute.',
  },
  'cloud-shell': {
    name: 'Azure Cloud Shell',
    assign: 'Azure Cloud Shell supports the identity of its user only.',
    start: 'Restart Azure Cloud Shell.',
  },
};
