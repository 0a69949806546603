import { z } from 'zod/v3';
import type { Input, Kind } from './operation.ts';

/**
 * The arguments that operations share. Descriptions are a few words: every one of them is paid for in each
 * conversation. Optional unless `required` says otherwise.
 */
export const id = z.number().int();
export const text = z.string();
export const flag = z.boolean();
export const amount = z.number();

/** What has an id and a name: either will do. */
export const named = z.union([z.number().int(), z.string()]);

// Dates and times are refined, not matched: a pattern in each schema costs more than the words that say the same.

const calendarDate = z.string().date();

/** A date `YYYY-MM-DD` that the calendar has. */
export const date = z
  .string()
  .refine((day) => calendarDate.safeParse(day).success, 'must be a date that exists, as YYYY-MM-DD');

/** A length of time, `HH:MM`. */
export const duration = z
  .string()
  .refine((time) => /^\d{1,3}:[0-5]\d$/.test(time), 'must be HH:MM')
  .transform((time) => time.padStart(5, '0'));

/** A time of day, `HH:MM`. */
export const clock = z
  .string()
  .refine((time) => /^([01]?\d|2[0-3]):[0-5]\d$/.test(time), 'must be HH:MM, 00:00 to 23:59')
  .transform((time) => time.padStart(5, '0'));

/** Where a text too long for one answer goes on. */
export const textOffset = { text_offset: id.min(0).describe('Text from here on').optional() };

/** An argument of an update that null clears. The description goes around, lest the schema say it twice. */
export function orNull(schema: z.ZodTypeAny) {
  return z
    .nullable(schema.describe(''))
    .describe(schema.description ?? '')
    .optional();
}

/** The input of an operation: strict, so that a misspelt argument is an error and not a silent nothing. */
export function input(shape: z.ZodRawShape): Input {
  return z.object(shape).strict();
}

/** Where a list goes on. One that comes whole has a cursor only when its answer was cut. */
export const rest = { cursor: text.describe('next_cursor').optional() };

/** How many rows a list gives, and where it goes on. Several of the API's pages, where it takes more than one. */
export function page() {
  const isSome = (rows: number) => rows >= 1 && rows <= MOST_ROWS;
  return {
    limit: id.refine(isSome, `must be 1 to ${MOST_ROWS}`).describe('Up to 5000').default(25),
    ...rest,
  };
}
const MOST_ROWS = 5_000;

/** What a list is looked through for, beyond what the API can filter by, by an example that it knows. Never sent. */
export function conditions(example: string) {
  return { where: z.array(text).describe(example).optional() };
}

/** What a list of records shows: chosen columns instead of the default ones, or whole records. */
export const shape = {
  fields: z.array(text).describe('Columns by label').optional(),
  detail: z.enum(['full']).describe('Whole').optional(),
};

/** Sorting of a v2 list, newest change first unless told. */
export function sort<const K extends readonly [string, ...string[]]>(
  keys: K,
  by: K[number] = 'update_time',
  direction: 'asc' | 'desc' = 'desc',
) {
  return {
    sort_by: z.enum(keys).describe('Order').default(by),
    sort_direction: z.enum(['asc', 'desc']).describe('Direction').default(direction),
  };
}

/** Sorting of a v1 list, whose API takes key and direction as one string. */
export function sortV1<const K extends readonly [string, ...string[]]>(orders: K, by: K[number]) {
  return { sort: z.enum(orders).describe('Order').default(by) };
}

const since = text.describe('Changed since').optional();

/** Since and until when a record was last changed. v1 lists know `since` alone. */
export const changed = {
  updated_since: since,
  updated_until: text.describe('Changed before').optional(),
};
export const changedV1 = { updated_since: since };

/** A filter saved in the account: the API then ignores the other filters but those of time. */
export const saved = { filter_id: named.describe('Saved; overrides others').optional() };
/** Products and projects are to fit the filter and the other arguments. */
export const savedToo = { filter_id: named.describe('Saved filter: id or name').optional() };

export const owner = { owner_id: named.describe('Name or me').optional() };

/** Where a deal stands, or is to stand. */
export const pipeline = named.describe('Pipeline');
export const stage = named.describe('Stage');

/** Up to a hundred records by id. */
export const ids = { ids: z.array(id).max(100).describe('Only these').optional() };

/** What one search takes: `fields` are those that its endpoint looks in, all of them unless told. */
export function search<const K extends readonly [string, ...string[]]>(fields: K) {
  return {
    term: text.describe('2 or more characters'),
    fields: z.array(z.enum(fields)).describe('Only in these').optional(),
    exact_match: flag.describe('Whole value').optional(),
    ...page(),
  };
}

/** Who may see a record: a level, whose meaning depends on the plan, by its label or its number. */
export const visible = { visible_to: named.describe('By label').optional() };

/** Values of custom fields as a person gives them, by the labels of the fields. */
export const custom = {
  custom_fields: z.record(z.unknown()).describe('By label').optional(),
};

/** Labels of a new record; in updates what to add to them or take from them, since the API replaces the list whole. */
export function labels(label: typeof named | z.ZodString) {
  return { label_ids: z.array(label).describe('Labels by name').optional() };
}
export function labelChanges(label: typeof named | z.ZodString) {
  return {
    add_label_ids: z.array(label).describe('To add').optional(),
    remove_label_ids: z.array(label).describe('To remove').optional(),
  };
}
export const labelEdits = { list: 'label_ids', add: 'add_label_ids', remove: 'remove_label_ids' };

/** A file to upload: from an allowed directory, or as it is. */
export const uploaded = {
  path: text.describe('File in an allowed directory').optional(),
  content: text.describe('Or its content in base64').optional(),
  file_name: text.describe('Name; needed with content').optional(),
};

/** A file to fetch comes back in the answer while it is small. */
export const downloaded = { save: flag.describe('Save to disk, however small').optional() };

/** Arguments of a write that say how it is to be done; they never reach the API. */
export const GUARDING: readonly string[] = ['plan', 'if_unchanged_since', 'idempotency_key', 'allow_duplicate'];

/** A contact is made although its like is there already. Never sent. */
export const duplicate = { allow_duplicate: flag.describe('Skip the check').optional() };

/** What every write takes besides its own: how it is to be done. Never sent. */
export function guarded(kind: Kind, isJob: boolean, hasRead: boolean) {
  return {
    plan: text.describe('preview or plan_code').optional(),
    ...(kind === 'update' && hasRead && !isJob
      ? { if_unchanged_since: text.describe('Refuse if edited').optional() }
      : {}),
    ...(kind === 'create' && !isJob ? { idempotency_key: text.describe('Same key, same result').optional() } : {}),
  };
}

/** E-mails, phones or messengers of a person. */
export const contacts = z.array(z.object({ value: text, label: text.optional(), primary: flag.optional() }).strict());

/** A place, written as one line of text; the API wants it as an object and takes it apart. */
export const place = text.transform((value) => ({ value }));
