import { DateTime, IANAZone } from 'luxon';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import type { Field } from './fields.ts';
import { fold } from './fold.ts';
import { unknownName } from './lookup.ts';
import { type Entry, Names } from './names.ts';
import { Problem } from './problem.ts';

type Linked = 'user' | 'person' | 'organization';

/**
 * The id of a user (by id, name, e-mail or `me`), person or organization (by id or link) that was `given`; it must also
 * take what `ShowContext.nameOf` leads to: `Ann Lee` of a user, `Kevin Lindgren (14)` of the others. Throws Problem.
 */
export type Look = (kind: Linked, given: Json, field: Field) => Promise<number>;

export type WriteContext = {
  /** Code of the record's currency, for an amount that names none. */
  readonly currency: string;
  /** IANA name of the user's time zone, for a time that names none. */
  readonly zone: string;
  readonly look: Look;
};

export type ShowContext = {
  /** Times in another zone than this, the user's, are shown with theirs. */
  readonly zone: string;
  readonly nameOf: (kind: Linked, id: number) => string | undefined;
};

/** One type of custom field: how a person writes its values, and how v2 keeps them. */
type Kind = {
  /** "is not …", in an error. */
  readonly noun: string;
  /** "Write it as …", in an error. */
  readonly example: string;
  /** v2 keeps an object, v1 a key for each part. */
  readonly hasParts?: true;
  /** From a value as a person gives it, never an empty one, to v2's. */
  readonly write: (value: Json, field: Field, context: WriteContext) => Json | Promise<Json>;
  /** From v2's value, never an empty one, to what `write` takes. */
  readonly show: (value: Json, field: Field, context: ShowContext) => Json;
};

const kinds: Readonly<Record<string, Kind>> = {
  varchar: text(255),
  varchar_auto: text(255),
  text: text(65_535),
  phone: text(255),
  double: { noun: 'a number', example: '1500 or 1500.5', write: decimal, show: Number },
  monetary: {
    noun: 'an amount',
    example: '1500, "1500.50 EUR" or {"value": 1500.5, "currency": "EUR"}',
    hasParts: true,
    write: amount,
    show: (value) => [unmistakable(Number(part(value, 'value'))), part(value, 'currency')].join(' ').trim(),
  },
  enum: { noun: 'an option', example: "an option's label, or its id as a number", write: optionId, show: optionName },
  set: {
    noun: 'a list of options',
    example: '["one label", "another label"]',
    write: (value, field) => [...new Set(listed(value, field).map((one) => optionId(one, field)))],
    // v1 keeps "12,34".
    show: (value, field) =>
      (Array.isArray(value) ? value : String(value).split(',')).map((one) => optionName(one, field)),
  },
  user: link('user', 'a user', 'the name, e-mail address or id of a user, or "me"'),
  people: link('person', 'a person', 'the id of a person, or the link of its page'),
  org: link('organization', 'an organization', 'the id of an organization, or the link of its page'),
  date: { noun: 'a date', example: '"2026-12-31"', write: date, show: String },
  daterange: {
    noun: 'a range of dates',
    example: '"2026-01-01 to 2026-03-31" or {"from": "2026-01-01", "until": "2026-03-31"}',
    hasParts: true,
    write(given, field) {
      const [from, to] = ends(given, field);
      const [value, until] = [date(from, field), date(to, field)];
      if (until < value) throw wrong(given, field, 'It ends before it begins.');
      return { value, until };
    },
    show: range,
  },
  time: {
    noun: 'a time',
    example: '"14:30", "2:30 pm" or "14:30 Europe/Berlin"',
    hasParts: true,
    write(given, field, context) {
      const { time, timezone_name } = zoned(given, field, context);
      if (isObject(time)) only(['value'], time, field);
      return { value: clock(isObject(time) ? time['value'] : time, field), timezone_name };
    },
    show: (value, _, context) => `${hours(part(value, 'value'))}${zoneOf(value, context)}`,
  },
  timerange: {
    noun: 'a range of times',
    example: '"09:00 to 10:30" or {"from": "09:00", "until": "10:30"}',
    hasParts: true,
    write(given, field, context) {
      const { time, timezone_name } = zoned(given, field, context);
      const [from, to] = ends(time, field);
      return { value: clock(from, field), until: clock(to, field), timezone_name };
    },
    show: (value, _, context) => `${range(value)}${zoneOf(value, context)}`,
  },
  address: {
    noun: 'an address',
    example: '"Torstrasse 5, 10119 Berlin" or {"value": "Torstrasse 5, 10119 Berlin", "locality": "Berlin"}',
    hasParts: true,
    write(given, field) {
      const address = isObject(given) ? given : { value: given };
      only(addressKeys, address, field);
      const parts = Object.entries(address).filter(([, is]) => is !== null);
      const written = Object.fromEntries(parts.map(([key, is]) => [key, oneLine(is, field)]));
      if (!written['value']) throw wrong(given, field, 'It lacks the "value", the whole address as one line.');
      return written;
    },
    show: (value) => asOneLine(String(part(value, 'value'))),
  },
};

const addressKeys = [
  'value',
  'street_number',
  'route',
  'subpremise',
  'sublocality',
  'locality',
  'admin_area_level_1',
  'admin_area_level_2',
  'country',
  'postal_code',
  'formatted_address',
];

/** What is known of the field's type; of one that Pipedrive may add some day, only that it is shown as it is. */
export function kindOf(field: Field): Kind {
  return (
    kinds[field.type] ?? {
      noun: 'known',
      example: 'nothing',
      show: (value) => value,
      write() {
        throw new Problem(
          `"${field.label}" cannot be written here.`,
          `Its type, ${field.type}, is none of those known for custom fields: ${Object.keys(kinds).join(', ')}.`,
          "Leave it out, or set it in Pipedrive's web app.",
        );
      },
    }
  );
}

/** How a value of this type is written, by its shortest example; undefined for plain text and for unknown types. */
export function exampleOf(type: string): string | undefined {
  const example = Object.hasOwn(kinds, type) ? kinds[type]?.example : undefined;
  return example === 'text' ? undefined : example?.split(/,? or |, (?={)/)[0];
}

function wrong(value: Json | undefined, field: Field, why = `The field is of type ${field.type}.`): Problem {
  const { noun, example } = kindOf(field);
  const given = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  const brief = given.length > 80 ? `${given.slice(0, 80)}…` : given;
  return new Problem(`"${field.label}": ${brief} is not ${noun}.`, why, `Write it as ${example}; null clears it.`);
}

/** An object with any other key means something that would not be written. */
function only(keys: readonly string[], value: JsonObject, field: Field): void {
  const other = Object.keys(value).find((key) => !keys.includes(key));
  if (other !== undefined) throw wrong(value, field, `It has "${other}", where only ${keys.join(', ')} can be.`);
}

function part(value: Json, key: string): Json | undefined {
  return (isObject(value) ? value[key] : undefined) ?? undefined;
}

/** What is read as a number, a date or a time: nothing, where it is no text or far longer than those are. */
function short(value: Json | undefined): string {
  return typeof value === 'string' && value.length <= 400 ? value.trim() : '';
}

function text(most: number): Kind {
  return {
    noun: 'text',
    example: 'text',
    show: String,
    write(value, field) {
      if (typeof value !== 'string' && typeof value !== 'number') throw wrong(value, field);
      const length = [...String(value)].length;
      if (length > most) {
        throw new Problem(
          `"${field.label}": the text is too long, ${length} characters.`,
          `A field of type ${field.type} takes ${most}.`,
          `Shorten it by ${length - most}.`,
        );
      }
      return String(value);
    },
  };
}

/** A number without exponent, as exact as Pipedrive keeps it. */
const digits = new Intl.NumberFormat('en-US', { useGrouping: false, maximumFractionDigits: 16 });
const PLAIN = /^-?\d+(\.\d+)?$/;
/** Thousands set apart by spaces or apostrophes, or by commas where a point or a second comma tells that they are. */
const GROUPED = /^-?[1-9]\d{0,2}(?:([\s'’])\d{3}(?:\1\d{3})*(\.\d+)?|(,\d{3})+\.\d+|(,\d{3}){2,})$/;

/** `50.000` is fifty thousand to half of Europe. */
const TWOFOLD = /^-?[1-9]\d{0,2}\.\d{3}$/;

/** A number as text that can be given back: a zero more where it might be read as thousands. */
function unmistakable(number: number): string {
  const text = digits.format(number);
  return TWOFOLD.test(text) ? `${text}0` : text;
}

function decimal(value: Json | undefined, field: Field): number {
  const written = short(value);
  const plain = GROUPED.test(written) ? written.replaceAll(/[\s'’,]/g, '') : written;
  const isThousands = TWOFOLD.test(written) && typeof value !== 'number';
  const number = typeof value === 'number' ? value : PLAIN.test(plain) && !isThousands ? Number(plain) : Number.NaN;
  if (!Number.isFinite(number)) {
    const mark = written.includes(',') ? 'comma' : isThousands ? 'point' : undefined;
    throw wrong(value, field, mark && `Its ${mark} may stand for thousands or for decimals.`);
  }
  const kept = digits.format(number);
  const meant = plain
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
  if (Number(kept) !== number || (plain !== '' && kept !== meant)) {
    throw wrong(value, field, `It has more digits than are kept: 16 decimals, about ${digits.format(number)}.`);
  }
  return number + 0;
}

const MONEY = /^([a-z]{3,})?\s*(-?\d(?:.*\d)?)\s*([a-z]{3,})?$/is;

function amount(given: Json, field: Field, context: WriteContext): JsonObject {
  if (isObject(given)) {
    only(['value', 'amount', 'currency'], given, field);
    const { value, amount: number = value, currency } = given;
    if (currency !== undefined && currency !== null && typeof currency !== 'string') throw wrong(given, field);
    return { value: decimal(number, field), currency: currency || context.currency };
  }
  const [, before, number, after] = MONEY.exec(short(given)) ?? [];
  if (before && after) throw wrong(given, field, 'It names two currencies.');
  return { value: decimal(number ?? given, field), currency: (before ?? after)?.toUpperCase() ?? context.currency };
}

const none = new Names([]);

function optionId(given: Json, field: Field): number | string {
  if (typeof given !== 'string' && typeof given !== 'number') throw wrong(given, field);
  const options = field.options ?? none;
  const found = meant(given, options);
  const [option] = found;
  if (!option) throw unknownName(options, String(given).trim(), { argument: `"${field.label}"`, noun: 'option' });
  if (found.length > 1) {
    throw new Problem(
      `"${field.label}": "${given}" fits ${found.length} options.`,
      `They are ${found.map((one) => `"${one.name}" (id ${one.id})`).join(', ')}.`,
      'Give the id of the one that is meant as a number, without quotes.',
    );
  }
  return option.id;
}

/** The options that may be meant. A number is an id where there is one; digits as text may be a name as well. */
function meant(given: string | number, options: Names): readonly Entry[] {
  const name = String(given).trim();
  const byId = /^\d+$/.test(name) ? options.byId(name) : undefined;
  if (byId && typeof given === 'number') return [byId];
  const alike = options.find(name);
  const same = alike.filter((option) => option.name.trim() === name);
  const named = same.length === 1 ? same : alike;
  return byId && !named.includes(byId) ? [byId, ...named] : named;
}

/** The option's label; its id as well where the label alone would not lead back to it. */
function optionName(value: Json, field: Field): Json {
  const options = field.options ?? none;
  const id = idOf(value);
  const option = options.byId(String(id));
  if (!option) return id;
  const leadsBack = (name: string) => {
    const [first, ...others] = meant(name, options);
    return first === option && others.length === 0;
  };
  return [options.label(option.id) ?? '', `${option.name} (${option.id})`].find(leadsBack) ?? option.id;
}

/** A text is one option, or several with commas between them where no label has a comma that could be meant. */
function listed(given: Json, field: Field): readonly Json[] {
  if (Array.isArray(given)) return given;
  const options = field.options ?? none;
  if (typeof given !== 'string' || !given.includes(',') || options.find(given).length > 0) return [given];
  const whole = fold(given);
  const unclear = options.entries.find(({ name }) => name.includes(',') && whole.includes(fold(name)));
  if (unclear) throw wrong(given, field, `"${unclear.name}" is one option, with a comma in its label.`);
  return given.split(',').filter((one) => one.trim() !== '');
}

function link(kind: Linked, noun: string, example: string): Kind {
  return {
    noun,
    example,
    write(value, field, { look }) {
      if (typeof value !== 'string' && typeof value !== 'number') throw wrong(value, field);
      return look(kind, value, field);
    },
    show(value, _, { nameOf }) {
      const id = idOf(value);
      const name = nameOf(kind, Number(id)) ?? part(value, 'name');
      if (typeof name !== 'string') return id;
      return kind === 'user' ? name : `${name} (${id})`;
    },
  };
}

/** v1 answers some links as objects: a user's has `id`, the others' `value`. */
function idOf(value: Json): Json {
  return part(value, 'id') ?? part(value, 'value') ?? value;
}

function date(value: Json, field: Field): string {
  const written = short(value);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(written)) throw wrong(value, field);
  if (!DateTime.fromISO(written).isValid) throw wrong(value, field, 'There is no such day.');
  return written;
}

/** Dates have hyphens of their own, so one stands between two ends only with spaces around it, or before a time. */
const RANGE = /^(.+?)(?:\s+(?:to|until|-)\s+|\s*[–—]\s*|-(?=\d{1,2}:))(.+)$/is;

function ends(value: Json, field: Field): readonly [Json, Json] {
  const pair = typeof value === 'string' ? RANGE.exec(short(value))?.slice(1) : value;
  if (Array.isArray(pair)) {
    const [from, until] = pair;
    if (from !== undefined && until !== undefined && pair.length === 2) return [from, until];
  }
  if (!isObject(pair)) throw wrong(value, field);
  only(['from', 'value', 'until'], pair, field);
  return [pair['from'] ?? pair['value'] ?? null, pair['until'] ?? null];
}

function range(value: Json): string {
  const both = [part(value, 'value'), part(value, 'until')];
  return both
    .filter((end) => end !== undefined)
    .map(hours)
    .join(' to ');
}

const CLOCK = /^(\d{1,2})(?::(\d{2})(?::(\d{2}))?)?(?:\s*([ap])\.?m\.?)?$/i;

/** `14:30:00`, as v2 keeps it. */
function clock(value: Json | undefined, field: Field): string {
  const found = CLOCK.exec(short(value));
  const [, hour = '', minute, second = '00', half] = found ?? [];
  if (!found || (minute === undefined && half === undefined)) throw wrong(value, field);
  const time = DateTime.fromFormat(
    `${hour}:${minute ?? '00'}:${second}${half ? ` ${half}m` : ''}`,
    half ? 'h:mm:ss a' : 'H:mm:ss',
    { locale: 'en-US' },
  );
  if (!time.isValid) throw wrong(value, field, 'There is no such time.');
  return time.toFormat('HH:mm:ss');
}

function hours(time: Json | undefined): string {
  return String(time).replace(/^(\d{2}:\d{2}):00$/, '$1');
}

const ZONED = /^(.*\S)\s+\(?([a-z][\w+/-]+)\)?$/is;

/** A time, or a range of them, and the zone it is in: the one that follows it or stands beside it, else the user's. */
function zoned(value: Json, field: Field, { zone }: WriteContext): { time: Json; timezone_name: string } {
  const { timezone_name: beside = null, ...rest } = isObject(value) ? value : {};
  const [, before = '', after] = ZONED.exec(short(value)) ?? [];
  const given = beside ?? after;
  if (typeof given === 'string' && IANAZone.isValidZone(given)) {
    return { time: isObject(value) ? rest : before, timezone_name: given };
  }
  // A word that is no zone is left to what reads the time, which says what a time looks like.
  const isMeant = beside !== null || after?.includes('/') === true;
  if (isMeant) throw wrong(value, field, `${JSON.stringify(given)} is no time zone that is known.`);
  return { time: isObject(value) ? rest : value, timezone_name: zone };
}

function zoneOf(value: Json, { zone }: ShowContext): string {
  const own = part(value, 'timezone_name');
  return typeof own === 'string' && own !== zone ? ` ${own}` : '';
}

function oneLine(value: Json, field: Field): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw wrong(value, field);
  return asOneLine(String(value));
}

function asOneLine(address: string): string {
  return address.trim().replaceAll(/\s*[\r\n]+\s*/g, ', ');
}
