import assert from 'node:assert/strict';
import { ConnectionError } from '../../../tasks/AzureDevOpsTokenV1/src/http/connection-error';
import { findProxy } from '../../../tasks/AzureDevOpsTokenV1/src/http/proxy';
import { fakeEnvironment } from '../fakes';

const AT = new URL('https://dev.azure.com/MyOrg/_apis/x');
const hostOf = (variables: Readonly<Record<string, string>>) =>
  findProxy(AT, { environment: fakeEnvironment(variables) })?.host;

describe('the proxy of the machine', () => {
  it('is that of the first variable that names one', () => {
    const names = [
      'HTTPS_PROXY',
      'https_proxy',
      'ALL_PROXY',
      'all_proxy',
      'HTTP_PROXY',
      'http_proxy',
    ];
    for (const [index] of names.entries()) {
      const rest = names.slice(index);
      const variables = Object.fromEntries(rest.map((name, i) => [name, `http://p${index + i}`]));
      assert.equal(hostOf(variables), `http://p${index}`);
    }
  });

  it('is none where nothing names one', () => {
    assert.equal(findProxy(AT, { environment: fakeEnvironment({ NO_PROXY: 'x' }) }), undefined);
  });

  for (const [value, expected] of [
    ['http://proxy.example.com:3128', ['http://proxy.example.com', 3128, '', '']],
    ['http://proxy.example.com/', ['http://proxy.example.com', 80, '', '']],
    ['https://proxy.example.com', ['https://proxy.example.com', 443, '', '']],
    ['http://a%40b:c%3Ad%2F@[::1]:8080', ['http://[::1]', 8080, 'a%40b', 'c%3Ad%2F']],
  ] as const) {
    it(`is read from ${value}`, () => {
      const { host, port, username, password } =
        findProxy(AT, { environment: fakeEnvironment({ HTTPS_PROXY: value }) }) ?? {};
      assert.deepEqual([host, port, username, password], expected);
    });
  }

  for (const value of [
    'proxy:3128',
    'socks5://proxy:1080',
    'http://[',
    '3128',
    'http://a:%zz@proxy',
  ]) {
    it(`is not ${value}, and the variable is named without its value`, () => {
      assert.throws(
        () => findProxy(AT, { environment: fakeEnvironment({ all_proxy: value }) }),
        (error) => {
          assert.ok(error instanceof ConnectionError);
          assert.deepEqual(error.why, {
            kind: 'proxy',
            host: 'in all_proxy',
            reason: 'its address must be a URL such as http://proxy.example.com:3128',
            variable: 'all_proxy',
            attempts: 0,
            elapsedMs: 0,
          });
          return true;
        },
      );
    });
  }
});

describe('the proxy of the agent', () => {
  const environment = fakeEnvironment({ HTTPS_PROXY: 'http://other.example.com' });
  const find = (url: string, bypass: readonly RegExp[] = []) =>
    findProxy(new URL(url), {
      environment,
      network: {
        proxy: {
          url: new URL('http://proxy.example.com:3128'),
          username: 'a b',
          password: 'p@ss:w/%41rd',
          bypass,
        },
        tls: {},
      },
    });

  it('goes before that of its environment', () => {
    assert.deepEqual(find('https://dev.azure.com/MyOrg'), {
      host: 'http://proxy.example.com',
      port: 3128,
      username: 'a%20b',
      password: 'p%40ss%3Aw%2F%2541rd',
      source: 'agent',
    });
  });

  it('is left out where it says so, and then there is none', () => {
    assert.equal(find('https://dev.azure.com/MyOrg', [/dev\.azure\.com/i]), undefined);
    assert.ok(find('https://vssps.dev.azure.com/MyOrg', [/^https:\/\/dev\.azure\.com/i]));
  });

  it('is left out by scheme, host and port, as the agent has it', () => {
    for (const [url, pattern] of [
      ['https://dev.azure.com/MyOrg', /dev\.azure\.com$/i],
      ['https://dev.azure.com:443/MyOrg', /^https:\/\/dev\.azure\.com$/i],
      ['https://devops.example.com:8443/MyOrg', /:8443$/],
    ] as const) {
      assert.equal(find(url, [pattern]), undefined);
    }
    for (const pattern of [/MyOrg/, /dev\.azure\.com\//, /:443/]) {
      assert.ok(find('https://dev.azure.com:443/MyOrg?x', [pattern]));
    }
  });

  it('gets nothing that goes without TLS', () => {
    assert.equal(find('http://127.0.0.1/MyOrg'), undefined);
  });
});
