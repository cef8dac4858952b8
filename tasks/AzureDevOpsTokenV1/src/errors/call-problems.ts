import type { ResponseSummary, IdentityDetails, AzureDevOpsProblem } from './happening';

/** The server did nothing, because it does not like the version. */
export interface VersionProblem {
  readonly kind: 'version';
  readonly summary: ResponseSummary;
  /** Foreign text. */
  readonly offered: string;
}

/** The server refuses a request that carries no token, because a redirect left the hosts that may receive it. */
export interface WithheldTokenProblem {
  readonly kind: 'token-withheld';
  readonly summary: ResponseSummary;
  /** The first host that may not receive the token: foreign text. */
  readonly host: string;
}

/** Why an answer is not what the step can use. */
export type ResponseProblem =
  | {
      readonly kind: 'not-json';
      /** The input that needs JSON. */
      readonly input: string;
      /** Foreign text. */
      readonly contentType: string | undefined;
      readonly isTooLarge: boolean;
    }
  | {
      /** Reading it needs too much memory or time, or the process that reads it does not run. */
      readonly kind: 'unread';
      readonly input: string;
      readonly exceeded?: 'memory' | 'time';
      /** Why that process ended, in our words. */
      readonly reason?: string;
    }
  | {
      readonly kind: 'evaluation';
      readonly input: string;
      readonly expression: string;
      readonly reason: string;
    }
  | { readonly kind: 'fail-when'; readonly expression: string }
  /** `waitUntil` was not true in time. */
  | {
      readonly kind: 'wait-over';
      readonly expression: string;
      /** What the server asks to wait before the next look; 0 where it does not. */
      readonly requestedPauseMs: number;
    }
  /** The answer does not say where what it began can be seen. */
  | { readonly kind: 'no-poll-address' }
  /** It says so, and the token may not go there. */
  | {
      readonly kind: 'poll-host';
      /** Foreign text. */
      readonly host: string;
    }
  /** A page without an array, or with several. */
  | {
      readonly kind: 'no-list';
      /** The names of its arrays: foreign text. */
      readonly lists: readonly string[];
    }
  | {
      readonly kind: 'paging-loop';
      /** What came twice; or its end does not come. */
      readonly what: 'token' | 'page' | 'end';
      /** The token, which is foreign text, or the number of the page, or of pages. */
      readonly name: string;
    }
  /** It repeats the token. */
  | { readonly kind: 'echo' };

/** How far the waiting for an answer has come. */
export interface PollProgress {
  readonly polls: number;
  readonly elapsedMs: number;
}

/** Why what was asked for cannot be the output `result`. */
export type ResultProblem =
  | { readonly kind: 'result-too-large'; readonly bytes: number }
  | {
      readonly kind: 'result-hostile';
      /** What it holds, in our words. */
      readonly what: string;
      readonly responseFile: string | undefined;
    }
  | { readonly kind: 'result-not-masked'; readonly why: 'lines' | 'short' };

/** A file that the system does not let the step use. */
export interface FileProblem {
  readonly kind: 'file';
  readonly input: 'bodyFile' | 'outputFile' | 'Agent.TempDirectory';
  readonly path: string;
  readonly reason: string;
}

/** What can stand between a call and its result. */
export type CallProblem = CallProblemDetails & CallContext;

export type CallProblemDetails =
  | AzureDevOpsProblem
  | VersionProblem
  | WithheldTokenProblem
  | ResponseProblem
  | ResultProblem
  | FileProblem;

export interface CallContext {
  readonly method: string;
  /** Without its query, which may hold secrets. */
  readonly url: string;
  /** Absent where the step does not wait. */
  readonly progress?: PollProgress | undefined;
  /** The host that answered, where that is another one. */
  readonly respondedBy?: string | undefined;
  /** The organization, or the host where there is none. */
  readonly organization: string;
  readonly identityDetails: IdentityDetails;
}
