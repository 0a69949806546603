import { type LinkKind, links } from '../../catalog/links.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import type { Field, Fields } from '../../vocabulary/fields.ts';
import { fold } from '../../vocabulary/fold.ts';
import { toText } from '../answers/text.ts';
import { dueToLocal } from '../time.ts';
import type { Subject } from './where.ts';

/** Entities whose lists take conditions. */
export type Conditional = 'deal' | 'person' | 'organization' | 'activity' | 'lead' | 'note' | 'product' | 'project';

/** What a condition can be about, and where a record has it. */
export type RecordSubject = Omit<Subject, 'resolve'> & {
  /** The value in the form that conditions are matched with. */
  readonly read: (record: JsonObject) => Json | undefined;
  /** What its words name: something of the account by id, one of a field's options, a currency of an amount. */
  readonly words?: LinkKind | 'option';
  /** A key that lists give only when `include_fields` asks for it. */
  readonly include?: string;
  /** The custom field that it is. */
  readonly code?: string;
};

/** Key, type and what people call it: the first name is what answers say, the key with spaces where there is none. */
type Row = readonly [key: string, type: Subject['type'], ...names: string[]];

const recorded: readonly Row[] = [
  ['add_time', 'time', 'added', 'created', 'add time'],
  ['update_time', 'time', 'updated', 'changed', 'update time'],
];
const owner: Row = ['owner_id', 'name', 'owner'];
const person: Row = ['person_id', 'name', 'person', 'contact', 'contact person'];
const company: readonly string[] = ['organization', 'company', 'org'];
const organization: Row = ['org_id', 'name', ...company];
const labels: Row = ['label_ids', 'list', 'labels', 'label'];
const visibility: Row = ['visible_to', 'option'];
const expectedClose: Row = ['expected_close_date', 'date', 'expected close', 'expected close date', 'close date'];
const nextActivity: Row = ['next_activity_id', 'name', 'next activity'];
const source: readonly Row[] = [
  ['origin', 'text', 'source origin'],
  ['origin_id', 'text', 'source origin id'],
  ['channel', 'option', 'source channel'],
  ['channel_id', 'text', 'source channel id'],
];

/** The keys of the records that lists answer, whatever the account. */
const rows: Readonly<Record<Conditional, readonly Row[]>> = {
  deal: [
    ['id', 'number'],
    ['title', 'text'],
    ['value', 'money', 'value', 'amount'],
    ['currency', 'option'],
    ['stage_id', 'name', 'stage'],
    ['pipeline_id', 'name', 'pipeline'],
    ['status', 'option'],
    owner,
    person,
    organization,
    labels,
    expectedClose,
    ['probability', 'number'],
    ['won_time', 'time', 'won time', 'won', 'won date'],
    ['lost_time', 'time', 'lost time', 'lost', 'lost date'],
    ['lost_reason', 'text'],
    ['close_time', 'time', 'close time', 'closed'],
    ['stage_change_time', 'time', 'stage changed', 'stage change'],
    ...recorded,
    ['creator_user_id', 'name', 'creator', 'created by'],
    visibility,
    ...source,
    ['acv', 'money', 'acv'],
    ['arr', 'money', 'arr'],
    ['mrr', 'money', 'mrr'],
    ['archive_time', 'time', 'archive time', 'archived'],
  ],
  person: [
    ['id', 'number'],
    ['name', 'text'],
    ['first_name', 'text'],
    ['last_name', 'text'],
    ['emails', 'text', 'email', 'e-mail', 'emails'],
    ['phones', 'text', 'phone', 'phones'],
    organization,
    owner,
    labels,
    ...recorded,
    visibility,
    ['job_title', 'text'],
    ['birthday', 'date'],
    ['postal_address', 'text'],
  ],
  organization: [
    ['id', 'number'],
    ['name', 'text'],
    owner,
    ['address', 'text'],
    labels,
    ['website', 'text'],
    ['linkedin', 'text'],
    ['industry', 'option'],
    ['annual_revenue', 'number', 'annual revenue', 'revenue'],
    ['employee_count', 'number', 'employees', 'number of employees', 'employee count'],
    ...recorded,
    visibility,
  ],
  activity: [
    ['id', 'number'],
    ['subject', 'text'],
    ['type', 'option'],
    ['done', 'flag'],
    ['due_date', 'date', 'due', 'due date'],
    ['due_time', 'clock'],
    ['duration', 'clock'],
    ['owner_id', 'name', 'owner', 'assigned to', 'assigned to user', 'user'],
    ['deal_id', 'name', 'deal'],
    ['lead_id', 'name', 'lead'],
    ['project_id', 'name', 'project'],
    person,
    organization,
    ['busy', 'flag'],
    ['priority', 'option'],
    ['location', 'text'],
    ['note', 'text'],
    ['public_description', 'text'],
    ['marked_as_done_time', 'time', 'marked as done', 'marked as done time', 'done time', 'completed'],
    ['creator_user_id', 'name', 'creator', 'created by'],
    ...recorded,
  ],
  lead: [
    ['id', 'text'],
    ['title', 'text'],
    ['value', 'money', 'value', 'amount'],
    labels,
    ['source_name', 'text', 'source', 'source name'],
    owner,
    ['creator_id', 'name', 'creator', 'created by'],
    person,
    ['organization_id', 'name', ...company],
    expectedClose,
    nextActivity,
    ['was_seen', 'flag', 'seen', 'was seen'],
    ...recorded,
    visibility,
    ...source,
  ],
  note: [
    ['id', 'number'],
    ['content', 'text', 'content', 'text', 'note'],
    ['user_id', 'name', 'author', 'user'],
    ['deal_id', 'name', 'deal'],
    ['lead_id', 'name', 'lead'],
    ['project_id', 'name', 'project'],
    person,
    organization,
    ...recorded,
    ['pinned_to_deal_flag', 'flag', 'pinned to deal', 'note is pinned to deal'],
    ['pinned_to_person_flag', 'flag', 'pinned to person', 'note is pinned to person'],
    ['pinned_to_organization_flag', 'flag', 'pinned to organization', 'note is pinned to organization'],
    ['pinned_to_lead_flag', 'flag', 'pinned to lead', 'note is pinned to lead'],
    ['pinned_to_project_flag', 'flag', 'pinned to project', 'note is pinned to project'],
  ],
  project: [
    ['id', 'number'],
    ['title', 'text'],
    ['status', 'option'],
    ['board_id', 'name', 'board'],
    ['phase_id', 'name', 'phase'],
    owner,
    ['health_status', 'option', 'health', 'health status'],
    ['start_date', 'date', 'start', 'start date'],
    ['end_date', 'date', 'end', 'end date'],
    labels,
    ['deal_ids', 'list', 'deals', 'deal'],
    ['person_ids', 'list', 'persons', 'person', 'contact'],
    ['org_ids', 'list', 'organizations', ...company],
    ...recorded,
    ['description', 'text'],
    ['status_change_time', 'time', 'status changed', 'status change'],
  ],
  product: [
    ['id', 'number'],
    ['name', 'text'],
    ['code', 'text'],
    ['prices', 'money', 'price', 'prices', 'unit price'],
    ['unit', 'text'],
    ['category', 'option'],
    ['is_linkable', 'flag', 'linkable', 'active'],
    ['tax', 'number'],
    ['description', 'text'],
    owner,
    ...recorded,
    ['billing_frequency', 'option', 'billing frequency'],
    ['billing_frequency_cycles', 'number', 'billing frequency cycles'],
    visibility,
  ],
};

const count = (...keys: readonly string[]): Row[] =>
  keys.map((key) => [`${key}_count`, 'number', key.replaceAll('_', ' '), `${key.replaceAll('_', ' ')} count`]);
const lastActivity: Row = ['last_activity_id', 'name', 'last activity'];
const mails: readonly Row[] = [
  ['last_incoming_mail_time', 'time', 'last email received', 'last incoming mail'],
  ['last_outgoing_mail_time', 'time', 'last email sent', 'last outgoing mail'],
];
const activityCounts = ['activities', 'done_activities', 'undone_activities', 'files', 'notes', 'followers'] as const;
const dealCounts = ['open_deals', 'closed_deals', 'won_deals', 'lost_deals'] as const;
const relatedCounts = dealCounts.map((key) => `related_${key}`);

/** What v2's lists give when `include_fields` names it. */
const included: Readonly<Partial<Record<Conditional, readonly Row[]>>> = {
  deal: [
    nextActivity,
    lastActivity,
    ['first_won_time', 'time', 'first won time', 'first won'],
    ['source_lead_id', 'name', 'source lead'],
    ...mails,
    ...count('products', 'email_messages', 'participants', ...activityCounts),
  ],
  person: [
    nextActivity,
    lastActivity,
    ...mails,
    ...count(...dealCounts, ...relatedCounts, 'participant_open_deals', 'participant_closed_deals'),
    ...count('email_messages', ...activityCounts),
    ['marketing_status', 'option'],
  ],
  organization: [
    nextActivity,
    lastActivity,
    ...count(...dealCounts, ...relatedCounts, 'people', 'email_messages', ...activityCounts),
  ],
};

/** Keys that records have only where a feature of the account is on, which then has a field for it. */
const onlyDescribed = new Set(['job_title', 'birthday', 'postal_address', 'marketing_status']);

/** What words of an option name where it isn't the options of the account's field. */
const wordKinds: Readonly<Record<string, LinkKind>> = { currency: 'currency', type: 'activity_type' };

/** Types of custom fields as conditions take them. A range is its first end; the other is a subject of its own. */
export const customTypes: Readonly<
  Record<string, { readonly type: Subject['type']; readonly words?: LinkKind | 'option' }>
> = {
  varchar: { type: 'text' },
  varchar_auto: { type: 'text' },
  text: { type: 'text' },
  phone: { type: 'text' },
  address: { type: 'text' },
  double: { type: 'number' },
  monetary: { type: 'money', words: 'currency' },
  enum: { type: 'option', words: 'option' },
  set: { type: 'list', words: 'option' },
  user: { type: 'name', words: 'user' },
  people: { type: 'name', words: 'person' },
  org: { type: 'name', words: 'organization' },
  date: { type: 'date' },
  daterange: { type: 'date' },
  time: { type: 'clock' },
  timerange: { type: 'clock' },
};

export function isConditional(name: string): name is Conditional {
  return Object.hasOwn(rows, name);
}

/** All that conditions on a list of these can be about; `fields` are the account's, as far as they are known. */
export function subjectsOf(entity: Conditional, fields: Fields | undefined, zone: string): readonly RecordSubject[] {
  const own = [
    ...rows[entity].map((row) => ({ row })),
    ...(included[entity] ?? []).map((row) => ({ row, isExtra: true })),
  ];
  const taken = new Set(own.flatMap(({ row }) => namesOf(row).map(fold)));
  const builtin = own.flatMap(({ row, isExtra = false }: { row: Row; isExtra?: boolean }): RecordSubject[] => {
    const [key, type] = row;
    const field = fields?.byCode(key);
    if (!field && onlyDescribed.has(key)) return [];
    const label = field && !taken.has(fold(field.label)) ? [field.label] : [];
    return [
      {
        key,
        type,
        names: [...namesOf(row), ...label],
        read: (record) => builtinValue(entity, key, type, record, zone),
        ...wordsOf(entity, key, type),
        ...(isExtra ? { include: key } : {}),
      },
    ];
  });
  // In the order in which errors list them: what people ask for most comes first.
  const common = builtin.findIndex(({ key }) => key === 'update_time') + 1;
  const custom = (fields?.custom ?? []).flatMap(customSubjects);
  return [...builtin.slice(0, common), ...custom, ...builtin.slice(common)];
}

/** Its names as people and as columns write them: `expected close`, `expected_close`. */
function namesOf([key, , ...names]: Row): readonly string[] {
  const said = names.length > 0 ? names : [key.replaceAll('_', ' ')];
  return [...new Set(said.flatMap((name) => [name, name.replaceAll(' ', '_')]))];
}

function wordsOf(entity: Conditional, key: string, type: Subject['type']): Pick<RecordSubject, 'words'> {
  const kind = entity === 'activity' || key === 'currency' ? wordKinds[key] : undefined;
  if (type === 'money') return { words: 'currency' };
  if (type === 'option') return { words: kind ?? 'option' };
  const link = Object.hasOwn(links, key) ? links[key]?.kind : undefined;
  if (type === 'list' && link !== undefined && link !== 'label') return { words: link };
  if (type === 'list') return { words: entity === 'lead' ? 'label' : 'option' };
  return type === 'name' && link ? { words: link } : {};
}

function customSubjects(field: Field): readonly RecordSubject[] {
  const { code, label } = field;
  const { type, words } = customTypes[field.type] ?? { type: 'text' };
  const isRange = field.type === 'daterange' || field.type === 'timerange';
  // The second name is there for when the first means something else too.
  const named = (part: string): readonly string[] => [`${label}${part}`, `${label}${part} (${code.slice(0, 6)})`];
  const subject: RecordSubject = {
    key: code,
    names: [...named(''), ...(isRange ? named(' start') : [])],
    type,
    code,
    read: (record) => customValue(record, code, field.type),
    ...(words ? { words } : {}),
  };
  if (!isRange) return [subject];
  const end = { ...subject, key: `${code}_until`, names: named(' end') };
  return [subject, { ...end, read: (record) => customPart(record, code, 'until') }];
}

function builtinValue(
  entity: Conditional,
  key: string,
  type: Subject['type'],
  record: JsonObject,
  zone: string,
): Json | undefined {
  const value = record[key];
  if (value === undefined || value === null) return value;
  if (key === 'prices') return prices(value);
  if (type === 'money') return isObject(value) ? value : { amount: value, currency: record['currency'] ?? null };
  if (type === 'flag') return value === 1 || value === true || value === '1';
  if (key === 'due_date' || key === 'due_time') return due(record, zone)[key];
  if (key === 'content' || (entity === 'activity' && key === 'note')) return toText(String(value));
  // A deleted deal keeps the status that it had.
  if (key === 'status' && record['is_deleted'] === true) return 'deleted';
  if (type === 'text' && Array.isArray(value)) return value.map(mainPart);
  return mainPart(value);
}

/** One amount a currency: a condition holds when it holds for any of them. */
function prices(value: Json): Json {
  const all = Array.isArray(value) ? value.filter(isObject) : [];
  return all.map(({ price = null, currency = null }) => ({ amount: price, currency }));
}

/** Date and time as the user's clock shows them; an all-day activity has a date alone. */
function due({ due_date = null, due_time = null }: JsonObject, zone: string): { due_date: Json; due_time: Json } {
  if (typeof due_date !== 'string' || typeof due_time !== 'string' || due_time === '') return { due_date, due_time };
  return dueToLocal({ due_date, due_time }, zone);
}

/** An address is an object of which `value` is the whole; e-mails and phones have a label beside theirs. */
function mainPart(value: Json): Json {
  return isObject(value) ? (value['value'] ?? value['id'] ?? null) : value;
}

/** Of v2's nested custom fields or v1's flat ones, which keep several options as `12,34`. */
function customValue(record: JsonObject, code: string, type: string): Json | undefined {
  const nested = record['custom_fields'];
  const value = isObject(nested) ? nested[code] : record[code];
  if (value === undefined || value === null || value === '') return undefined;
  if (type === 'monetary') return { amount: mainPart(value), currency: customPart(record, code, 'currency') ?? null };
  if (type === 'set' && typeof value === 'string') return value.split(',').map((id) => id.trim());
  return mainPart(value);
}

function customPart(record: JsonObject, code: string, part: string): Json | undefined {
  const nested = record['custom_fields'];
  if (!isObject(nested)) return record[`${code}_${part}`];
  const value = nested[code];
  return isObject(value) ? value[part] : undefined;
}
