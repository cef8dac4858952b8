// The texts of input problems, read from the source by its syntax tree. What is inserted at run time is a placeholder.
import ts from 'typescript';

export interface MessageText {
  /** `file:line` */
  readonly place: string;
  readonly text: string;
}

/** As long as the names of inputs, and most values. */
const PLACEHOLDER = 'azureSubscription';
/** A text with fewer words is a part of another text, or no message. */
const MIN_WORDS = 5;

/** @param files the name and the source of each file */
export function readMessageTexts(
  files: readonly (readonly [name: string, source: string])[],
): readonly MessageText[] {
  const trees = files.map(([name, source]) =>
    ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true),
  );
  const constants = readConstants(trees);
  return trees.flatMap((tree) => {
    const found: MessageText[] = [];
    const visit = (node: ts.Node) => {
      const text = isText(node) ? toText(node, constants) : undefined;
      if (text === undefined) {
        node.getChildren(tree).forEach(visit);
      } else if (isMessage(node, text)) {
        const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
        found.push({ place: `${tree.fileName}:${line + 1}`, text: complete(node, text) });
      }
    };
    visit(tree);
    return found;
  });
}

type Constants = ReadonlyMap<string, ts.Expression>;

function readConstants(trees: readonly ts.SourceFile[]): Constants {
  return new Map(
    trees
      .flatMap((tree) => tree.statements)
      .filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) => declarationList.declarations)
      .flatMap(({ name, initializer }) =>
        ts.isIdentifier(name) && initializer !== undefined && isText(initializer)
          ? [[name.text, initializer] as const]
          : [],
      ),
  );
}

function isText(node: ts.Node): node is ts.Expression {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isTemplateExpression(node) ||
    (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
  );
}

function toText(node: ts.Expression, constants: Constants): string {
  if (ts.isStringLiteralLike(node)) {
    return node.text;
  }
  if (ts.isTemplateExpression(node)) {
    return [
      node.head.text,
      ...node.templateSpans.map((span) => toText(span.expression, constants) + span.literal.text),
    ].join('');
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return toText(node.left, constants) + toText(node.right, constants);
  }
  const constant = ts.isIdentifier(node) ? constants.get(node.text) : undefined;
  return constant === undefined ? PLACEHOLDER : toText(constant, constants);
}

/** Whether a text is shown by itself. A constant is shown as a part of other texts. */
function isMessage(node: ts.Node, text: string): boolean {
  const isConstant = ts.isVariableDeclaration(node.parent);
  return !isConstant && text.split(/\s+/).filter((word) => /\w/.test(word)).length >= MIN_WORDS;
}

/** With what comes before and after the text in the message of `refuse`, and the name of the input. */
function complete(node: ts.Node, text: string): string {
  const { parent } = node;
  const isExpectation =
    ts.isCallExpression(parent) &&
    ts.isIdentifier(parent.expression) &&
    parent.expression.text === 'refuse' &&
    parent.arguments[1] === node;
  if (isExpectation) {
    return `${PLACEHOLDER} is "${PLACEHOLDER}". It must be ${text}.`;
  }
  return /^[a-z]+ /.test(text) && !/^(?:body|query|url) /.test(text)
    ? `${PLACEHOLDER} ${text}`
    : text;
}
