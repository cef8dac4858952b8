// Which characters a comparison that heeds culture skips: those to which ICU gives no weight. The agent finds its commands with such a
// comparison, of .NET's ICU; this is the same of the ICU of Node.js, with the same strength (case and accents count).
const collator = new Intl.Collator('en', { sensitivity: 'variant', ignorePunctuation: false });

export const isWeightless = (character: string) => collator.compare(`#${character}#`, '##') === 0;

/**
 * The planes with characters that can have no weight. Ideographs (planes 2 and 3), unassigned and private characters (the others) all have an
 * implicit weight: https://www.unicode.org/reports/tr10/#Implicit_Weights
 */
const PLANES = [0x0_0000, 0x1_0000, 0xe_0000];
const PLANE_SIZE = 0x1_0000;

/** All of them, about a thousand. */
export const listWeightless = () =>
  PLANES.flatMap((first) =>
    Array.from({ length: PLANE_SIZE }, (_, index) => String.fromCodePoint(first + index)),
  ).filter(isWeightless);
