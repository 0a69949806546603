import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import { type DescribedEntity, type Field, Fields, readField } from '../../vocabulary/fields.ts';
import { fold } from '../../vocabulary/fold.ts';
import { Problem } from '../../vocabulary/problem.ts';
import type { Run } from '../run.ts';
import { customTypes, type RecordSubject, subjectsOf } from '../where/subjects.ts';

/** Pipedrive's word for what a filter lists, and whose fields its conditions may ask about: its own kind's first. */
export const filterObjects = {
  deals: ['deal', 'person', 'organization', 'product', 'activity'],
  leads: ['lead', 'person', 'organization', 'activity'],
  org: ['organization', 'person', 'deal', 'activity'],
  people: ['person', 'organization', 'deal', 'activity'],
  products: ['product', 'deal'],
  activity: ['activity', 'deal', 'person', 'organization'],
  projects: ['project', 'deal', 'person', 'organization', 'activity'],
} as const satisfies Readonly<Record<string, readonly DescribedEntity[]>>;
export type FilterType = keyof typeof filterObjects;
export type FilterObject = (typeof filterObjects)[FilterType][number];

export function isFilterType(type: unknown): type is FilterType {
  return typeof type === 'string' && Object.hasOwn(filterObjects, type);
}

/** A field that a condition of a filter asks about. */
export type FilterSubject = Omit<RecordSubject, 'read'> & {
  readonly object: FilterObject;
  /** Its code in v2. */
  readonly code: string;
  /** v1's id; undefined where the API tells none. */
  readonly id: string | undefined;
  /** By which Pipedrive's filters decide what can be asked. */
  readonly fieldType: string;
  /** The end of a range. */
  readonly isEnd: boolean;
};

/** What people write before the name of a linked record's field. */
const prefixes: Readonly<Partial<Record<FilterObject, readonly string[]>>> = {
  person: ['person', 'contact'],
  organization: ['organization', 'org', 'company'],
};
const prefixesOf = (object: FilterObject) => prefixes[object] ?? [object];

/** v1's keys that v2 has renamed. */
const renamed: Readonly<Record<string, string>> = {
  user_id: 'owner_id',
  pipeline: 'pipeline_id',
  label: 'label_ids',
  email: 'emails',
  phone: 'phones',
  busy_flag: 'busy',
  selectable: 'is_linkable',
};

export function codeOf(v1Key: string): string {
  return renamed[v1Key] ?? v1Key;
}

/** The objects of a filter type whose fields some of the conditions name. */
export function mentioned(type: FilterType, texts: readonly string[]): readonly FilterObject[] {
  const [own, ...linked] = filterObjects[type];
  const begins = (object: FilterObject) =>
    texts.some((text) =>
      prefixesOf(object).some((prefix) =>
        fold(text)
          .replace(/^["'“«]/, '')
          .startsWith(`${prefix}.`),
      ),
    );
  return [own, ...linked.filter(begins)];
}

/** All that conditions may be about, of the objects given; the first is the one that the filter lists. */
export async function filterSubjects(run: Run, objects: readonly FilterObject[]): Promise<readonly FilterSubject[]> {
  const [own] = objects;
  const lists = await Promise.all(
    objects.map(async (object) => {
      const { fields, ids } = await fieldsOf(run, object);
      const known = new Map(subjectsOf(object, fields, run.account.zone).map((one) => [one.key, one]));
      const subjects = fields.all.flatMap((field) => ofField(object, known, field, ids.get(field.code)));
      return object === own ? subjects : subjects.map((subject) => linked(object, subject));
    }),
  );
  return lists.flat();
}

function linked(object: FilterObject, subject: FilterSubject): FilterSubject {
  const names = subject.names.flatMap((name) => prefixesOf(object).map((prefix) => `${prefix}.${name}`));
  return { ...subject, key: `${object}.${subject.key}`, names };
}

/**
 * The fields of an object with v1's ids, which filters go by: only v1's lists tell them. Of projects it has no list, so
 * theirs are known without.
 */
async function fieldsOf(run: Run, object: FilterObject): Promise<{ fields: Fields; ids: Map<string, string> }> {
  const { client, options, vocabulary } = run;
  if (object === 'project') return { fields: await vocabulary.fields(object).get(options), ids: new Map() };
  const path = `/api/v1/${object}Fields`;
  // Activities' come all at once.
  const query = object === 'activity' ? {} : { limit: 500 };
  const rows: JsonObject[] = [];
  for await (const { data } of client.pages({ method: 'GET', path, query, cost: 20 }, options))
    if (Array.isArray(data)) rows.push(...data.filter(isObject));
  const read = rows.map((row) => {
    const field = readField(row);
    return { id: String(row['id']), field: { ...field, code: codeOf(field.code) } };
  });
  return {
    fields: new Fields(read.map(({ field }) => field)),
    ids: new Map(read.map(({ id, field }) => [field.code, id])),
  };
}

/** Types of built-in fields that lists have no condition for. */
const types: typeof customTypes = {
  ...customTypes,
  int: { type: 'number' },
  user: { type: 'name', words: 'user' },
  stage: { type: 'name', words: 'stage' },
  status: { type: 'option', words: 'option' },
  visible_to: { type: 'option', words: 'option' },
  boolean: { type: 'flag' },
  deal: { type: 'name', words: 'deal' },
  lead: { type: 'name', words: 'lead' },
  product: { type: 'name', words: 'product' },
  project: { type: 'name', words: 'project' },
  activity: { type: 'name', words: 'activity' },
};

function ofField(
  object: FilterObject,
  known: ReadonlyMap<string, RecordSubject>,
  field: Field,
  id: string | undefined,
): readonly FilterSubject[] {
  const { code, type: fieldType } = field;
  const about = { object, code, id, fieldType };
  const end = known.get(`${code}_until`);
  const ends = end ? [{ ...bare(end), ...about, isEnd: true }] : [];
  const subject = known.get(code);
  if (subject) return [{ ...bare(subject), ...about, isEnd: false }, ...ends];
  const { type, words } = types[fieldType] ?? { type: 'text' };
  const names = [...new Set([field.label, code.replaceAll('_', ' ')])];
  const isInstant = type === 'date' && code.endsWith('_time');
  const own = { key: code, names, type: isInstant ? ('time' as const) : type, ...(words ? { words } : {}) };
  return [{ ...own, ...about, isEnd: false }];
}

function bare({ read: _, include: __, ...subject }: RecordSubject): Omit<RecordSubject, 'read'> {
  return subject;
}

/** What Pipedrive's filters can ask of each kind of field, in the words of conditions. Source: GET /filters/helpers. */
const equality = ['=', '!='] as const;
const emptiness = ['is empty', 'is not empty'] as const;
const order = [...equality, '<', '<=', '>', '>=', ...emptiness] as const;
const starts = ['starts with', 'not starts with'] as const;
const asked = {
  title: ['=', 'contains', ...starts],
  text: [...equality, 'contains', ...starts, ...emptiness],
  order,
  set: ['contains', 'not contains', ...emptiness],
  choice: [...equality, ...emptiness],
  place: equality,
} as const;

/** How a field is asked: `place` can't be empty, `choice` can. */
export function askedAs({ code, fieldType, type }: FilterSubject): keyof typeof asked {
  if (code === 'title') return 'title';
  if (code === 'currency' || code === 'pipeline_id') return 'place';
  if (fieldType === 'stage' || fieldType === 'status' || fieldType === 'visible_to') return 'place';
  if (fieldType === 'set') return 'set';
  if (type === 'text') return 'text';
  return type === 'name' || type === 'option' || type === 'flag' || type === 'list' ? 'choice' : 'order';
}

/** Throws Problem where Pipedrive's filters don't have the operator for the field. */
export function checkOperator(subject: FilterSubject, name: string, operator: string): void {
  const known: readonly string[] = asked[askedAs(subject)];
  // Of a list what it is, is what it has.
  const isChoice = askedAs(subject) === 'choice' && /^(not )?contains$/.test(operator);
  if (known.includes(operator) || isChoice) return;
  throw new Problem(
    `where: ${name}: a saved filter cannot ask for "${operator}" here.`,
    `Pipedrive's filters know for this field: ${known.join(', ')}.`,
    'Use one of these; what no filter can ask, a list can be looked through for with "where".',
  );
}
