import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { cutMarked } from './outside.ts';
import { cut } from './text.ts';

/** Nothing but binary content is longer, in characters. */
export const LONGEST_ANSWER = 40_000;

/**
 * The last word on length: an answer that is longer than any host takes is cut at its longest list or text, and says so.
 * Lists and long texts have been cut before, where they can be gone on with.
 */
export function fit(answer: JsonObject): JsonObject {
  const cuts = new Set<string>();
  let fitted = answer;
  for (let size = JSON.stringify(answer).length; size > LONGEST_ANSWER - 300; ) {
    const smaller = shorten(fitted, (path) => cuts.add(path));
    const now = JSON.stringify(smaller).length;
    if (!isObject(smaller) || now >= size) return { cut: 'The answer is too long to show. Ask for less at once.' };
    fitted = smaller;
    size = now;
  }
  const where = cut([...cuts].join(', '), 200);
  return cuts.size > 0 ? { ...fitted, cut: `Too long to show whole, cut in ${where}. Ask for less at once.` } : fitted;
}

/** Halves the longest list, text or group of keys: the one of whose parts none is most of it. */
function shorten(value: Json, note: (path: string) => void, path = 'the answer'): Json {
  if (typeof value === 'string') {
    note(path);
    return cutMarked(value, Math.max(1, Math.floor(value.length / 2)));
  }
  if (!Array.isArray(value) && !isObject(value)) return value;
  // A cut cursor would go on nowhere.
  const parts = Object.entries(value).filter(([key]) => key !== 'next_cursor');
  const kept = isObject(value) && 'next_cursor' in value ? { next_cursor: value['next_cursor'] ?? '' } : {};
  const sizes = parts.map(([, part]) => JSON.stringify(part).length);
  const most = Math.max(0, ...sizes);
  const biggest = sizes.indexOf(most);
  if (most > sizes.reduce((sum, size) => sum + size, 0) / 4 || parts.length < 2) {
    const inner = parts.map(([key, part], index): [string, Json] => [
      key,
      index === biggest ? shorten(part, note, Array.isArray(value) ? path : key) : part,
    ]);
    return Array.isArray(value) ? inner.map(([, part]) => part) : { ...Object.fromEntries(inner), ...kept };
  }
  note(path);
  const half = parts.slice(0, Math.ceil(parts.length / 2));
  return Array.isArray(value) ? half.map(([, part]) => part) : { ...Object.fromEntries(half), ...kept };
}
