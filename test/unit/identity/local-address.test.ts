import assert from 'node:assert/strict';
import { isLocalAddress } from '../../../tasks/AzureDevOpsTokenV1/src/identity/local-address';

describe('an address of this machine', () => {
  for (const url of [
    'http://localhost',
    'http://LOCALHOST:42356/msi/token',
    'http://127.0.0.1',
    'http://127.255.255.255/',
    'http://169.254.169.254/metadata',
    'http://169.254.0.1',
    'http://10.0.0.1',
    'http://10.255.255.255',
    'http://172.16.0.1',
    'http://172.31.255.255',
    'http://192.168.0.1:80',
    'http://[::1]:8080/',
    'http://[fe80::1]',
    'http://[febf::1]',
    'http://[fc00::1]',
    'http://[fdff::1]',
    // The same as 127.0.0.1 to everyone who parses URLs by the standard.
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1',
  ]) {
    it(`is ${url}`, () => {
      assert.ok(isLocalAddress(new URL(url)));
    });
  }

  for (const url of [
    'https://localhost',
    'ftp://127.0.0.1',
    'http://203.0.113.7',
    'http://128.0.0.1',
    'http://126.255.255.255',
    'http://169.253.255.255',
    'http://169.255.0.1',
    'http://9.255.255.255',
    'http://11.0.0.1',
    'http://172.15.255.255',
    'http://172.32.0.1',
    'http://192.167.255.255',
    'http://192.169.0.1',
    'http://0.0.0.0',
    'http://[::]',
    'http://[::2]',
    'http://[fec0::1]',
    'http://[fe7f::1]',
    'http://[fbff::1]',
    'http://[2001:db8::1]',
    'http://localhost.example',
    'http://notlocalhost',
    'http://localhost.',
    'http://127.0.0.1.example',
    'http://169.254.169.254@203.0.113.7/',
    'http://user@127.0.0.1/',
    'http://:password@127.0.0.1/',
    'http://3405803783/',
  ]) {
    it(`is not ${url}`, () => {
      assert.ok(!isLocalAddress(new URL(url)));
    });
  }
});
