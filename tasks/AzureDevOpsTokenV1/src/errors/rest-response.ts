// Why the step cannot use the response to a REST call.
import {
  formatBytes,
  MAX_DECODED_BYTES,
  MAX_JSON_BYTES,
  MAX_JSON_MEMORY_BYTES,
  MAX_JSON_READING_MS,
  MAX_OUTPUT_BYTES,
  MIN_SECRET_LENGTH,
} from '../limits';
import { describeDuration } from '../duration';
import type { CodingProblem } from '../http/content-coding';
import { untrustedText } from '../untrusted-text';
import type { AzureDevOpsContext } from './azure-devops-context';
import { describeRequest } from './azure-devops-problems';
import type { ProblemTable } from './task-error';

export type ResponseProblem =
  | {
      readonly kind: 'not-json';
      /** The input that needs JSON. */
      readonly input: string;
      /** Untrusted text. */
      readonly contentType: string | undefined;
      readonly isTooLarge: boolean;
      /** The status of a response without a body. */
      readonly emptyStatus?: number | undefined;
    }
  | {
      /** Reading the response needs too much memory or time, or the process that reads it does not start. */
      readonly kind: 'unreadable';
      readonly input: string;
      readonly exceeded?: 'memory' | 'time';
      /** Why that process ended, in our own words. */
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
      /** The pause that the server asks for before the next poll; 0 if it asks for none. */
      readonly requestedPauseMs: number;
    }
  /** The response does not say where to poll. */
  | { readonly kind: 'no-poll-address' }
  /** It does, and that host may not receive the token. */
  | {
      readonly kind: 'poll-host';
      /** Untrusted text. */
      readonly host: string;
    }
  /** A page without an array, or with several. */
  | {
      readonly kind: 'no-list';
      /** The names of its arrays: untrusted text. */
      readonly lists: readonly string[];
    }
  | {
      readonly kind: 'paging-loop';
      /** What was returned twice; `end`: the list has too many pages. */
      readonly what: 'token' | 'page' | 'end';
      /** The token, which is untrusted text, or the number of the page, or of pages. */
      readonly name: string;
    }
  /** The link to the next page is no https URL, or comes after another method than GET. `target` is its origin: untrusted text. */
  | { readonly kind: 'next-link'; readonly target: string }
  /** The response has a content coding that the task did not request and cannot remove. */
  | ({ readonly kind: 'content-coding' } & CodingProblem)
  /** The response contains the token. */
  | { readonly kind: 'reflected-token' };

/** Why a value cannot be the output `result`. */
export type ResultProblem =
  | { readonly kind: 'result-too-large'; readonly bytes: number }
  | {
      readonly kind: 'result-hostile';
      /** What it contains, in our own words. */
      readonly what: string;
      readonly responseFile: string | undefined;
    }
  | { readonly kind: 'result-not-masked'; readonly why: 'lines' | 'short' };

export type RestResponseProblem = ResponseProblem | ResultProblem;

type ProblemOf<Kind extends RestResponseProblem['kind']> = RestResponseProblem & {
  readonly kind: Kind;
};

/** The rows say what the response was to. */
const details = (problem: AzureDevOpsContext): string =>
  `The request was ${describeRequest(problem)}.`;

export const REST_RESPONSE_TABLE: ProblemTable<RestResponseProblem & AzureDevOpsContext> = {
  'not-json': {
    id: 'not-json',
    heading: 'The response is not JSON',
    conclusion: describeNotJson,
    details,
    hint: ({ input, isTooLarge, emptyStatus }) =>
      emptyStatus !== undefined
        ? `Remove ${input}: a response with the status 204 or 304 never has a body. Or request a URL that returns one.`
        : isTooLarge
          ? `Request less, for example with $top or fewer fields. Or remove ${input}, set outputFile, and read the file in a later step.`
          : `Remove ${input}, or request a URL that returns JSON. Without ${input}, the output result contains the response as it is, and outputFile ` +
            'writes it to a file.',
  },
  unreadable: {
    id: 'response-too-large',
    heading: 'The response cannot be read for an expression',
    conclusion: describeUnreadable,
    details,
    hint: ({ input, exceeded }) =>
      `${UNREADABLE_HINTS[exceeded ?? 'start']} Or remove ${input}, set outputFile, and read the file in a later step.`,
  },
  evaluation: {
    id: 'expression-failed',
    heading: 'An expression does not fit the response',
    conclusion: ({ input, reason }) =>
      `The expression of ${input} does not fit the response: ${reason}`,
    details: (problem) =>
      `The expression is ${untrustedText(problem.expression)}. ${details(problem)}`,
    hint: ({ input }) =>
      `Correct ${input}. A JMESPath function fails if its argument has another type than it expects, for example length() of a field that is missing.`,
  },
  'fail-when': {
    id: 'fail-when',
    heading: 'failWhen is true',
    conclusion: ({ expression }) =>
      `failWhen is true for the response: ${untrustedText(expression)}`,
    details,
    hint: () =>
      'The step is set to fail on such a response. Read the response in the outputs result and responseFile.',
  },
  'wait-over': {
    id: 'wait-timeout',
    heading: 'waitUntil did not become true in time',
    conclusion: ({ expression }) =>
      `waitUntil did not become true in time: ${untrustedText(expression)}`,
    details: (problem) =>
      details(problem) +
      (problem.requestedPauseMs === 0
        ? ''
        : ` The server asks to wait ${describeDuration(problem.requestedPauseMs)} more (Retry-After).`),
    hint: () =>
      'Increase waitTimeoutInMinutes, or check whether waitUntil can become true. The outputs result and responseFile have the last response. ' +
      'What the request started may still be running.',
  },
  'no-poll-address': {
    id: 'no-poll-address',
    heading: 'The response has no address to poll',
    conclusion: () =>
      'The response has no address to poll for waitUntil: no Location, url or _links.self.href.',
    details,
    hint: () =>
      'The request was made. Remove waitUntil, and poll in a second step with a GET of the address that the documentation of the API names.',
  },
  'poll-host': {
    id: 'poll-host',
    heading: 'The address to poll is at a host that may not receive the token',
    conclusion: ({ host }) =>
      `waitUntil cannot poll at ${untrustedText(host)}, because that host may not receive the token.`,
    details,
    hint: ({ host }) =>
      `The request itself was sent, and its response names ${untrustedText(host)}. If you know this host and trust it with the token, add it to ` +
      'allowedHosts. Otherwise, remove waitUntil.',
  },
  'no-list': {
    id: 'no-list',
    heading: 'The response is not a list',
    conclusion: describeNoList,
    details,
    hint: () =>
      'Remove allPages, and read page by page with $top and $skip. allPages joins the array with the name value, members or items. Without ' +
      'such a name, the response must have exactly one array.',
  },
  'paging-loop': {
    id: 'endless-pages',
    heading: 'The pages do not end',
    conclusion: describePagingLoop,
    details: (problem) =>
      `${details(problem)} The list is not complete, so nothing of it was kept.`,
    hint: () =>
      'Remove allPages and read page by page: with $top and $skip, or with continuationToken in url, as the documentation of the API says.',
  },
  'next-link': {
    id: 'next-link',
    heading: 'The link to the next page cannot be followed',
    conclusion: ({ target }) =>
      `The link to the next page cannot be followed: ${target === '' ? 'it is not a URL' : `it leads to ${untrustedText(target)}`}.`,
    details: (problem) => `${details(problem)} No part of the list was kept.`,
    hint: () =>
      'Find out which server returns such a link, or remove allPages and read page by page.',
  },
  'content-coding': {
    id: 'content-coding',
    heading: 'The response cannot be decoded',
    conclusion: ({ coding, reason }) =>
      `The response cannot be decoded: ${CODING_REASONS[reason]} (Content-Encoding: ${untrustedText(coding)}).`,
    details: (problem) => `${details(problem)} The task requested Accept-Encoding: identity.`,
    hint: ({ coding }) =>
      `To receive the body as the server sends it, set headers to "Accept-Encoding: ${untrustedText(coding)}" and set outputFile.`,
  },
  'reflected-token': {
    id: 'reflected-token',
    heading: 'The response contains the token',
    conclusion: () => 'The response contains the token that was sent, so nothing of it was kept.',
    details,
    hint: () =>
      'Azure DevOps does not return the token that it received, so another server probably responded. Check the URL and the proxy. If you do ' +
      'not trust that server, remember that it has the token until it expires.',
  },
  'result-too-large': {
    id: 'result-too-large',
    heading: 'The result is too large for an output',
    conclusion: ({ bytes }) =>
      `The result of query has ${bytes.toLocaleString('en')} bytes, and an output can have ${MAX_OUTPUT_BYTES.toLocaleString('en')}.`,
    details,
    hint: () =>
      'Select less in query. Or read the whole response in a later step: its path is in the output responseFile (outputFile, or a temporary file).',
  },
  'result-hostile': {
    id: 'result-with-command',
    heading: 'The result cannot be published safely',
    conclusion: ({ what }) => `The result cannot be published safely, because it contains ${what}.`,
    details,
    hint: ({ responseFile }) =>
      responseFile === undefined
        ? 'Set outputFile, and read the file in a later step.'
        : `Read the file that the output responseFile names (${untrustedText(responseFile)}), or select something else in query.`,
  },
  'result-not-masked': {
    id: 'secret-not-masked',
    heading: 'The agent cannot mask the secret result reliably',
    conclusion: ({ why }) =>
      why === 'lines'
        ? 'The secret result has several lines, which the agent cannot mask reliably.'
        : `The secret result has fewer than ${MIN_SECRET_LENGTH} characters, which the agent cannot mask reliably.`,
    details,
    hint: () =>
      `Select one line of at least ${MIN_SECRET_LENGTH} characters in query. Or set outputFile and remove secretResult.`,
  },
};

function describeNotJson(problem: ProblemOf<'not-json'>): string {
  const { input, contentType, isTooLarge, emptyStatus } = problem;
  if (emptyStatus !== undefined) {
    return `The response (${emptyStatus}) is empty, and ${input} needs JSON.`;
  }
  const type = contentType === undefined ? 'no content type' : untrustedText(contentType);
  return isTooLarge
    ? `The response (${type}) is too large for ${input}: it has more than ${formatBytes(MAX_JSON_BYTES)}.`
    : `The response is not JSON (${type}), and ${input} needs JSON.`;
}

const UNREADABLE_HINTS = {
  memory: 'Request less, for example with $top or fewer fields.',
  time: 'Simplify the expression, or request less, for example with $top.',
  start: "Allow the agent's user to start the agent's Node.js.",
};

function describeUnreadable({ input, exceeded, reason = '' }: ProblemOf<'unreadable'>): string {
  if (exceeded === undefined) {
    return `The process that reads the response for ${input} did not run: ${untrustedText(reason)}.`;
  }
  return exceeded === 'memory'
    ? `Reading the response for ${input} needs more than ${formatBytes(MAX_JSON_MEMORY_BYTES)} of memory.`
    : `Reading the response for ${input} takes more than ${MAX_JSON_READING_MS / 60_000} minutes.`;
}

const CODING_REASONS: Readonly<Record<CodingProblem['reason'], string>> = {
  unsupported: 'the task does not support its content coding',
  broken: 'the body is damaged, or has another content coding',
  'too-large': `it has more than ${formatBytes(MAX_DECODED_BYTES)} when it is decoded`,
};

function describeNoList({ lists }: ProblemOf<'no-list'>): string {
  const names = lists.map(untrustedText).join(', ');
  return names === ''
    ? 'The response has no array at its top level, and allPages needs one.'
    : `The response has several arrays (${names}), and allPages can join only one.`;
}

function describePagingLoop({ what, name: untrusted }: ProblemOf<'paging-loop'>): string {
  const name = untrustedText(untrusted);
  switch (what) {
    case 'token':
      return `The list does not end: the server returned the continuation token "${name}" for the second time.`;
    case 'page':
      return `The list does not end: page ${name} is the same as an earlier page.`;
    case 'end':
      return `The list has more than ${name} pages, which is the limit of allPages.`;
  }
}
