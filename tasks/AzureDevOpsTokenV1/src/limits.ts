// The numbers that a user can notice. Messages, pages and their tests read them here. Times are in milliseconds.
// This file does not import the types of http/ that it follows, so that every file may import it.

/** The longest `Retry-After` that the task waits for. */
export const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** The membership check and each request to Microsoft Entra take 60 seconds at most. */
export const SHORT_REQUEST = {
  attemptMs: 20_000,
  idleMs: Infinity,
  totalMs: 55_000,
  retry: {
    maxRetries: 5,
    delayMs: 1_000,
    maxDelayMs: 10_000,
    maxElapsedMs: 40_000,
    atDeadline: 'stop',
  },
} as const;

/** The pauses between the attempts of a request of a REST call. */
export const REST_CALL_RETRY = {
  delayMs: 1_000,
  maxDelayMs: 30_000,
  atDeadline: 'stop',
} as const;

const ENDPOINT_RETRY = {
  maxRetries: Infinity,
  delayMs: 2_000,
  maxDelayMs: 10_000,
  // The last pause is shortened, so that a last attempt still happens.
  atDeadline: 'clamp',
} as const;

/** A machine without an identity endpoint ends the step within 15 seconds. */
export const NO_ENDPOINT = {
  retry: { ...ENDPOINT_RETRY, maxElapsedMs: 9_000 },
  totalMs: 12_000,
} as const;
/** A busy IMDS is retried for at least 75 seconds, because an update of IMDS can last 70 seconds, and for at most 120. */
export const BUSY_ENDPOINT = {
  retry: { ...ENDPOINT_RETRY, maxElapsedMs: 90_000 },
  totalMs: 115_000,
} as const;

/** For one attempt at an identity endpoint. */
export const ENDPOINT_ATTEMPT = {
  connectMs: 3_000,
  /** As long as no attempt has got a response of the identity service. */
  firstResponseMs: 6_000,
  responseMs: 15_000,
  idleMs: 5_000,
  bodyMs: 20_000,
} as const;

/** The time limits of a token: for a step, and for git, which waits for it. */
export interface SignInLimits {
  readonly busyEndpoint: typeof BUSY_ENDPOINT | typeof GIT_SIGN_IN.busyEndpoint;
  readonly entra: typeof SHORT_REQUEST | typeof GIT_SIGN_IN.entra;
}
export const STEP_SIGN_IN: SignInLimits = { busyEndpoint: BUSY_ENDPOINT, entra: SHORT_REQUEST };
/** git gets its error within 75 seconds from a busy endpoint, and within 15 if nothing responds. */
export const GIT_SIGN_IN = {
  busyEndpoint: { retry: { ...ENDPOINT_RETRY, maxElapsedMs: 68_000 }, totalMs: 73_000 },
  entra: {
    ...SHORT_REQUEST,
    attemptMs: 12_000,
    totalMs: 25_000,
    retry: { ...SHORT_REQUEST.retry, maxElapsedMs: 12_500 },
  },
} as const;
const HELD_RETRY = {
  maxRetries: Infinity,
  delayMs: 50,
  maxDelayMs: 500,
  atDeadline: 'clamp',
} as const;
/** On Windows, `outputFile` is replaced within this time, although another process has it open. */
export const HELD_FILE = { ...HELD_RETRY, maxElapsedMs: 10_000 } as const;
/** On Windows, a partial file is removed within this time, although another process has it open. */
export const HELD_PARTIAL_FILE = { ...HELD_RETRY, maxElapsedMs: 2_000 } as const;

/**
 * A token that is valid for no longer than this is renewed. @azure/identity returns its cached token until five minutes before
 * the expiry, within about a second. A request after that surely gets a new one.
 */
export const RENEWAL_MS = 4.5 * 60_000;

/** The server or a firewall in between may have closed an older idle connection. */
export const MAX_IDLE_MS = 15_000;

/** After a POST, PUT, PATCH or DELETE, the address to poll may not exist for this long. */
export const MAX_NOT_FOUND_MS = 60_000;

/** Redirects of one request that are followed. */
export const MAX_REDIRECTS = 5;
/** The body of a redirect that is read to its end, so that its connection can be used again. */
export const REDIRECT_BODY = { maxBytes: 16 * 1024, maxMs: 1_000 } as const;
/** A list with more pages has no end. */
export const MAX_PAGES = 10_000;
/** While a list is read, the log says how far it has come after this time. */
export const PAGING_PROGRESS_MS = 10_000;

export const MIB = 1024 * 1024;
/**
 * The result, the response headers and a token, each as an output variable. A variable is part of the environment of the steps that follow,
 * and Windows limits one to 32,767 characters.
 */
export const MAX_OUTPUT_BYTES = 24_000;
/** An agent can be told to leave shorter secrets unmasked: AZP_IGNORE_SECRETS_SHORTER_THAN, which is 6 at most. */
export const MIN_SECRET_LENGTH = 6;
/** A response with a content coding (gzip, deflate, br) that becomes larger when it is decoded: a few bytes can become any number. */
export const MAX_DECODED_BYTES = 1024 * MIB;
/** JSON in a response that is larger is not read. */
export const MAX_JSON_BYTES = 256 * MIB;
/** The task and the process that reads large JSON, together. */
export const MAX_JSON_MEMORY_BYTES = 1024 * MIB;
/** After this time, another process evaluates an expression, because this process cannot react to a signal meanwhile. */
export const MAX_EVALUATION_MS = 250;
/** JSON that fits into that memory is parsed within half a minute: docs/performance.md. An expression may have no end in sight. */
export const MAX_JSON_READING_MS = 5 * 60_000;
/**
 * Larger JSON is not parsed by the process of the step, because the step could not be cancelled meanwhile. JSON of this size takes half a
 * second at most (docs/performance.md). It is enough for any error message of a server.
 */
export const MAX_IN_PROCESS_BYTES = MIB;
/** The response of an identity endpoint. */
export const MAX_ENDPOINT_RESPONSE_BYTES = MIB;
/** The file in which the credential helper of git finds the settings of its step. Most of it can be certificate authorities of the system. */
export const MAX_GIT_STATE_BYTES = 4 * MIB;
/** A certificate file of the agent. */
export const MAX_CERTIFICATE_FILE_BYTES = MIB;
/** Untrusted text in a message. */
export const MAX_UNTRUSTED_LENGTH = 500;

/** `git config` reads a few files. */
export const MAX_GIT_CONFIG_MS = 5000;
export const MAX_GIT_CONFIG_BYTES = MIB;

/** The inputs that are numbers: the smallest and the largest value. */
export const INPUT_RANGES = {
  minimumLifetimeInMinutes: [0, 24 * 60],
  maxRetries: [0, 20],
  requestTimeoutInSeconds: [1, 3_600],
  /** Above 0. */
  waitIntervalInSeconds: [0, 3_600],
  /** Above 0, and a week at most. */
  waitTimeoutInMinutes: [0, 7 * 24 * 60],
} as const;

/** A size for people: `1 MiB`, `1 GiB`. @param bytes whole MiB */
export function formatBytes(bytes: number): string {
  const mib = bytes / MIB;
  return mib >= 1024 ? `${mib / 1024} GiB` : `${mib} MiB`;
}

/**
 * How many received bytes of a connection can wait. With the 16 KiB of Node.js 20, each TLS record stops the connection and starts it
 * again, and a large download takes twice the CPU time (docs/performance.md).
 */
export const RECEIVE_BUFFER_BYTES = 256 * 1024;
