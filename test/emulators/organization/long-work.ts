// What takes its time after a call: runs of pipelines, and operations.
// https://learn.microsoft.com/rest/api/azure/devops/pipelines/runs/run-pipeline
// https://learn.microsoft.com/rest/api/azure/devops/operations/operations/get
// https://learn.microsoft.com/rest/api/azure/devops/core/projects/create
import { PROJECT } from './content';
import type { ProperResponse, RestRequest } from './rest-api';

export interface WorkOptions {
  /** In how many polls the work is still running. */
  readonly polls: number;
  readonly result: 'succeeded' | 'failed';
}

/** The work of an organization. */
export class LongWork {
  readonly #options: WorkOptions;
  /** How often each was polled. */
  readonly #polls: number[] = [];

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  /** @param path below the organization or its project, in lower case */
  answer(request: RestRequest, path: string): ProperResponse | undefined {
    const { method } = request;
    const [, pipeline = '', run] = /^_apis\/pipelines\/(\d+)\/runs(?:\/(\d+))?$/.exec(path) ?? [];
    const operation = /^_apis\/operations\/(\d+)$/.exec(path)?.[1];
    if (method === 'POST' && pipeline !== '' && run === undefined) {
      return succeed(200, this.#describeRun(request, pipeline, this.#begin()));
    }
    if (method === 'POST' && path === '_apis/projects') {
      return succeed(202, this.#describeOperation(request, this.#begin()));
    }
    if (method === 'GET' && run !== undefined && this.#poll(run)) {
      return succeed(200, this.#describeRun(request, pipeline, Number(run)));
    }
    return method === 'GET' && operation !== undefined && this.#poll(operation)
      ? succeed(200, this.#describeOperation(request, Number(operation)))
      : undefined;
  }

  #begin(): number {
    return this.#polls.push(0);
  }

  #poll(id: string): boolean {
    const polls = this.#polls[Number(id) - 1];
    this.#polls[Number(id) - 1] = (polls ?? 0) + 1;
    return polls !== undefined;
  }

  #isOver(id: number): boolean {
    return (this.#polls[id - 1] ?? 0) > this.#options.polls;
  }

  #describeRun({ url }: RestRequest, pipeline: string, id: number) {
    const below = `${originOf(url)}/MyOrg/${PROJECT.id}`;
    const self = `${below}/_apis/pipelines/${pipeline}/runs/${id}`;
    return {
      _links: { self: { href: self }, web: { href: `${below}/_build/results?buildId=${id}` } },
      pipeline: { id: Number(pipeline), name: 'app', folder: '\\', revision: 1 },
      state: this.#isOver(id) ? 'completed' : 'inProgress',
      ...(this.#isOver(id) ? { result: this.#options.result } : {}),
      createdDate: '2026-01-31T12:00:00.0000000Z',
      url: self,
      id,
      name: `20260131.${id}`,
    };
  }

  #describeOperation({ url }: RestRequest, id: number) {
    const { result } = this.#options;
    return {
      id: String(id),
      status: this.#isOver(id) ? result : 'queued',
      url: `${originOf(url)}/MyOrg/_apis/operations/${id}`,
    };
  }
}

/** As the address is written: the emulator itself does not know whether it is behind TLS. */
function originOf({ hostname, host }: URL): string {
  return `${hostname === '127.0.0.1' ? 'http' : 'https'}://${host}`;
}

function succeed(status: number, body: unknown): ProperResponse {
  return { kind: 'response', status, body };
}
