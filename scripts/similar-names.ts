/** The names that are most like a misspelled one: those that contain it, then those with few other letters. At most three. */
export function findSimilarNames(text: string, names: readonly string[]): readonly string[] {
  const wanted = text.toLowerCase();
  // A distance of a third of the letters is a slip; more is another word.
  const most = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({
      name,
      distance: wanted.length > 2 && name.includes(wanted) ? 0 : countEdits(wanted, name),
    }))
    .filter(({ distance }) => distance <= most)
    .sort((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** How many letters are added, removed or replaced between two texts (Levenshtein distance). */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [at, other] of Array.from(to).entries()) {
      const replaced = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
