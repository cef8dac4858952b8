// Bodies that are not JSON: the place of the mistake is found if and only if JSON.parse refuses the text.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findJsonMistake } from '../../tasks/AzureDevOpsTokenV1/src/rest/json-mistake';

const numRuns = Math.max(2_000, Number(process.env['SOAK_RUNS'] ?? 0));

/** What makes and breaks JSON. */
const PIECES = ['', '{', '}', '[', ']', ',', ':', '"', '\\', '0', '1', 'null', ' ', '\n', 'x'];
const anyPiece = fc.constantFrom(...PIECES);

describe('the mistake in a text', () => {
  it('is found if and only if an edit of JSON is not JSON', () => {
    const edit = fc.property(
      fc.jsonValue({ maxDepth: 2 }),
      fc.nat(),
      anyPiece,
      (value, at, piece) => {
        const json = JSON.stringify(value);
        const position = at % (json.length + 1);
        const text = `${json.slice(0, position)}${piece}${json.slice(position + (at % 2))}`;
        assert.equal(findJsonMistake(text) === undefined, isParsed(text));
      },
    );
    fc.assert(edit, { numRuns });
  });

  it('is found in any text', () => {
    const pieces = fc.array(anyPiece, { maxLength: 30 });
    const any = fc.property(pieces, fc.string(), (parts, end) => {
      const text = parts.join('') + end;
      assert.equal(findJsonMistake(text) === undefined, isParsed(text));
    });
    fc.assert(any, { numRuns });
  });
});

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
