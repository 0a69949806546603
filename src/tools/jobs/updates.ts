import { type LinkKind, links } from '../../catalog/links.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import type { DescribedEntity, Field, Fields } from '../../vocabulary/fields.ts';
import { showV1 } from '../../vocabulary/values.ts';
import { type Table, tableOf } from '../answers/table.ts';
import { cut, toText } from '../answers/text.ts';
import { dueText, type Lexicon, lexiconFor } from '../names/lexicon.ts';
import type { Run } from '../run.ts';
import { toLocal } from '../time.ts';

/** Lists whose records say more, or less, than columns can: they are put into words first. */
export const told: Readonly<Record<string, (run: Run, records: readonly JsonObject[]) => Promise<Table>>> = {
  change: changes,
  update: updates,
  recent_change: recents,
};

const LONGEST = 200;

/** A field that was changed, as v1's changelogs and flows tell it. */
type Change = { readonly of: Fields; readonly key: string; readonly old: Json; readonly now: Json };

/** A changelog: fields by label, values by name. */
async function changes(run: Run, records: readonly JsonObject[]): Promise<Table> {
  const of = await fieldsOf(run, loggedEntity(run));
  const all = records.map((record) => changesIn(of, record));
  const lexicon = await namesIn(run, all.flat().flatMap(idsIn));
  return tableOf(
    run,
    records.map((record, index) => {
      const parts = (all[index] ?? []).map((change) => worded(change, lexicon));
      const joined = (key: 'field' | 'old' | 'new') => parts.map((part) => part[key]).join('; ');
      return { ...record, field: joined('field'), old: joined('old'), new: joined('new') };
    }),
  );
}

/** The kind of record whose changelog it is: the argument that names it says so. */
function loggedEntity({ operation }: Run): DescribedEntity {
  const { id = 'deal_id' } = operation.path ?? {};
  return id === 'person_id'
    ? 'person'
    : id === 'organization_id'
      ? 'organization'
      : id === 'project_id'
        ? 'project'
        : 'deal';
}

async function updates(run: Run, records: readonly JsonObject[]): Promise<Table> {
  return tableOf(run, await eventsOf(run, records));
}

/** A flow as records of an update: one line an event, whatever it was. */
export async function eventsOf(run: Run, records: readonly JsonObject[]): Promise<JsonObject[]> {
  const described = new Map<string, Fields>();
  for (const { object } of records) {
    const entity = changed[String(object)];
    if (entity && !described.has(entity)) described.set(entity, await fieldsOf(run, entity));
  }
  const all = records.map((record) => {
    const of = described.get(changed[String(record['object'])] ?? '');
    return { record, data: dataOf(record), change: of && changeIn(of, dataOf(record)) };
  });
  const lexicon = await namesIn(run, [
    ...all.flatMap(({ change }) => (change ? idsIn(change) : [])),
    ...all.flatMap(({ data }) => [
      ['user', data['user_id'] ?? null] as const,
      ['activity_type', data['type'] ?? null] as const,
    ]),
    ...all.flatMap(({ record, data }): Id[] =>
      record['object'] === 'participant' ? [['person', data['person_id'] ?? null]] : [],
    ),
  ]);
  return all.map(({ record, data, change }) => {
    const what = String(record['object']);
    const summary = change ? changeLine(change, lexicon) : summaryOf(what, data, lexicon);
    const isFollower = what.endsWith('ollower');
    const isMail = what.startsWith('mailMessage');
    return {
      time: record['timestamp'] ?? null,
      what: kindName(what, data),
      id: change || isFollower || what === 'participant' ? null : (data['id'] ?? null),
      summary: cut(summary.replaceAll(/\s+/g, ' ').trim(), LONGEST),
      // A mail says itself whom it is from; its user is the one whose mailbox it is in.
      by: isFollower || isMail ? null : (data['user_id'] ?? data['added_by_user_id'] ?? null),
    };
  });
}

/** Objects of a flow that are changes, and of what. */
const changed: Readonly<Record<string, DescribedEntity>> = {
  dealChange: 'deal',
  personChange: 'person',
  organizationChange: 'organization',
};

/** `dealChange` as `deal change`; an activity that is still to be done says so. */
function kindName(what: string, data: JsonObject): string {
  if (what === 'activity' && data['done'] === false) return 'planned activity';
  return what
    .replaceAll(/(?<=[a-z])([A-Z])/g, ' $1')
    .replaceAll('_', ' ')
    .toLowerCase();
}

/** What somebody would say of it in a line. */
function summaryOf(what: string, data: JsonObject, lexicon: Lexicon): string {
  const text = (key: string) => (typeof data[key] === 'string' ? data[key] : '');
  if (what === 'note' || what === 'comment') return toText(text('content'));
  if (what === 'activity') {
    const type = lexicon.name('activity_type', data['type'] ?? null, 'type') ?? text('type');
    const due = dueText(data, lexicon.zone);
    const said = toText(text('note'));
    return `${due === '' ? '' : `due ${due}: `}${type}: ${text('subject')}${said === '' ? '' : ` – ${said}`}`;
  }
  if (what.startsWith('mailMessage')) {
    return `${parties(data['from'])} to ${parties(data['to'])}: ${text('subject')} – ${toText(text('snippet'))}`;
  }
  if (what.endsWith('ollower'))
    return `${lexicon.name('user', data['user_id'] ?? null, 'user_id') ?? 'user'} ${text('action')}`;
  if (what === 'participant') {
    return `${lexicon.name('person', data['person_id'] ?? null, 'person_id') ?? 'person'} ${text('action')}`;
  }
  if (what === 'deal') return `${text('title')}, ${String(data['value'])} ${text('currency')}, ${text('status')}`;
  if (what === 'call')
    return [text('outcome'), text('subject') || text('to_phone_number'), text('note')].filter(Boolean).join(' – ');
  return nameOf(data);
}

/** The people of a mail by name, or by address where they have none. */
function parties(value: Json | undefined): string {
  const people = Array.isArray(value) ? value.filter(isObject) : [];
  return people.map((one) => String(one['name'] || one['email_address'] || '?')).join(', ') || '?';
}

/** What a record of any kind is called. */
function nameOf(data: JsonObject): string {
  for (const key of ['title', 'name', 'subject', 'file_name', 'content', 'description']) {
    const value = data[key];
    if (typeof value === 'string' && value !== '') return key === 'content' ? toText(value) : value;
  }
  return '';
}

/** What changed of late, by name. */
async function recents(run: Run, records: readonly JsonObject[]): Promise<Table> {
  return tableOf(
    run,
    records.map((record) => {
      const data = dataOf(record);
      const { add_time, created = add_time, update_time, modified = update_time } = data;
      const isGone = data['deleted'] === true || data['active_flag'] === false || isHidden(record, data);
      return {
        time: modified ?? null,
        what: isGone ? 'deleted' : created === modified ? 'created' : 'changed',
        item: record['item'] ?? null,
        id: record['id'] ?? null,
        name: cut(nameOf(data).replaceAll(/\s+/g, ' '), LONGEST),
        owner: record['item'] === 'user' ? null : (data['owner_id'] ?? data['user_id'] ?? null),
      };
    }),
  );
}

/** A pipeline's `active` says that it was not deleted; a deal's that it is open. */
function isHidden(record: JsonObject, data: JsonObject): boolean {
  return record['item'] === 'pipeline' && data['active'] === false;
}

function dataOf(record: JsonObject): JsonObject {
  return isObject(record['data']) ? record['data'] : {};
}

function fieldsOf({ vocabulary, options }: Run, entity: DescribedEntity): Promise<Fields> {
  return vocabulary.fields(entity).get(options);
}

function changeIn(of: Fields, record: JsonObject): Change {
  const { field_key, old_value = null, new_value = null } = record;
  return { of, key: String(field_key), old: old_value, now: new_value };
}

/** v2's changelog of projects tells all that changed at a time at once. */
function changesIn(of: Fields, record: JsonObject): Change[] {
  const { old_values, new_values } = record;
  if (!isObject(new_values)) return [changeIn(of, record)];
  const before = isObject(old_values) ? old_values : {};
  return Object.entries(new_values).map(([key, now]) => ({ of, key, old: before[key] ?? null, now }));
}

/** v1's keys, as changelogs have them, of fields that have another code in v2. */
const codes: Readonly<Record<string, string>> = {
  user_id: 'owner_id',
  pipeline: 'pipeline_id',
  label: 'label_ids',
  email: 'emails',
  phone: 'phones',
};

/** v2's code of the field that a changelog means by `key`, which may be a part of it: `{hash}_currency`. */
export function codeOf(key: string): string {
  const [, hash] = /^([0-9a-f]{40})(?:_|$)/.exec(key) ?? [];
  return hash ?? codes[key] ?? key.replace(/^(address)_.*/, '$1');
}

/** The changed field, and the part of it where it has several: `{hash}_currency`. */
function fieldIn({ of, key }: Change): { field: Field | undefined; part: string } {
  const [, hash = '', part = ''] = /^([0-9a-f]{40})_?(.*)$/.exec(key) ?? [];
  return { field: of.byCode(hash || (codes[key] ?? key)), part };
}

const custom: Readonly<Record<string, LinkKind>> = { user: 'user', people: 'person', org: 'organization' };

/** What the values of the changed field point to. */
function kindIn(change: Change): LinkKind | undefined {
  const { field } = fieldIn(change);
  if (field?.isCustom) return custom[field.type];
  const kind = links[codes[change.key] ?? change.key]?.kind;
  return kind === 'label' || kind === 'option' || kind === 'currency' ? undefined : kind;
}

type Id = readonly [LinkKind, Json];

function idsIn(change: Change): Id[] {
  const kind = kindIn(change);
  return kind ? [change.old, change.now].flat().map((value) => [kind, idOf(value)]) : [];
}

/** Changelogs tell ids as text, flows as numbers. */
function idOf(value: Json): Json {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
}

function namesIn(run: Run, ids: readonly Id[]): Promise<Lexicon> {
  return lexiconFor(run, [], { keys: [], also: ids, mode: 'load', fields: false });
}

function worded(change: Change, lexicon: Lexicon): { field: string; old: string; new: string } {
  const { of } = change;
  const { field, part } = fieldIn(change);
  const label = field?.isCustom ? of.labelOf(field) : (field?.label ?? change.key.replaceAll('_', ' '));
  return {
    field: part === '' ? label : `${label}: ${part.replaceAll('_', ' ')}`,
    old: valueIn(change, change.old, lexicon),
    new: valueIn(change, change.now, lexicon),
  };
}

function changeLine(change: Change, lexicon: Lexicon): string {
  const { field, old, new: now } = worded(change, lexicon);
  return old === '' ? `${field}: ${now}` : `${field}: ${old} → ${now === '' ? 'nothing' : now}`;
}

/** One value of a change as people say it; nothing for none. */
function valueIn(change: Change, value: Json, lexicon: Lexicon): string {
  if (Array.isArray(value)) return value.map((one) => valueIn(change, one, lexicon)).join(', ');
  if (value === null || value === '') return '';
  const { key } = change;
  const { field, part } = fieldIn(change);
  const kind = kindIn(change);
  const named = kind && part === '' ? lexicon.name(kind, idOf(value), key) : undefined;
  if (named !== undefined) return named;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (field?.isCustom && part === '' && (field.type === 'enum' || field.type === 'set')) {
    const shown = showV1(field, { [field.code]: text }, { zone: lexicon.zone, nameOf: () => undefined });
    return cut(Array.isArray(shown) ? shown.join(', ') : String(shown), LONGEST);
  }
  if (field?.options && !field.isCustom) {
    return text
      .split(',')
      .map((one) => field.options?.label(one) ?? one)
      .join(', ');
  }
  return cut(/_time$/.test(key) ? toLocal(text, lexicon.zone) : text.replaceAll(/\s+/g, ' '), LONGEST);
}
