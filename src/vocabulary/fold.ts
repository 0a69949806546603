/** Letters that Unicode does not take apart, as they are typed without their stroke, and the sigma that ends a word. */
const plain: Readonly<Record<string, string>> = { ł: 'l', ø: 'o', đ: 'd', ı: 'i', ß: 'ss', æ: 'ae', œ: 'oe', ς: 'σ' };

/** Text as names are compared: case, accents, runs of space and what nobody sees aside. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase()
    .replaceAll(/[\u0142\u00f8\u0111\u0131\u00df\u00e6\u0153\u03c2]/g, (letter) => plain[letter] ?? letter)
    .replaceAll(/\s+/g, ' ')
    .trim();
}
