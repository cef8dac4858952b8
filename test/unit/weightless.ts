// Which characters a comparison that heeds culture skips: those to which ICU gives no weight. The agent finds its commands with such a
// comparison, of .NET's ICU; this is the same of the ICU of Node.js, with the same strength (case and accents count).
const collator = new Intl.Collator('en', { sensitivity: 'variant', ignorePunctuation: false });

export const isWeightless = (character: string) => collator.compare(`#${character}#`, '##') === 0;

/** All of them, about a thousand. */
export const listWeightless = () => (weightless ??= findWeightless());

/** Takes a second, so once is enough. */
let weightless: readonly string[] | undefined;

const findWeightless = () =>
  Array.from({ length: 0x11_0000 }, (_, code) => String.fromCodePoint(code)).filter(isWeightless);
