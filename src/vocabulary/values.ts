import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import { kindOf, type ShowContext, type WriteContext } from './field-types.ts';
import type { Field } from './fields.ts';
import { Problem } from './problem.ts';

export type { Look, ShowContext, WriteContext } from './field-types.ts';

/** What v2 wants under the field's code; null clears. Throws Problem naming the field by its label. */
export async function encodeV2(field: Field, value: Json, context: WriteContext): Promise<Json> {
  if (!field.isWritable) {
    throw new Problem(
      `"${field.label}" is read-only.`,
      'Pipedrive sets this field itself, or keeps it from being written through its API.',
      'Leave it out; nothing was changed.',
    );
  }
  return isEmpty(value) ? null : kindOf(field).write(value, field, context);
}

/**
 * The flat keys that v1 wants: the code for the value, `{code}_currency`, `{code}_until` and so on for its parts. Throws
 * Problem as encodeV2, and for a time in a zone that isn't the user's: v1 knows zones by numbers that are published nowhere.
 */
export async function encodeV1(field: Field, value: Json, context: WriteContext): Promise<JsonObject> {
  const encoded = await encodeV2(field, value, context);
  const { code } = field;
  if (encoded === null) return { [code]: null };
  if (Array.isArray(encoded)) return { [code]: encoded.join(',') };
  if (!isObject(encoded)) return { [code]: field.type === 'enum' ? String(encoded) : encoded };
  const { value: main = null, timezone_name: zone = context.zone, ...parts } = encoded;
  if (zone !== context.zone) {
    throw new Problem(
      `"${field.label}" takes no time zone here.`,
      `Pipedrive's API for leads keeps such times in the user's own zone, ${context.zone}.`,
      `Give the time in ${context.zone}, without a zone.`,
    );
  }
  return { [code]: main, ...Object.fromEntries(Object.entries(parts).map(([part, is]) => [`${code}_${part}`, is])) };
}

/**
 * A value of v2's `custom_fields` as answers show it, or undefined where it is not set: option labels, "1500 EUR",
 * "2026-01-01 to 2026-03-31", "14:30", an address in one line, names ("Ann Lee", "Kevin Lindgren (14)"). Whatever is
 * shown can be written again.
 */
export function showV2(field: Field, value: Json | undefined, context: ShowContext): Json | undefined {
  return value === undefined || isEmpty(value) ? undefined : kindOf(field).show(value, field, context);
}

/** As showV2, from the flat keys of a v1 record. A time's zone is left out: v1 gives only its number. */
export function showV1(field: Field, record: JsonObject, context: ShowContext): Json | undefined {
  const { code } = field;
  const main = record[code];
  if (kindOf(field).hasParts !== true || main === undefined || isEmpty(main)) return showV2(field, main, context);
  return showV2(field, { value: main, ...under(`${code}_`, record) }, context);
}

function under(prefix: string, record: JsonObject): JsonObject {
  const parts = Object.entries(record).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(parts.map(([key, value]) => [key.slice(prefix.length), value]));
}

function isEmpty(value: Json): boolean {
  if (typeof value === 'string') return value.trim() === '';
  return value === null || (Array.isArray(value) && value.length === 0);
}
