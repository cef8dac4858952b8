// Words of a private language, and what to write instead. The list is closed: each is wrong wherever it occurs.
import ts from 'typescript';

export interface Rule {
  readonly word: RegExp;
  readonly instead: string;
}

export const RULES: readonly Rule[] = [
  ['anew|afresh', 'again'],
  ['anybody', 'anyone, or the role: pipeline author, person who queues a run, administrator'],
  ['goes on|go on|going on|went on', 'continue, or say what happens'],
  ['grantors?', 'token source'],
  ['happenings?', 'event, or problem'],
  ['heeds?|heeded', 'follow, or apply'],
  ['in vain', 'without success'],
  ['lets? (?:it|them|anyone|the identity) in', 'grant access'],
  ['lookers?', 'poller'],
  ['mend(?:s|ed|ing)?', 'fix'],
  ['misfortunes?', 'problem'],
  ['nobody', 'no one, or say what is missing'],
  ['on no account', 'never'],
  ['out of time', 'expired'],
  ['patien(?:ce|t)', 'RetryOptions, or Timeouts'],
  ['refusals?', 'error response, or problem'],
  ['somebody', 'someone, or the role: pipeline author, person who queues a run, administrator'],
  ['surroundings', 'context'],
  ['unfit', 'not valid'],
  ['verdicts?', 'classification'],
  ['victims?', 'user'],
  ['vouch\\w*', 'OIDC token, service account token, or client assertion'],
  ['whoever|whomever', 'the role: pipeline author, person who queues a run, administrator'],
  ['whom', 'name the identity, the user or the service'],
].map(([pattern = '', instead = '']) => ({
  word: new RegExp(`(?<![a-z])(?:${pattern})(?![a-z])`, 'gi'),
  instead,
}));

/** A text of a file, and where it begins. */
export interface Part {
  readonly text: string;
  readonly line: number;
}

/** What contains one of the words: `file:line "word": write … instead`. */
export function findWords(file: string, parts: readonly Part[]): readonly string[] {
  return parts.flatMap(({ text, line }) => {
    const plain = toWords(text);
    return RULES.flatMap(({ word, instead }) =>
      [...plain.matchAll(word)].map(({ 0: found, index }) => {
        const at = line + (plain.slice(0, index).match(/\n/g)?.length ?? 0);
        return `${file}:${at} "${found}": write ${instead}`;
      }),
    );
  });
}

/** Splits names such as `goOnAt`, `IN_VAIN` and `not-a-member`. A line break in a sentence stays one character. */
function toWords(text: string): string {
  return text.replace(/(?<=[a-z\d])(?=[A-Z])/g, ' ').replace(/(?<=\w)[_-](?=\w)/g, ' ');
}

export type PartKind = 'name' | 'text' | 'comment';

/** The names, texts and comments of TypeScript source, by its syntax tree. */
export function readParts(source: string, kinds: readonly PartKind[]): readonly Part[] {
  const file = ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest, true);
  const found = new Map<number, string>();
  const add = (kind: PartKind, start: number, end: number) => {
    if (kinds.includes(kind)) {
      found.set(start, source.slice(start, end));
    }
  };
  const visit = (node: ts.Node) => {
    const kind = kindOf(node);
    if (kind !== undefined) {
      add(kind, node.getStart(file), node.end);
    }
    for (const { pos, end } of [
      ...(ts.getLeadingCommentRanges(source, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(source, node.end) ?? []),
    ]) {
      add('comment', pos, end);
    }
    node.getChildren(file).forEach(visit);
  };
  visit(file);
  return [...found].map(([start, text]) => ({
    text,
    line: file.getLineAndCharacterOfPosition(start).line + 1,
  }));
}

function kindOf(node: ts.Node): PartKind | undefined {
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
    return 'name';
  }
  return ts.isStringLiteralLike(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddle(node) ||
    ts.isTemplateTail(node)
    ? 'text'
    : undefined;
}
