// Who may get the token, under attack: hostile URLs against `url`, `organization` and `allowedHosts`, with the platform's own parser as oracle.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseAddress } from '../../tasks/AzureDevOpsTokenV1/src/inputs/parse-url';
import {
  parseHosts,
  parseOrganization,
} from '../../tasks/AzureDevOpsTokenV1/src/inputs/parse-organization';
import { mayGetToken } from '../../tasks/AzureDevOpsTokenV1/src/hosts';

const RUNS = Math.max(20_000, Number(process.env['SOAK_RUNS'] ?? 0));
const ORGANIZATION = { name: 'MyOrg', url: 'https://dev.azure.com/MyOrg' };
const ALLOWED = ['devops.example.com', 'devops.example.com:8443', '127.0.0.1:8080', '[::1]:8080'];

const SCHEMES = [
  ...['https:', 'http:', 'HTTPS:', 'hTTps:', 'ftp:', 'file:', 'data:', 'javascript:', 'ws:', ''],
  ...['https', 'blob:https:', 'view-source:https:', ' https:', '\thttps:'],
];
const SLASHES = ['//', '/', '', '\\\\', '/\\', '///', '////', '//\t', '/\n/'];
const USERS = ['', '', '', 'user@', 'user:password@', 'dev.azure.com@', ':@', '@', '%40', 'a%40b@'];
const HOSTS = [
  ...['dev.azure.com', 'vssps.dev.azure.com', 'myorg.visualstudio.com', 'devops.example.com'],
  ...['evil.example', 'dev.azure.com.evil.example', 'evil-dev.azure.com', 'xdev.azure.com'],
  ...['dev.azure.com.', 'DEV.AZURE.COM', 'dev.azure.com%2eevil.example', 'dev。azure。com'],
  ...['d\u0435v.azure.com', 'dev.\u0430zure.com', 'dev.azure.c\u043em', 'xn--dv-7ka.azure.com'],
  ...['ｄｅｖ.azure.com', 'dev\u00ad.azure.com', 'dev.azure\u200b.com', 'dev.azure.com\u0000'],
  ...['a.b.c.visualstudio.com', 'visualstudio.com', '.visualstudio.com', 'my_org.visualstudio.com'],
  ...['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '0', '169.254.169.254'],
  ...['[::1]', '[::ffff:127.0.0.1]', '[fe80::1%25eth0]', '[::]', 'localhost', 'localhost.'],
  ...['dev.azure.com\\.evil.example', 'dev.azure.com%00', 'dev azure.com', '', '.', '..'],
];
const PORTS = ['', '', '', ':443', ':80', ':8080', ':8443', ':0', ':65536', ':x', ':', ':443:80'];
const SEGMENTS = [
  ...[
    '_apis',
    'projects',
    'MyOrg',
    'SecretSauce',
    '..',
    '.',
    '%2e%2e',
    '%2E.',
    '%252e%252e',
    '%2f',
  ],
  ...['%5c', '\\', '..\\', ';', '@', ' ', '\t', '%', '%zz', '%c0%ae%c0%ae', '...', 'Größe', '$(x)'],
];
const ENDS = ['', '', '?x=y', '?x=/../..', '#x', '?$top=5', '/', '//', '?@evil.example', '\n'];

/** Most often what is right, so that the rest meets with something that might pass. */
const mostly = (right: readonly string[], all: readonly string[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.constantFrom(...all) },
  );
const scheme = mostly(['https:', 'HTTPS:', 'http:'], SCHEMES);
const slashes = mostly(['//'], SLASHES);
const user = mostly([''], USERS);
const port = mostly([''], PORTS);
const segments = fc.array(mostly(['_apis', 'MyOrg', 'SecretSauce'], SEGMENTS), { maxLength: 4 });
const end = mostly(['', '?x=y'], ENDS);

const hostileUrl = fc
  .tuple(scheme, slashes, user, fc.constantFrom(...HOSTS), port, segments, end)
  .map(
    ([protocol, separator, person, host, at, path, rest]) =>
      `${protocol}${separator}${person}${host}${at}${path.map((segment) => `/${segment}`).join('')}${rest}`,
  );
const hostilePath = fc.tuple(segments, end).map(([path, rest]) => `${path.join('/')}${rest}`);

const hostileOrganization = fc
  .tuple(scheme, slashes, user, fc.constantFrom(...HOSTS), port, mostly(['/MyOrg', '', '/'], ENDS))
  .map((parts) => parts.join(''));

/** The rule in other words: by the parser's own view of a URL, and nothing else. */
function isAllowed({ protocol, hostname, port, username, password }: URL): boolean {
  const labels = hostname.split('.');
  const services = [
    ...['vssps', 'vsaex', 'vsrm', 'vstmr', 'feeds', 'pkgs', 'almsearch', 'auditservice'],
    ...['extmgmt', 'advsec', 'artifacts', 'analytics', 'status'],
  ];
  const isAzureDevOps =
    hostname === 'dev.azure.com' ||
    services.some((service) => hostname === `${service}.dev.azure.com`) ||
    (labels.slice(-2).join('.') === 'visualstudio.com' &&
      [3, 4].includes(labels.length) &&
      labels.every((label) => /^[a-z0-9-]+$/.test(label)));
  const isNamed = ALLOWED.some((allowed) => {
    const [, host, ownPort] = /^(.*?)(?::(\d+))?$/.exec(allowed) ?? [];
    const standard = protocol === 'https:' ? '443' : '80';
    return hostname === host && (port || standard) === (ownPort ?? standard);
  });
  const isLoopback = hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost';
  return (
    username === '' &&
    password === '' &&
    ((protocol === 'https:' && ((isAzureDevOps && port === '') || isNamed)) ||
      (protocol === 'http:' && isNamed && isLoopback))
  );
}

describe('who may get the token, under attack', function () {
  this.timeout(3_600_000);
  /** How many cases were let through: a rule that lets nothing through shows nothing. */
  let passed = 0;

  beforeEach(() => {
    passed = 0;
  });

  afterEach(() => {
    assert.ok(passed >= RUNS / 1_000, `${passed} cases were let through`);
  });

  it(`is told as the platform reads a URL (${RUNS} cases)`, () => {
    fc.assert(
      fc.property(hostileUrl, (text) => {
        if (URL.canParse(text)) {
          const url = new URL(text);
          passed += isAllowed(url) ? 1 : 0;
          assert.equal(mayGetToken(url, ALLOWED), isAllowed(url), url.href);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it(`is no other host by any complete URL of a call (${RUNS} cases)`, () => {
    fc.assert(
      fc.property(hostileUrl, (text) => {
        const parsed = parseAddress(text, { organization: ORGANIZATION, allowedHosts: ALLOWED });
        if ('value' in parsed) {
          passed += 1;
          assert.ok(isAllowed(parsed.value), `${text} → ${parsed.value.href}`);
          assert.equal(parsed.value.hash, '');
        }
      }),
      { numRuns: RUNS },
    );
  });

  it(`is no other host, and no other organization, by any path (${RUNS} cases)`, () => {
    fc.assert(
      fc.property(hostilePath, (text) => {
        const parsed = parseAddress(text, { organization: ORGANIZATION, allowedHosts: ALLOWED });
        if ('value' in parsed) {
          passed += 1;
          const { hostname, pathname, protocol, port: at } = parsed.value;
          assert.equal(`${protocol}${at}`, 'https:');
          assert.match(hostname, /^(?:[a-z]+\.)?dev\.azure\.com$|^app\.vssps\.visualstudio\.com$/);
          // What is decoded once more stays where it is, too.
          const isOutside = /^(?:status\.dev\.azure|app\.vssps\.visualstudio)\.com$/.test(hostname);
          const again = new URL(decodeURIComponent(pathname), 'https://x').pathname;
          assert.ok(isOutside || /^\/MyOrg(?:\/|$)/.test(pathname), `${text} → ${pathname}`);
          assert.ok(isOutside || /^\/MyOrg(?:\/|$)/.test(again), `${text} → ${again}`);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it(`is no other organization than the one that is written (${RUNS} cases)`, () => {
    fc.assert(
      fc.property(hostileOrganization, (text) => {
        const parsed = parseOrganization(text, ALLOWED);
        if ('value' in parsed) {
          passed += 1;
          const url = new URL(parsed.value.url);
          assert.ok(isAllowed(url), `${text} → ${url.href}`);
          assert.match(parsed.value.name, /^[\w.~:[\]-]+$/);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it(`is exactly the host that allowedHosts writes down (${RUNS} cases)`, () => {
    const hosts = fc.tuple(user, fc.constantFrom(...HOSTS), port).map((parts) => parts.join(''));
    fc.assert(
      fc.property(hosts, scheme, hostileUrl, (host, protocol, other) => {
        // An address of the same host, or any.
        const text = other.length % 2 === 0 ? `${protocol}//${host}/x` : other;
        const parsed = parseHosts(host);
        if ('value' in parsed && parsed.value.length > 0 && URL.canParse(text)) {
          const [written = ''] = parsed.value;
          assert.equal(written, host.trim().toLowerCase());
          const url = new URL(text);
          if (mayGetToken(url, parsed.value) && !mayGetToken(url, [])) {
            passed += 1;
            assert.equal(url.hostname, written.replace(/:\d+$/, ''), `${host}, ${text}`);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });
});
