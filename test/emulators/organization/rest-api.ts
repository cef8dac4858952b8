// The part of the REST API that takes more than a GET, by its documentation:
// https://learn.microsoft.com/rest/api/azure/devops/wit/work-items/create
// https://learn.microsoft.com/rest/api/azure/devops/wit/attachments/create
// https://learn.microsoft.com/rest/api/azure/devops/graph/users/list
// https://learn.microsoft.com/rest/api/azure/devops/tokens/pats/create
// https://learn.microsoft.com/azure/devops/integrate/concepts/rest-api-versioning
import { randomUUID } from 'node:crypto';
import type { Fault } from '../faults';
import { Collaboration } from './collaboration';
import { PROJECT } from './content';
import { answerList, type ListOptions } from './lists';
import { LongWork, type WorkOptions } from './long-work';
import { errorBody, redirect, refuse } from './error-responses';

export type ProperResponse = Extract<Fault, { kind: 'response' }>;

export interface RestRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Where downloads of artifacts are: at a host that wants the token, and then at one that refuses any. */
export const ARTIFACT_HOST = 'artprodweu1.artifacts.visualstudio.com';
export const STORE_HOST = 'vsblobprodweu1.blob.core.windows.net';
/** A zip file with nothing in it. */
export const ARTIFACT = Buffer.from('504b0506000000000000000000000000000000000000', 'hex');
export const NEW_TOKEN = 'secretsecretsecretsecretsecretsecretsecretsecretsecr';

const LATEST = '7.2';
const PREVIEW_ONLY = new Set(['graph', 'tokens']);

export interface RestApiOptions {
  readonly lists?: ListOptions;
  readonly work?: WorkOptions;
}

/** What is kept between requests. */
export class RestApi {
  readonly #lists: ListOptions;
  readonly #work: LongWork;
  readonly #collaboration = new Collaboration();
  readonly #attachments = new Map<string, Buffer>();
  readonly #workItems: Record<string, unknown>[] = [];

  constructor({
    lists = { total: 5, pageSize: 2 },
    work = { polls: 2, result: 'succeeded' },
  }: RestApiOptions = {}) {
    this.#lists = lists;
    this.#work = new LongWork(work);
  }

  /** @returns nothing where the API has no such thing */
  answer(request: RestRequest, path: string): ProperResponse | undefined {
    const [project = '', ...own] = path.split('/');
    const rest = [PROJECT.name.toLowerCase(), PROJECT.id].includes(project) ? own.join('/') : path;
    return (
      answerList(request, rest, this.#lists) ??
      this.#work.answer(request, rest) ??
      this.#collaboration.answer(request, rest) ??
      this.#answerOthers(request, rest)
    );
  }

  #answerOthers(request: RestRequest, rest: string): ProperResponse | undefined {
    const { method, url } = request;
    const area = /^_apis\/(\w+)/.exec(rest)?.[1] ?? '';
    switch (area) {
      case 'wit':
        return this.#answerWorkItem(request, rest) ?? this.#answerAttachment(request, rest);
      case 'graph':
        return succeed({ count: 1, value: [{ displayName: 'agent-1', origin: 'aad' }] });
      case 'tokens':
        return succeed({ patToken: { displayName: 'x', token: NEW_TOKEN }, patTokenError: 'none' });
      case 'build':
        return method === 'GET' && rest.endsWith('/artifacts')
          ? redirect(`https://${ARTIFACT_HOST}/A1/_apis/artifact/drop/content?format=zip`)
          : undefined;
      case 'artifact':
        return redirect(
          `https://${STORE_HOST}/b-1/drop.zip?sv=2019-07-07&sr=b&api-version=2019-07-07&sig=abc%2Fdef`,
        );
      default:
        return url.pathname.endsWith('/_apis/echo') ? echo(request) : undefined;
    }
  }

  #answerWorkItem(request: RestRequest, path: string): ProperResponse | undefined {
    const { method, headers, body } = request;
    const isNew = method === 'POST' && /^_apis\/wit\/workitems\/(?:\$|%24)task$/.test(path);
    const id = Number(/^_apis\/wit\/workitems\/(\d+)$/.exec(path)?.[1] ?? 0);
    const item = isNew ? { id: this.#workItems.length + 1, rev: 0 } : this.#workItems[id - 1];
    if (!path.startsWith('_apis/wit/workitems/')) {
      return undefined;
    }
    if (item === undefined) {
      return refuse(
        404,
        `TF401232: Work item ${id} does not exist, or you do not have permission.`,
      );
    }
    if (method === 'GET') {
      return succeed(item);
    }
    if (headers['content-type'] !== 'application/json-patch+json') {
      return refuse(415, 'The request indicated a Content-Type that is not supported.');
    }
    const operations = JSON.parse(body.toString()) as {
      op: string;
      path: string;
      value: unknown;
    }[];
    const isTested = ({ op, path: field, value }: (typeof operations)[number]) =>
      op !== 'test' || (field === '/rev' && value === item['rev']);
    if (!operations.every(isTested)) {
      // https://github.com/microsoft/azure-devops-mcp/pull/1526 has the status.
      return refuse(412, 'The work item has another revision than the one that was tested.');
    }
    const fields = Object.fromEntries(
      operations
        .filter(({ op }) => op !== 'test')
        .map(({ path: field, value }) => [field.replace('/fields/', ''), value]),
    );
    const changed = { ...item, rev: Number(item['rev']) + 1, fields };
    this.#workItems[Number(item['id']) - 1] = changed;
    return succeed(changed);
  }

  #answerAttachment({ method, url, body }: RestRequest, path: string): ProperResponse | undefined {
    if (method === 'POST' && path === '_apis/wit/attachments') {
      const id = randomUUID();
      this.#attachments.set(id, body);
      return {
        ...succeed({ id, url: `${url.origin}/MyOrg/_apis/wit/attachments/${id}` }),
        status: 201,
      };
    }
    const content = this.#attachments.get(/^_apis\/wit\/attachments\/(.+)$/.exec(path)?.[1] ?? '');
    return content && succeed(content, { 'content-type': 'application/octet-stream' });
  }
}

/** What Azure DevOps says about a version that is missing, too new, or no preview. */
export function refuseVersion({ method, url, headers }: RestRequest): ProperResponse | undefined {
  const area = /\/_apis\/(\w+)/i.exec(url.pathname)?.[1]?.toLowerCase() ?? '';
  const [, inHeader] = /api-version=([^\s;,]+)/i.exec(String(headers['accept'] ?? '')) ?? [];
  const inUrl = [...url.searchParams].find(([name]) => name.toLowerCase() === 'api-version')?.[1];
  const version = inUrl ?? inHeader;
  if (url.hostname === ARTIFACT_HOST || area === '') {
    return undefined;
  }
  if (version === undefined) {
    // Microsoft's own clients ask these without one.
    return ['connectiondata', 'resourceareas'].includes(area)
      ? undefined
      : complain(
          'VssVersionNotSpecifiedException',
          `No api-version was supplied for the "${method}" request. The version must be supplied either as part of the Accept header ` +
            '(e.g. "application/json; api-version=1.0") or as a query parameter (e.g. "?api-version=1.0").',
        );
  }
  if (Number.parseFloat(version) > Number(LATEST)) {
    return complain(
      'VssVersionOutOfRangeException',
      `The requested REST API version of ${version} is out of range for this server. The latest REST API version this server supports is ${LATEST}.`,
    );
  }
  return PREVIEW_ONLY.has(area) && !version.includes('-preview')
    ? complain(
        'VssInvalidPreviewVersionException',
        `The requested version "${version}" of the resource is under preview. The -preview flag must be supplied in the ` +
          `api-version for such requests. For example: "${version}-preview"`,
      )
    : undefined;
}

function complain(typeKey: string, message: string): ProperResponse {
  return { kind: 'response', status: 400, body: errorBody(message, typeKey) };
}

function succeed(body: unknown, headers: ProperResponse['headers'] = {}): ProperResponse {
  return { kind: 'response', status: 200, headers, body };
}

/** What was sent, as it came. */
function echo({ method, headers, body }: RestRequest): ProperResponse {
  return succeed({
    method,
    headers: { ...headers, authorization: undefined },
    body: body.toString(),
  });
}
