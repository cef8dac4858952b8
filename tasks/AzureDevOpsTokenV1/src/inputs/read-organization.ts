import type { InputReader } from './input-reader';
import { isOtherServer, parseOrganization } from './parse-organization';
import type { Organization } from './task-inputs';

export const ORGANIZATION = 'organization';
/** The variables that contain the URL of the organization of the pipeline. */
export const COLLECTION_VARIABLES = ['System.CollectionUri', 'System.TeamFoundationCollectionUri'];

/**
 * Reads the organization that the step names, or else the organization of the pipeline.
 * @param isNeeded whether a missing organization is a problem
 */
export function readOrganization(
  reader: InputReader,
  allowedHosts: readonly string[],
  isNeeded: boolean,
): Organization | undefined {
  if (reader.text(ORGANIZATION) !== '') {
    return reader.read(ORGANIZATION, (text) => parseOrganization(text, allowedHosts));
  }
  const [variable] = COLLECTION_VARIABLES.filter((name) => reader.agent.getVariable(name));
  const text = variable === undefined ? '' : (reader.agent.getVariable(variable)?.trim() ?? '');
  const parsed = parseOrganization(text, allowedHosts);
  if ('value' in parsed || !isNeeded) {
    return 'value' in parsed ? parsed.value : undefined;
  }
  if (variable === undefined) {
    reader.problems.push(
      'organization is not set, and the pipeline does not name its own (System.CollectionUri). Set organization, for example to MyOrg.',
    );
  } else if (isOtherServer(text)) {
    reader.problems.push(
      `The pipeline is not in Azure DevOps Services (${variable} is ${text}). ` +
        'Only Azure DevOps Services accepts Microsoft Entra tokens. ' +
        `Set the input organization to the name of an organization of Azure DevOps Services, such as MyOrg for https://dev.azure.com/MyOrg.${reader.text('url') === '' && reader.text('gitCredentials').toLowerCase() !== 'true' ? ' Or set verifyMembership to false.' : ''}`,
    );
  } else {
    reader.take(variable, parsed);
  }
  return undefined;
}
