import { z } from 'zod/v3';
import { v1IsoTime, v1Time } from '../clock.ts';
import { isObject } from '../fields/types.ts';
import type { Json, JsonObject } from '../json.ts';
import { json } from '../json.ts';
import type { EntityName, Tables } from '../model.ts';
import type { World } from '../world.ts';

export type Shape = {
  /** The name that the API calls it by in `event_object` and `meta.entity`. */
  readonly object: string;
  /** A stored row, or what it was before, as payloads show it; the guide's own words for what it calls differently. */
  readonly view: (world: World, row: JsonObject) => JsonObject;
  /** The pipeline that a user must see to be told; none where everybody is. */
  readonly pipeline?: (world: World, row: JsonObject) => Json | undefined;
};

const dealOf: Shape['pipeline'] = ({ db }, row) => db.deals.get(Number(row['deal_id']))?.pipeline_id;

/** What webhooks tell of, by table. */
const byTable: Readonly<Partial<Record<keyof Tables, Shape>>> = {
  activities: {
    object: 'activity',
    view: (_, { busy, due_time, duration, ...row }) => ({
      ...row,
      active_flag: true,
      busy_flag: busy ?? null,
      due_time: timed(due_time),
      duration: timed(duration),
      custom_fields: {},
      update_user_id: null,
    }),
  },
  deals: {
    object: 'deal',
    view: (world, row) => withCustomFields(world, 'deal', withVisibility(row)),
    pipeline: (_, row) => row['pipeline_id'],
  },
  leads: {
    object: 'lead',
    view: (world, row) => ({
      ...withCustomFields(world, 'deal', withVisibility(row)),
      add_time: v1IsoTime(String(row['add_time'])),
      update_time: v1IsoTime(String(row['update_time'])),
    }),
  },
  notes: { object: 'note', view: (_, row) => row },
  organizations: {
    object: 'organization',
    view: (world, row) => ({
      ...withCustomFields(world, 'organization', withVisibility(row)),
      label: firstLabel(row),
      picture_id: null,
    }),
  },
  persons: {
    object: 'person',
    view: (world, row) => ({ ...withCustomFields(world, 'person', withVisibility(row)), label: firstLabel(row) }),
  },
  pipelines: {
    object: 'pipeline',
    view: (_, { is_deal_probability_enabled, ...row }) => ({
      ...row,
      url_title: String(row['name']).replaceAll(/\s+/g, '-'),
      active_flag: true,
      deal_probability: is_deal_probability_enabled ?? false,
    }),
    pipeline: (_, row) => row['id'],
  },
  products: {
    object: 'product',
    view(world, { is_linkable, category, prices, ...row }) {
      const priced = Array.isArray(prices) ? prices.filter(isObject) : [];
      return {
        ...withCustomFields(world, 'product', withVisibility(row)),
        selectable: is_linkable ?? true,
        category: typeof category === 'number' ? String(category) : null,
        prices: priced.map((price) => ({ ...price, product_id: row['id'] ?? null })),
      };
    },
  },
  stages: {
    object: 'stage',
    view: (_, { is_deal_rot_enabled, days_to_rotten, ...row }) => ({
      ...row,
      active_flag: true,
      rotten_flag: is_deal_rot_enabled ?? false,
      rotten_days: days_to_rotten ?? null,
    }),
    pipeline: (_, row) => row['pipeline_id'],
  },
  users: {
    object: 'user',
    view: (_, { role_id: _role, access: _access, ...row }) => ({
      ...row,
      id: String(row['id']),
      last_login: typeof row['last_login'] === 'string' ? v1Time(row['last_login']) : null,
      created: v1Time(String(row['created'])),
      modified: v1Time(String(row['modified'])),
      access: null,
    }),
  },
  dealProducts: { object: 'deal_product', view: (_, row) => row, pipeline: dealOf },
  installments: { object: 'deal_installment', view: (_, row) => row, pipeline: dealOf },
  projects: { object: 'project', view: (world, row) => withCustomFields(world, 'project', row) },
  tasks: { object: 'task', view: (_, row) => row },
  boards: { object: 'board', view: (_, row) => row },
  phases: { object: 'phase', view: (_, row) => row },
};

export const shapes: ReadonlyMap<string, Shape> = new Map(Object.entries(byTable));

/** What `event_object` can be. */
export const webhookObjects: readonly string[] = [...[...shapes.values()].map(({ object }) => object), '*'];

const record = z.record(json);

/** A row as a payload shows it, without what the API itself keeps to itself. */
export function payloadOf(world: World, { view }: Shape, row: object): JsonObject {
  const { is_deleted: _, delete_time: __, ...rest } = record.parse(row);
  return view(world, rest);
}

/** Of `before` what `after` has differently; of custom fields each by itself. */
export function differences(before: JsonObject, after: JsonObject): JsonObject {
  const changed: JsonObject = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old = null, now = null] = [before[key], after[key]];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    changed[key] = key === 'custom_fields' && isObject(old) && isObject(now) ? differences(old, now) : old;
  }
  return changed;
}

function timed(value: Json | undefined): Json {
  return typeof value === 'string' && value !== '' ? { value, timezone_id: null } : null;
}

function withVisibility(row: JsonObject): JsonObject {
  return { ...row, visible_to: String(row['visible_to']) };
}

function firstLabel(row: JsonObject): Json {
  const labels = row['label_ids'];
  return Array.isArray(labels) ? (labels[0] ?? null) : null;
}

/** Custom fields with their types; those that are not set are left out. */
function withCustomFields({ db }: World, entity: EntityName, row: JsonObject): JsonObject {
  const stored = row['custom_fields'];
  const shown: JsonObject = {};
  const values = isObject(stored) ? Object.entries(stored) : [];
  const types = new Map(
    values.length === 0 ? [] : db.fields.where('entity', entity).map((one) => [one.field_code, one]),
  );
  for (const [code, value] of values) {
    const field = types.get(code);
    if (field?.active_flag && value !== null) shown[code] = typed(field.field_type, value);
  }
  return { ...row, custom_fields: shown };
}

/** A value of a custom field in the form of webhooks 2.0. */
function typed(type: string, value: Json): Json {
  if (Array.isArray(value)) return { type, values: value.map((id) => ({ id })) };
  if (!isObject(value)) return ['enum', 'user', 'org', 'people'].includes(type) ? { type, id: value } : { type, value };
  const { value: main = null, until = null, timezone_id = null, timezone_name: _, ...rest } = value;
  switch (type) {
    case 'daterange':
      return { type, from: main, until };
    case 'timerange':
      return { type, from: main, until, timezone_id };
    case 'time':
      return { type, value: main, timezone_id };
    default:
      return { type, value: main, ...rest };
  }
}
