import { z } from 'zod/v3';
import type { JsonObject } from '../pipedrive/json.ts';
import { fold } from './fold.ts';
import { Names } from './names.ts';

export const described = ['deal', 'person', 'organization', 'product', 'activity', 'lead', 'note', 'project'] as const;
export type DescribedEntity = (typeof described)[number];

/** One field of an entity, built-in or custom, in one form for both versions of the API. */
export type Field = {
  /** Pipedrive's key: 40 hexadecimal digits for a custom field. */
  readonly code: string;
  readonly label: string;
  readonly type: string;
  readonly isCustom: boolean;
  readonly isWritable: boolean;
  /** Given only when it is asked for by `include_fields`. */
  readonly isOnRequest: boolean;
  readonly options: Names | undefined;
  /** Where it is required: everywhere, in some stages, or nowhere. */
  readonly required: boolean | readonly number[];
  /** Of a deal, the ends for which it is required, by pipeline: `{ 1: ['won'] }`. */
  readonly requiredToEnd: Readonly<Record<string, readonly string[]>>;
  readonly important: boolean | readonly number[];
};

const option = z.object({ id: z.union([z.number(), z.string()]), label: z.string() });
const demand = z
  .object({
    enabled: z.boolean().optional(),
    stage_ids: z.array(z.number()).nullish(),
    statuses: z.record(z.array(z.string())).nullish(),
  })
  .passthrough();
type Demand = z.output<typeof demand> | null | undefined;
/** v2's field and v1's: the same facts under other keys. */
const raw = z
  .object({
    field_code: z.string().optional(),
    key: z.string().optional(),
    field_name: z.string().optional(),
    name: z.string().optional(),
    field_type: z.string(),
    options: z.array(option).nullish(),
    is_custom_field: z.boolean().optional(),
    is_writable: z.boolean().optional(),
    is_optional_response_field: z.boolean().optional(),
    edit_flag: z.boolean().optional(),
    mandatory_flag: z.unknown(),
    required_fields: demand.nullish(),
    important_fields: demand.nullish(),
  })
  .passthrough();

export function readField(row: JsonObject): Field {
  const field = raw.parse(row);
  const code = field.field_code ?? field.key ?? '';
  const isCustom = field.is_custom_field ?? /^[0-9a-f]{40}$/.test(code);
  return {
    code,
    label: field.field_name ?? field.name ?? code,
    type: field.field_type,
    isCustom,
    // Pipedrive tells is_writable without declaring it; where it doesn't, a custom field is taken to be writable.
    isWritable: field.is_writable ?? (isCustom || field.edit_flag === true),
    isOnRequest: field.is_optional_response_field === true,
    options: field.options ? new Names(field.options.map(({ id, label }) => ({ id, name: label }))) : undefined,
    required: field.mandatory_flag === true || where(field.required_fields),
    requiredToEnd: endsOf(field.required_fields),
    important: where(field.important_fields),
  };
}

/** Everywhere, unless stages are named, or only how a deal ends. */
function where(asked: Demand): boolean | readonly number[] {
  if (asked?.enabled !== true) return false;
  if (asked.stage_ids && asked.stage_ids.length > 0) return asked.stage_ids;
  return Object.keys(endsOf(asked)).length === 0;
}

function endsOf(asked: Demand): Record<string, readonly string[]> {
  if (asked?.enabled !== true) return {};
  return Object.fromEntries(Object.entries(asked.statuses ?? {}).filter(([, ends]) => ends.length > 0));
}

/** The fields of one entity, found by code or by label. */
export class Fields {
  readonly all: readonly Field[];
  readonly #byCode: ReadonlyMap<string, Field>;
  readonly #byLabel: ReadonlyMap<string, readonly Field[]>;

  constructor(all: readonly Field[]) {
    this.all = all;
    this.#byCode = new Map(all.map((field) => [field.code, field]));
    const byLabel = new Map<string, Field[]>();
    for (const field of all) {
      const label = fold(field.label);
      byLabel.set(label, [...(byLabel.get(label) ?? []), field]);
    }
    this.#byLabel = byLabel;
  }

  byCode(code: string): Field | undefined {
    return this.#byCode.get(code);
  }

  find(label: string): readonly Field[] {
    return this.#byLabel.get(fold(label)) ?? [];
  }

  /** The field that answers show under this name: its label, with the beginning of its code where two share one. */
  byShown(name: string): Field | undefined {
    const [only] = this.find(name);
    return only ?? this.all.find((field) => fold(withCode(field)) === fold(name));
  }

  get custom(): readonly Field[] {
    return this.all.filter((field) => field.isCustom);
  }

  /** How answers name a field: its label, with its code where another field, or a record's own key, has it too. */
  labelOf(field: Field): string {
    const isKey = field.isCustom && this.byCode(fold(field.label).replaceAll(' ', '_')) !== undefined;
    return isKey || this.find(field.label).length > 1 ? withCode(field) : field.label;
  }
}

/** A field's label with the beginning of its code, which tells it from all others. */
export function withCode({ label, code }: Field): string {
  return `${label} (${code.slice(0, 6)})`;
}
