import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARE_STEPS_ON_WINDOWS } from '../../step-platform';
import { toWindows } from '../../windows/windows-node';

/** What `config --sslcacert … --sslclientcert …` was given, by the names of AgentCertificateSetting. */
export interface CertificateSettings {
  readonly CACert?: string;
  readonly ClientCert?: string;
  readonly ClientCertPrivatekey?: string;
  readonly ClientCertArchive?: string;
  readonly ClientCertPasswordLookupKey?: string;
}

/**
 * Writes `.certificates` with the bytes of .NET: `Encoding.UTF8` begins a file with a byte order mark, Newtonsoft.Json
 * indents by two spaces, with the line breaks of the platform, begins names with small letters, and leaves out what is
 * null, but not `false` (IOUtil.SaveObject, StringUtil.ConvertToJson).
 * @param home the folder of the agent
 */
export function writeCertificateSettings(home: string, settings: CertificateSettings): void {
  const entries = Object.entries(settings as Readonly<Record<string, string>>).map(
    ([name, value]) => [toCamelCase(name), toStepPath(value)] as const,
  );
  const text = JSON.stringify(
    { skipServerCertValidation: false, ...Object.fromEntries(entries) },
    undefined,
    2,
  );
  writeFileSync(join(home, '.certificates'), `\uFEFF${text}`);
}

/** Lowers all capitals of an abbreviation but its last, which begins a word: `CACert` is `caCert`. */
function toCamelCase(name: string): string {
  return name.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/, (start) => start.toLowerCase());
}

/** A path as a step sees it that runs in the Windows Node.js. */
function toStepPath(value: string): string {
  return ARE_STEPS_ON_WINDOWS && value.startsWith('/') ? toWindows(value) : value;
}
