import { type HttpResponse, parseFields } from '../http/response';
import { readContinuationToken, readPlace } from './page';

/** What a body has if it says that there are more pages. Only such a body is parsed. */
const SIGNS =
  /"(?:continuationToken|hasMore(?:Elements)?|isLastBatch|nextSkip|(?:@?odata\.|@)?nextLink|nextPage)"/;
/** A link at the end of a large body, of which only its end is known. OData writes the link last. */
const LINK_AT_END = /[\s,]"@odata\.nextLink"\s*:\s*"[^"\\]+"\s*\}\s*$/;

/** Whether a response without its other pages says that there are more. */
export function saysMore(response: HttpResponse): boolean {
  const fields = SIGNS.test(response.text) ? parseFields(response) : undefined;
  const { hasMore, hasMoreElements, isLastBatch, nextSkip } = fields ?? {};
  const place = readPlace('', fields);
  return (
    readContinuationToken(response, place) !== undefined ||
    (!place.isLast && place.nextLink !== undefined) ||
    [hasMore, hasMoreElements].includes(true) ||
    isLastBatch === false ||
    (typeof nextSkip === 'number' && nextSkip > 0) ||
    LINK_AT_END.test(response.end?.toString('latin1') ?? '')
  );
}
