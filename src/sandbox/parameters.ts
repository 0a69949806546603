import { z } from 'zod/v3';
import { rfc3339 } from './clock.ts';
import { Upload } from './front/upload.ts';

/**
 * Query parameters arrive as text; bodies as JSON, which v2 takes strictly: no "1" for 1, no 1 for true.
 * These are the forms that several operations share.
 */
const integerText = z
  .string()
  .regex(/^-?\d{1,15}$/, "The value is not a valid 'integer'")
  .transform(Number);

const decimal = /^-?\d+(\.\d+)?$/;

export const param = {
  int: integerText.optional(),
  number: z.string().regex(decimal, "The value is not a valid 'number'").transform(Number).optional(),
  text: z.string().optional(),
  bool: z
    .enum(['true', 'false', '1', '0'])
    .transform((value) => value === 'true' || value === '1')
    .optional(),
  flag: z
    .enum(['0', '1'])
    .transform((value) => value === '1')
    .optional(),
  /** RFC 3339 in whole seconds: v2 refuses fractions. */
  time: z
    .string()
    .refine(
      (value) => /T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(value) && instant(value) !== undefined,
      'The value is not a valid RFC3339 time',
    )
    .transform((value) => rfc3339(new Date(value)))
    .optional(),
  /** A comma-separated list; `ids` at most 100 whole numbers, `keys` at most 15 custom fields. */
  csv: z.string().transform(listed).optional(),
  keys: z
    .string()
    .transform(listed)
    .refine((keys) => keys.length <= 15, 'A maximum of 15 keys is allowed')
    .optional(),
  ids: z
    .string()
    .regex(/^\d{1,15}(,\d{1,15})*$/, "The value is not a valid 'comma separated list of ids'")
    .transform((value) => value.split(',').map(Number))
    .refine((ids) => ids.length <= 100, 'At most 100 ids are allowed')
    .transform((ids) => [...new Set(ids)])
    .optional(),
} as const;

/** A comma-separated list of some of these words; 400 for any other. */
export function csvOf<const T extends string>(words: readonly T[]) {
  const known = new Set<string>(words);
  const isKnown = (word: string): word is T => known.has(word);
  return param.csv.refine(
    (given): given is T[] | undefined => given === undefined || given.every(isKnown),
    `Must be some of: ${words.join(', ')}`,
  );
}

/** v2's paging: `limit` 100 unless told, 500 at most. */
export const paging = { limit: limit(500), cursor: z.string().optional() };

/** v2's paging and sorting by one key. */
export function listing<const K extends readonly [string, ...string[]]>(sortable: K) {
  return {
    ...paging,
    sort_by: z.enum(sortable).optional(),
    sort_direction: z.enum(['asc', 'desc']).optional(),
  };
}

export function limit(most: number) {
  return integerText
    .refine((value) => value >= 1 && value <= most, `The value must be between 1 and ${most}`)
    .default('100');
}

/** v1's paging. */
export const startLimit = {
  start: integerText.refine((value) => value >= 0, 'start must not be negative').default('0'),
  limit: limit(500),
};

const MOST = 1e15;
/** Single-line text: at most 255 characters, of which an emoji is one. */
const line = z.string().regex(/^.{0,255}$/su, 'The value must be at most 255 characters long');

/** What bodies share. Where a key is left out it stays as it is; null clears it where null is allowed. */
export const field = {
  id: z.number().int().positive(),
  date: z.string().refine(isDate, 'The value is not a valid date (YYYY-MM-DD)'),
  time: z.string().refine(isTime, 'The value is not a valid time (HH:MM or HH:MM:SS)').transform(withSeconds),
  dateTime: z
    .string()
    .refine((value) => instant(value) !== undefined, 'The value is not a valid date and time')
    .transform((value) => rfc3339(new Date(instant(value) ?? Number.NaN))),
  line,
  filled: line.min(1, 'The value must not be empty'),
  name: line.trim().min(1, 'The value must not be empty'),
  file: z.instanceof(Upload, { message: 'Field is required' }),
  /** Of money or goods: small enough that sums and products of amounts stay finite. */
  amount: z.number().min(-MOST, `The value must be at least ${-MOST}`).max(MOST, `The value must be at most ${MOST}`),
} as const;

/** As v1's older resources take them in bodies: "1" for 1, and 1 for true. */
const looseInt = z.preprocess(
  (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
  z.number().int(),
);
export const loose = {
  int: looseInt,
  number: z.preprocess(
    (value) => (typeof value === 'string' && decimal.test(value) ? Number(value) : value),
    z.number(),
  ),
  id: looseInt.refine((value) => value > 0, "The value is not a valid 'id'"),
  flag: z.preprocess(
    (value) => (value === 1 || value === '1' ? true : value === 0 || value === '0' ? false : value),
    z.boolean(),
  ),
} as const;

export function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

export function isTime(value: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(value);
}

/** A time of day or a duration with its seconds, which a body may leave out. */
export function withSeconds(time: string): string {
  return time.split(':').length === 2 ? `${time}:00` : time;
}

/** Milliseconds of an RFC 3339 time, or of v1's `YYYY-MM-DD HH:MM:SS`, which is UTC; undefined for anything else. */
function instant(value: string): number | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?$/.exec(value);
  const [, date = '', time = '', zone = 'Z'] = parts ?? [];
  const milliseconds = Date.parse(`${date}T${time}${zone}`);
  return isDate(date) && !Number.isNaN(milliseconds) ? milliseconds : undefined;
}

function listed(value: string): string[] {
  return value.split(',').map((part) => part.trim());
}
