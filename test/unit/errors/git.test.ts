import { gitError, type GitProblem } from '../../../tasks/AzureDevOpsTokenV1/src/errors/git';
import { checkErrors, type Rows } from './check-error';

const CASES: Rows<GitProblem> = {
  'a folder that cannot be written': [
    { kind: 'folder', folder: '/work/##vso[x]_temp', reason: 'no space left on device (ENOSPC)' },
    /temporary folder of the agent.*free space/,
  ],
  'a state that is not there': [
    { kind: 'state', path: '/work/_temp/state.json', reason: 'no such file or directory (ENOENT)' },
    /gitCredentials: true earlier in this job.*same container/,
  ],
  'a secret that is not mapped': [
    { kind: 'secret', variable: 'SYSTEM_ACCESSTOKEN', macro: 'System.AccessToken' },
    /env: .*SYSTEM_ACCESSTOKEN: \$\(System\.AccessToken\)/,
  ],
  'a credential that the server refused': [
    { kind: 'refused', url: 'https://dev.azure.com/MyOrg/app' },
    /remove persistCredentials.*member of the organization/,
  ],
  'a trace of git that would show the token': [
    { kind: 'trace', variable: 'GIT_TRACE_REDACT', value: '1' },
    /Remove GIT_TRACE_REDACT from the step.*or set it to 1/,
  ],
  'a variable that turns verification off': [
    { kind: 'unverified', setting: 'GIT_SSL_NO_VERIFY' },
    /Remove GIT_SSL_NO_VERIFY from the step.*http\.sslCAInfo/,
  ],
  'a setting that turns verification off': [
    { kind: 'unverified', setting: 'http.sslVerify' },
    /git config .* sslverify.*http\.sslCAInfo/,
  ],
  'settings that git does not list': [
    { kind: 'settings', reason: 'git ended with status 128' },
    /git config --show-origin.*correct the setting/,
  ],
};

describe('the errors of git credentials', () => {
  checkErrors('git', CASES, gitError);
});
