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
    name: 'message-of-older-build',
    story: 'The message has the form of older versions.',
    // https://github.com/Azure/azure-devops-cli-extension/issues/106
    status: 400,
    body: {
      ClassName: 'Microsoft.TeamFoundation.Build.WebApi.BuildRequestValidationFailedException',
      Message: 'Could not queue the build because there were validation errors or warnings.',
      InnerException: null,
      ValidationResults: [{ result: 'error', message: 'The YAML could not be loaded.' }],
    },
    inputs: { url: 'SecretSauce/_apis/build/builds', method: 'POST', body: '{}' },
    names: ['Could not queue the build', 'The YAML could not be loaded.'],
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
    name: 'message-of-method',
    story: 'The resource does not support the method.',
    // https://github.com/tfsaggregator/aggregator-cli/issues/115 has the form
    status: 405,
    body: {
      count: 1,
      value: { Message: "The requested resource does not support http method 'PATCH'." },
    },
    inputs: { method: 'PATCH', body: '{}' },
    names: ["does not support http method 'PATCH'"],
  },
  {
    name: 'message-of-value',
    story: '… or says nothing but a text, which is the value itself.',
    status: 400,
    body: { count: 1, value: 'The request is invalid.' },
    inputs: { method: 'POST', body: '{}' },
    names: ['The request is invalid.'],
  },
  {
    name: 'message-of-model',
    story: 'The body does not match the model of the service.',
    status: 400,
    body: {
      count: 1,
      value: {
        Message: 'The request is invalid.',
        ModelState: { 'build.definition.id': ["The value 'x' is not a valid Int32."] },
      },
    },
    inputs: { method: 'POST', body: '{}' },
    names: ['The request is invalid.', "The value 'x' is not a valid Int32."],
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
    name: 'message-of-inner-exception',
    story: 'The reason is in an inner exception.',
    status: 409,
    body: {
      ...errorBody('The operation failed.', 'VssServiceException'),
      innerException: errorBody('The package 1.0.0 exists already.', 'PackageExistsException'),
    },
    inputs: { method: 'PUT', body: '{}' },
    names: ['The operation failed.', 'The package 1.0.0 exists already.'],
  },
  {
    name: 'message-of-problem-details',
    story: 'The response has problem details (RFC 9457).',
    status: 400,
    headers: { ...OWN_HEADERS, 'content-type': 'application/problem+json' },
    body: {
      type: 'https://tools.ietf.org/html/rfc9110#section-15.5.1',
      title: 'One or more validation errors occurred.',
      status: 400,
      errors: { '$.state': ['The JSON value could not be converted to AlertState.'] },
    },
    inputs: { method: 'PATCH', body: '{}' },
    names: ['One or more validation errors occurred.', 'could not be converted to AlertState'],
  },
  {
    name: 'message-as-text',
    story: 'The message is plain text.',
    status: 400,
    headers: { ...OWN_HEADERS, 'content-type': 'text/plain; charset=utf-8' },
    body: 'The scope is not valid: Project.\r\n',
    names: ['The scope is not valid: Project.'],
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
    name: 'message-in-header',
    story: 'The message is in a header only.',
    status: 400,
    headers: { ...OWN_HEADERS, 'x-tfs-serviceerror': 'TF200016%3a+The+project+does+not+exist.' },
    body: '',
    names: ['TF200016: The project does not exist.'],
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
