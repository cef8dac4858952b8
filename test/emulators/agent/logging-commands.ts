// How the agent finds a command in a line, by the rules of Command.cs and CommandStringConvertor.cs in
// microsoft/azure-pipelines-agent.

export interface LoggingCommand {
  readonly area: string;
  readonly event: string;
  /** Names in lower case. */
  readonly properties: ReadonlyMap<string, string>;
  readonly data: string;
}

/** What one line of a task's output is to the agent. */
export type Line =
  | { readonly kind: 'text' }
  | { readonly kind: 'command'; readonly command: LoggingCommand }
  /** Holds the marker of a command and is none: shown with a warning. */
  | { readonly kind: 'suspicious' }
  /** A command only to a comparison that skips invisible characters: dropped with a warning. */
  | { readonly kind: 'disguised' };

const MARKER = '##vso[';
// The agent searches with a comparison of .NET, which skips what ICU gives no weight.
const collator = new Intl.Collator('en', { sensitivity: 'variant', ignorePunctuation: false });
const isSkipped = (character: string) => collator.compare(`#${character}#`, '##') === 0;

export function readLine(line: string): Line {
  const start = line.indexOf(MARKER);
  const end = line.indexOf(']', start);
  if (start >= 0 && end >= 0) {
    const command = parseCommand(line.slice(start + MARKER.length, end), line.slice(end + 1));
    if (command !== undefined) {
      return { kind: 'command', command };
    }
  }
  if (line.includes('##vso')) {
    return { kind: 'suspicious' };
  }
  const seen = Array.from(line)
    .filter((character) => !isSkipped(character))
    .join('');
  return seen.includes(MARKER) ? { kind: 'disguised' } : { kind: 'text' };
}

function parseCommand(head: string, data: string): LoggingCommand | undefined {
  const space = head.indexOf(' ');
  const name = space < 0 ? head : head.slice(0, space);
  const parts = name.split('.').filter((part) => part !== '');
  const [area, event] = parts;
  if (parts.length !== 2 || area === undefined || event === undefined) {
    return undefined;
  }
  const properties = new Map<string, string>();
  for (const property of space < 0 ? [] : head.slice(space + 1).split(';')) {
    const equals = property.indexOf('=');
    const key = property.slice(0, equals).toLowerCase();
    const value = property.slice(equals + 1).replace(/^=+/, '');
    if (equals > 0 && value !== '') {
      properties.set(key, unescapeProperty(value));
    }
  }
  return {
    area: area.toLowerCase(),
    event: event.toLowerCase(),
    properties,
    data: unescapeData(data),
  };
}

const unescapeProperty = (text: string) =>
  unescapeLast(
    text
      .replaceAll('%3B', ';')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%5D', ']'),
  );

// The real one has a single table for both.
const unescapeData = unescapeProperty;

function unescapeLast(text: string): string {
  return text.replaceAll('%AZP25', '%');
}

/** A whole line as the agent shows it in its debug log, where what was one line can become several. */
export const unescapeLine = unescapeData;
