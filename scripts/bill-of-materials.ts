// What the extension is made of, for tools that look for known vulnerabilities: CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/.
import { createHash } from 'node:crypto';
import type { BundledPackage } from './third-party-notices';

/** A package as it is packed. */
export interface PackedExtension {
  readonly publisher: string;
  readonly id: string;
  readonly version: string;
  /** Of the VSIX, SHA-256 in hexadecimal. */
  readonly hash: string;
}

/** As much of package-lock.json as is used here, by folder from the root of the project. */
export type LockedPackages = Readonly<Record<string, { readonly integrity?: string }>>;

interface Hash {
  readonly alg: string;
  readonly content: string;
}

/** How CycloneDX calls the algorithms of package-lock.json. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/**
 * The same text for the same package: it has no time, and its serial number is made of what it says.
 * @param root where package-lock.json is
 * @returns JSON
 */
export function describeMaterials(
  extension: PackedExtension,
  packages: readonly BundledPackage[],
  { root, locked }: { readonly root: string; readonly locked: LockedPackages },
): string {
  const prefix = `${root.replaceAll('\\', '/')}/`;
  const content = {
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: describeExtension(extension),
    },
    components: packages
      .map((one) => describePackage(one, locked[one.folder.slice(prefix.length)]?.integrity))
      .sort((one, other) => (one.purl < other.purl ? -1 : 1)),
  };
  const serialNumber = `urn:uuid:${toUuid(JSON.stringify(content))}`;
  const bill = { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber, ...content };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

function describeExtension({ publisher, id, version, hash }: PackedExtension) {
  return {
    type: 'application',
    'bom-ref': `${publisher}.${id}@${version}`,
    publisher,
    name: id,
    version,
    hashes: [{ alg: 'SHA-256', content: hash }],
    licenses: [{ license: { id: 'MIT' } }],
  };
}

function describePackage(one: BundledPackage, integrity: string | undefined) {
  const [, group, name = ''] = /^(?:(@[^/]+)\/)?(.+)$/.exec(one.name) ?? [];
  const purl = `pkg:npm/${one.name.replace('@', '%40')}@${one.version}`;
  return {
    type: 'library',
    'bom-ref': purl,
    ...(group === undefined ? {} : { group }),
    name,
    version: one.version,
    ...(integrity === undefined ? {} : { hashes: readIntegrity(integrity) }),
    licenses: [
      one.license.includes(' ')
        ? { expression: one.license }
        : { license: { id: one.license, acknowledgement: 'declared' } },
    ],
    purl,
  };
}

/** npm writes one or more hashes of the package as it comes from the registry: `sha512-…`, in base64. */
function readIntegrity(integrity: string): readonly Hash[] {
  return integrity.split(' ').map((text) => {
    const [algorithm = '', hash = ''] = text.split('-', 2);
    const alg = ALGORITHMS[algorithm];
    if (alg === undefined) {
      throw new Error(`package-lock.json has a hash of an unknown kind: ${text}`);
    }
    return { alg, content: Buffer.from(hash, 'base64').toString('hex') };
  });
}

/** A UUID of version 8, RFC 9562: of what, is for who makes it to say. */
function toUuid(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  const variant = ((parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
