/** Of `Иван|Ivan` the first; other names are as they are. */
export function native(name: string): string {
  return name.split('|')[0] ?? name;
}

/** Of `Иван|Ivan` the second. */
export function latin(name: string): string {
  return name.split('|')[1] ?? name;
}

const letters: Record<string, string> = { ß: 'ss', ł: 'l', ø: 'o', æ: 'ae', '&': ' ', "'": '' };
const legalForms = /\b(gmbh|co|kg|ag|ltd|plc|inc|llc|sas|sarl|sa|ab|s a|s l|sp z o o)\b/g;

/** As names stand in an e-mail address. */
export function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[ßłøæ&']/g, (letter) => letters[letter] ?? '')
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
    .replaceAll(' ', '-');
}

/** A company's domain, under the top level that is kept free for examples. */
export function domain(companyName: string, taken: Set<string>): string {
  const short = slug(slug(companyName).replaceAll('-', ' ').replace(legalForms, ' '));
  let site = `${short}.example`;
  for (let count = 2; taken.has(site); count += 1) site = `${short}-${count}.example`;
  taken.add(site);
  return site;
}
