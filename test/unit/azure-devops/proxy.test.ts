import assert from 'node:assert/strict';
import { NoAnswer } from '../../../tasks/AzureDevOpsTokenV1/src/azure-devops/no-answer';
import { readProxy } from '../../../tasks/AzureDevOpsTokenV1/src/azure-devops/proxy';
import { fakeEnvironment } from '../fakes';

const hostOf = (variables: Readonly<Record<string, string>>) =>
  readProxy(fakeEnvironment(variables))?.host;

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
    assert.equal(readProxy(fakeEnvironment({ NO_PROXY: 'x' })), undefined);
  });

  for (const [value, expected] of [
    ['http://proxy.example.com:3128', ['http://proxy.example.com', 3128, '', '']],
    ['http://proxy.example.com/', ['http://proxy.example.com', 80, '', '']],
    ['https://proxy.example.com', ['https://proxy.example.com', 443, '', '']],
    ['http://a%40b:c%3Ad%2F@[::1]:8080', ['http://[::1]', 8080, 'a@b', 'c:d/']],
  ] as const) {
    it(`is read from ${value}`, () => {
      const { host, port, username, password } =
        readProxy(fakeEnvironment({ HTTPS_PROXY: value })) ?? {};
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
        () => readProxy(fakeEnvironment({ all_proxy: value })),
        (error) => {
          assert.ok(error instanceof NoAnswer);
          assert.deepEqual(error.why, {
            kind: 'proxy',
            host: 'in all_proxy',
            reason: 'its address is not a URL such as http://proxy.example.com:3128',
            attempts: 0,
            elapsedMs: 0,
          });
          return true;
        },
      );
    });
  }
});
