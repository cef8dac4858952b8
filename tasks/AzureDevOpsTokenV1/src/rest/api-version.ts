import { parseFields, type HttpResponse } from '../http/response';
import { readServerMessages } from '../http/server-message';

const VERSION_MESSAGE = /\bapi[- ]version\b|\bREST API version\b|\bunder preview\b/i;
const TYPE_OF_VERSION = /^Vss(?:InvalidPreviewVersion|Version)\w*Exception$/;
const VERSION = /\b\d+\.\d+(?:-preview(?:\.\d+)?)?/g;
const CURRENT = '7.1';

/** Adds a version to the URL, unless the URL or the Accept header has one. */
export function addVersion(url: URL, version: string, accept: string | undefined): URL {
  const names = [...url.searchParams.keys()].map((name) => name.toLowerCase());
  if (names.includes('api-version') || /\bapi-version\s*=/i.test(accept ?? '')) {
    return url;
  }
  const separator = url.search === '' ? '?' : '&';
  return new URL(`${url.href.replace(/\?$/, '')}${separator}api-version=${version}`);
}

/** Whether the server refused the request only because the resource is in preview. */
export function isPreviewOnly(response: HttpResponse): boolean {
  return isAboutVersion(response) && /-preview\b/.test(readMessage(response));
}

/** Whether the server refused the request because of its version. */
export function isAboutVersion(response: HttpResponse): boolean {
  const typeKey = parseFields(response)?.['typeKey'];
  return (
    response.status === 400 &&
    (TYPE_OF_VERSION.test(typeof typeKey === 'string' ? typeKey : '') ||
      VERSION_MESSAGE.test(readMessage(response)))
  );
}

/** The version that the server supports: the last one in its message. */
export function findOfferedVersion(response: HttpResponse): string {
  const serverMessage = readMessage(response);
  return /\bno api-version\b/i.test(serverMessage)
    ? CURRENT
    : (serverMessage.match(VERSION)?.at(-1) ?? CURRENT);
}

/** The outermost message. An inner one can be about something of the same name, such as a parameter of a pipeline. */
function readMessage(response: HttpResponse): string {
  return readServerMessages(response)[0] ?? '';
}
