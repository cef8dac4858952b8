// What can happen to a later step that runs git with the credentials of this one.
import type { StepOptions } from '../emulators/agent/run-step';
import { APP, findGitObstacle, openGitMachine, openHostedGitAgent } from '../emulators/git-machine';
import { CONNECTION_ID } from '../emulators/service-connections';
import type { Scenario } from './scenario';

const CLONE = `git clone --quiet ${APP}`;
/** What a user puts under `env:`. */
const GIT_VARIABLES: StepOptions['stepEnvironment'] = {
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'include.path',
  GIT_CONFIG_VALUE_0: '$(devops.gitConfig)',
};

interface GitScenario extends Omit<Scenario, 'later' | 'git' | 'calls' | 'inputs'> {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly script: string;
}

const withGit = ({ script, inputs, ...scenario }: GitScenario): Scenario => ({
  open: () => openGitMachine(),
  isPossible: () => findGitObstacle() === undefined,
  git: 'prepared',
  // git decides how often it asks.
  calls: 'some',
  ...scenario,
  inputs: { gitCredentials: 'true', ...inputs },
  later: { bash: script, env: GIT_VARIABLES },
});

export const GIT_SCENARIOS: readonly Scenario[] = [
  withGit({
    name: 'git-clone',
    story: 'A later step clones a repository. Its git gets a token when it needs one.',
    script: `${CLONE}; ls app`,
    names: ['GIT_CONFIG_VALUE_0: $(devops.gitConfig)', 'app.txt'],
    requests: 2,
  }),
  withGit({
    name: 'git-identity-removed',
    story: '… and the identity is no longer assigned to the machine.',
    open: () =>
      openGitMachine({
        faults: [
          undefined,
          { kind: 'response', status: 400, body: { error_description: 'Identity not found' } },
        ],
      }),
    script: CLONE,
    row: 'no system-assigned identity',
    alsoRow: 'no identity endpoint',
    names: ['Identity not found', 'Identity > System assigned'],
    requests: 2,
  }),
  withGit({
    name: 'git-state-gone',
    story: '… and the file that the step wrote for the credential helper is gone.',
    script: `rm "\${GIT_CONFIG_VALUE_0%/*}/state.json"; ${CLONE}`,
    row: 'git not prepared',
    names: ['state.json', 'no such file or directory (ENOENT)', 'gitCredentials: true'],
    requests: 1,
  }),
  withGit({
    name: 'git-helper-gone',
    story: '… and the program of the credential helper is not on this side of a container.',
    script: `sed -i "s#'[^']*git-credential.js'#'/gone/git-credential.js'#" "$GIT_CONFIG_VALUE_0"; ${CLONE}`,
    row: 'git not prepared',
    names: ['the credential helper does not start', 'both in the same container'],
    requests: 1,
  }),
  withGit({
    name: 'git-header-of-checkout',
    story: '… and git sends the header that checkout left (persistCredentials) instead.',
    script: `git config --global http.${APP}.extraheader 'AUTHORIZATION: bearer expired'; ${CLONE}`,
    row: 'git credential refused',
    names: ['The server refused the credential for', '_git/app', 'persistCredentials: true'],
    requests: 2,
  }),
  withGit({
    name: 'git-trace',
    story: '… and a variable lets the trace of git show the token.',
    script: `GIT_TRACE_REDACT=0 ${CLONE}`,
    row: 'git trace shows the token',
    names: ['the variable GIT_TRACE_REDACT', 'Remove GIT_TRACE_REDACT'],
    requests: 1,
  }),
  withGit({
    name: 'git-any-certificate',
    story: '… and the git of the machine accepts any certificate.',
    script: `git config --global http.sslVerify false; ${CLONE}`,
    row: 'git accepts any certificate',
    names: ['http.sslVerify=false', 'git config --show-origin', 'http.sslCAInfo'],
    requests: 1,
  }),
  withGit({
    name: 'git-setting-unreadable',
    story: '… and the git of the machine has a setting that it cannot read.',
    script: `git config --global http.https://git.example.com/.sslVerify maybe; ${CLONE}`,
    row: 'git settings not read',
    names: ['git ended with status 128', 'git config --show-origin'],
    requests: 1,
  }),
  withGit({
    name: 'git-without-job-token',
    story: 'A later step uses the service connection for git, and does not map the job token.',
    open: openHostedGitAgent,
    inputs: { connectionType: 'azureDevOps', azureDevOpsServiceConnection: CONNECTION_ID },
    script: CLONE,
    row: 'git secret missing',
    names: ['SYSTEM_ACCESSTOKEN is not in the environment', '$(System.AccessToken)'],
  }),
];
