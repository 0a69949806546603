import { DateTime } from 'luxon';
import { type Json, type JsonObject, parseJson } from '../../pipedrive/json.ts';
import { fold } from '../../vocabulary/fold.ts';
import { Problem } from '../../vocabulary/problem.ts';

/** Turns a cell, which is never empty, into what an argument takes. Throws a Problem: what is wrong, and the remedy. */
export type Reader = (cell: Json) => Json;

const brief = (cell: Json) => {
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

function wrong(cell: Json, noun: string, remedy: string, why = ''): Problem {
  return new Problem(`"${brief(cell)}" is not ${noun}${why === '' ? '' : `: ${why}`}.`, why, remedy);
}

export const text: Reader = (cell) => {
  if (typeof cell === 'object') throw wrong(cell, 'text', 'Write it as one text.');
  return String(cell);
};

/** What has a name or an id: a number stays one. */
export const name: Reader = (cell) => (typeof cell === 'number' ? cell : text(cell));

const GROUPS = { '.': /^\d{1,3}(\.\d{3})+$/, ',': /^\d{1,3}(,\d{3})+$/ } as const;

/**
 * A number as people and spreadsheets write it. One point or comma before exactly three digits may be either, and is
 * refused.
 */
export const number: Reader = (cell) => {
  if (typeof cell === 'number') return cell;
  const fail = (why?: string) => wrong(cell, 'a number', 'Write it as 1234.56.', why);
  if (typeof cell !== 'string') throw fail();
  const [, sign = '', digits = ''] = /^([-+−]?)([\d.,'’\s]*\d)$/u.exec(cell.trim()) ?? [];
  if (digits === '') throw fail();
  const bare = digits.replaceAll(/(?<=\d)['’\s](?=\d{3}(?!\d))/gu, '');
  const plain = unmarked(bare);
  if (plain === 'twofold') throw fail('its point or comma may stand for thousands or for decimals');
  if (plain === undefined) throw fail();
  return Number(plain) * (sign === '-' || sign === '−' ? -1 : 1) + 0;
};

/** Digits with a decimal point at most; undefined for what is no number. */
function unmarked(digits: string): string | 'twofold' | undefined {
  const last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
  if (last === -1) return /^\d+$/.test(digits) ? digits : undefined;
  const mark = digits[last] === ',' ? ',' : '.';
  const other = mark === ',' ? '.' : ',';
  const [before, after] = [digits.slice(0, last), digits.slice(last + 1)];
  if (before.includes(mark)) return GROUPS[mark].test(digits) ? digits.replaceAll(mark, '') : undefined;
  if (!/^\d*$/.test(after)) return undefined;
  if (before.includes(other))
    return GROUPS[other].test(before) ? `${before.replaceAll(other, '')}.${after}` : undefined;
  if (!/^\d+$/.test(before)) return undefined;
  return /^[1-9]\d{0,2}$/.test(before) && after.length === 3 ? 'twofold' : `${before}.${after}`;
}

/** Without exponent; Pipedrive keeps sixteen decimals. */
const DIGITS = new Intl.NumberFormat('en-US', { useGrouping: false, maximumFractionDigits: 20 });
/** Three digits behind a point are thousands to half of Europe. */
const TWOFOLD = /^-?[1-9]\d{0,2}\.\d{3}$/;

/** A number as text that `number` reads as the same: a zero more where it might be read as thousands. */
export function numberText(value: number): string {
  const shortest = String(value);
  const digits = shortest.includes('e') ? DIGITS.format(value) : shortest;
  return TWOFOLD.test(digits) ? `${digits}0` : digits;
}

/** `1890 EUR`. */
export function priceText({ price = null, currency = null }: JsonObject): string {
  return `${typeof price === 'number' ? numberText(price) : String(price)} ${String(currency)}`;
}

const YES = new Set([
  'yes',
  'y',
  'true',
  '1',
  'x',
  'ja',
  'oui',
  'si',
  'wahr',
  'vrai',
  'verdadero',
  'vero',
  'sim',
  'tak',
]);
const NO = new Set(['no', 'n', 'false', '0', 'nein', 'non', 'falsch', 'faux', 'falso', 'nao', 'nie']);

export const flag: Reader = (cell) => {
  if (typeof cell === 'boolean') return cell;
  const word = fold(String(cell));
  if (YES.has(word)) return true;
  if (NO.has(word)) return false;
  throw wrong(cell, 'yes or no', 'Write yes or no.');
};

/** Days since the last of 1899, as spreadsheets count them; within this many it is a date of our time. */
const FIRST_SERIAL = 18_264;
const LAST_SERIAL = 91_312;
const EPOCH = DateTime.utc(1899, 12, 30);

const DATE_REMEDY = 'Write it as 2026-12-31.';
const DMY = /^(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})$/;

/** A date: `2026-12-31`, `31.12.2026`, `12/31/2026` where only one reading exists, or a spreadsheet's number. */
export const date: Reader = (cell) => {
  const serial = serialOf(cell);
  if (serial !== undefined) return serial.toFormat('yyyy-MM-dd');
  const given = String(cell).trim();
  const day = given.replace(/[T ]00:00(:00(\.0+)?)?(Z)?$/, '');
  if (/^\d{4}-\d{2}-\d{2}$/.test(day)) return existing(cell, day);
  const [, first = '', mark, second = '', year = ''] = DMY.exec(day) ?? [];
  if (mark === undefined) throw wrong(cell, 'a date', DATE_REMEDY);
  const iso = (d: string, m: string) => `${year}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
  if (mark === '.') return existing(cell, iso(first, second));
  const readings = [iso(first, second), iso(second, first)].filter((one) => DateTime.fromISO(one).isValid);
  const [one, other] = new Set(readings);
  if (one === undefined) throw wrong(cell, 'a date', DATE_REMEDY, 'there is no such day');
  if (other !== undefined) throw wrong(cell, 'a sure date', DATE_REMEDY, `it may be ${one} or ${other}`);
  return one;
};

function existing(cell: Json, day: string): string {
  if (!DateTime.fromISO(day).isValid) throw wrong(cell, 'a date', DATE_REMEDY, 'there is no such day');
  return day;
}

function serialOf(cell: Json): DateTime | undefined {
  const serial =
    typeof cell === 'number'
      ? cell
      : /^\d{5}([.,]\d+)?$/.test(String(cell))
        ? Number(String(cell).replace(',', '.'))
        : Number.NaN;
  if (!(serial >= FIRST_SERIAL && serial <= LAST_SERIAL)) return undefined;
  return EPOCH.plus({ seconds: Math.round(serial * 86_400) });
}

/** A date, or a date and a time of the user's zone, as `toUtc` reads it. */
export const instant: Reader = (cell) => {
  const serial = serialOf(cell);
  if (serial !== undefined) return serial.toFormat('yyyy-MM-dd HH:mm');
  const given = String(cell).trim();
  if (/^\d{4}-\d{2}-\d{2}T/.test(given)) return given;
  const [, day = given, time] = /^(.*\d)[ ,]+(\d{1,2}:\d{2}(?::\d{2})?)$/.exec(given) ?? [];
  return time === undefined ? date(day) : `${String(date(day))} ${time.padStart(5, '0')}`;
};

/** A time of day or a length of time, `HH:MM`; a spreadsheet's part of a day too. */
export const clock: Reader = (cell) => {
  const part =
    typeof cell === 'number'
      ? cell
      : /^0[.,]\d+$/.test(String(cell))
        ? Number(String(cell).replace(',', '.'))
        : undefined;
  if (part !== undefined && part >= 0 && part < 1)
    return EPOCH.plus({ minutes: Math.round(part * 1440) }).toFormat('HH:mm');
  const [, hours, minutes] = /^(\d{1,3}):([0-5]\d)(?::[0-5]\d)?$/.exec(String(cell).trim()) ?? [];
  if (hours === undefined) throw wrong(cell, 'a time', 'Write it as 14:30.');
  return `${hours.padStart(2, '0')}:${minutes}`;
};

/** Several values: a JSON list, or text with commas, semicolons or line breaks between them. */
export const list: Reader = (cell) => {
  if (Array.isArray(cell)) return cell;
  if (typeof cell !== 'string') return [name(cell)];
  const given = cell.trim();
  const parsed = given.startsWith('[') ? parseJson(given) : undefined;
  if (Array.isArray(parsed)) return parsed;
  return given
    .split(/[,;\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
};

const all = (cell: Json) => {
  const read = list(cell);
  return Array.isArray(read) ? read : [read];
};

/** E-mails or phones, the first of them primary. */
export const contacts: Reader = (cell) =>
  all(cell).map((value, index) => ({ value: String(text(value)), primary: index === 0 }));

/** Participants, the first of them primary; `Ann Lee (14)` is left for the check of ids. */
export const participants: Reader = (cell) =>
  all(cell).map((one, index) => ({ person_id: link(one), primary: index === 0 }));

/** A record by its id, its link, or its name with its id. */
export const link: Reader = (cell) => {
  const given = text(cell);
  return typeof given === 'string' && /^\d{1,15}$/.test(given.trim()) ? Number(given) : given;
};

/** `1890 EUR, 2050 USD`; a number alone is in the user's currency. */
export function prices(currency: string): Reader {
  return (cell) => {
    const parts = typeof cell === 'number' ? [cell] : Array.isArray(cell) ? cell : String(cell).split(/[;\n]|,(?=\s)/);
    return parts.map((one) => {
      const [, before, digits = '', after] =
        /^\s*([A-Za-z]{3})?\s*(.*?\d)\s*([A-Za-z]{3})?\s*$/.exec(String(one)) ?? [];
      if (digits === '') throw wrong(cell, 'a price', 'Write it as 1890 EUR, 2050 USD.');
      return {
        price: number(typeof one === 'number' ? one : digits),
        currency: (before ?? after ?? currency).toUpperCase(),
      };
    });
  };
}

/** An amount with its currency, as custom fields take it and exports show it. */
const money: Reader = (cell) => {
  if (typeof cell !== 'string') return cell;
  const [, before = '', digits = '', after = ''] =
    /^([A-Za-z]{3})?\s*(.*?\d)\s*([A-Za-z]{3})?$/.exec(cell.trim()) ?? [];
  return digits === '' ? cell : `${before} ${numberText(Number(number(digits)))} ${after}`.trim();
};

const span: Reader = (cell) => {
  const [, from, until] = (typeof cell === 'string' && /^(.+?)\s+(?:to|until|–)\s+(.+)$/.exec(cell.trim())) || [];
  return from === undefined || until === undefined ? cell : `${String(date(from))} to ${String(date(until))}`;
};

/** Cells of custom fields, by type; what is not here is read by the field itself. */
const custom: Readonly<Record<string, Reader>> = {
  double: number,
  monetary: money,
  date,
  daterange: span,
  varchar: text,
  varchar_auto: text,
  text,
  phone: text,
  // A label may have a comma: the field tells.
  set: (cell) => (typeof cell === 'string' && !cell.trim().startsWith('[') ? cell : list(cell)),
};

export function customReader(type: string): Reader {
  return custom[type] ?? ((cell) => cell);
}
