import assert from 'node:assert/strict';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { describeMaterials } from '../../scripts/bill-of-materials';
import type { BundledPackage } from '../../scripts/third-party-notices';

interface Bill {
  readonly serialNumber: string;
  readonly components: readonly Readonly<Record<string, unknown>>[];
}

const EXTENSION = { publisher: 'example', id: 'one', version: '1.2.3', hash: 'ab'.repeat(32) };
const INTEGRITY = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
const bundled = (name: string, more: Partial<BundledPackage> = {}): BundledPackage => ({
  name,
  version: '2.0.0',
  folder: `/project/node_modules/${name}`,
  license: 'MIT',
  source: 'https://example.com/source',
  texts: [],
  ...more,
});

function describe_(packages: readonly BundledPackage[], locked = {}): Bill {
  const text = describeMaterials(EXTENSION, packages, { root: '/project', locked });
  return JSON.parse(text) as Bill;
}

describe('the bill of materials', () => {
  it('names a package as tools look for it, scoped or not', () => {
    const { components } = describe_([bundled('@azure/identity'), bundled('q')]);
    assert.deepEqual(
      components.map(({ group, name, purl }) => [group, name, purl]),
      [
        ['@azure', 'identity', 'pkg:npm/%40azure/identity@2.0.0'],
        [undefined, 'q', 'pkg:npm/q@2.0.0'],
      ],
    );
  });

  it('has the hash of the lock file, of that very folder, in hexadecimal', () => {
    const nested = 'node_modules/a/node_modules/q';
    const packages = [
      bundled('q'),
      bundled('q', { version: '1.0.0', folder: `/project/${nested}` }),
    ];
    const { components } = describe_(packages, { [nested]: { integrity: INTEGRITY } });
    assert.deepEqual(
      components.map(({ version, hashes }) => [version, hashes]),
      [
        ['1.0.0', [{ alg: 'SHA-512', content: '01'.repeat(64) }]],
        ['2.0.0', undefined],
      ],
    );
  });

  it('finds the folder on Windows, too', () => {
    const packages = [bundled('q', { folder: 'C:/project/node_modules/q' })];
    const locked = { 'node_modules/q': { integrity: INTEGRITY } };
    const text = describeMaterials(EXTENSION, packages, { root: 'C:\\project', locked });
    assert.ok(text.includes('01'.repeat(64)));
  });

  it('takes no hash that it does not know', () => {
    const locked = { 'node_modules/q': { integrity: 'md9-AAAA' } };
    assert.throws(() => describe_([bundled('q')], locked), /md9-AAAA/);
  });

  it('is the same for the same, in any order, and has another number for anything else', () => {
    const [one, other] = [bundled('one'), bundled('other')];
    assert.deepEqual(describe_([one, other]), describe_([other, one]));
    assert.notEqual(describe_([one, other]).serialNumber, describe_([one]).serialNumber);
  });

  it('is CycloneDX 1.6, by its schema, with all that it can have', async () => {
    const packages = [
      bundled('@azure/identity', { license: 'Apache-2.0' }),
      bundled('q', { license: '(MIT OR ISC)' }),
    ];
    const locked = { 'node_modules/q': { integrity: `${INTEGRITY} sha1-${'A'.repeat(27)}=` } };
    const text = describeMaterials(EXTENSION, packages, { root: '/project', locked });
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    assert.equal(await validator.validate(text), null);
    assert.notEqual(await validator.validate(text.replace('"SHA-1"', '"SHA-0"')), null);
  });
});
