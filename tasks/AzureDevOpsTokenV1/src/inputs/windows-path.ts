// What Windows accepts as a path. https://learn.microsoft.com/windows/win32/fileio/naming-a-file

/** A file system of Windows has no longer names. */
const MAX_NAME_LENGTH = 255;

/** Behind this prefix, Windows takes a path as it is. `\\?\C:\` and `\\?\UNC\` lead to files, `\\.\` and the others to devices. */
const VERBATIM = /^[\\/]{2}\?[\\/](?:(?=[a-z]:[\\/])|UNC(?=[\\/]))/i;
const DEVICE = /^[\\/]{2}[.?](?:[\\/]|$)/;
const DRIVE = /^[a-z]:/i;
// A name of these is a device, with any ending, too. The superscript digits count like the others.
const DEVICE_NAME = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[1-9¹²³])\s*(?:\.|$)/i;

/**
 * Why Windows cannot have a file with this path, as a clause; undefined if it can. Windows itself says so late and not clearly: it drops a
 * dot or a space at the end, writes `a:b` to a hidden stream of the file `a`, and `con.txt` to the console.
 */
export function findWindowsPathProblem(path: string): string | undefined {
  const rest = path.replace(VERBATIM, '');
  if (DEVICE.test(rest)) {
    return 'it leads to a device';
  }
  return rest
    .replace(DRIVE, '')
    .split(/[\\/]/)
    .map(findNameProblem)
    .find((problem) => problem !== undefined);
}

/** Why Windows cannot have a file or a folder with this name, as a clause; undefined if it can. */
function findNameProblem(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') {
    return undefined;
  }
  const [character] = /[<>:"|?*\p{Cc}]/u.exec(name) ?? [];
  if (character !== undefined) {
    return /\p{Cc}/u.test(character)
      ? 'a name in it contains a control character'
      : `a name in it contains ${character}`;
  }
  if (/[. ]$/.test(name)) {
    return `a name in it ends in a ${name.endsWith('.') ? 'dot' : 'space'}`;
  }
  if (DEVICE_NAME.test(name)) {
    return `${name.replace(/\s*\..*$/, '')} is the name of a device`;
  }
  return name.length > MAX_NAME_LENGTH
    ? `a name in it has more than ${MAX_NAME_LENGTH} characters`
    : undefined;
}
