import assert from 'node:assert/strict';
import { formatCommand, formatConfig } from '../../../tasks/AzureDevOpsTokenV1/src/git/git-config';
import {
  IDENTITY_NAMES,
  IDENTITY_SECRETS,
  NODE_NAMES,
} from '../../../tasks/AzureDevOpsTokenV1/src/protected-names';
import { fakeEnvironment } from '../fakes';

const GIT = {
  organization: { name: 'MyOrg', url: 'https://dev.azure.com/MyOrg' },
  addresses: [
    { host: 'dev.azure.com', path: 'MyOrg' },
    { host: 'myorg.visualstudio.com', path: '' },
  ],
};

describe('the git configuration', () => {
  it('empties headers and other helpers for each address, verifies certificates, and adds its helper', () => {
    assert.deepEqual(formatConfig(GIT, 'f').split('\n').slice(1), [
      '[http "https://dev.azure.com/MyOrg/"]',
      '\textraheader =',
      '\tsslVerify = true',
      '[http "https://dev.azure.com/myorg/"]',
      '\textraheader =',
      '\tsslVerify = true',
      '[credential "https://dev.azure.com"]',
      '\thelper =',
      '\thelper = "!f"',
      '\tuseHttpPath = true',
      '[http "https://myorg.visualstudio.com/"]',
      '\textraheader =',
      '\tsslVerify = true',
      '[credential "https://myorg.visualstudio.com"]',
      '\thelper =',
      '\thelper = "!f"',
      '\tuseHttpPath = true',
      '',
    ]);
  });

  it('quotes the command as git reads it', () => {
    const [line] = /^\thelper = "!.*$/m.exec(formatConfig(GIT, `a "b" \\ c\n\td`)) ?? [];
    assert.equal(line, '\thelper = "!a \\"b\\" \\\\ c\\n\\td"');
  });
});

describe('the command of the credential helper', () => {
  const PROGRAM = ['/a b/node', "/it's/helper.js", '/state.json', "/it's/why.txt"] as const;
  const command = formatCommand(PROGRAM, fakeEnvironment());

  it('quotes paths as the shell reads them', () => {
    assert.ok(command.includes(`'/a b/node' '/it'\\''s/helper.js' '/state.json' "$1"`));
  });

  it('has the explanation of a failure in a file, because git prints the command in each failure', () => {
    const end = `&& return; echo quit=1; read -r why < '/it'\\''s/why.txt'; printf '%s\\n' "$why" >&2; }; f`;
    assert.equal(command.slice(-end.length), end);
  });

  it('returns before anything else if a credential is to be stored', () => {
    assert.match(command, /^f\(\) \{ test "\$1" = store && return; unset /);
  });

  it('unsets what chooses the identity, what Node.js loads and trusts, or what git config reads, but no secret', () => {
    const unset = /unset ([\w ]+);/.exec(command)?.[1]?.split(' ') ?? [];
    for (const name of [
      ...IDENTITY_NAMES,
      ...NODE_NAMES,
      'NODE_OPTIONS',
      'LD_LIBRARY_PATH',
      'GIT_CONFIG',
    ]) {
      assert.ok(unset.includes(name), name);
    }
    assert.ok(IDENTITY_SECRETS.every((name) => !unset.includes(name)));
  });

  it('sets the library folders of the machine again', () => {
    const environment = fakeEnvironment({ LD_LIBRARY_PATH: "/opt/it's/lib" });
    const [, rest = ''] = formatCommand(PROGRAM, environment).split(/unset [\w ]+; /);
    assert.ok(
      rest.startsWith(`LD_LIBRARY_PATH='/opt/it'\\''s/lib'; export LD_LIBRARY_PATH; test -x`),
    );
    assert.ok(!command.includes('LD_LIBRARY_PATH='));
  });
});
