import assert from 'node:assert/strict';
import {
  checkEndpointVariables,
  isPrivateAddress,
} from '../../../tasks/AzureDevOpsTokenV1/src/identity/private-address';
import { fakeEnvironment } from '../fakes';
import { errorOf, toProblem } from '../to-problem';

describe('an address of this machine', () => {
  for (const url of [
    'http://localhost',
    'http://LOCALHOST:42356/msi/token',
    'http://169.254.169.254/metadata',
    'http://192.168.0.1:80',
    // App Service in Windows containers.
    'http://100.64.100.2:41580/MSI/token/',
    'http://[::1]:8080/',
    'http://[fe80::1]',
    'http://[febf::1]',
    'http://[fc00::1]',
    'http://[fdff::1]',
  ]) {
    it(`is ${url}`, () => {
      assert.ok(isPrivateAddress(new URL(url)));
    });
  }

  it('may be asked over TLS where its certificate is known', () => {
    assert.ok(isPrivateAddress(new URL('https://localhost:2377'), true));
    assert.ok(isPrivateAddress(new URL('https://10.0.0.4:2377'), true));
    assert.ok(isPrivateAddress(new URL('http://10.0.0.4:2377'), true));
    assert.ok(!isPrivateAddress(new URL('https://203.0.113.7'), true));
    assert.ok(!isPrivateAddress(new URL('ftp://127.0.0.1'), true));
  });

  for (const url of [
    'https://localhost',
    'ftp://127.0.0.1',
    'http://203.0.113.7',
    // Others of the shared address space (RFC 6598).
    'http://100.64.0.1',
    'http://100.100.100.200',
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
  ]) {
    it(`is not ${url}`, () => {
      assert.ok(!isPrivateAddress(new URL(url)));
    });
  }
});

/** The first and the last address of each range that is local, by RFC 1122, 1918 and 3927, and the address of App Service. */
const RANGES = [
  ['127.0.0.0', '127.255.255.255'],
  ['169.254.0.0', '169.254.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['100.64.100.2', '100.64.100.2'],
].map((range) => range.map(toNumber));

function toNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

/** Every way in which a URL can write an address, by the standard that its parser follows (WHATWG). */
function spell(number: number): readonly string[] {
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256);
  const [first = 0, second = 0] = bytes;
  const octal = (value: number) => `0${value.toString(8)}`;
  const hex = (value: number) => `0x${value.toString(16)}`;
  const upper = (value: number) => `0X${value.toString(16).toUpperCase()}`;
  const [high, low] = [Math.floor(number / 65_536), number % 65_536];
  return [
    bytes.join('.'),
    `${bytes.join('.')}.`,
    String(number),
    octal(number),
    hex(number),
    ...[octal, hex, upper].map((write) => bytes.map(write).join('.')),
    `${first}.${number % 2 ** 24}`,
    `${first}.${second}.${number % 2 ** 16}`,
    `${hex(first)}.${octal(number % 2 ** 24)}`,
    encodeDigits(bytes),
    `[::ffff:${bytes.join('.')}]`,
    `[::ffff:${high.toString(16)}:${low.toString(16)}]`,
    `[0:0:0:0:0:FFFF:${high.toString(16)}:${low.toString(16)}]`,
  ];
}

const encodeDigits = (bytes: readonly number[]) =>
  bytes.join('.').replace(/\d/g, (digit) => `%3${digit}`);

describe('an address in any spelling', () => {
  const borders = RANGES.flatMap(([first = 0, last = 0]) => [first - 1, first, last, last + 1]);
  const others = Array.from({ length: 200 }, (_, index) => (index * 2_654_435_761) % 2 ** 32);

  it('is local where the number is', () => {
    let [local, foreign] = [0, 0];
    for (const number of [...borders, ...others, 0, 2 ** 32 - 1]) {
      const isLocal = RANGES.some(([first = 0, last = 0]) => number >= first && number <= last);
      for (const host of spell(number)) {
        for (const port of ['', ':80', ':8080']) {
          const url = new URL(`http://${host}${port}/metadata`);
          assert.equal(isPrivateAddress(url), isLocal, url.href);
        }
        // A name, another scheme, or somebody before an @.
        assert.equal(isPrivateAddress(new URL(`https://${host}/`)), false, host);
        assert.equal(isPrivateAddress(new URL(`http://user@${host}/`)), false, host);
        assert.equal(isPrivateAddress(new URL(`http://:x@${host}/`)), false, host);
        assert.equal(isPrivateAddress(new URL(`http://${host}@203.0.113.7/`)), false, host);
        if (!host.startsWith('[')) {
          const suffixed = `http://${host.replace(/\.$/, '')}.example/`;
          assert.equal(isPrivateAddress(new URL(suffixed)), false, suffixed);
        }
        local += isLocal ? 1 : 0;
        foreign += isLocal ? 0 : 1;
      }
    }
    assert.ok(local > 100 && foreign > 2_000);
  });
});

const check = (variables: Readonly<Record<string, string>>) => {
  checkEndpointVariables(fakeEnvironment(variables));
};
const problemOf = (variables: Readonly<Record<string, string>>) =>
  toProblem(
    errorOf(() => {
      check(variables);
    }),
  );

describe('the environment of the agent', () => {
  it('may say nothing of an endpoint', () => {
    check({});
  });

  for (const variable of [
    'IDENTITY_ENDPOINT',
    'IMDS_ENDPOINT',
    'MSI_ENDPOINT',
    'AZURE_POD_IDENTITY_AUTHORITY_HOST',
  ]) {
    it(`may point to this machine by ${variable}`, () => {
      check({ [variable]: 'http://localhost:42356/msi/token' });
    });

    it(`may not point elsewhere by ${variable}`, () => {
      assert.deepEqual(problemOf({ [variable]: 'http://identity.example:80/token?x=1' }), {
        kind: 'endpoint-not-local',
        source: `${variable} in the environment of the agent`,
        host: 'http://identity.example',
      });
    });
  }

  it('may not hold an endpoint that is no URL', () => {
    assert.deepEqual(problemOf({ MSI_ENDPOINT: 'foo bar' }), {
      kind: 'endpoint-not-local',
      source: 'MSI_ENDPOINT in the environment of the agent',
      host: 'something that is not a URL',
    });
  });

  it('may not hold space around an endpoint', () => {
    assert.equal(problemOf({ MSI_ENDPOINT: ' http://127.0.0.1' }).kind, 'endpoint-not-local');
  });
});
