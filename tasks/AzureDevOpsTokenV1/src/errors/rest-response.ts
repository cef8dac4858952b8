// Why the step cannot use a response that came, of a REST call.
import {
  formatBytes,
  MAX_JSON_BYTES,
  MAX_JSON_MEMORY_BYTES,
  MAX_JSON_READING_MS,
  MAX_OUTPUT_BYTES,
  MIN_SECRET_LENGTH,
} from '../limits';
import { describeDuration } from '../duration';
import { untrustedText } from '../untrusted-text';
import type { ProblemTable } from './task-error';

export type ResponseProblem =
  | {
      readonly kind: 'not-json';
      /** The input that needs JSON. */
      readonly input: string;
      /** Untrusted text. */
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
      /** What the server asks to wait before the next poll; 0 if it does not. */
      readonly requestedPauseMs: number;
    }
  /** The response does not say where to poll. */
  | { readonly kind: 'no-poll-address' }
  /** It says so, and the token may not go there. */
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
      /** What came twice; or its end does not come. */
      readonly what: 'token' | 'page' | 'end';
      /** The token, which is untrusted text, or the number of the page, or of pages. */
      readonly name: string;
    }
  /** It repeats the token. */
  | { readonly kind: 'reflected-token' };

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

export type RestResponseProblem = ResponseProblem | ResultProblem;

type ProblemOf<Kind extends RestResponseProblem['kind']> = RestResponseProblem & {
  readonly kind: Kind;
};

export const REST_RESPONSE_TABLE: ProblemTable<RestResponseProblem> = {
  'not-json': {
    heading: 'The answer is not JSON',
    message: describeNotJson,
    hint: () =>
      'Without that input, result holds the answer as it came; outputFile writes it to a file.',
  },
  unread: {
    heading: 'The response is too large to read',
    message: describeUnread,
    hint: ({ input, exceeded }) =>
      `${UNREAD_HINTS[exceeded ?? 'start']} Or remove ${input}, set outputFile, and read the file in a later step.`,
  },
  evaluation: {
    heading: 'An expression does not fit the answer',
    message: ({ input, expression, reason }) =>
      `the expression of ${input} (${untrustedText(expression)}) does not fit the answer: ${reason}`,
    hint: ({ input }) =>
      `Correct ${input}. A function of JMESPath fails on what it does not expect, such as length() of something that is not there.`,
  },
  'fail-when': {
    heading: 'failWhen is true',
    message: ({ expression }) => `the answer is what failWhen names: ${untrustedText(expression)}`,
    hint: () =>
      'The step was told to fail on such an answer: the outputs result and responseFile hold it.',
  },
  'wait-over': {
    heading: 'waitUntil did not become true',
    message: ({ expression, requestedPauseMs }) =>
      `waitUntil (${untrustedText(expression)}) was not true in time` +
      (requestedPauseMs === 0
        ? ''
        : `; the server asks to wait ${describeDuration(requestedPauseMs)} more (Retry-After)`),
    hint: () =>
      'What the call began may still go on. Set waitTimeoutInMinutes higher, or see whether waitUntil can become true: the outputs result ' +
      'and responseFile hold the last answer.',
  },
  'no-poll-address': {
    heading: 'The answer does not say where to look again',
    message: () =>
      'the answer does not say where waitUntil can look again: it has no Location, url or _links.self.href',
    hint: () =>
      'The call itself was made. Leave waitUntil out, and look in a second step, with a GET of the address that the documentation of ' +
      'the API names.',
  },
  'poll-host': {
    heading: 'The answer says to look at another host',
    message: ({ host }) =>
      `the answer says to look again at ${untrustedText(host)}, and the token may not go there`,
    hint: ({ host }) =>
      `The call itself was made. If ${untrustedText(host)} is yours and may have the token, name it in allowedHosts.`,
  },
  'no-list': {
    heading: 'The answer is not one list',
    message: describeNoList,
    hint: () =>
      'allPages joins the one array of a list: value, else members, else items, else the only one. For any other answer, leave it out.',
  },
  'paging-loop': {
    heading: 'The pages do not end',
    message: describePagingLoop,
    hint: () =>
      'What was read is no complete list, and none of it was kept. Leave allPages out and read the pages one by one: with $top and $skip, ' +
      'or with continuationToken in url, as the documentation of the API has it.',
  },
  'reflected-token': {
    heading: 'The answer repeats the token',
    message: () => 'the answer repeats the token that it was sent',
    hint: () =>
      'Nothing of the answer was kept. See what answers at this address: no service of Azure DevOps repeats a token.',
  },
  'result-too-large': {
    heading: 'The result is too large',
    message: ({ bytes }) =>
      `what query selects has ${bytes.toLocaleString('en')} bytes, and an output takes ${MAX_OUTPUT_BYTES.toLocaleString('en')}`,
    hint: () =>
      'Select less in query, or read the file that the output responseFile names: it is in the temporary folder of the agent, or where ' +
      'outputFile puts it.',
  },
  'result-hostile': {
    heading: 'The agent would act on the result',
    message: ({ what }) => `the result holds ${what}`,
    hint: ({ responseFile }) =>
      'The agent would act on it wherever the variable is used. ' +
      (responseFile === undefined
        ? 'Set outputFile, and read the file in a later step.'
        : `Read the file that the output responseFile names (${untrustedText(responseFile)}), or select something else in query.`),
  },
  'result-not-masked': {
    heading: 'The result could stay unmasked',
    message: ({ why }) =>
      why === 'lines'
        ? 'the secret result has several lines'
        : `the secret result has fewer than ${MIN_SECRET_LENGTH} characters`,
    hint: () =>
      `An agent may leave such a value unmasked. Select one line of at least ${MIN_SECRET_LENGTH} characters in query, or set outputFile and not secretResult.`,
  },
};

function describeNotJson({ input, contentType, isTooLarge }: ProblemOf<'not-json'>): string {
  const type = contentType === undefined ? 'no content type' : untrustedText(contentType);
  return isTooLarge
    ? `the answer (${type}) is too large for ${input}: more than ${formatBytes(MAX_JSON_BYTES)}`
    : `the answer is not JSON (${type}), and ${input} needs JSON`;
}

const UNREAD_HINTS = {
  memory: 'Request less, for example with $top or fewer fields.',
  time: 'Simplify the expression, or request less, for example with $top.',
  start: "Allow the agent's user to start the agent's Node.js.",
};

function describeUnread({ input, exceeded, reason = '' }: ProblemOf<'unread'>): string {
  if (exceeded === undefined) {
    return `the process that reads the response for ${input} does not run: ${untrustedText(reason)}`;
  }
  return exceeded === 'memory'
    ? `reading the response for ${input} needs more than ${formatBytes(MAX_JSON_MEMORY_BYTES)} of memory`
    : `reading the response for ${input} takes more than ${MAX_JSON_READING_MS / 60_000} minutes`;
}

function describeNoList({ lists }: ProblemOf<'no-list'>): string {
  const names = lists.map(untrustedText).join(', ');
  return names === ''
    ? 'the answer has no array at its top level, and allPages needs one'
    : `the answer has several arrays (${names}), and allPages needs a single one`;
}

function describePagingLoop({ what, name: untrusted }: ProblemOf<'paging-loop'>): string {
  const name = untrustedText(untrusted);
  switch (what) {
    case 'token':
      return `the pages go in circles: the continuation token "${name}" came for the second time`;
    case 'page':
      return `the pages go in circles: page ${name} is one that came before`;
    case 'end':
      return `the list does not end: it has more than ${name} pages`;
  }
}
