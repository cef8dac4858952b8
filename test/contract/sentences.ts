// How long a sentence of a message may be.
const MAX_WORDS = 30;

/** The sentences with more than 30 words. What a server says in quotation marks, and URLs, count as one word. */
export function findLongSentences(text: string): readonly string[] {
  return text
    .replace(/"[^"\n]*"/g, 'quotation')
    .split(/\n|(?<=[.:?!])\s/)
    .filter(
      (sentence) => sentence.split(/\s+/).filter((word) => /\w/.test(word)).length > MAX_WORDS,
    );
}
