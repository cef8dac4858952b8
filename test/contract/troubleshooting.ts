// docs/troubleshooting.md, as a test reads it.
import { readText } from './files';

export interface Section {
  /** The anchor above the heading. */
  readonly id: string;
  readonly heading: string;
  /** How its messages begin; `…` stands for anything. */
  readonly quotes: readonly string[];
  /** The text of each part, by its name. */
  readonly parts: ReadonlyMap<string, string>;
}

/** The sections of the page, each of one message. */
export function readSections(): readonly Section[] {
  const sections = readText('docs/troubleshooting.md').matchAll(
    /^(?:<a id="([^"]+)"><\/a>\n\n)?### (.+)\n([^]*?)(?=^(?:<a |#)|(?![^]))/gm,
  );
  return [...sections].map(([, id = '', heading = '', text = '']) => ({
    id,
    heading,
    quotes: readQuotes(text),
    parts: readParts(text),
  }));
}

function readQuotes(text: string): string[] {
  return [...text.matchAll(/^> `(.*)`$/gm)].map(([, quote = '']) => quote);
}

function readParts(text: string): Map<string, string> {
  const parts = text.matchAll(/^\*\*(\w+)\.\*\* ((?:.+\n)+)/gm);
  return new Map([...parts].map(([, name = '', part = '']) => [name, part.trimEnd()]));
}

/** Whether a message begins as one of the quotes says; always for a section that quotes none. */
export function isQuoted(message: string, { quotes }: Pick<Section, 'quotes'>): boolean {
  return (
    quotes.length === 0 ||
    quotes.some((quote) => {
      const pieces = quote.split('…').map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      return new RegExp(`^${pieces.join('[^\\n]+?')}`).test(message);
    })
  );
}

/** The heading that a message names with its last words. */
export function readHeading(message: string): string | undefined {
  return /(?:^|\s)Troubleshooting: ([^\n]+)$/.exec(message)?.[1];
}
