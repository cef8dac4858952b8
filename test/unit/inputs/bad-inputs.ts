// Each input of task.json with each class of malformation: what unit tests and tests of the task refuse.
import { task } from '../../contract/files';

/** What can be wrong with a value, by kind. */
const MACRO = '$(noSuchVariable)';
const CONTROL = 'a\u0007b';
const LONG = 'x'.repeat(5_000);

/** What each input refuses, by the class of its malformation; `null`: there is no such value that it would refuse. */
export const CASES: Readonly<Record<string, Readonly<Record<Malformation, string | null>>>> = {
  connectionType: choice(),
  clientId: guid(),
  objectId: guid(),
  resourceId: guid('/subscriptions/x'),
  azureDevOpsServiceConnection: connection(),
  azureSubscription: connection(),
  minimumLifetimeInMinutes: number('1441'),
  organization: {
    macro: MACRO,
    otherType: '5.5',
    tooLong: LONG,
    control: CONTROL,
    hostile: 'https://evil.example/MyOrg',
    outOfRange: 'My Org',
  },
  verifyMembership: boolean(),
  allowedHosts: {
    macro: MACRO,
    otherType: '["a"]',
    tooLong: `${LONG}:x`,
    control: CONTROL,
    hostile: '*.example.com',
    outOfRange: 'https://devops.example.com',
  },
  gitCredentials: boolean(),
  url: {
    macro: MACRO,
    otherType: 'ftp://dev.azure.com/MyOrg/_apis/projects',
    // A long path is for the server to refuse.
    tooLong: null,
    control: `_apis/projects${CONTROL}`,
    hostile: '../OtherOrg/_apis/projects',
    outOfRange: 'https://evil.example/_apis/projects',
  },
  method: choice(),
  apiVersion: choice('7'),
  headers: {
    macro: MACRO,
    otherType: '[1]',
    tooLong: LONG,
    control: `X-A: ${CONTROL}`,
    hostile: 'Authorization: Bearer x',
    outOfRange: '{"X-A": {}}',
  },
  // Whatever it is, it is sent as it stands; a GET sends none.
  body: {
    macro: MACRO,
    otherType: '5',
    tooLong: LONG,
    control: CONTROL,
    hostile: '##vso[task.complete]',
    outOfRange: '{',
  },
  bodyFile: {
    macro: MACRO,
    otherType: 'folder',
    tooLong: LONG,
    control: CONTROL,
    hostile: '../../../../etc/nothing',
    outOfRange: 'nowhere.json',
  },
  query: expression(),
  allPages: boolean(),
  outputFile: {
    macro: `${MACRO}/x`,
    otherType: 'folder',
    tooLong: LONG,
    control: CONTROL,
    hostile: 'folder/..',
    outOfRange: 'folder/',
  },
  secretResult: boolean(),
  expectedStatus: choice('200;404'),
  failWhen: expression(),
  waitUntil: expression(),
  waitIntervalInSeconds: number('3600.1'),
  waitTimeoutInMinutes: number('0.0'),
  requestTimeoutInSeconds: number('3601'),
  maxRetries: number('21'),
};

export type Malformation = 'macro' | 'otherType' | 'tooLong' | 'control' | 'hostile' | 'outOfRange';

function guid(outOfRange = '01234567-89ab-cdef-0123-456789abcde') {
  return {
    macro: MACRO,
    otherType: '5',
    tooLong: LONG,
    control: CONTROL,
    hostile: `x'&y=`,
    outOfRange,
  };
}

function connection() {
  return {
    macro: MACRO,
    otherType: '{}',
    tooLong: LONG,
    control: CONTROL,
    hostile: 'x&api-version=1',
    outOfRange: 'no-such-connection',
  };
}

function number(outOfRange: string) {
  return {
    macro: MACRO,
    otherType: 'five',
    tooLong: '1'.repeat(400),
    control: CONTROL,
    hostile: '1e1',
    outOfRange,
  };
}

function boolean() {
  return {
    macro: MACRO,
    otherType: '1',
    tooLong: LONG,
    control: CONTROL,
    hostile: 'true;',
    outOfRange: 'yes',
  };
}

function choice(outOfRange = 'NONE') {
  return {
    macro: MACRO,
    otherType: '{}',
    tooLong: LONG,
    control: CONTROL,
    hostile: 'GET /x',
    outOfRange,
  };
}

function expression() {
  return {
    macro: MACRO,
    otherType: '{}',
    // A long name is one.
    tooLong: null,
    control: CONTROL,
    hostile: "value['x",
    outOfRange: 'nothing(@)',
  };
}

/** What else a step needs for the input to matter. */
const FIRST_OF_CALL = task.inputs.findIndex(({ name }) => name === 'url');
export const NEEDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    task.inputs.map(({ name }, index) => [
      name,
      index < FIRST_OF_CALL ? {} : { url: '_apis/projects' },
    ]),
  ),
  azureDevOpsServiceConnection: { connectionType: 'azureDevOps' },
  azureSubscription: { connectionType: 'azureRM' },
  waitIntervalInSeconds: { url: '_apis/projects', waitUntil: 'count' },
  waitTimeoutInMinutes: { url: '_apis/projects', waitUntil: 'count' },
};
