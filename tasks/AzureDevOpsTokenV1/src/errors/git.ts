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

export type GitProblem = FolderProblem | StateProblem | SecretProblem | RefusedProblem;

const PREPARE_AGAIN =
  'Run the step AzureDevOpsToken@1 with gitCredentials: true earlier in this job. Run both steps on the host, or both in the same container.';

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
