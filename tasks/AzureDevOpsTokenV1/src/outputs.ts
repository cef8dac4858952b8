import type { Agent } from './agent';
import type { AccessToken } from './identity/identity';
import { isJson } from './json-object';
import { hideLiveToken } from './untrusted-text';
import type { RestResult } from './rest/rest-result';
import { MIN_SECRET_LENGTH } from './limits';

/** Every output variable of the task. `task.json` lists the same names. */
export const OUTPUT_NAMES = [
  'token',
  'expiresOn',
  'tenantId',
  'clientId',
  'objectId',
  'gitConfig',
  'statusCode',
  'responseHeaders',
  'result',
  'responseFile',
] as const;

/** The prefixes with which tools encode a token in base64: none, or the user name of HTTP Basic authentication (`user:token`). */
const PREFIXES = ['', ':', 'x:', 'PAT:'];
/** Base64 encodes three bytes in four characters. If the last byte of the user name is among the first three, these depend on it. */
const OF_USER_NAME = 4;

/** Masks a token in the log from now on, together with the forms that tools make of it, and hides it in untrusted text. */
export function maskToken(agent: Agent, token: string): void {
  hideLiveToken(token);
  agent.setSecret(token);
  for (const prefix of PREFIXES) {
    agent.setSecret(encode(prefix, token));
  }
  // With the forms above, this masks the header that git makes with any user name, such as that of an organization.
  agent.setSecret(encode('x:', token).slice(OF_USER_NAME));
}

function encode(prefix: string, token: string): string {
  return Buffer.from(`${prefix}${token}`).toString('base64');
}

/** Sets the token and what is known of its identity as output variables. The token has been masked before. */
export function publishIdentity(agent: Agent, accessToken: AccessToken): void {
  const { token, expiresOn, tenantId, clientId, objectId } = accessToken;
  agent.setSecretOutput('token', token);
  agent.setOutput('expiresOn', expiresOn.toISOString());
  agent.setOutput('tenantId', tenantId ?? '');
  agent.setOutput('clientId', clientId ?? '');
  agent.setOutput('objectId', objectId ?? '');
}

/** Sets the tenant of the organization that has accepted the token. */
export function publishTenant(agent: Agent, tenantId: string): void {
  agent.setOutput('tenantId', tenantId);
}

/** Sets the path of a git configuration. */
export function publishGitConfig(agent: Agent, path: string): void {
  agent.setOutput('gitConfig', path);
}

/** Sets the result of a REST call as output variables, also if the REST call failed. */
export function publishResult(agent: Agent, rest: RestResult): void {
  agent.setOutput('statusCode', String(rest.statusCode));
  agent.setOutput('responseHeaders', rest.responseHeaders);
  if (rest.isResultSecret && rest.result !== '') {
    agent.setSecret(rest.result);
    for (const secret of listSecrets(rest.result)) {
      agent.setSecret(secret);
    }
    agent.setSecretOutput('result', rest.result);
  } else {
    agent.setOutput('result', rest.result);
  }
  agent.setOutput('responseFile', rest.responseFile ?? '');
}

/** A string in JSON. The group matches if the string is the name of a field. */
const JSON_STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/**
 * Every string value of a JSON result in both forms that a later step can print: decoded, and as written. The agent masks
 * lines, so a value of several lines is several secrets. Numbers, names of fields and values of fewer than 6 characters are
 * not masked, because that would make the log unreadable.
 */
function listSecrets(result: string): ReadonlySet<string> {
  if (!isJson(result)) {
    return new Set();
  }
  const values = [...result.matchAll(JSON_STRING)].filter(([, isName]) => isName === undefined);
  const texts = values.flatMap(([text]) => [text.slice(1, -1), JSON.parse(text) as string]);
  const lines = texts.flatMap((text) => text.split(/[\r\n]+/));
  return new Set(lines.filter((line) => line.trim().length >= MIN_SECRET_LENGTH));
}
