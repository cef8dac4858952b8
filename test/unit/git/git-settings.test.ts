import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GIT_SETTINGS } from '../../../tasks/AzureDevOpsTokenV1/src/git/git-settings';
import { needGit } from '../../skip';
import { makeFolder } from '../folders';

describe('the settings of git', () => {
  const folder = makeFolder();
  const previous = { ...process.env };

  before(function () {
    needGit(this);
  });
  beforeEach(() => {
    process.env['GIT_CONFIG_NOSYSTEM'] = '1';
    process.env['GIT_CONFIG_GLOBAL'] = join(folder, 'config');
  });
  afterEach(() => {
    for (const name of ['GIT_CONFIG_NOSYSTEM', 'GIT_CONFIG_GLOBAL', 'PATH', 'GIT_SSL_NO_VERIFY']) {
      Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, name in previous ? { [name]: previous[name] } : {});
    }
  });
  function list(config: string) {
    writeFileSync(join(folder, 'config'), config);
    return GIT_SETTINGS.listVerification(join(folder, 'state.json'));
  }

  it('are listed in the order of git, whatever their spelling', () => {
    const config =
      '[HTTP]\nSSLVerify = no\nproxy = x\n[http "https://A.example.com/a b"]\nsslVerify\n[http "x"]\nsslVerify =\n[http]\nsslverify = 1';
    assert.deepEqual(list(config), [
      { key: 'http.sslverify', isVerified: false },
      { key: 'http.https://A.example.com/a b.sslverify', isVerified: true },
      { key: 'http.x.sslverify', isVerified: false },
      { key: 'http.sslverify', isVerified: true },
    ]);
  });

  it('can be none', () => {
    assert.deepEqual(list('[core]\nsslVerify = false\n[http]\nproxySslVerify = false'), []);
  });

  it('include a variable that is empty', () => {
    assert.equal(GIT_SETTINGS.getVariable('GIT_SSL_NO_VERIFY'), undefined);
    process.env['GIT_SSL_NO_VERIFY'] = '';
    assert.equal(GIT_SETTINGS.getVariable('GIT_SSL_NO_VERIFY'), '');
  });

  it('are an error if one of them cannot be read', () => {
    assert.throws(() => list('[http]\nsslVerify = maybe'), /git ended with status 128/);
  });

  it('are an error if there is no git', () => {
    process.env['PATH'] = folder;
    assert.throws(() => list(''), /no such file or directory \(ENOENT\)/);
  });
});
