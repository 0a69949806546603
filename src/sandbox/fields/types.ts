import { IANAZone } from 'luxon';
import { z } from 'zod/v3';
import { type ApiError, schemaError } from '../error.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Field } from '../model.ts';
import { isCurrency } from '../money.ts';
import { isDate, isTime, withSeconds } from '../parameters.ts';
import type { World } from '../world.ts';

/** The types that a custom field can have. */
export const fieldType = z.enum([
  'varchar',
  'varchar_auto',
  'text',
  'double',
  'monetary',
  'enum',
  'set',
  'user',
  'org',
  'people',
  'phone',
  'time',
  'timerange',
  'date',
  'daterange',
  'address',
]);
export type FieldType = z.infer<typeof fieldType>;
/** Those that searches look in. */
export const searchable: ReadonlySet<string> = new Set<FieldType>([
  'address',
  'varchar',
  'text',
  'varchar_auto',
  'double',
  'monetary',
  'phone',
]);
export type FieldValue = number | string;

type Context = { readonly world: World; readonly field: Field };
/** From a value as a v2 body gives it (never null) to what is stored and answered. Throws 400. */
type Check = (value: Json, context: Context) => Json;

/** One part of a value that is an object; its v1 key is `{hash}_{code}`, the main part's the hash alone. */
export type Part = {
  readonly code: string;
  /** Its name is this and the field's: "Currency of Budget". */
  readonly name: string;
  readonly type: 'varchar' | 'double' | 'int' | 'date' | 'time';
  readonly check: Check;
  readonly fromV1: (value: Json) => Json;
  readonly required?: boolean;
  /** Neither a subfield of the field's description nor a key of v1. */
  readonly hidden?: boolean;
};

type Kind = {
  readonly check: Check;
  readonly parts?: readonly Part[];
  readonly toV1: (value: Json) => Json;
  /** v1 takes numbers and lists as text, too. */
  readonly fromV1: (value: Json) => Json;
};

export function partKey(fieldCode: string, { code }: Part): string {
  return code === 'value' ? fieldCode : `${fieldCode}_${code}`;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse({ field }: Context, reason: string): ApiError {
  return schemaError('custom_fields', `${reason} for ${field.entity} custom field '${field.field_code}'`);
}

function expected(type: string, context: Context): ApiError {
  return refuse(context, `Expected '${type}' as value`);
}

const asIs = (value: Json): Json => value;

function numberOf(value: Json): Json {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
}

function listOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(numberOf);
  return typeof value === 'string' ? value.split(',').map(numberOf) : [value];
}

/** An empty text clears the field. */
function text(most: number): Check {
  return (value, context) => {
    if (typeof value !== 'string') throw expected('string', context);
    if ([...value].length > most) throw refuse(context, `The value must be at most ${most} characters long`);
    return value === '' ? null : value;
  };
}

const number: Check = (value, context) => {
  if (typeof value !== 'number') throw expected('number', context);
  return value;
};

/** An id that `exists`; `what` names it in the error. */
function link(what: string, exists: (id: number, context: Context) => boolean): Check {
  return (value, context) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw expected('number', context);
    if (!exists(value, context)) throw refuse(context, `${what} '${value}' does not exist`);
    return value;
  };
}

const date: Check = (value, context) => {
  if (typeof value !== 'string') throw expected('string', context);
  if (!isDate(value)) throw refuse(context, "The value is not a valid 'date' (YYYY-MM-DD)");
  return value;
};

const time: Check = (value, context) => {
  if (typeof value !== 'string') throw expected('string', context);
  if (!isTime(value)) throw refuse(context, "The value is not a valid 'time' (HH:MM:SS)");
  return withSeconds(value);
};

const currency: Check = (value, context) => {
  if (typeof value !== 'string') throw expected('string', context);
  if (!isCurrency(value)) throw refuse(context, `Currency '${value}' does not exist`);
  return value;
};

/** Numbers of our own: Pipedrive publishes no list of its time zone ids. */
function zoneNames(): string[] {
  return Intl.supportedValuesOf('timeZone');
}

const zoneName: Check = (value, context) => {
  if (typeof value !== 'string') throw expected('string', context);
  if (!IANAZone.isValidZone(value)) throw refuse(context, `Time zone '${value}' does not exist`);
  return value;
};

const option = link('Option', (id, { field }) => field.options?.some((one) => one.id === id) ?? false);

const options: Check = (value, context) => {
  if (!Array.isArray(value)) throw expected('array', context);
  if (value.length === 0) throw refuse(context, "An empty array is not supported, use 'null' to clear the value");
  return [...new Set(value.map((one) => option(one, context)))];
};

/** A value made of parts: unknown ones are refused, those left out become null, `complete` fills in the account's defaults. */
function composite(
  name: string,
  parts: readonly Part[],
  complete: (value: JsonObject, context: Context) => JsonObject,
): Kind {
  return {
    parts,
    toV1: asIs,
    fromV1: asIs,
    check(value, context) {
      if (!isObject(value)) throw refuse(context, `${name} custom field value expected 'object'`);
      const unknown = Object.keys(value).find((key) => !parts.some(({ code }) => code === key));
      if (unknown !== undefined) throw refuse(context, `Unknown key '${unknown}'`);
      const stored: JsonObject = {};
      for (const { code, check, required } of parts) {
        const given = value[code] ?? null;
        stored[code] = given === null ? null : check(given, context);
        if (required && stored[code] === null) throw refuse(context, `Key '${code}' is required`);
      }
      return complete(stored, context);
    },
  };
}

function part(
  code: string,
  name: string,
  type: Part['type'],
  check: Check,
  more: Pick<Part, 'required' | 'hidden'> = {},
): Part {
  return { code, name, type, check, fromV1: type === 'double' || type === 'int' ? numberOf : asIs, ...more };
}

const zone: readonly Part[] = [
  part(
    'timezone_id',
    'Time zone of',
    'int',
    link('Time zone', (id) => zoneNames()[id - 1] !== undefined),
  ),
  part('timezone_name', 'Time zone name of', 'varchar', zoneName, { hidden: true }),
];

/** Either of name and id gives the other; neither means the user's own time zone. */
function withZone(value: JsonObject, { world }: Context): JsonObject {
  const names = zoneNames();
  const { timezone_id: id, timezone_name: named } = value;
  const name = named ?? (typeof id === 'number' ? (names[id - 1] ?? null) : world.me().timezone_name);
  const index = typeof name === 'string' ? names.indexOf(name) : -1;
  return { ...value, timezone_id: index < 0 ? null : index + 1, timezone_name: name };
}

function plain(check: Check, fromV1: (value: Json) => Json = asIs, toV1: (value: Json) => Json = asIs): Kind {
  return { check, fromV1, toV1 };
}

const start = { required: true };
const addressPart = (code: string, name: string) => part(code, name, 'varchar', text(255));

/** How each type is checked, stored, described and flattened. */
export const kinds: Readonly<Record<FieldType, Kind>> = {
  varchar: plain(text(255)),
  varchar_auto: plain(text(255)),
  text: plain(text(65_535)),
  phone: plain(text(255)),
  double: plain(number, numberOf),
  date: plain(date),
  enum: plain(option, numberOf, String),
  set: plain(options, listOf, String),
  user: plain(
    link('User', (id, { world }) => world.db.users.get(id)?.active_flag ?? false),
    numberOf,
  ),
  org: plain(
    link('Organization', (id, { world }) => world.db.organizations.get(id)?.is_deleted === false),
    numberOf,
  ),
  people: plain(
    link('Person', (id, { world }) => world.db.persons.get(id)?.is_deleted === false),
    numberOf,
  ),
  monetary: composite(
    'Monetary',
    [part('value', 'Amount of', 'double', number, start), part('currency', 'Currency of', 'varchar', currency)],
    (value, { world }) => ({ ...value, currency: value['currency'] ?? world.me().default_currency }),
  ),
  daterange: composite(
    'Date range',
    [part('value', 'Start date of', 'date', date, start), part('until', 'End date of', 'date', date, start)],
    (value) => value,
  ),
  time: composite('Time', [part('value', 'Time of', 'time', time, start), ...zone], withZone),
  timerange: composite(
    'Time range',
    [part('value', 'Start time of', 'time', time, start), part('until', 'End time of', 'time', time, start), ...zone],
    withZone,
  ),
  address: composite(
    'Address',
    [
      part('value', 'Address value of', 'varchar', text(255), start),
      addressPart('street_number', 'House number of'),
      addressPart('route', 'Street/road name of'),
      addressPart('subpremise', 'Apartment/suite of'),
      addressPart('sublocality', 'District/sublocality of'),
      addressPart('locality', 'City/town/village/locality of'),
      addressPart('admin_area_level_1', 'State/province of'),
      addressPart('admin_area_level_2', 'County of'),
      addressPart('country', 'Country of'),
      addressPart('postal_code', 'Postal code of'),
      addressPart('formatted_address', 'Formatted address of'),
    ],
    (value) => value,
  ),
};

/** The parts that the description of a field of that type lists, null where it has none. */
export function subfieldParts(type: string): readonly Part[] | null {
  const known = fieldType.safeParse(type);
  const parts = known.success ? kinds[known.data].parts : undefined;
  return parts?.filter(({ hidden }) => !hidden) ?? null;
}
