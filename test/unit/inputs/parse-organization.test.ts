import assert from 'node:assert/strict';
import {
  isOtherServer,
  parseHosts,
  parseOrganization,
} from '../../../tasks/AzureDevOpsTokenV1/src/inputs/parse-organization';

const ALLOWED = ['devops.example.com', '127.0.0.1:8080'];

describe('an organization', () => {
  for (const [text, name, url] of [
    ['MyOrg', 'MyOrg', 'https://dev.azure.com/MyOrg'],
    ['m', 'm', 'https://dev.azure.com/m'],
    ['my-org-2', 'my-org-2', 'https://dev.azure.com/my-org-2'],
    ['M'.repeat(50), 'M'.repeat(50), `https://dev.azure.com/${'M'.repeat(50)}`],
    ['https://dev.azure.com/MyOrg', 'MyOrg', 'https://dev.azure.com/MyOrg'],
    ['https://dev.azure.com/MyOrg/', 'MyOrg', 'https://dev.azure.com/MyOrg'],
    ['HTTPS://Dev.Azure.Com/MyOrg', 'MyOrg', 'https://dev.azure.com/MyOrg'],
    ['https://myorg.visualstudio.com', 'myorg', 'https://dev.azure.com/myorg'],
    ['https://MyOrg.visualstudio.com/', 'myorg', 'https://dev.azure.com/myorg'],
    ['https://myorg.visualstudio.com/DefaultCollection/', 'myorg', 'https://dev.azure.com/myorg'],
    ['https://devops.example.com/MyOrg', 'MyOrg', 'https://devops.example.com/MyOrg'],
    ['https://devops.example.com/a/MyOrg/', 'MyOrg', 'https://devops.example.com/a/MyOrg'],
    ['https://devops.example.com', 'devops.example.com', 'https://devops.example.com'],
    ['http://127.0.0.1:8080/MyOrg', 'MyOrg', 'http://127.0.0.1:8080/MyOrg'],
  ] as const) {
    it(`is ${url} for ${text}`, () => {
      assert.deepEqual(parseOrganization(text, ALLOWED), { value: { name, url } });
    });
  }

  it('is refused with what was expected', () => {
    assert.deepEqual(parseOrganization('My Org', []), {
      problem:
        'is "My Org". It must be the name of an organization such as MyOrg, or its URL such as https://dev.azure.com/MyOrg.',
    });
  });

  it('is refused at a host that may not get the token, with the host', () => {
    assert.deepEqual(parseOrganization('https://devops.example.com/MyOrg', []), {
      problem:
        'is "https://devops.example.com/MyOrg", but the token may not be sent to this host. The task sends the token to Azure DevOps and to the https hosts in allowedHosts only. ' +
        'If this host is yours, add it to allowedHosts. A URL that begins with http:// is accepted only for a loopback address.',
    });
  });

  it('is not a service of Azure DevOps', () => {
    for (const text of ['https://vssps.dev.azure.com/MyOrg', 'https://a.vsrm.visualstudio.com']) {
      assert.match(
        JSON.stringify(parseOrganization(text, [])),
        /It must be the name of an organization/,
      );
    }
  });

  for (const text of [
    'https://devops.example.com/My%20Org',
    'https://devops.example.com/MyOrg/..',
    'https://devops.example.com/MyOrg?x',
    'https://x@devops.example.com/MyOrg',
    'http://devops.example.com/MyOrg',
    'http://dev.azure.com/MyOrg',
    'http://myorg.visualstudio.com',
    'https://dev.azure.com/MyOrg/DefaultCollection',
    'https://myorg.visualstudio.com/DefaultCollection/x',
    'https://myorg.visualstudio.com/xDefaultCollection',
    'xhttps://dev.azure.com/MyOrg',
    'https://dev.azure.com/MyOrg/ x',
    'https://a.myorg.visualstudio.com',
    'https://vssps.dev.azure.com/MyOrg',
    'https://myorg.visualstudio.com.example',
    'https://dev.azure.com:99999/MyOrg',
    'https://dev.azure.com/-MyOrg',
    'https://dev.azure.com:443/MyOrg',
    'MyOrg-',
    '-MyOrg',
    'M'.repeat(51),
    'ftp://dev.azure.com/MyOrg',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '//dev.azure.com/MyOrg',
    'dev.azure.com/MyOrg',
    'https://dev.azure.com',
    'https://dev.azure.com/',
    'https://dev.azure.com//MyOrg',
    'https://dev.azure.com/MyOrg/SecretSauce',
    'https://dev.azure.com/MyOrg/..',
    'https://dev.azure.com/MyOrg/../OtherOrg',
    'https://dev.azure.com/%4dyOrg',
    'https://dev.azure.com/MyOrg%2f..%2fOtherOrg',
    'https://dev.azure.com/MyOrg?x=y',
    'https://dev.azure.com/MyOrg?',
    'https://dev.azure.com/MyOrg#x',
    'https://dev.azure.com/My Org',
    'https://dev.azure.com/My\tOrg',
    'https://dev.azure.com\\MyOrg',
    'https:\\\\dev.azure.com\\MyOrg',
    'https:/dev.azure.com/MyOrg',
    'https://dev.azure.com:8443/MyOrg',
    'https://dev.azure.com./MyOrg',
    'https://dev.azure.com.evil.example/MyOrg',
    'https://evil.example/dev.azure.com/MyOrg',
    'https://evil-dev.azure.com/MyOrg',
    'https://evil.dev.azure.com/MyOrg',
    'https://dev.azure.com@evil.example/MyOrg',
    'https://user:password@dev.azure.com/MyOrg',
    'https://dev。azure。com/MyOrg',
    'https://ⅾev.azure.com/MyOrg',
    'https://evil.example',
    'https://myorg.visualstudio.com.evil.example',
    'https://myorg.visualstudio.com/SecretSauce',
    'https://myorg.vsrm.visualstudio.com',
    'https://visualstudio.com',
    'https://my_org.visualstudio.com',
    'https://127.0.0.1/MyOrg',
    'http://127.0.0.1/MyOrg',
    'http://2130706433/MyOrg',
    'https://[::1]/MyOrg',
    'http://169.254.169.254/metadata/identity',
    'MyOrg/..',
    'MyOrg/SecretSauce',
    'My Org',
    'My.Org',
    '..',
    'MyOrg\r\nHost: evil.example',
    '##vso[task.complete]',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.ok('problem' in parseOrganization(text, ALLOWED));
    });
  }
});

describe('another server', () => {
  for (const [text, expected] of [
    ['https://devops.example.com/DefaultCollection/', true],
    ['http://tfs:8080/tfs/DefaultCollection', true],
    ['https://dev.azure.com/MyOrg/', false],
    ['https://dev.azure.com/', false],
    ['https://myorg.visualstudio.com/', false],
    ['nothing', false],
  ] as const) {
    it(`is ${expected ? '' : 'not '}${text}`, () => {
      assert.equal(isOtherServer(text), expected);
    });
  }
});

describe('allowed hosts', () => {
  it('are one a line, in lower case, without blank lines', () => {
    const text = ' DevOps.example.com \r\n\n127.0.0.1:8080\r[::1]:8080\nlocalhost';
    const value = ['devops.example.com', '127.0.0.1:8080', '[::1]:8080', 'localhost'];
    assert.deepEqual(parseHosts(text), { value });
    assert.deepEqual(parseHosts(''), { value: [] });
  });

  it('may name the port that a scheme has anyway', () => {
    const value = ['devops.example.com:443', '127.0.0.1:80'];
    assert.deepEqual(parseHosts(value.join('\n')), { value });
  });

  for (const text of [
    '*',
    '*.example.com',
    'https://devops.example.com',
    'devops.example.com/x',
    'x@devops.example.com',
    'devops.example.com:x',
    'devops.example.com:99999',
    'devops.example.com:',
    '-devops.example.com',
    'devops-.example.com',
    'devops..example.com',
    '.example.com',
    'example.com.',
    'a,b',
    'a b',
    'devops_1.example.com',
    '0x7f.1',
    '2130706433',
    '::1',
    '[::0001]',
    'dévops.example.com',
  ]) {
    it(`are not ${text}`, () => {
      assert.deepEqual(parseHosts(text), {
        problem: `is "${text}". It must be a host such as devops.example.com or 127.0.0.1:8080, without scheme, path or wildcard.`,
      });
    });
  }

  it('are refused as they were written: a mask is for a secret to the letter', () => {
    assert.match(JSON.stringify(parseHosts('Sup3r_Secret')), /is \\"Sup3r_Secret\\"/);
    const { problem } = parseOrganization('https://Secret.Example.com/a', []) as {
      problem: string;
    };
    assert.ok(!problem.includes('secret'));
  });

  it('are refused with the line', () => {
    assert.match(JSON.stringify(parseHosts('a.example\n\nb c\n*')), /\(line 3\) is \\"b c\\"/);
    assert.match(JSON.stringify(parseHosts('$(MyHosts)')), /is \$\(MyHosts\)/);
  });
});
