import { z } from 'zod/v3';
import type { Entity } from '../../catalog/entity.ts';
import type { LinkKind } from '../../catalog/links.ts';
import type { Operation } from '../../catalog/operation.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { type DescribedEntity, described } from '../../vocabulary/fields.ts';
import { lookUp, type NameSource, unknownName } from '../../vocabulary/lookup.ts';
import { type Entry, Names } from '../../vocabulary/names.ts';
import { Problem } from '../../vocabulary/problem.ts';
import type { NameKind, Vocabulary } from '../../vocabulary/vocabulary.ts';
import { type Arguments, plain } from '../request.ts';
import { encodeCustomFields } from './custom-fields.ts';
import { linkOf } from './lexicon.ts';
import { checkShown, type Naming, userId } from './named.ts';

/** What is in the account under a name, and how errors call it. */
const nouns = {
  pipeline: 'pipeline',
  stage: 'stage',
  filter: 'saved filter',
  currency: 'currency',
  activity_type: 'activity type',
  project_board: 'project board',
  project_phase: 'project phase',
  project_template: 'project template',
  role: 'role',
  team: 'team',
  permission_set: 'permission set',
} as const satisfies Partial<Record<NameKind, string>>;

/** Ids that say by their form that they are: for them nothing is loaded. */
const CURRENCY = /^[A-Z]{3}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

/**
 * The checked arguments with ids in the place of names, and custom fields as the API wants them. Loads each kind of name
 * that is used when it is not known yet; a JSON number is an id and loads nothing. `given` is what the caller wrote.
 * Throws Problem.
 */
export async function resolveNames(run: Naming, given: Arguments): Promise<Arguments> {
  await checkShown(run, given);
  const { custom_fields: custom, ...args } = run.args;
  const first: JsonObject = { ...args };
  // A stage is looked for in its pipeline, a phase on its board; an amount without a currency is in that of its record.
  for (const name of ['pipeline_id', 'board_id', 'currency', 'value']) {
    const value = args[name];
    if (value !== undefined) first[name] = await resolved(run, name, value);
  }
  const known = { ...run, args: first };
  const [rest, fields] = await Promise.all([
    Promise.all(
      Object.entries(first).map(async ([name, value]) => {
        const isOfAnother = isRecord(plain(run.operation.input.shape[name]));
        return [name, isOfAnother ? value : await resolved(known, name, value)] as const;
      }),
    ),
    isObject(custom) ? encodeCustomFields(known, custom) : undefined,
  ]);
  return { ...Object.fromEntries(rest), ...(fields ? { custom_fields: fields } : {}) };
}

/** Values of whole records are arguments of another operation, and are resolved with it. */
function isRecord(schema: z.ZodTypeAny | undefined): boolean {
  return schema instanceof z.ZodRecord || (schema instanceof z.ZodArray && isRecord(plain(schema.element)));
}

/** A write was refused: what its names mean may have been deleted since they were loaded, so the next try loads them anew. */
export function doubtNames({ entity }: Operation, args: Arguments, vocabulary: Vocabulary): void {
  for (const name of Object.keys(args)) {
    const kind = name === 'custom_fields' ? 'label' : kindOf(entity, name);
    if (kind === 'label' || kind === 'option') vocabulary.touched('field');
    if (kind) vocabulary.touched(kind === 'label' && entity.name === 'lead' ? 'lead_label' : kind);
  }
}

/** What an argument of this name points to. A currency is shown beside its amount, so it is none of the links of records. */
function kindOf(entity: Entity, name: string): LinkKind | undefined {
  return name === 'currency' ? 'currency' : linkOf(entity, name)?.kind;
}

/** One argument, its lists element by element and its objects key by key. */
async function resolved(run: Naming, name: string, value: Json): Promise<Json> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolved(run, name, item)));
  if (isObject(value)) {
    const parts = Object.entries(value).map(async ([key, part]) => [key, await resolved(run, key, part)] as const);
    return Object.fromEntries(await Promise.all(parts));
  }
  if (typeof value === 'number' && kindOf(run.operation.entity, name) === 'filter') {
    const known = run.vocabulary.names('filter').known?.byId(value);
    if (known) checkFilterType(run, name, known);
  }
  return typeof value === 'string' ? idOf(run, name, value) : value;
}

async function idOf(run: Naming, name: string, text: string): Promise<Json> {
  const { operation, args, vocabulary, options } = run;
  const { entity } = operation;
  if (name === 'field') return fieldCode(run, text);
  if (name === 'lost_reason' && entity.fields === 'deal') return lostReason(run, text);
  // A goal's assignee is a user or a team, as the type beside it says.
  const kind = name === 'assignee_id' && args['assignee_type'] === 'team' ? 'team' : kindOf(entity, name);
  switch (kind) {
    case 'user':
      return userId(run, text, name);
    case 'label':
      return label(run, name, text);
    case 'option':
      return option(run, name, text);
    case 'filter':
      return filter(run, name, text);
    case 'currency':
    case 'pipeline':
    case 'stage':
    case 'activity_type':
    case 'project_board':
    case 'project_phase':
    case 'project_template':
    case 'role':
    case 'team':
    case 'permission_set': {
      if (kind === 'currency' && CURRENCY.test(text)) return text;
      const parent = kind === 'stage' ? args['pipeline_id'] : kind === 'project_phase' ? args['board_id'] : undefined;
      const within =
        typeof parent === 'number'
          ? { within: (entry: { within?: { id: number } }) => entry.within?.id === parent }
          : {};
      return lookUp(vocabulary.names(kind), text, { argument: name, noun: nouns[kind], ...within }, options);
    }
    default:
      return text;
  }
}

/** A field to search in, by its code or label; one that the vocabulary has not is left for Pipedrive to judge. */
async function fieldCode({ args, vocabulary, options }: Naming, text: string): Promise<string> {
  const entity = described.find((one) => one === args['entity_type']);
  const fields = entity && (await vocabulary.fields(entity).get(options));
  return (fields?.byCode(text) ?? fields?.byShown(text))?.code ?? text;
}

/** Leads have labels of their own, by UUID; other records have those that are the options of their field. */
function label({ operation, vocabulary, options }: Naming, argument: string, text: string): Promise<Json> {
  const { fields } = operation.entity;
  if (fields === 'lead') {
    if (UUID.test(text)) return Promise.resolve(text);
    return lookUp(vocabulary.names('lead_label'), text, { argument, noun: 'lead label' }, options);
  }
  if (fields === undefined) return Promise.resolve(text);
  const source = optionsOf(vocabulary, fields, 'label_ids');
  return lookUp(source, text, { argument, noun: `${operation.entity.name} label` }, options);
}

/** The type of the filters that a list takes, by the first part of its path. */
const filterTypes: Readonly<Record<string, string>> = {
  deals: 'deals',
  pipelines: 'deals',
  stages: 'deals',
  leads: 'leads',
  persons: 'people',
  organizations: 'org',
  products: 'products',
  activities: 'activity',
  projects: 'projects',
};

function filterType({ operation }: Naming): string | undefined {
  return filterTypes[operation.endpoint.split('/')[3] ?? ''];
}

/** A saved filter of the list's own type: names are reused across types. */
async function filter(run: Naming, argument: string, text: string): Promise<Json> {
  const { vocabulary, options } = run;
  const type = filterType(run);
  const source = vocabulary.names('filter');
  const what = { argument, noun: nouns.filter, within: (one: Entry) => type === undefined || one.of === type };
  try {
    return await lookUp(source, text, what, options);
  } catch (error) {
    const [other] = (await source.get(options)).find(text);
    if (other) checkFilterType(run, argument, other);
    throw error;
  }
}

/** Refuses a filter that was saved for another kind of list. */
function checkFilterType(run: Naming, argument: string, { id, name, of }: Entry): void {
  const type = filterType(run);
  if (type === undefined || of === type) return;
  throw new Problem(
    `${argument}: "${name}" (${id}) is a filter of type ${of}.`,
    `This list takes filters of type ${type}.`,
    `list_filters with type ${type} shows them.`,
  );
}

/** One of the options of the field that the argument sets. */
function option({ operation, vocabulary, options }: Naming, argument: string, text: string): Promise<Json> {
  const { fields } = operation.entity;
  if (fields === undefined) return Promise.resolve(text);
  // Leads share them with deals, whose description costs less.
  const source = optionsOf(vocabulary, fields === 'lead' ? 'deal' : fields, argument);
  return lookUp(source, text, { argument, noun: 'option' }, options);
}

/** Free text, unless the account has a list of reasons: then it is one of them, as the list writes it. */
async function lostReason({ vocabulary, options }: Naming, text: string): Promise<string> {
  const source = optionsOf(vocabulary, 'deal', 'lost_reason');
  if ((await source.get(options)).entries.length === 0) return text;
  const what = { argument: 'lost_reason', noun: 'lost reason' };
  const id = await lookUp(source, text, what, options);
  const reasons = await source.get(options);
  const reason = reasons.byId(id);
  if (!reason) throw unknownName(reasons, text, what);
  return reason.name;
}

/** The options of a field, by its code. */
export function optionsOf(vocabulary: Vocabulary, entity: DescribedEntity, code: string): NameSource {
  const kept = vocabulary.fields(entity);
  const none = new Names([]);
  return {
    get loadedAt() {
      return kept.loadedAt;
    },
    get: async (options) => (await kept.get(options)).byCode(code)?.options ?? none,
    refresh: async (options) => (await kept.refresh(options)).byCode(code)?.options ?? none,
  };
}
