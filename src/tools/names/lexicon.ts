import type { Entity } from '../../catalog/entity.ts';
import { type LinkKind, links } from '../../catalog/links.ts';
import { isShort } from '../../pipedrive/budget.ts';
import type { CallOptions } from '../../pipedrive/client.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import type { Fields } from '../../vocabulary/fields.ts';
import type { Kept } from '../../vocabulary/kept.ts';
import type { Names } from '../../vocabulary/names.ts';
import { isListed, type LinkedRecords, type ListedKind } from '../../vocabulary/records.ts';
import { type NameKind, nameKinds } from '../../vocabulary/vocabulary.ts';
import type { Marks } from '../answers/outside.ts';
import type { Run } from '../run.ts';
import { dueToLocal, nowIn } from '../time.ts';

const NEW_MS = 60_000;

/** What a key of an entity's records points to, if anything. */
export function linkOf(entity: Entity, key: string): { kind: LinkKind; shown: string } | undefined {
  if (entity.hidden?.includes(key)) return undefined;
  const own = entity.kinds?.[key];
  const link = own ? { kind: own, shown: key } : Object.hasOwn(links, key) ? links[key] : undefined;
  // A currency's code says more than its name.
  return link?.kind === 'currency' ? undefined : link;
}

/** Where v1 puts the name of the record that a key points to: `deal_id` has `deal_name` beside it. */
export function besideKey(key: string): string | undefined {
  const kind = links[key]?.kind;
  return kind === 'lead' || (kind && isListed(kind)) ? key.replace(/_id$/, '_name') : undefined;
}

/** `Kevin Lindgren (14)`, where the record that points to him has his name too. */
export function nameBeside(record: JsonObject, key: string): string | undefined {
  const beside = besideKey(key);
  const [name, id] = beside === undefined ? [] : [record[beside], record[key]];
  return typeof name === 'string' && name !== '' && id !== null ? `${name} (${String(id)})` : undefined;
}

/** The names that one answer needs, gathered before it is made, so that making it waits for nothing. */
export type Lexicon = {
  readonly zone: string;
  /** `2026-11-20 11:00`: what is overdue is due before it. */
  readonly now: string;
  /** The name of an id that stands under a key; undefined where it isn't known. */
  name(kind: LinkKind, id: Json, key: string): string | undefined;
  readonly fields: Fields | undefined;
  readonly marks: Marks;
  /** What was left out to spare a short budget. */
  readonly leftOut: string | undefined;
};

type Need = {
  /** The keys whose ids are shown; all of them where it is left out. */
  readonly keys?: readonly string[];
  /** Ids that stand elsewhere than under a key that says what they are. */
  readonly also?: readonly (readonly [LinkKind, Json])[];
  readonly mode: 'load' | 'known';
  /** Whether custom fields are shown. */
  readonly fields: boolean;
};

/**
 * `load` fetches what is missing: each kind of name once, linked records in one request a hundred and kind. `known` takes
 * only what is in memory, as answers of writes do, which are not to cost more than the write.
 */
export async function lexiconFor(run: Run, records: readonly JsonObject[], need: Need): Promise<Lexicon> {
  const { operation, account, client, vocabulary, options } = run;
  const { entity } = operation;
  const ids = new Map<LinkKind, Set<Json>>();
  const wanted = need.keys && new Set(need.keys);
  const withFields = need.fields;
  for (const [kind, id] of need.also ?? []) note(ids, kind, id);
  for (const record of records) gather(entity, record, wanted, ids);

  const spares = isShort(client.limits().daily);
  const loads = need.mode === 'load';
  // Leads have the custom fields of deals, whose description costs less.
  const described = entity.fields === 'note' ? undefined : entity.fields === 'lead' ? 'deal' : entity.fields;
  const needsFields = described && (withFields || ids.has('option') || (ids.has('label') && entity.name !== 'lead'));
  const keptFields = needsFields ? vocabulary.fields(described) : undefined;
  const fields = keptFields && (loads || keptFields.loadedAt !== undefined) ? await keptFields.get(options) : undefined;
  if (fields && withFields) for (const record of records) gatherCustom(fields, record, ids);

  const names = new Map<LinkKind, Names>();
  const tasks = [...ids].map(async ([kind, found]) => {
    const nameKind = namesOf(kind, entity);
    if (nameKind) {
      const kept = vocabulary.names(nameKind);
      if (loads || kept.loadedAt !== undefined) names.set(kind, await current(kept, found, loads, options));
    } else if (kind === 'label') {
      const labels = fields?.byCode('label_ids')?.options;
      if (labels) names.set(kind, labels);
    } else if (isListed(kind) && loads && !spares) {
      await vocabulary.linked.need(
        kind,
        [...found].filter((id) => typeof id === 'number'),
        options,
      );
    }
  });
  await Promise.all(tasks);
  const now = nowIn(account.zone, client.limits().clockAhead).slice(0, 16);
  return {
    zone: account.zone,
    now,
    fields: withFields ? fields : undefined,
    marks: run.marks,
    leftOut:
      spares && loads && [...ids.keys()].some(isListed)
        ? 'names of linked records, since the daily budget is short'
        : undefined,
    name(kind, id, key) {
      if (typeof id !== 'number' && typeof id !== 'string') return undefined;
      if (kind === 'option') return fields?.byCode(key)?.options?.label(id);
      const own = kind === 'user' && id === account.userId ? account.user : undefined;
      const known = names.get(kind)?.label(id) ?? own;
      if (known !== undefined || !isListed(kind) || typeof id !== 'number') return known;
      return kind === 'activity'
        ? planned(vocabulary.linked, id, account.zone, now)
        : named(vocabulary.linked, kind, id);
    },
  };
}

/**
 * The kept names, loaded anew where an id is not among them: it may be new. Not more than once a minute, since the id of
 * something deleted is never found.
 */
async function current(
  kept: Kept<Names>,
  ids: ReadonlySet<Json>,
  loads: boolean,
  options: CallOptions,
): Promise<Names> {
  const names = await kept.get(options);
  const isOld = Date.now() - (kept.loadedAt ?? 0) > NEW_MS;
  const isMissing = [...ids].some((id) => (typeof id === 'number' || typeof id === 'string') && !names.byId(id));
  return loads && isOld && isMissing ? kept.refresh(options) : names;
}

function namesOf(kind: LinkKind, entity: Entity): NameKind | undefined {
  if (kind === 'label') return entity.name === 'lead' ? 'lead_label' : undefined;
  return nameKinds.find((name) => name === kind);
}

function gather(
  entity: Entity,
  value: JsonObject,
  wanted: ReadonlySet<string> | undefined,
  ids: Map<LinkKind, Set<Json>>,
): void {
  for (const [key, part] of Object.entries(value)) {
    const link = linkOf(entity, key);
    if (nameBeside(value, key) !== undefined) continue;
    if (link && (!wanted || wanted.has(key)))
      for (const id of Array.isArray(part) ? part : [part]) note(ids, link.kind, id);
    else if (Array.isArray(part)) {
      for (const item of part) if (isObject(item)) gather(entity, item, wanted, ids);
    } else if (isObject(part) && key !== 'custom_fields') gather(entity, part, wanted, ids);
  }
}

const customKinds: Readonly<Record<string, LinkKind>> = { user: 'user', people: 'person', org: 'organization' };

function gatherCustom(fields: Fields, record: JsonObject, ids: Map<LinkKind, Set<Json>>): void {
  const nested = isObject(record['custom_fields']) ? record['custom_fields'] : record;
  for (const { code, type } of fields.custom) {
    const kind = customKinds[type];
    const value = nested[code];
    const id = isObject(value) ? (value['id'] ?? value['value']) : value;
    if (kind && id !== undefined) note(ids, kind, typeof id === 'string' && /^\d+$/.test(id) ? Number(id) : id);
  }
}

function note(ids: Map<LinkKind, Set<Json>>, kind: LinkKind, id: Json): void {
  if (id === null || id === '' || typeof id === 'object') return;
  const known = ids.get(kind) ?? new Set<Json>();
  ids.set(kind, known);
  known.add(id);
}

/** `Kevin Lindgren (14)`: several people may have one name, so the id is always there. */
function named(linked: LinkedRecords, kind: ListedKind, id: number): string | undefined {
  const name = linked.name(kind, id);
  return name === undefined ? undefined : `${name} (${id})`;
}

/** `2026-11-25 10:00 Call about the offer (199), overdue`. */
function planned(linked: LinkedRecords, id: number, zone: string, now: string): string | undefined {
  const activity = linked.record('activity', id);
  if (!activity) return undefined;
  const due = dueText(activity, zone);
  return `${due} ${String(activity['subject'] ?? '')} (${id})${isOverdue(activity, { zone, now }) ? ', overdue' : ''}`.trim();
}

/** Is an activity still to be done although its time, or the day of an all-day one, is past? */
export function isOverdue(activity: JsonObject, { zone, now }: Pick<Lexicon, 'zone' | 'now'>): boolean {
  const due = dueText(activity, zone);
  return due !== '' && due < now.slice(0, due.length) && activity['done'] !== true;
}

/** When an activity is due, in the zone: `2026-11-25 10:00`, or the date alone where it is all-day. */
export function dueText({ due_date, due_time }: JsonObject, zone: string): string {
  if (typeof due_date !== 'string') return '';
  if (typeof due_time !== 'string' || due_time === '') return due_date;
  const local = dueToLocal({ due_date, due_time }, zone);
  return `${local.due_date} ${local.due_time}`;
}
