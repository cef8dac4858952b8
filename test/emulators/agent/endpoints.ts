// How the agent tells a task of service connections, by the rules of Handler.cs and MaskingUtil.cs in
// microsoft/azure-pipelines-agent.

/** A service connection, or the connection of the job itself. */
export interface ServiceEndpoint {
  readonly url: string;
  readonly scheme: string;
  /** Of its authorization. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, string>>;
}

/** The connection that every job has. */
export const SYSTEM_ENDPOINT = 'SYSTEMVSSCONNECTION';

/** What is no secret in an authorization. */
const PLAIN = /^(?:tenantid|scope|role|expir\w*|scheme|authenticationtype)$/i;

export function describeEndpoint(
  id: string,
  { url, scheme, parameters, data = {} }: ServiceEndpoint,
): Readonly<Record<string, string>> {
  const entries: [string, string][] = [
    [`ENDPOINT_URL_${id}`, url],
    [`ENDPOINT_AUTH_${id}`, JSON.stringify({ scheme, parameters })],
    [`ENDPOINT_AUTH_SCHEME_${id}`, scheme],
  ];
  for (const [name, value] of Object.entries(parameters)) {
    entries.push([`ENDPOINT_AUTH_PARAMETER_${id}_${name.toUpperCase()}`, value]);
  }
  // The agent says nothing of the data of the connection of the job.
  if (id !== SYSTEM_ENDPOINT) {
    entries.push([`ENDPOINT_DATA_${id}`, JSON.stringify(data)]);
  }
  for (const [name, value] of id === SYSTEM_ENDPOINT ? [] : Object.entries(data)) {
    entries.push([`ENDPOINT_DATA_${id}_${name.toUpperCase()}`, value]);
  }
  return Object.fromEntries(entries);
}

/** What the agent masks of a service connection. */
export function secretsOf({ parameters }: ServiceEndpoint): readonly string[] {
  return Object.entries(parameters)
    .filter(([name]) => !PLAIN.test(name))
    .map(([, value]) => value);
}
