// What the recipes for REST ask for: pull requests, variable groups, tags, members of groups, wiki pages, and the gallery of
// the Marketplace. Written from the specifications that the recipes name, and from the samples of the reference:
// https://learn.microsoft.com/rest/api/azure/devops/
import type { ProperResponse, RestRequest } from './rest-api';
import { refuse } from './error-responses';

const GROUP = 'vssgp.Uy0xLTk-contributors';
const MEMBERS: Readonly<Record<string, string>> = {
  'aad.cook': 'Cook',
  'aadsp.agent-1': 'agent-1',
};

interface Route {
  readonly method: string;
  /** Of the path below the organization or its project, in lower case. */
  readonly path: RegExp;
  readonly answer: (request: RestRequest) => ProperResponse;
}

/** A part of an organization that people change. */
export class Collaboration {
  #group: Readonly<Record<string, unknown>> = {
    id: 7,
    type: 'Vsts',
    name: 'sauce',
    variables: { version: { value: '1.1' }, secret: { value: null, isSecret: true } },
    variableGroupProjectReferences: [{ name: 'sauce', projectReference: { name: 'SecretSauce' } }],
  };
  #page = { content: 'All is well.', version: 1 };
  readonly #routes: readonly Route[] = [
    {
      method: 'POST',
      path: /^_apis\/git\/repositories\/app\/pullrequests$/,
      answer: ({ body }) => succeed({ ...parse(body), pullRequestId: 22, status: 'active' }, 201),
    },
    {
      method: 'POST',
      path: /^_apis\/git\/repositories\/app\/pullrequests\/22\/threads$/,
      answer: ({ body }) => succeed({ ...parse(body), id: 148 }),
    },
    {
      method: 'GET',
      path: /^_apis\/distributedtask\/variablegroups\/7$/,
      answer: () => succeed(this.#group),
    },
    {
      method: 'PUT',
      path: /^_apis\/distributedtask\/variablegroups\/7$/,
      answer: ({ body }) => {
        this.#group = { ...this.#group, ...parse(body) };
        return succeed(this.#group);
      },
    },
    {
      method: 'PUT',
      path: /^_apis\/build\/builds\/\d+\/tags\/released$/,
      answer: () => succeed({ count: 2, value: ['nightly', 'released'] }),
    },
    {
      method: 'GET',
      path: new RegExp(`^_apis/graph/memberships/${GROUP.toLowerCase()}$`),
      answer: () => {
        const value = Object.keys(MEMBERS).map((memberDescriptor) => {
          return { containerDescriptor: GROUP, memberDescriptor };
        });
        return succeed({ count: value.length, value });
      },
    },
    { method: 'POST', path: /^_apis\/graph\/subjectlookup$/, answer: lookUp },
    {
      method: 'GET',
      path: /^_apis\/wiki\/wikis\/secretsauce\.wiki\/pages$/,
      answer: () => this.#showPage(),
    },
    {
      method: 'PUT',
      path: /^_apis\/wiki\/wikis\/secretsauce\.wiki\/pages$/,
      answer: ({ headers, body }) => {
        if (headers['if-match'] !== `"${this.#page.version}"`) {
          return refuse(412, 'The page has another version than the one that was read.');
        }
        const content = String(parse(body)['content']);
        this.#page = { content, version: this.#page.version + 1 };
        return this.#showPage();
      },
    },
    {
      method: 'PUT',
      path: /^_apis\/gallery\/publishers\/myorg\/extensions\/sauce$/,
      answer: ({ headers }) =>
        headers['content-type'] === 'application/octet-stream'
          ? succeed({ extensionName: 'sauce', versions: [{ version: '1.2.3' }] })
          : refuse(415, 'The request indicated a Content-Type that is not supported.'),
    },
  ];

  answer(request: RestRequest, path: string): ProperResponse | undefined {
    return this.#routes
      .find((route) => route.method === request.method && route.path.test(path))
      ?.answer(request);
  }

  #showPage(): ProperResponse {
    const { content, version } = this.#page;
    return succeed({ path: '/Status', content }, 200, { ETag: `"${version}"` });
  }
}

/** The descriptor of the one group whose members are asked for. */
export const CONTRIBUTORS = { descriptor: GROUP, principalName: '[SecretSauce]\\Contributors' };

function lookUp({ body }: RestRequest): ProperResponse {
  const keys = parse(body)['lookupKeys'] as readonly { readonly descriptor: string }[];
  const value = Object.fromEntries(
    keys.map(({ descriptor }) => [descriptor, { descriptor, displayName: MEMBERS[descriptor] }]),
  );
  return succeed({ count: keys.length, value });
}

function parse(body: Buffer): Readonly<Record<string, unknown>> {
  return JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
}

function succeed(
  body: unknown,
  status = 200,
  headers: ProperResponse['headers'] = {},
): ProperResponse {
  return { kind: 'response', status, headers, body };
}
