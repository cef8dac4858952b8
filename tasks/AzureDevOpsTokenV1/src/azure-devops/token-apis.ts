/** A path can be decoded several times before a server reads it. */
const MAX_DECODINGS = 5;

/**
 * Whether a URL may be of an API that returns tokens, however its path is written: personal access tokens (`_apis/tokens`,
 * and its older form `_apis/token`) and the OIDC token of a job.
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

/** The segments of a path as the most lenient server would read them. */
function readSegments(pathname: string): readonly string[] {
  let path = pathname;
  for (let times = 0; times < MAX_DECODINGS; times += 1) {
    path = decode(path);
  }
  const segments: string[] = [];
  for (const part of path.normalize('NFKC').toLowerCase().split(/[/\\]/)) {
    // The text behind a semicolon is a parameter. Windows ignores spaces and dots at the end of a name.
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

/** Decodes every valid escape, including those of older versions of IIS (`%u0074`). */
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
