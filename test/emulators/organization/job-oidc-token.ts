// The OIDC token of a job: `POST …/jobs/{id}/oidctoken`, by the published REST specifications (distributedTask 7.2).
import { JOB_TOKEN, OIDC_PATH } from '../agent/job-setting';
import type { Fault } from '../faults';
import { issueToken } from '../token-issuer';
import { refuse } from './error-responses';

/** What the OIDC token of a job says, and for which service connection it is issued. */
export interface JobOidcToken {
  readonly connectionId: string;
  readonly issuer: string;
  readonly subject: string;
  /** Called with each token that is given out. */
  readonly onToken: (token: string) => void;
}

type Answer = Extract<Fault, { kind: 'response' }>;

/** @param path below the organization, in lower case */
export function issueOidcToken(
  request: { readonly method: string; readonly url: URL; readonly authorization: string },
  path: string,
  { connectionId, issuer, subject, onToken }: JobOidcToken,
): Answer | undefined {
  if (path !== OIDC_PATH.toLowerCase()) {
    return undefined;
  }
  const { method, url, authorization } = request;
  if (method !== 'POST') {
    return refuse(405, `The requested resource does not support http method '${method}'.`);
  }
  if (authorization !== `Bearer ${JOB_TOKEN}`) {
    return refuse(401, "TF400813: The user '' is not authorized to access this resource.");
  }
  if (url.searchParams.get('serviceConnectionId') !== connectionId) {
    return refuse(
      404,
      'The service connection could not be found, or the pipeline may not use it.',
    );
  }
  const now = Math.floor(Date.now() / 1000);
  const oidcToken = issueToken({
    iss: issuer,
    sub: subject,
    aud: 'api://AzureADTokenExchange',
    iat: now,
    exp: now + 600,
  });
  onToken(oidcToken);
  return { kind: 'response', status: 200, body: { oidcToken } };
}
