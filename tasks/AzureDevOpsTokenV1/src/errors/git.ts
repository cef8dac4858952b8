// Why git gets no credential from the step.
import { untrustedText } from '../untrusted-text';
import { nameSection, type Section } from './sections';
import { toTaskError, type ProblemTable, type TaskError } from './task-error';

/** The folder with the git configuration cannot be written. */
interface FolderProblem {
  readonly kind: 'folder';
  readonly folder: string;
  readonly reason: string;
}

/** The file that the step wrote for the credential helper cannot be used. */
interface StateProblem {
  readonly kind: 'state';
  readonly path: string;
  readonly reason: string;
}

/** A secret that the credential helper needs is not in the environment of the step. */
interface SecretProblem {
  readonly kind: 'secret';
  readonly variable: string;
  /** The pipeline variable that has the secret. */
  readonly macro: string;
}

/** git reports that the server refused a credential. */
interface RefusedProblem {
  readonly kind: 'refused';
  /** Untrusted text. */
  readonly url: string;
}

/** A variable lets git, or Git LFS, write the credential to its trace. */
interface TraceProblem {
  readonly kind: 'trace';
  readonly variable: string;
  /** The value with which it does not. */
  readonly value: string;
}

/** git would send the credential to any server. */
interface UnverifiedProblem {
  readonly kind: 'unverified';
  readonly setting: 'GIT_SSL_NO_VERIFY' | 'http.sslVerify';
}

/** git does not list its settings. */
interface SettingsProblem {
  readonly kind: 'settings';
  readonly reason: string;
}

export type GitProblem =
  | FolderProblem
  | StateProblem
  | SecretProblem
  | RefusedProblem
  | TraceProblem
  | UnverifiedProblem
  | SettingsProblem;

const PREPARE_AGAIN =
  'Run the step AzureDevOpsToken@1 with gitCredentials: true earlier in this job. Run both steps on the host, or both in the same container.';

const FIND_SETTINGS = 'git config --show-origin --bool --get-regexp sslverify';

/** The section about the message of the shell. */
export const HELPER_NOT_STARTED: Section = {
  id: 'git-helper-not-started',
  heading: 'The git credential helper does not start',
};

export const GIT_TABLE: ProblemTable<GitProblem> = {
  folder: {
    id: 'git-config-not-written',
    heading: 'The git configuration cannot be written',
    conclusion: () => 'The git configuration cannot be written.',
    details: ({ folder, reason }) =>
      `A new folder in ${untrustedText(folder)} (Agent.TempDirectory) failed: ${reason}.`,
    hint: () =>
      'Check that the temporary folder of the agent exists, that its user can write to it, and that its disk has free space.',
  },
  state: {
    id: 'git-state-not-read',
    heading: 'The state of the git credential helper cannot be read',
    conclusion: () =>
      'git gets no credential, because the file that the step AzureDevOpsToken@1 wrote for it cannot be read.',
    details: ({ path, reason }) => `Reading ${untrustedText(path)} failed: ${reason}.`,
    hint: () => PREPARE_AGAIN,
  },
  secret: {
    id: 'git-secret-missing',
    heading: 'The git credential helper needs a secret',
    conclusion: ({ variable }) =>
      `git gets no credential, because ${variable} is not in the environment of this step.`,
    details: () => '',
    hint: ({ variable, macro }) =>
      `Add this line under env: in the step that runs git. ${variable}: $(${macro})`,
  },
  refused: {
    id: 'git-credential-refused',
    heading: 'The server refused the credential of git',
    conclusion: ({ url }) => `The server refused the credential for ${untrustedText(url)}.`,
    details: () => '',
    hint: () =>
      'If checkout has persistCredentials: true, git sends the header of checkout instead: remove persistCredentials. Otherwise check that ' +
      'the identity is a member of the organization and can read the repository.',
  },
  trace: {
    id: 'git-trace-shows-token',
    heading: 'A trace of git would show the token',
    conclusion: ({ variable }) =>
      `git gets no credential, because the variable ${variable} lets its trace show the token.`,
    details: () => '',
    hint: ({ variable, value }) =>
      `Remove ${variable} from the step, the pipeline variables and the environment of the agent, or set it to ${value} under env: in the step.`,
  },
  unverified: {
    id: 'git-unverified-tls',
    heading: 'git does not verify certificates',
    conclusion: ({ setting }) =>
      setting === 'GIT_SSL_NO_VERIFY'
        ? 'git gets no credential, because the variable GIT_SSL_NO_VERIFY makes it accept any certificate.'
        : 'git gets no credential, because http.sslVerify=false makes it accept any certificate.',
    details: () => '',
    hint: ({ setting }) =>
      (setting === 'GIT_SSL_NO_VERIFY'
        ? 'Remove GIT_SSL_NO_VERIFY from the step, the pipeline variables and the environment of the agent.'
        : `Find the setting with ${FIND_SETTINGS} in this step, and remove it.`) +
      ' If the network inspects TLS, set http.sslCAInfo to the file of its certificate authority.',
  },
  settings: {
    id: 'git-settings-not-read',
    heading: 'The settings of git cannot be read',
    conclusion: () =>
      'git gets no credential, because git does not say whether it verifies certificates.',
    details: ({ reason }) => `Reading http.sslVerify with git config failed: ${reason}.`,
    hint: () => `Run ${FIND_SETTINGS} in this step, and correct the setting that git reports.`,
  },
};

export function gitError(problem: GitProblem): TaskError {
  return toTaskError<GitProblem>(problem, GIT_TABLE);
}

/** What the shell says if it cannot start the helper. */
export function describeMissingHelper(node: string, helper: string): string {
  return (
    `git gets no credential, because the credential helper does not start: ${node} ${helper}. ${PREPARE_AGAIN} ` +
    nameSection(HELPER_NOT_STARTED)
  );
}
