// A certificate authority of this process, for servers on loopback that are to be reached by TLS.
import type { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

let authority: Promise<Authority> | undefined;

interface Issuer {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
}

interface Authority extends Issuer {
  /** The certificate as a file. */
  readonly file: string;
}

/** The file by which a program comes to trust the servers of this process. */
export async function authorityFile(): Promise<string> {
  authority ??= makeAuthority();
  return (await authority).file;
}

/** A name in a certificate; a string is an IP address where it reads as one, else a DNS name. */
export type CertificateName = string | { readonly dns: string };

/** By their names: to make one takes as long as all else that opens a place. */
const certificates = new Map<string, Promise<ServerCertificate>>();

/**
 * The certificate of a server; servers with the same names have the same one.
 * @param hosts the names and addresses that the server answers to
 */
export function issueCertificate(hosts: readonly CertificateName[]): Promise<ServerCertificate> {
  const key = JSON.stringify(hosts);
  const certificate = certificates.get(key) ?? issueByAuthority(hosts);
  certificates.set(key, certificate);
  return certificate;
}

async function issueByAuthority(hosts: readonly CertificateName[]): Promise<ServerCertificate> {
  authority ??= makeAuthority();
  return issueBy(await authority, hosts);
}

/** An authority that nothing trusts. */
export interface ForeignAuthority {
  /** Its certificate. */
  readonly pem: string;
  issue(hosts: readonly string[]): Promise<ServerCertificate>;
}

export async function makeForeignAuthority(): Promise<ForeignAuthority> {
  const issuer = await makeIssuer('Authority of a stranger');
  return {
    pem: issuer.certificate.toString('pem'),
    issue: (hosts) => issueBy(issuer, hosts),
  };
}

async function issueBy(
  { keys, certificate }: Issuer,
  hosts: readonly CertificateName[],
): Promise<ServerCertificate> {
  const own = await generateKeys();
  const names = hosts.map((host): x509.JsonGeneralName => {
    return typeof host === 'string'
      ? { type: isIP(host) === 0 ? 'dns' : 'ip', value: host }
      : { type: 'dns', value: host.dns };
  });
  const issued = await x509.X509CertificateGenerator.create({
    subject: `CN=${names[0]?.value ?? ''}`,
    issuer: certificate.subject,
    publicKey: own.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [new x509.SubjectAlternativeNameExtension(names)],
  });
  return { cert: issued.toString('pem'), key: await exportKey(own.privateKey) };
}

async function makeIssuer(name: string): Promise<Issuer> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
    ],
  });
  return { keys, certificate };
}

async function makeAuthority(): Promise<Authority> {
  const issuer = await makeIssuer('Authority of the emulators');
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'authority.pem');
  writeFileSync(file, issuer.certificate.toString('pem'));
  return { ...issuer, file };
}

function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + DAY_MS) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', key);
  return x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
}
