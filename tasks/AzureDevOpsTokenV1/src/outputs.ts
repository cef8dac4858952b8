import type { Agent } from './agent';
import type { AccessToken } from './identity/identity';
import { hideLiveToken } from './live-tokens';
import type { RestResult } from './rest/rest-result';

/** Every output variable of the task: `task.json` lists exactly these. */
export const OUTPUT_NAMES = [
  'token',
  'expiresOn',
  'tenantId',
  'clientId',
  'objectId',
  'statusCode',
  'responseHeaders',
  'result',
  'responseFile',
] as const;

/** The prefixes with which tools encode a token in base64: none, or those of HTTP Basic authentication (`user:token`). */
const PREFIXES = ['', ':', 'x:', 'PAT:'];

/** Has the agent mask a token, and the forms of it that tools make, in all that is printed from now on, and keeps it out of our text. */
export function protectToken(agent: Agent, token: string): void {
  hideLiveToken(token);
  agent.setSecret(token);
  for (const prefix of PREFIXES) {
    agent.setSecret(Buffer.from(`${prefix}${token}`).toString('base64'));
  }
}

/** Hands the token, and whose it is, to the steps that follow. The token has been protected before. */
export function publishIdentity(agent: Agent, accessToken: AccessToken): void {
  const { token, expiresOn, tenantId, clientId, objectId } = accessToken;
  agent.setSecretOutput('token', token);
  agent.setOutput('expiresOn', expiresOn.toISOString());
  agent.setOutput('tenantId', tenantId);
  agent.setOutput('clientId', clientId);
  agent.setOutput('objectId', objectId);
}

/** Hands what a call left to the steps that follow, also where it was no success. */
export function publishResult(agent: Agent, rest: RestResult): void {
  agent.setOutput('statusCode', String(rest.statusCode));
  agent.setOutput('responseHeaders', rest.responseHeaders);
  if (rest.isResultSecret && rest.result !== '') {
    agent.setSecret(rest.result);
    agent.setSecretOutput('result', rest.result);
  } else {
    agent.setOutput('result', rest.result);
  }
  agent.setOutput('responseFile', rest.responseFile ?? '');
}
