import { gitError, type GitProblem } from '../../../tasks/AzureDevOpsTokenV1/src/errors/git';
import { checkErrors, type Row } from './check-error';

const CASES: readonly Row<GitProblem>[] = [
  [
    'a folder that cannot be written',
    { kind: 'folder', folder: '/work/##vso[x]_temp', reason: 'no space left on device (ENOSPC)' },
    /git configuration cannot be written/,
    /temporary folder of the agent.*free space/,
  ],
  [
    'a state that is not there',
    { kind: 'state', path: '/work/_temp/state.json', reason: 'no such file or directory (ENOENT)' },
    /git gets no credential, because the file that the step AzureDevOpsToken@1 wrote for it cannot be read/,
    /gitCredentials: true earlier in this job.*same container/,
  ],
  [
    'a secret that is not mapped',
    { kind: 'secret', variable: 'SYSTEM_ACCESSTOKEN', macro: 'System.AccessToken' },
    /git gets no credential, because SYSTEM_ACCESSTOKEN is not in the environment/,
    /under env: .*SYSTEM_ACCESSTOKEN: \$\(System\.AccessToken\)/,
  ],
  [
    'a credential that the server refused',
    { kind: 'refused', url: 'https://dev.azure.com/MyOrg/app' },
    /refused the credential for https:\/\/dev\.azure\.com\/MyOrg\/app/,
    /remove persistCredentials.*member of the organization/,
  ],
  [
    'a trace of git that would show the token',
    { kind: 'trace', variable: 'GIT_TRACE_REDACT', value: '1' },
    /git gets no credential, because the variable GIT_TRACE_REDACT lets its trace show the token/,
    /Remove GIT_TRACE_REDACT from the step.*or set it to 1/,
  ],
  [
    'a variable that turns verification off',
    { kind: 'unverified', setting: 'GIT_SSL_NO_VERIFY' },
    /git gets no credential, because the variable GIT_SSL_NO_VERIFY makes it accept any certificate/,
    /Remove GIT_SSL_NO_VERIFY from the step.*http\.sslCAInfo/,
  ],
  [
    'a setting that turns verification off',
    { kind: 'unverified', setting: 'http.sslVerify' },
    /git gets no credential, because http\.sslVerify=false makes it accept any certificate/,
    /git config --show-origin --bool --get-regexp sslverify.*remove it.*http\.sslCAInfo/,
  ],
  [
    'settings that git does not list',
    { kind: 'settings', reason: 'git ended with status 128' },
    /git does not say whether it verifies certificates/,
    /git config --show-origin.*correct the setting/,
  ],
];

describe('the errors of git credentials', () => {
  checkErrors('git', CASES, gitError);
});
