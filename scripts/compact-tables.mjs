// A plugin of Prettier that writes tables of Markdown without padding.
// Prettier pads each cell to the width of its column, so that one changed cell changes every line of the table, and lines grow to
// hundreds of columns of spaces. It has an option for unpadded tables only together with `proseWrap: never`, which would join the
// lines of each paragraph: https://github.com/prettier/prettier/blob/3.10.1/src/language-markdown/print/table.js
import { doc } from 'prettier';
import * as original from 'prettier/plugins/markdown';

const { hardline, join } = doc.builders;
const RULES = { left: ':--', center: ':-:', right: '--:' };

/** A row has one line, and its cells have one space on each side. */
const toRow = (cells) => ['| ', join(' | ', cells), ' |'];

function printTable(path, print) {
  const [head, ...rows] = path.map((row) => row.map(print, 'children'), 'children');
  const rule = head.map((_, column) => RULES[path.node.align[column]] ?? '---');
  return join(hardline, [toRow(head), ['|', join('|', rule), '|'], ...rows.map(toRow)]);
}

/** Prettier prefers the printer of the plugin that has the parser. */
export const parsers = { markdown: original.parsers.markdown };

export const printers = {
  mdast: {
    ...original.printers.mdast,
    print: (path, options, print, args) =>
      path.node.type === 'table'
        ? printTable(path, print)
        : original.printers.mdast.print(path, options, print, args),
  },
};
