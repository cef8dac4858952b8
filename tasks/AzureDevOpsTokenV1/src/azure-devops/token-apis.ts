/** Paths are decoded in more than one place on their way. */
const MAX_DECODINGS = 5;

/**
 * Whether an address may be that of an API which returns tokens, however its path is written: personal access tokens
 * (`_apis/tokens`, and `_apis/token` for its older form) and the OIDC token of a job.
 * https://learn.microsoft.com/rest/api/azure/devops/tokens/pats/create
 * https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create
 */
export function isTokenApi({ pathname }: URL): boolean {
  const segments = readSegments(pathname);
  return segments.some((segment, index) => {
    const next = segments[index + 1] ?? '';
    return segment === 'oidctoken' || (segment === '_apis' && /^tokens?$/.test(next));
  });
}

/** The parts of a path as the most lenient server would read them. */
function readSegments(pathname: string): readonly string[] {
  let path = pathname;
  for (let times = 0; times < MAX_DECODINGS; times += 1) {
    path = decode(path);
  }
  const segments: string[] = [];
  for (const part of path.normalize('NFKC').toLowerCase().split(/[/\\]/)) {
    // What stands behind a semicolon is a parameter; spaces and dots at the end of a name mean nothing to Windows.
    const segment = part.replace(/[;\0].*$/s, '').trim();
    const name = segment.replace(/[ .]+$/, '');
    if (segment === '..') {
      segments.pop();
    } else if (name !== '') {
      segments.push(name);
    }
  }
  return segments;
}

/** Decodes what can be decoded, the escapes of older versions of IIS (`%u0074`) included. */
function decode(path: string): string {
  return path
    .replace(/%u([\da-f]{4})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
      try {
        return decodeURIComponent(escapes);
      } catch {
        return escapes;
      }
    });
}
