/** How well a value of a record answers a search term: 0 where it does not, 1 where it is the very term. */
type Matcher = (value: string, field: string) => number;

/** What a find in each field is worth: names before addresses before remarks. */
const weights: Readonly<Record<string, number>> = {
  title: 1,
  name: 1,
  email: 0.9,
  code: 0.9,
  phone: 0.8,
  address: 0.6,
  description: 0.5,
  custom_fields: 0.5,
  notes: 0.3,
};

/** The matcher of a term: without regard to case and accents, and of phones without regard to their punctuation. */
export function matcher(term: string, exact: boolean): Matcher {
  const wanted = fold(term);
  const words = wanted.split(/\s+/);
  const number = /^[\d\s()+./-]+$/.test(term) ? digits(term) : '';
  return (value, field) => {
    const folded = fold(value);
    let quality = likeness(folded, wanted, words, exact);
    if (field === 'phone' && number.length > 1) {
      quality = Math.max(quality, likeness(digits(value), number, [number], exact));
    }
    if (quality === 0) return 0;
    const share = Math.min(1, wanted.length / folded.length);
    return round((weights[field] ?? 0) * quality * (0.5 + share / 2));
  };
}

function likeness(value: string, term: string, words: readonly string[], exact: boolean): number {
  if (term === '') return 0;
  if (value === term) return 1;
  if (exact) return 0;
  const at = value.indexOf(term);
  if (at === 0) return 0.8;
  if (at > 0) return value[at - 1] === ' ' ? 0.6 : 0.5;
  return words.length > 1 && words.every((word) => value.includes(word)) ? 0.4 : 0;
}

function fold(text: string): string {
  const lower = text.trim().toLowerCase();
  // Plain ASCII, nearly all there is, needs no look at its accents.
  return /[^\0-\x7f]/.test(lower) ? lower.normalize('NFD').replace(/\p{M}/gu, '') : lower;
}

function digits(text: string): string {
  return text.replace(/\D/g, '');
}

function round(score: number): number {
  return Math.round(score * 1e5) / 1e5;
}
