import { createHttpHeaders } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { isSignIn, parseFields, readActivityId, type HttpResponse } from '../http/response';
import { readServerMessage } from '../http/server-message';
import { Client } from '../http/client';
import { ConnectionError } from '../http/connection-error';
import { ENTRA_AUTHORITY } from '../hosts';
import { STEP_SIGN_IN } from '../limits';
import type { EntraProblemDetails } from '../errors/entra';
import { findEntraErrorKind } from '../errors/entra-codes';
import { findOidcKind } from '../errors/oidc-problems';
import type { Method } from '../http/method';
import { findTokenDefect, isBearerToken, NO_JSON_OBJECT } from './bearer-token';
import { readEntraError } from './entra-error';
import type { IdentityContext } from './identity';
import { TokenResponses } from './token-response';

/** The headers of the library that the task replaces. */
const OURS = new Set(['accept-encoding', 'authorization', 'user-agent']);

export interface EntraClientOptions extends IdentityContext {
  /** The URL of the OIDC token of the job, and the access token for it; absent for a pod, whose file has its client assertion. */
  readonly oidc?: { readonly url: URL; readonly jobToken: string };
}

/**
 * The HTTP client of `@azure/identity` for Microsoft Entra. Unlike the client of the library, it uses the proxy and the
 * certificate authorities of the agent, has time limits, and sends requests only to the authority and to the organization of the
 * pipeline. It masks tokens before the library gets them, and keeps the reason of an error, which the library mixes with the
 * response.
 */
export class EntraClient implements HttpClient {
  /** Why the last request returned nothing that the library can use; undefined if it did. */
  problem: EntraProblemDetails | undefined;
  /** The response with the OIDC token until it is used, because the library requests the token twice for each sign-in. */
  #oidc: HttpResponse | undefined;
  readonly responses: TokenResponses;
  readonly #options: EntraClientOptions;

  constructor(options: EntraClientOptions) {
    this.#options = options;
    this.responses = new TokenResponses(options.maskToken);
  }

  /** @throws {Error} if there is no response that the library can use. `problem` says why. */
  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const url = new URL(request.url);
    const outcome = await this.#exchange(url, request);
    this.problem = 'kind' in outcome ? outcome : undefined;
    if ('kind' in outcome) {
      throw new Error(outcome.kind);
    }
    const headers = createHttpHeaders({ 'content-type': 'application/json' });
    return { request, status: 200, headers, bodyAsText: outcome.text };
  }

  /** @returns a response that the library can use, or why there is none */
  async #exchange(url: URL, request: PipelineRequest): Promise<HttpResponse | EntraProblemDetails> {
    const { oidc } = this.#options;
    const isOidcRequest = url.origin === oidc?.url.origin && url.pathname === oidc.url.pathname;
    if (!isOidcRequest && url.origin !== ENTRA_AUTHORITY) {
      return { kind: 'other-cloud', host: url.host };
    }
    try {
      const known = isOidcRequest ? this.#oidc : undefined;
      this.#oidc = undefined;
      const token = isOidcRequest ? oidc.jobToken : undefined;
      const response = known ?? (await this.#send(url, request, token));
      return isOidcRequest
        ? (this.#readOidcResponse(response) ?? response)
        : this.#readEntraResponse(response, request);
    } catch (error) {
      if (error instanceof ConnectionError) {
        return error.why;
      }
      throw error;
    }
  }

  /** @param token sent in the Authorization header */
  #send(url: URL, request: PipelineRequest, token: string | undefined): Promise<HttpResponse> {
    const method = request.method as Method;
    const headers = Object.entries(request.headers.toJSON()).filter(([name]) => !OURS.has(name));
    const made = {
      method,
      url,
      headers: new Map(headers),
      body: typeof request.body === 'string' ? request.body : undefined,
      limits: (this.#options.limits ?? STEP_SIGN_IN).entra,
      isHarmless: true,
      findPassingError: url.origin === ENTRA_AUTHORITY ? findPassingError : () => undefined,
    };
    const client = new Client(this.#options);
    return client.send(
      token === undefined ? made : { ...made, getToken: () => Promise.resolve(token) },
    );
  }

  #readOidcResponse(response: HttpResponse): EntraProblemDetails | undefined {
    const { status, url } = response;
    const token = status === 200 ? parseFields(response)?.['oidcToken'] : undefined;
    // The OIDC token is passed on unread, so that any form of a bearer token is accepted.
    if (isBearerToken(token)) {
      this.#options.maskToken(token);
      this.#oidc = response;
      return undefined;
    }
    const isErrorResponse = status >= 400 && status < 500;
    return {
      kind: findOidcKind(status, isSignIn(response)),
      host: url.host,
      status,
      // Any other response can hold a token.
      serverMessage: isErrorResponse ? readServerMessage(response) : undefined,
      activityId: readActivityId(response),
    };
  }

  #readEntraResponse(
    response: HttpResponse,
    { method }: PipelineRequest,
  ): HttpResponse | EntraProblemDetails {
    const { status, url } = response;
    const fields = parseFields(response);
    this.responses.maskToken(fields);
    if (status !== 200) {
      return toEntraProblem(response);
    }
    if (fields === undefined) {
      return { kind: 'no-token', host: url.host, status, reason: NO_JSON_OBJECT };
    }
    if (method !== 'POST') {
      return response;
    }
    const reason = findTokenDefect(fields);
    if (reason !== undefined) {
      return { kind: 'no-token', host: url.host, status, reason };
    }
    const token = fields['access_token'] as string;
    const text = this.responses.keep(token, fields, this.#options.clock.now());
    return { ...response, text };
  }
}

function findPassingError(response: HttpResponse): string | undefined {
  const { isPassing, code = 'temporarily_unavailable' } =
    response.status === 200 ? {} : readEntraError(parseFields(response));
  return isPassing === true ? code : undefined;
}

function toEntraProblem(response: HttpResponse): EntraProblemDetails {
  const { status } = response;
  const { code, isPassing, serverMessage, correlationId } = readEntraError(parseFields(response));
  const kind = findEntraErrorKind({ status, code, isPassing, serverMessage });
  return { kind, status, serverMessage, correlationId };
}
