// Why the step cannot use the response to a REST call.
import {
  formatBytes,
  MAX_DECODED_BYTES,
  MAX_JSON_BYTES,
  MAX_JSON_MEMORY_BYTES,
  MAX_JSON_READING_MS,
} from '../limits';
import { describeDuration } from '../duration';
import type { CodingProblem } from '../http/content-coding';
import { untrustedText } from '../untrusted-text';
import type { AzureDevOpsContext } from './azure-devops-problem';
import { describeSentRequest } from './azure-devops-texts';
import { LIST_TABLE, type ListProblem } from './list-problems';
import { RESULT_TABLE, type ResultProblem } from './result-problems';
import type { ProblemTable } from './task-error';

export type ResponseProblem =
  | ListProblem
  | {
      readonly kind: 'not-json';
      /** The input that needs JSON. */
      readonly input: string;
      /** Untrusted text. */
      readonly contentType: string | undefined;
      readonly isTooLarge: boolean;
      /** The content coding that the author requested, so that the task did not remove it: untrusted text. */
      readonly coding?: string | undefined;
      /** The status of a response without a body. */
      readonly emptyStatus?: number | undefined;
    }
  | {
      /** Reading the response needs too much memory or time, or the process that reads it does not start. */
      readonly kind: 'unreadable';
      readonly input: string;
      readonly exceeded?: 'memory' | 'time';
      /** Why that process ended, a text of the task. */
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
      /** The pause that the server requests before the next poll; 0 if it requests none. */
      readonly requestedPauseMs: number;
      readonly lastStatus: number;
    }
  /** The response does not say where to poll. */
  | { readonly kind: 'no-poll-address' }
  /** It does, and that host may not receive the token. */
  | {
      readonly kind: 'poll-host';
      /** Untrusted text. */
      readonly host: string;
    }
  /** The response has a content coding that the task did not request and cannot remove. */
  | ({ readonly kind: 'content-coding' } & CodingProblem)
  /** The response contains the token. */
  | { readonly kind: 'reflected-token' };

export type RestResponseProblem = ResponseProblem | ResultProblem;

type ProblemOf<Kind extends RestResponseProblem['kind']> = RestResponseProblem & {
  readonly kind: Kind;
};

export const REST_RESPONSE_TABLE: ProblemTable<RestResponseProblem & AzureDevOpsContext> = {
  ...LIST_TABLE,
  ...RESULT_TABLE,
  'not-json': {
    id: 'not-json',
    heading: 'The response is not JSON',
    conclusion: describeNotJson,
    details: describeSentRequest,
    hint: describeJsonFix,
  },
  unreadable: {
    id: 'response-too-large',
    heading: 'The response cannot be read for an expression',
    conclusion: describeUnreadable,
    details: describeSentRequest,
    hint: ({ input, exceeded }) =>
      `${UNREADABLE_HINTS[exceeded ?? 'start']} Or remove ${input}, set outputFile, and read the file in a later step.`,
  },
  evaluation: {
    id: 'expression-failed',
    heading: 'An expression does not fit the response',
    conclusion: ({ input, reason }) =>
      `The expression of ${input} does not fit the response: ${reason}`,
    details: (problem) =>
      `The expression is ${untrustedText(problem.expression)}. ${describeSentRequest(problem)}`,
    hint: ({ input }) =>
      `Correct ${input}. A JMESPath function fails if its argument has another type than it expects, for example length() of a field that is missing.`,
  },
  'fail-when': {
    id: 'fail-when',
    heading: 'failWhen is true',
    conclusion: ({ expression }) =>
      `failWhen is true for the response: ${untrustedText(expression)}`,
    details: describeSentRequest,
    hint: () =>
      'The expression of failWhen describes the responses with which the step fails. Read the response in the outputs result and responseFile. If the step ' +
      'should succeed with this response, change failWhen.',
  },
  'wait-over': {
    id: 'wait-timeout',
    heading: 'waitUntil did not become true in time',
    conclusion: ({ expression }) =>
      `waitUntil did not become true in time: ${untrustedText(expression)}`,
    details: (problem) =>
      `${describeSentRequest(problem)} The last response had the status ${problem.lastStatus}.` +
      (problem.requestedPauseMs === 0
        ? ''
        : ` The server requested a pause of ${describeDuration(problem.requestedPauseMs)} more (Retry-After).`),
    hint: ({ lastStatus }) =>
      (lastStatus >= 400 && lastStatus < 500
        ? `The last response was ${lastStatus}: check url, and the permissions of the identity.\n`
        : '') +
      'Increase waitTimeoutInMinutes, or check whether waitUntil can become true. The outputs result and responseFile have the last response. ' +
      'The operation that the step waits for may still be running.',
  },
  'no-poll-address': {
    id: 'no-poll-address',
    heading: 'The response has no address to poll',
    conclusion: () =>
      'The response has no address to poll for waitUntil: no Location, url or _links.self.href.',
    details: describeSentRequest,
    hint: ({ method }) =>
      `${describeDone(method)}Remove waitUntil, and poll in a second step with a GET of the address that the documentation of the API names.`,
  },
  'poll-host': {
    id: 'poll-host',
    heading: 'The address to poll is at a host that may not receive the token',
    conclusion: ({ host }) =>
      `waitUntil cannot poll at ${untrustedText(host)}, because that host may not receive the token.`,
    details: (problem) =>
      `${describeSentRequest(problem)} The server named this address in its response.`,
    hint: ({ host, method }) =>
      `${describeDone(method)}If you know ${untrustedText(host)} and trust it with the token, add this host to allowedHosts. Otherwise, remove waitUntil.`,
  },
  'content-coding': {
    id: 'content-coding',
    heading: 'The response cannot be decoded',
    conclusion: ({ coding, reason }) => CODING_CONCLUSIONS[reason](untrustedText(coding)),
    details: (problem) =>
      `${describeSentRequest(problem)} ` +
      (problem.isRequested
        ? 'The task also decodes a compressed response that headers requests (Accept-Encoding or Range), to search it for the token.'
        : 'The task requested it without compression (Accept-Encoding: identity).'),
    hint: ({ coding, reason }) =>
      reason === 'too-large'
        ? 'Request less data at once. If that is not possible, download it in a later step, with the output token and for example curl.'
        : `${reason === 'broken' ? 'Run the step again, because the response may have been damaged on its way. If it fails again, save' : 'Save'} ` +
          'the body as the server sends it, and decode the file in a later step: ' +
          `set headers to "Accept-Encoding: ${untrustedText(coding)}", and set outputFile.`,
  },
  'reflected-token': {
    id: 'reflected-token',
    heading: 'The response contains the token',
    conclusion: () =>
      'The response contains the token that was sent, so the response was discarded.',
    details: describeSentRequest,
    hint: () =>
      '1. Azure DevOps does not return the token that it received, so another server probably responded. Check the host in the input url, and the ' +
      'proxy of the agent machine.\n' +
      '2. That server can use the token until it expires. If you do not trust it, remove the identity from the organization until then, under ' +
      'Organization settings > Users.',
  },
};

/** The step fails although its request was a success. Empty if the request only reads. */
function describeDone(method: string): string {
  return method === 'GET' || method === 'HEAD'
    ? ''
    : `The ${method} itself was successful, and each new run of the step sends it again. `;
}

function describeNotJson(problem: ProblemOf<'not-json'>): string {
  const { input, contentType, isTooLarge, coding, emptyStatus } = problem;
  if (emptyStatus !== undefined) {
    return `The response (${emptyStatus}) is empty, and ${input} needs JSON.`;
  }
  const type = contentType === undefined ? 'no content type' : untrustedText(contentType);
  if (coding !== undefined) {
    return `${input} cannot read the response, because it is compressed (Content-Encoding: ${untrustedText(coding)}; ${type}).`;
  }
  return isTooLarge
    ? `The response (${type}) is too large for ${input}: it has more than ${formatBytes(MAX_JSON_BYTES)}.`
    : `The response is not JSON (${type}), and ${input} needs JSON.`;
}

function describeJsonFix({
  input,
  isTooLarge,
  coding,
  emptyStatus,
}: ProblemOf<'not-json'>): string {
  if (emptyStatus !== undefined) {
    return emptyStatus === 204 || emptyStatus === 304
      ? `Remove ${input}: a response with the status ${emptyStatus} never has a body. Or request a URL that returns one.`
      : `Remove ${input}, or request a URL whose response has a body.`;
  }
  if (isTooLarge) {
    return `Request less, for example with $top or fewer fields. Or remove ${input}, set outputFile, and read the file in a later step.`;
  }
  return coding === undefined
    ? `Remove ${input}, or request a URL that returns JSON. Without ${input}, the output result contains the response as it is, and outputFile writes it to a file.`
    : `The task does not decode a response if the input headers has Accept-Encoding or Range. Remove this header from headers, or remove ${input}.`;
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

const CODING_CONCLUSIONS: Readonly<Record<CodingProblem['reason'], (coding: string) => string>> = {
  unsupported: (coding) =>
    `The response cannot be decoded: the task does not support its Content-Encoding (${coding}).`,
  broken: (coding) =>
    `The response is damaged: its header Content-Encoding says ${coding}, but the body cannot be decoded.`,
  'too-large': (coding) =>
    `The response is too large: it has more than ${formatBytes(MAX_DECODED_BYTES)} after it is decoded (Content-Encoding: ${coding}).`,
};
