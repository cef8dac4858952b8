import { asFields, parseFields, type Answer } from '../http/response';
import { isSafe, type Method } from '../http/method';
import { mayGetToken } from '../token-hosts';

/** Where the state of what a call began can be seen, or the host to which it would lead and may not. */
export type PollAddress = { readonly url: URL } | { readonly refused: string } | undefined;

/**
 * Where to look again after a call: at the same address after a GET; after anything else where the answer says, in its
 * `Location`, else its `url`, else its `_links.self.href`, if the token may go there.
 */
export function findPollAddress(
  { method, url: asked }: { readonly method: Method; readonly url: URL },
  answer: Answer,
  allowedHosts: readonly string[],
): PollAddress {
  if (isSafe(method)) {
    return { url: asked };
  }
  const body = parseFields(answer);
  const fields = asFields(body);
  const self = asFields(asFields(fields['_links'])['self']);
  const text = [answer.header('location'), fields['url'], self['href']].find(isText);
  if (text === undefined || !URL.canParse(text, answer.url.href)) {
    return undefined;
  }
  const url = new URL(text, answer.url);
  return mayGetToken(url, allowedHosts) ? { url } : { refused: url.host };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
