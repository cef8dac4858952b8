import { cutPieces } from '../http/byte-store';
import { isSuccessStatus, type HttpResponse } from '../http/response';
import { type BodySink, NO_BODY } from '../http/response-body';
import type { Clock } from '../clock';
import type { ResponseProblem } from '../errors/rest-response';
import { nameSection, WARNINGS } from '../errors/sections';
import type { RestCall } from '../inputs/task-inputs';
import { JoinedList } from './joined-list';
import { readPageOf } from './json-response';
import { toNextCall } from './next-call';
import { toOutcome, type CurrentCall, type Outcome } from './outcome';
import type { Page } from './page';
import { Pager } from './paging';
import { PAGING_PROGRESS_MS } from '../limits';

export interface PageReading {
  /** Requests a page and keeps its whole body. */
  readonly send: (call: CurrentCall) => Promise<HttpResponse>;
  /** Receives the joined list, or a response that is not a list. */
  readonly sink: BodySink;
  readonly allowedHosts: readonly string[];
  /** How many bytes of the joined list are also kept in memory. */
  readonly keptBytes: number;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/**
 * Requests all pages of a list and joins them. The next page is requested before the last one is written.
 * @throws {ConnectionError}
 * @throws {TaskError} of the sink
 */
export async function readPages(first: RestCall, reading: PageReading): Promise<Outcome> {
  const { send, sink, keptBytes } = reading;
  const list = new JoinedList(sink, keptBytes);
  const onProgress = makeProgress(list, reading);
  const pager = new Pager(first.url);
  let call = first;
  let requested = send(call);
  for (;;) {
    const response = await requested;
    const outcome = toOutcome(call, response);
    if (outcome.statusProblem !== undefined || !isSuccessStatus(response.status)) {
      return write(outcome, sink);
    }
    const page = outcome.problem ?? (await readPageOf(response));
    if ('kind' in page) {
      return withoutList(outcome, page);
    }
    const next = pager.follow(response, page);
    if (next.kind === 'problem') {
      return withoutList(outcome, next.problem);
    }
    if (next.kind === 'end') {
      await (next.isRepeated ? undefined : list.add(page, response, itemsOf(page, response)));
      const joined = { ...response, ...(await list.end()) };
      reading.log(describeList(list));
      const warnings = next.isKnown ? [] : [describeDoubt(list, next.isRepeated)];
      return { ...outcome, response: joined, warnings };
    }
    const nextCall = toNextCall(first, next, { ...reading, response });
    if ('kind' in nextCall) {
      return withoutList(outcome, nextCall);
    }
    call = nextCall;
    requested = send(call);
    // An error of the next page is handled after this page is written.
    requested.catch(() => undefined);
    await list.add(page, response, itemsOf(page, response));
    onProgress();
  }
}

function itemsOf({ items }: Page, { bytes, pieces = [bytes] }: HttpResponse): readonly Buffer[] {
  return cutPieces(pieces, ...items);
}

/** Writes a response that is not a page. */
async function write(outcome: Outcome, sink: BodySink): Promise<Outcome> {
  const { response } = outcome;
  await sink.start(response);
  for (const piece of response.pieces ?? [response.bytes]) {
    await sink.write(piece);
  }
  return { ...outcome, response: { ...response, isWhole: response.isWhole && response.isKept } };
}

/** The outcome without a body, because an incomplete list is not kept. */
function withoutList(outcome: Outcome, problem: ResponseProblem): Outcome {
  const response = { ...outcome.response, ...NO_BODY, isWhole: false };
  return { ...outcome, response, problem };
}

function makeProgress(list: JoinedList, { clock, log }: PageReading): () => void {
  let loggedAt = clock.elapsed();
  return () => {
    if (clock.elapsed() - loggedAt >= PAGING_PROGRESS_MS) {
      loggedAt = clock.elapsed();
      log(`The list has ${describeCount(list)} so far.`);
    }
  };
}

function describeList(list: JoinedList): string {
  return `The list has ${describeCount(list)}.`;
}

function describeCount({ count, pages }: JoinedList): string {
  const items = `${count.toLocaleString('en')} ${count === 1 ? 'item' : 'items'}`;
  return `${items} on ${pages.toLocaleString('en')} ${pages === 1 ? 'page' : 'pages'}`;
}

function describeDoubt(list: JoinedList, isRepeated: boolean): string {
  const [why, fix] = isRepeated
    ? [
        ', and the same page again for $skip',
        'read in the documentation of the API how it returns more pages, and request them without allPages.',
      ]
    : ['', 'and if the API supports $top and $skip, add for example $top=100 to the query of url.'];
  return (
    `The list may be incomplete: it has ${describeCount(list)}, and the API returned no continuation token${why}.\n` +
    `If the list is complete, ignore this warning. If it is not, ${fix}\n${nameSection(WARNINGS['list-in-doubt'])}`
  );
}
