import { isSuccessStatus, type Answer } from '../http/response';
import { NO_BODY, type BodySink } from '../http/response-body';
import { cutPieces } from '../byte-store';
import type { Clock } from '../clock';
import type { AnswerProblem } from '../errors/call-problems';
import { nameSection, WARNING_HEADINGS } from '../errors/sections';
import type { RequestedCall } from '../inputs/task-inputs';
import { JoinedList } from './joined-list';
import { readPageOf } from './json-response';
import { goOnAt, toOutcome, type Outcome } from './success';
import type { Page } from './paging';
import { Pager } from './paging';

export interface PageReading {
  /** Asks for a page, and keeps all of it. */
  readonly ask: (call: RequestedCall) => Promise<Answer>;
  /** Where the joined list goes, or an answer that is no list. */
  readonly sink: BodySink;
  /** How much of the joined list is kept in memory, too. */
  readonly keptBytes: number;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
}

const PROGRESS_MS = 10_000;

/**
 * Asks for all pages of a list and joins them. The next one is asked for before the last is written.
 * @throws {NoAnswer}
 * @throws {Failure}
 */
export async function readPages(first: RequestedCall, reading: PageReading): Promise<Outcome> {
  const { ask, sink, keptBytes } = reading;
  const list = new JoinedList(sink, keptBytes);
  const tellProgress = makeProgress(list, reading);
  const pager = new Pager(first.url);
  let call = first;
  let asked = ask(call);
  for (;;) {
    const answer = await asked;
    const outcome = toOutcome(call, answer);
    if (outcome.misfortune !== undefined || !isSuccessStatus(answer.status)) {
      return write(outcome, sink);
    }
    const page = await readPageOf(answer);
    if ('kind' in page) {
      return withoutList(outcome, page);
    }
    const next = pager.follow(answer, page);
    if (next.kind === 'problem') {
      return withoutList(outcome, next.problem);
    }
    if (next.kind === 'end') {
      if (!next.isRepeated) {
        await list.add(page, answer, itemsOf(page, answer));
      }
      const joined = { ...answer, ...(await list.end()) };
      reading.tell(describeList(list));
      const warnings = next.isKnown ? [] : [describeDoubt(list, next.isRepeated)];
      return { ...outcome, answer: joined, warnings };
    }
    call = goOnAt(first, next.url);
    asked = ask(call);
    // What becomes of it is seen when this page is written.
    asked.catch(() => undefined);
    await list.add(page, answer, itemsOf(page, answer));
    tellProgress();
  }
}

function itemsOf({ items }: Page, { bytes, pieces = [bytes] }: Answer): readonly Buffer[] {
  return cutPieces(pieces, ...items);
}

/** An answer that is no page goes where any answer does. */
async function write(outcome: Outcome, sink: BodySink): Promise<Outcome> {
  const { answer } = outcome;
  await sink.start(answer);
  for (const piece of answer.pieces ?? [answer.bytes]) {
    await sink.write(piece);
  }
  return { ...outcome, answer: { ...answer, isWhole: answer.isWhole && answer.isKept } };
}

/** Nothing of a list that is not complete is kept. */
function withoutList(outcome: Outcome, problem: AnswerProblem): Outcome {
  const answer = { ...outcome.answer, ...NO_BODY, isWhole: false };
  return { ...outcome, answer, problem };
}

function makeProgress(list: JoinedList, { clock, tell }: PageReading): () => void {
  let told = clock.elapsed();
  return () => {
    if (clock.elapsed() - told >= PROGRESS_MS) {
      told = clock.elapsed();
      tell(`${describeCount(list)} so far.`);
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
  const why = isRepeated
    ? 'no continuation token says whether there are more, and with $skip the server gave the same page again. See how the API pages.'
    : 'no continuation token says whether there are more. Where the API takes $top and $skip, add $top to url.';
  return `Whether the list is complete is not known: it has ${describeCount(list)}, and ${why}\n${nameSection(WARNING_HEADINGS['list-in-doubt'])}`;
}
