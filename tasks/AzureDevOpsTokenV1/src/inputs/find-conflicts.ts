import { isTokenApi } from '../azure-devops/token-apis';
import type { InputReader } from './input-reader';
import type { RequestedCall } from './task-inputs';

/** Finds which inputs of a call, each right by itself, do not go together. */
export function findConflicts(reader: InputReader, call: RequestedCall): void {
  const { problems } = reader;
  const { method, url } = call;
  const isSet = (name: 'body' | 'bodyFile') =>
    name === 'body' ? call.body !== undefined : reader.text(name) !== '';
  if (isSet('body') && isSet('bodyFile')) {
    problems.push('body and bodyFile are set, and only one of them can be sent.');
  }
  for (const name of (['body', 'bodyFile'] as const).filter(isSet)) {
    if (method === 'GET' || method === 'HEAD') {
      problems.push(`${name} is set, and a ${method} sends none: set method, or leave it empty.`);
    }
  }
  for (const name of ['query', 'failWhen', 'outputFile'] as const) {
    if (method === 'HEAD' && call[name] !== undefined) {
      problems.push(`${name} is set, and the answer to a HEAD has no body: set method to GET.`);
    }
  }
  if (method === 'HEAD' && reader.text('waitUntil') !== '') {
    problems.push('waitUntil is set, and the answer to a HEAD has no body: set method to GET.');
  }
  if (method !== 'GET' && call.allPages) {
    problems.push(
      `allPages is set, and pages are asked for with a GET: leave it out of a ${method}.`,
    );
  }
  if (isTokenApi(url) && !call.isResultSecret && call.outputFile === undefined) {
    problems.push(
      'url is an API that returns secrets (_apis/tokens, _apis/token, oidctoken): set secretResult to true, or outputFile.',
    );
  }
}
