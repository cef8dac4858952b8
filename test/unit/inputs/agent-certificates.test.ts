import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import {
  hasKeyPassword,
  NOT_CONFIGURED,
  readConfiguration,
  readConfiguredFile,
} from '../../../tasks/AzureDevOpsTokenV1/src/inputs/agent-certificates';
import { writeCertificateSettings } from '../../emulators/agent/agent-configuration';
import { needLinks, skip } from '../../skip';
import { useFolder } from '../folders';

describe('the certificate configuration of the agent', () => {
  const at = useFolder();

  const write = (name: string, text = 'A') => {
    writeFileSync(at(name), text);
    return at(name);
  };
  /** With the folder as the working directory: on Windows, no relative path leads to another drive. */
  const atHome = <T>(act: () => T): T => {
    const before = process.cwd();
    process.chdir(at());
    try {
      return act();
    } finally {
      process.chdir(before);
    }
  };
  /** Reads the file at a path, of an agent that was configured with the same or with another one. */
  const read = (path: string, configured = path) => {
    writeCertificateSettings(at(), { CACert: configured });
    return readConfiguredFile(path, 'cacert', readConfiguration(at()));
  };

  it('is read as .NET writes it', () => {
    writeCertificateSettings(at(), {
      CACert: '/a.pem',
      ClientCert: '/b.pem',
      ClientCertPrivatekey: '/c.pem',
      ClientCertArchive: '/d.pfx',
      ClientCertPasswordLookupKey: 'C0FFEE',
    });
    const configuration = readConfiguration(at());
    assert.deepEqual(Object.fromEntries(configuration), {
      skipservercertvalidation: false,
      cacert: '/a.pem',
      clientcert: '/b.pem',
      clientcertprivatekey: '/c.pem',
      clientcertarchive: '/d.pfx',
      clientcertpasswordlookupkey: 'C0FFEE',
    });
    assert.equal(hasKeyPassword(configuration), true);
  });

  for (const [what, text] of [
    ['with the names of its class', '\uFEFF{"CACert":"/a.pem"}'],
    ['without a byte order mark', '{"cACert":"/a.pem"}'],
    ['with the line breaks of Windows', '\uFEFF{\r\n  "caCert": "/a.pem"\r\n}'],
  ] as const) {
    it(`is read ${what}`, () => {
      write('.certificates', text);
      assert.equal(readConfiguration(at()).get('cacert'), '/a.pem');
      assert.equal(hasKeyPassword(readConfiguration(at())), false);
    });
  }

  for (const text of ['', 'x', 'null', '\uFEFF', '5', '[']) {
    it(`is empty if the file holds ${JSON.stringify(text)}`, () => {
      write('.certificates', text);
      assert.equal(readConfiguration(at()).size, 0);
    });
  }

  it('is empty without a file, for a folder in its place, and without the folder of the agent', () => {
    assert.equal(readConfiguration(at()).size, 0);
    mkdirSync(at('.certificates'));
    assert.equal(readConfiguration(at()).size, 0);
    assert.equal(readConfiguration('').size, 0);
  });

  it('is not looked for in a relative folder, which is below the sources', () => {
    writeCertificateSettings(at(), { CACert: '/a.pem' });
    assert.equal(
      atHome(() => readConfiguration('.').size),
      0,
    );
  });

  it('makes the file that it names count, however the path is written', () => {
    const path = write('a.pem');
    assert.deepEqual(read(path), { text: 'A' });
    assert.deepEqual(read(`${at()}//./a.pem`, path), { text: 'A' });
  });

  it('makes a link count that it names, as systems have them for their authorities', function () {
    needLinks(this);
    symlinkSync(write('a.pem'), at('link.pem'));
    assert.deepEqual(read(at('link.pem')), { text: 'A' });
  });

  it('makes no other file count, not even a link to the same', function () {
    needLinks(this);
    const path = write('a.pem');
    symlinkSync(path, at('link.pem'));
    for (const other of [write('b.pem'), at('link.pem'), `${path}x`, '', '/proc/self/environ']) {
      assert.deepEqual(read(other, path), { reason: NOT_CONFIGURED });
    }
    const noText = new Map([['cacert', 5]]);
    assert.deepEqual(readConfiguredFile('5', 'cacert', noText), { reason: NOT_CONFIGURED });
  });

  it('makes no relative path count', () => {
    write('a.pem');
    assert.deepEqual(
      atHome(() => read('a.pem')),
      { reason: 'its path is not absolute' },
    );
  });

  it('makes a file of 1 MiB count, and no larger one', () => {
    const path = write('a.pem');
    truncateSync(path, 1024 * 1024);
    assert.ok('text' in read(path));
    truncateSync(path, 1024 * 1024 + 1);
    assert.deepEqual(read(path), { reason: 'it is larger than 1 MiB' });
  });

  it('makes no folder count, and no file that is not there', () => {
    const [folder, missing] = [read(at()), read(at('none.pem'))];
    assert.deepEqual(folder, { reason: 'it is no regular file' });
    assert.deepEqual(missing, {
      reason: 'it cannot be read: no such file or directory (ENOENT)',
    });
  });

  it('makes no pipe count, and does not wait for it', function () {
    if (process.platform === 'win32') {
      skip(this, 'Windows has no such files');
    }
    execFileSync('mkfifo', [at('pipe')]);
    assert.deepEqual(read(at('pipe')), { reason: 'it is no regular file' });
  });

  for (const path of ['/proc/self/environ', '/dev/zero', '/dev/../proc/self/environ']) {
    it(`makes ${path} never count, nor a link to it`, function () {
      if (process.platform !== 'linux') {
        skip(this, 'this platform is not Linux');
      }
      symlinkSync(path, at('link.pem'));
      for (const name of [path, at('link.pem')]) {
        assert.deepEqual(read(name), { reason: 'it is a file of the system' });
      }
    });
  }
});
