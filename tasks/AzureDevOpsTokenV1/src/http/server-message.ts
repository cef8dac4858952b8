// Finds the error messages in an unsuccessful response, in each form in which Azure DevOps and the servers in front of it send them.
import { asFields, toFields, type Fields } from '../json-object';
import { MAX_UNTRUSTED_LENGTH } from '../limits';
import { type HttpResponse, isHtml, isSuccessStatus, parseBody } from './response';
import { hasSignInTitle, readPageMessages, toText } from './web-page';

// The names of fields, in lower case, because services differ: `message`, `Message`.
const MESSAGES = new Set([
  'message',
  'messagedetail',
  'exceptionmessage',
  'errormessage',
  'error',
  'error_description',
  'detail',
]);
/**
 * Where more messages are: the causes of an error of Azure DevOps (`innerException`, `customProperties.ValidationResults`), the `value`
 * of an error without a type (which can be the message itself), `error` of OData, `ModelState` of ASP.NET, `errors` of RFC 9457 and of member entitlements.
 * https://github.com/microsoft/azure-devops-node-api/issues/392, https://github.com/tfsaggregator/aggregator-cli/issues/115,
 * https://github.com/nbrown02/FlowViz/issues/119
 */
const CONTAINERS = new Set([
  'customproperties',
  'details',
  'error',
  'errors',
  'innererror',
  'innerexception',
  'message',
  'modelstate',
  'odata.error',
  'operationresult',
  'operationresults',
  'rulevalidationerrors',
  'validationresults',
  'value',
]);
/** Containers of texts. Their fields can have any name: `{ "$.name": ["The value is required."] }`. */
const TEXTS = new Set(['errors', 'modelstate']);
const PAGE = /<(?:!doctype html|html|head)\b/i;
/** In characters: what can be before the page. */
const BEGINNING = 1_000;
const MAX_DEPTH = 8;
const MAX_ITEMS = 20;
const MAX_MESSAGES = 10;

/** The messages of a response, the outermost first: untrusted text. A success has at most one. */
export function readServerMessages(response: HttpResponse): readonly string[] {
  const inBody = readBody(response);
  // A page can have no other title than its status.
  const messages = (inBody.length === 0 ? readHeader(response) : inBody).filter((message) =>
    /\p{L}/u.test(message),
  );
  return messages.filter((message, at) => !isRepeated(message, messages, at));
}

/** The messages of a response as one text: untrusted. Undefined if it has none. */
export function readServerMessage(response: HttpResponse): string | undefined {
  const messages = readServerMessages(response);
  // The first message can be long, and the reason can be in the last one.
  const longest = Math.max(100, Math.floor((MAX_UNTRUSTED_LENGTH * 0.9) / messages.length));
  const texts = messages.map((message) => {
    const text = messages.length === 1 ? message : message.slice(0, longest);
    return /[.!?:;]$/.test(text) ? text : `${text}.`;
  });
  return messages.length === 1 ? messages[0] : texts.length === 0 ? undefined : texts.join(' ');
}

/** Whether another message says the same, as an outer one often repeats the first inner one. */
function isRepeated(message: string, messages: readonly string[], at: number): boolean {
  return messages.some(
    (other, index) =>
      index !== at &&
      (other.length > message.length || (other === message && index < at)) &&
      other.toLowerCase().includes(message.toLowerCase()),
  );
}

function readBody(response: HttpResponse): readonly string[] {
  const { status, text, header } = response;
  const json = parseBody(response);
  const fields = toFields(json);
  if (isSuccessStatus(status) && status !== 203) {
    // The rest of it is what the step has requested, and not shown.
    const message = fields?.['message'];
    return typeof message === 'string' ? collect(message) : [];
  }
  if (fields !== undefined) {
    return collectFields(fields, { depth: 0, container: '' }).slice(0, MAX_MESSAGES);
  }
  if (json !== undefined) {
    return collect(json).slice(0, MAX_MESSAGES);
  }
  const body = text.trim();
  if (body.startsWith('<')) {
    // Pages of proxies can start with a comment, or as XML.
    const isPage = isHtml(response) || PAGE.test(body.slice(0, BEGINNING));
    return !isPage ? readXml(body) : hasSignInTitle(body) ? [] : readPageMessages(body);
  }
  const type = header('content-type') ?? 'text/plain';
  return /^text\/(?:plain|html)\b/i.test(type) ? collect(body) : [];
}

/** Azure DevOps also sends its message in a header, encoded for a URL. */
function readHeader({ header }: HttpResponse): readonly string[] {
  const text = header('x-tfs-serviceerror');
  if (text === undefined) {
    return [];
  }
  try {
    return collect(decodeURIComponent(text.replaceAll('+', ' ')));
  } catch {
    return collect(text);
  }
}

/** The message of Azure Storage, to which downloads are redirected: https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2 */
function readXml(body: string): readonly string[] {
  const message = /<message(?:\s[^<>]*)?>([^<]*)/i.exec(body)?.[1];
  return collect(toText(message));
}

interface Position {
  readonly depth: number;
  /** The name of the container that the value is in, in lower case. */
  readonly container: string;
  readonly isItem?: boolean;
}

function collect(value: unknown, position: Position = { depth: 0, container: 'errors' }): string[] {
  const { depth, container, isItem = false } = position;
  const below = { depth: depth + 1, container };
  if (typeof value === 'string') {
    return TEXTS.has(container) && value.trim() !== '' ? [value.trim()] : [];
  }
  if (depth > MAX_DEPTH) {
    return [];
  }
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ITEMS).flatMap((item) => collect(item, { ...below, isItem: true }));
  }
  return TEXTS.has(container) && !isItem
    ? Object.values(asFields(value)).flatMap((field) => collect(field, below))
    : collectFields(asFields(value), position);
}

function collectFields(fields: Fields, { depth, container }: Position): string[] {
  const entries = Object.entries(fields).map(
    ([name, field]) => [name.toLowerCase(), field] as const,
  );
  const names = new Set(entries.map(([name]) => name));
  const messages = entries.flatMap(([name, field]) =>
    isMessage(name, names, container) ? collect(typeof field === 'string' ? field : undefined) : [],
  );
  const nested = entries.flatMap(([name, field]) =>
    typeof field === 'object' && (CONTAINERS.has(name) || container === 'customproperties')
      ? collect(field, { depth: depth + 1, container: name })
      : [],
  );
  return [...messages, ...nested];
}

function isMessage(name: string, names: ReadonlySet<string>, container: string): boolean {
  return (
    MESSAGES.has(name) ||
    (name === 'title' && (names.has('status') || names.has('errors'))) ||
    (name === 'value' && (names.has('count') || container === 'errors' || container === 'message'))
  );
}
