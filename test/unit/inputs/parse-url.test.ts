import assert from 'node:assert/strict';
import { parseAddress } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/parse-url';

const PLACE = {
  organization: { name: 'MyOrg', url: 'https://dev.azure.com/MyOrg' },
  allowedHosts: ['devops.example.com', '127.0.0.1:8080'],
};
const ELSEWHERE = {
  ...PLACE,
  organization: { name: 'MyOrg', url: 'http://127.0.0.1:8080/MyOrg' },
};

function parse(text: string, place = PLACE): string {
  const parsed = parseAddress(text, place);
  return 'value' in parsed ? parsed.value.href : parsed.problem;
}

describe('an address', () => {
  for (const [text, url] of Object.entries({
    '_apis/projects': 'https://dev.azure.com/MyOrg/_apis/projects',
    '_apis/projects/': 'https://dev.azure.com/MyOrg/_apis/projects/',
    'SecretSauce/_apis/git/repositories?$top=5&x=a\\b@c/../d//e%2f':
      'https://dev.azure.com/MyOrg/SecretSauce/_apis/git/repositories?$top=5&x=a\\b@c/../d//e%2f',
    'Secret Sauce/_apis/wit/$batch': 'https://dev.azure.com/MyOrg/Secret%20Sauce/_apis/wit/$batch',
    'Größe/_apis/teams': 'https://dev.azure.com/MyOrg/Gr%C3%B6%C3%9Fe/_apis/teams',
    '100%25/_apis/teams': 'https://dev.azure.com/MyOrg/100%25/_apis/teams',
    'C%23/_apis/teams': 'https://dev.azure.com/MyOrg/C%23/_apis/teams',
    'user@example.com/x': 'https://dev.azure.com/MyOrg/user@example.com/x',
    '_apis/graph/users': 'https://vssps.dev.azure.com/MyOrg/_apis/graph/users',
    '%5Fapis/graph/users': 'https://vssps.dev.azure.com/MyOrg/%5Fapis/graph/users',
    '_apis/x?y=https://z': 'https://dev.azure.com/MyOrg/_apis/x?y=https://z',
    '_apis/x?y=_apis/graph': 'https://dev.azure.com/MyOrg/_apis/x?y=_apis/graph',
    '_apis/status/health': 'https://status.dev.azure.com/_apis/status/health',
    '_apis/profile/profiles/me': 'https://app.vssps.visualstudio.com/_apis/profile/profiles/me',
    'https://dev.azure.com/Other/_apis/graph': 'https://dev.azure.com/Other/_apis/graph',
    'HTTPS://VSSPS.dev.azure.com/a%2Fb//c': 'https://vssps.dev.azure.com/a%2Fb//c',
    'https://myorg.visualstudio.com': 'https://myorg.visualstudio.com/',
    'https://devops.example.com?x=1': 'https://devops.example.com/?x=1',
    'http://127.0.0.1:8080/MyOrg/_apis/x': 'http://127.0.0.1:8080/MyOrg/_apis/x',
  } as const)) {
    it(`is ${url} for ${text}`, () => {
      assert.equal(parse(text), url);
    });
  }

  it('stays at the host of an organization that is elsewhere', () => {
    assert.equal(
      parse('_apis/graph/users', ELSEWHERE),
      'http://127.0.0.1:8080/MyOrg/_apis/graph/users',
    );
  });

  for (const [why, texts] of [
    ['a path such as', ['', '?x', 'ftp://dev.azure.com/x', 'javascript:x', 'file:///etc/passwd']],
    [
      'a path such as',
      [
        'https:dev.azure.com/x',
        'https:/evil.example/x',
        'https:///dev.azure.com/x',
        'http:',
        'https://[x/',
        'https://dev.azure.com:x/',
      ],
    ],
    [
      'It must not begin with a slash',
      ['/_apis/x', '//evil.example/x', '///evil.example', 'a//b', '/?x'],
    ],
    [
      'without backslashes',
      ['\\\\evil.example', '\\evil.example/x', 'a\\..\\b', 'https:\\\\dev.azure.com'],
    ],
    [
      'invisible',
      [
        'a\tb',
        '.\t./x',
        'a\nb',
        'a\u0000b',
        'a\u200Bb',
        'a\u2028b',
        'https://dev.azure.com/a\u202Eb',
      ],
    ],
    ['without "." or ".."', ['..', '../Other/x', 'a/../../Other', '.', './x', 'a/..', '.. /x']],
    [
      'without "." or ".."',
      ['%2e%2e/x', 'a/.%2E/b', '%252e%252e/x', '%25252e./x', 'a/%2e%2e%20/b'],
    ],
    [
      'without "." or ".."',
      ['..%2fOther', 'a%2f..%2f..%2fOther', 'a%5c..%5cb', '..%255cb', '..%25252fb'],
    ],
    [
      'without "." or ".."',
      ['https://dev.azure.com/MyOrg/../Other', 'https://dev.azure.com/a/%2e%2e%2fb'],
    ],
    ['with encoded slashes', ['%2fevil.example', 'a%2Fb', 'a%5Cb', 'a%252fb', 'a%25255cb']],
    ['Write %23', ['C#/_apis/teams', '#', '_apis/x?y#z', 'https://dev.azure.com/#x']],
    ['Write %25', ['100%/x', '%', '%zz', '%ff/x', 'https://dev.azure.com/%']],
    [
      'without a user name',
      [
        'https://x@dev.azure.com/',
        'https://dev.azure.com@evil.example/',
        'https://:y@dev.azure.com/',
        'https://dev.azure.com\\@evil.example/x',
      ],
    ],
  ] as const) {
    for (const text of texts) {
      it(`is not ${JSON.stringify(text)}, with "${why}"`, () => {
        assert.ok(parse(text).includes(why), parse(text));
        assert.ok('problem' in parseAddress(text, ELSEWHERE));
      });
    }
  }

  for (const origin of [
    'https://evil.example',
    'https://Evil.Example:444',
    'https://dev.azure.com.evil.example',
    'https://evil-dev.azure.com',
    'http://169.254.169.254',
    'https://dev.azure.com:444',
    'http://dev.azure.com',
    'http://devops.example.com',
    'http://127.0.0.1:8081',
  ]) {
    it(`may not be at ${origin}, which is told as it was written`, () => {
      const problem = `is a URL of ${origin}, but the token may not be sent to this host. The task sends the token `;
      for (const rest of ['', '/x', '?x']) {
        assert.ok(parse(`${origin}${rest}`).startsWith(problem), parse(`${origin}${rest}`));
      }
    });
  }

  it('may not hold a variable that the pipeline does not have', () => {
    for (const text of ['$(Project)/_apis/x', 'https://$(Project)/', '_apis/x?y=$(Project)']) {
      assert.match(
        parse(text),
        /^contains \$\(Project\), because the pipeline has no such variable/,
      );
    }
  });

  it('repeats nothing that would speak to the agent', () => {
    assert.ok(!parse('https://##vso[x]/').includes('##vso'));
    assert.ok(!parse('https://evil.example ##vso[x]').includes('##vso'));
    assert.ok(!parse('$(##vso[x])').includes('##vso'));
  });
});
