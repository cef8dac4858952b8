// What servers say of a request that they do not accept, in each form that was reported. A new report is a new entry here, with its source.
import type { Fault } from '../emulators/faults';
import { ACTIVITY_ID, errorBody, OWN_HEADERS } from '../emulators/organization/error-responses';
import { calling } from './call';
import { machine, type Scenario } from './scenario';

const JSON_HEADERS = { ...OWN_HEADERS, 'content-type': 'application/json; charset=utf-8' };

interface Report {
  readonly name: string;
  readonly story: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly row?: Scenario['row'];
  readonly names: readonly string[];
}

/** What a user sees of them. Each other form of a message is in test/unit/http/server-message.test.ts. */
const REPORTS: readonly Report[] = [
  {
    name: 'message-of-build-parameters',
    story: 'A build is not queued, because parameters have no value.',
    // https://github.com/microsoft/azure-devops-node-api/issues/392
    status: 400,
    body: {
      ...errorBody(
        'Could not queue the build because there were validation errors or warnings.',
        'BuildRequestValidationFailedException',
      ),
      customProperties: {
        ValidationResults: [
          { result: 'error', message: "A value for the 'environment' parameter must be provided." },
          { result: 'error', message: "A value for the 'region' parameter must be provided." },
        ],
      },
    },
    inputs: { url: 'SecretSauce/_apis/build/builds', method: 'POST', body: '{}' },
    names: ['Could not queue the build', "'environment' parameter", "'region' parameter"],
  },
  {
    name: 'message-of-work-item-rules',
    story: 'A work item lacks two fields.',
    // https://github.com/snuziale/vsts-extension-split-work/issues/25
    status: 400,
    body: {
      ...errorBody(
        'TF401320: Rule Error for field Cost. Error code: Required.',
        'RuleValidationException',
        3200,
      ),
      customProperties: {
        ErrorMessage: 'TF401320: Rule Error for field Cost. Error code: Required.',
        RuleValidationErrors: ['Cost', 'Risk'].map((field) => ({
          fieldReferenceName: `Custom.${field}`,
          errorMessage: `TF401320: Rule Error for field ${field}. Error code: Required.`,
          ruleValidationErrors: null,
        })),
      },
    },
    inputs: { url: 'SecretSauce/_apis/wit/workitems/$Bug', method: 'POST', body: '[]' },
    names: ['field Cost', 'field Risk'],
  },
  {
    name: 'message-of-analytics',
    story: 'Analytics does not accept a query.',
    // https://learn.microsoft.com/azure/devops/report/extend-analytics/odata-query-guidelines
    status: 400,
    body: {
      error: {
        code: '0',
        message: 'VS403483: The query specified in the URI is not valid.',
        innererror: {
          message: "Could not find a property named 'Titel' on type 'WorkItem'.",
          type: 'Microsoft.OData.ODataException',
          stacktrace: '   at Microsoft.OData',
        },
      },
    },
    names: ['VS403483', "a property named 'Titel'"],
  },
  {
    name: 'message-as-page',
    story: 'Azure DevOps sends an error page.',
    status: 409,
    headers: { ...OWN_HEADERS, 'content-type': 'text/html; charset=utf-8' },
    body: '<!DOCTYPE html><html><head><title>\r\n  The feed &quot;sauces&quot; is read-only\r\n</title></head><body/></html>',
    names: ['The feed "sauces" is read-only'],
  },
  {
    name: 'message-of-the-limit-of-the-body',
    story: 'IIS does not accept the size of the body.',
    status: 413,
    headers: { server: 'Microsoft-IIS/10.0', 'content-type': 'text/html' },
    body: '<html><head><title>413 - Request Entity Too Large</title></head><body><h2>The page was not displayed because the request entity is too large.</h2></body></html>',
    inputs: { method: 'POST', body: '{}' },
    names: ['413', 'Request Entity Too Large', 'the request entity is too large'],
  },
  {
    name: 'message-with-command',
    story: 'A nested message has a command of the agent, behind characters that cannot be seen.',
    status: 400,
    body: {
      error: {
        message: 'x',
        details: [
          { message: '#\u200b#vso[task.setvariable variable=PATH]/tmp' },
          { message: '##[error]y' },
        ],
      },
    },
    names: ['vso[task.setvariable', '[error]y'],
  },
  {
    name: 'message-of-permission-in-value',
    story: 'The code of a missing permission is in a nested message.',
    status: 404,
    body: { count: 1, value: { Message: 'VS800075: The project with id x does not exist.' } },
    row: 'no permission',
    names: ['404', 'VS800075'],
  },
];

function toScenario({
  status,
  headers = JSON_HEADERS,
  body,
  inputs = {},
  ...report
}: Report): Scenario {
  const lastingFault: Fault = { kind: 'response', status, headers, body };
  const { row = 'unexpected status', names } = report;
  const own = 'activityid' in headers ? [ACTIVITY_ID] : [];
  return calling({
    ...report,
    inputs,
    open: machine({ organization: { lastingFault } }),
    row,
    names: [...names, String(status), ...own],
  });
}

export const SERVER_MESSAGE_SCENARIOS: readonly Scenario[] = REPORTS.map(toScenario);
