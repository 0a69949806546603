import { GUARDING } from '../../src/catalog/arguments.ts';
import type { Operation } from '../../src/catalog/operation.ts';
import type { Family } from './families/family.ts';
import { families } from './families/index.ts';
import type { Scene } from './scene.ts';

type Json = Record<string, unknown>;
export type Variant = { name: string; args: Json };
type Pick = 'first' | 'last';

/** Arguments that go in no call with all the others, and what must go with them. */
const ALONE: Readonly<Record<string, Json>> = {
  ...merged((family) => family.alone),
  lost_reason: { status: 'lost' },
  lost_time: { status: 'lost' },
  won_time: { status: 'won' },
  close_time: { status: 'won' },
  is_archived: {},
  // It excludes `fields`.
  detail: {},
  lead_id: {},
  pinned_to_lead_flag: { lead_id: undefined },
  billing_frequency: {},
  billing_frequency_cycles: { billing_frequency: 'monthly' },
  billing_start_date: { billing_frequency: 'monthly' },
};

/** What the least call of a tool needs beyond the required arguments: one of several, so that no schema says it. */
const LEAST: Readonly<Record<string, readonly string[]>> = {
  create_lead: ['person_id'],
  create_note: ['deal_id'],
  ...merged((family) => family.least),
};

/** Arguments that only an answer gives. */
const GOES_ON: readonly string[] = ['cursor', 'continue_at', 'resume'];

/** The calls of tools whose arguments exclude each other. */
const CALLS = merged((family) => family.calls);

const ofActivities = { pipeline_id: 2, activity_type_id: 'Call', target: 3, tracking_metric: 'quantity' };

/** What goes with an option of an argument, or with its null. */
const WITH_OPTION: Readonly<Record<string, Json>> = {
  'entity_type person': { field: 'name' },
  'entity_type organization': { field: 'name' },
  'entity_type product': { field: 'name' },
  'type deals_progressed': { pipeline_id: 2, stage_id: 9 },
  'type deals_started': { pipeline_id: 2 },
  'type activities_completed': ofActivities,
  'type activities_added': ofActivities,
  'update_goal pipeline_id null': { type: 'deals_won' },
  'update_goal stage_id null': { type: 'deals_progressed', pipeline_id: 2 },
  'update_goal activity_type_id null': { type: 'activities_added', pipeline_id: 2 },
  'update_goal end null': { start: '2026-01-01' },
  'field_type enum': { options: ['One', 'Two'] },
  'field_type set': { options: ['One', 'Two'] },
};

/** Arguments whose request is checked but not sent, since the sandbox has nothing that they could name. */
const UNSENT: Readonly<Record<string, string>> = {
  ...merged((family) => family.unsent),
  marketing_status: 'needs the Campaigns add-on',
  job_title: 'needs contact sync',
  birthday: 'needs contact sync',
  notes: 'needs contact sync',
  im: 'needs contact sync',
  postal_address: 'needs contact sync',
};

function merged<T>(part: (family: Family) => Readonly<Record<string, T>> | undefined): Record<string, T> {
  return Object.assign({}, ...families.map((family) => part(family) ?? {}));
}

/** The calls that a tool's requests are checked by: smallest, fullest, and what neither of them holds. */
export async function variants(operation: Operation, schema: Json, newScene: () => Scene): Promise<Variant[]> {
  const calls = await CALLS[operation.name]?.(newScene());
  if (calls) return calls.map((args, index) => ({ name: `call ${index + 1}`, args }));
  const properties = schema['properties'] as Record<string, Json>;
  const required = new Set((schema['required'] ?? []) as string[]);
  const optional = Object.keys(properties).filter((name) => !required.has(name));
  const excluded = new Set([...apart(operation), ...Object.keys(ALONE)]);
  const sendable = optional.filter((name) => !(name in UNSENT) && !GOES_ON.includes(name) && !GUARDING.includes(name));
  // An update needs something to change.
  const isEmpty = operation.kind === 'update' && required.size === inPath(operation).size;
  const least = LEAST[operation.name] ?? (isEmpty ? sendable.slice(0, 1) : []);

  const found: Variant[] = [];
  async function add(name: string, names: readonly string[], more: Json = {}, pick: Pick = 'first'): Promise<void> {
    const scene = newScene();
    const args: Json = {};
    for (const one of [...required, ...names])
      args[one] ??= await value(operation, one, properties[one] ?? {}, scene, pick);
    for (const [one, given] of Object.entries(more)) {
      args[one] = given === undefined ? await value(operation, one, properties[one] ?? {}, scene, pick) : given;
    }
    found.push({ name, args });
  }

  await add('smallest', least);
  const full = sendable.filter((name) => !excluded.has(name));
  for (const pick of ['first', 'last'] as const) await add(`fullest, ${pick} options`, full, {}, pick);
  for (const name of sendable.filter((one) => excluded.has(one))) {
    const companions = Object.entries(ALONE[name] ?? {}).filter(([one]) => one in properties);
    await add(`with ${name}`, [...(LEAST[operation.name] ?? []), name], Object.fromEntries(companions));
  }
  for (const [name, property] of Object.entries(properties)) {
    // A tool of several entities has an endpoint for each.
    for (const option of name === 'entity' ? options(property) : options(property).slice(1, -1)) {
      const isList = plain(property)['type'] === 'array';
      await add(`${name} ${option}`, LEAST[operation.name] ?? [], {
        [name]: isList ? [option] : option,
        ...WITH_OPTION[`${name} ${option}`],
      });
    }
    if (allowsNull(property))
      await add(`${name} null`, [], { [name]: null, ...WITH_OPTION[`${operation.name} ${name} null`] });
  }
  return found;
}

/** Arguments whose requests are only looked at, each with the required ones. */
export async function unsent(operation: Operation, schema: Json, scene: Scene): Promise<Variant[]> {
  // The arguments of a job are not those of its endpoint.
  if (operation.job) return [];
  const properties = schema['properties'] as Record<string, Json>;
  const found: Variant[] = [];
  for (const name of Object.keys(properties).filter((one) => one in UNSENT)) {
    const args: Json = {};
    for (const one of [...((schema['required'] ?? []) as string[]), name]) {
      args[one] = await value(operation, one, properties[one] ?? {}, scene, 'first');
    }
    found.push({ name: `with ${name}, not sent`, args });
  }
  return found;
}

/** Of arguments that exclude each other, those that are left out of the fullest call. */
function apart(operation: Operation): string[] {
  return operation.kind === 'convert' ? ['stage_id', 'pipeline_id'] : [];
}

function inPath(operation: Operation): Map<string, { segment: string; parent: string }> {
  const segments = operation.endpoint.split('/');
  const found = new Map<string, { segment: string; parent: string }>();
  for (const [i, segment] of segments.entries()) {
    if (!segment.startsWith('{')) continue;
    const placeholder = segment.slice(1, -1);
    const name = operation.path?.[placeholder] ?? placeholder;
    found.set(name, { segment: segments[i - 1] ?? '', parent: segments[i - 3] ?? '' });
  }
  return found;
}

/** A value of an argument that means something in the account, or one that its schema allows. */
export async function value(
  operation: Operation,
  name: string,
  property: Json,
  scene: Scene,
  pick: Pick,
): Promise<unknown> {
  for (const family of families) {
    const given = family.value?.(scene, operation, name, pick);
    if (given) return given;
  }
  const place = inPath(operation).get(name);
  if (place?.segment === 'deals' && !operation.endpoint.endsWith('}')) return scene.dealWithLine();
  if (place) return scene.at(place.segment, place.parent);
  const known = await real(operation, name, plain(property), scene, pick);
  return known === undefined ? invented(property, pick) : known;
}

/** Values that mean something in the account, by the name of the argument. */
async function real(operation: Operation, name: string, property: Json, scene: Scene, pick: Pick): Promise<unknown> {
  const entity = operation.entity.name;
  const [, , , resource = ''] = operation.endpoint.split('/');
  switch (name) {
    case 'deal_id':
      return resource === 'deals' ? scene.dealWithLine() : scene.deal();
    case 'deal_ids':
      return [await scene.dealWithLine()];
    case 'person_id':
      return scene.person();
    case 'org_id':
    case 'organization_id':
      return scene.organization();
    case 'pipeline_id':
      await scene.stage();
      return scene.pipeline();
    case 'stage_id':
      return scene.stage();
    case 'owner_id':
    case 'user_id':
      return pick === 'first' ? scene.me() : scene.colleague();
    case 'lead_id':
      return scene.lead();
    case 'product_id':
      return scene.product();
    case 'ids':
      return [entity === 'deal_product' ? await scene.line() : await scene.at(resource, '')];
    case 'label_ids':
    case 'add_label_ids':
      return (await scene.labels(entity)).slice(1, 2);
    case 'remove_label_ids':
      return (await scene.labels(entity)).slice(0, 1);
    case 'remove_emails':
      return ['contract.two@varsa.example'];
    case 'remove_phones':
      return ['+49 30 5550101'];
    case 'emails':
    case 'add_emails':
      return [{ value: 'contract.new@varsa.example', label: 'home', primary: true }];
    case 'phones':
    case 'add_phones':
      return [{ value: '+49 30 5550199', label: 'mobile', primary: true }];
    case 'participants':
      return [{ person_id: await scene.person(), primary: true }];
    case 'attendees':
      return [{ email: 'guest@varsa.example', name: 'Guest' }];
    case 'custom_fields':
      return scene.customFields(entity);
    case 'data':
      return [{ ...(invented(property, pick) as Json[])[0], product_id: await scene.product(), ...oneTime }];
    case 'field_code':
      return 'subject';
    case 'field':
      return 'title';
    case 'fields':
      return property['type'] === 'array' && !options(property).length ? ['id'] : undefined;
    case 'where':
      return ['id is not empty'];
    case 'term':
      return operation.name === 'find_users' ? String((await scene.users())[0]?.['name']).slice(0, 4) : 'Contract';
    case 'type':
      return entity === 'activity' ? 'call' : undefined;
    case 'visible_to':
      return property['type'] === 'integer' ? 3 : undefined;
    case 'currency':
      return 'EUR';
    case 'value':
      return property['type'] === 'object' ? { amount: 450, currency: 'EUR' } : undefined;
    case 'limit':
      return 2;
    case 'channel':
      return scene.option('deal', 'channel');
    case 'industry':
    case 'priority':
      return entity === 'organization' || entity === 'activity' ? scene.option(entity, name) : undefined;
    case 'color':
      return property['enum'] ? undefined : 'FF8800';
    case 'due_time':
    case 'duration':
      return '01:30';
    default:
      if (name === 'birthday' || name.endsWith('_date')) return '2026-12-01';
      if (/_(time|since|until)$/.test(name)) return pick === 'first' ? '2026-11-19T08:00:00Z' : '2026-11-18 09:30';
      return undefined;
  }
}

const oneTime = {
  billing_frequency: undefined,
  billing_frequency_cycles: undefined,
  billing_start_date: undefined,
  product_variation_id: undefined,
};

/** A value that fits a schema. */
function invented(property: Json, pick: Pick): unknown {
  const schema = plain(property);
  const choices = options(schema);
  if (schema['type'] === 'array')
    return choices.length > 0 ? picked(choices, pick) : [invented(schema['items'] as Json, pick)];
  if (choices.length > 0) return pick === 'first' ? choices[0] : choices.at(-1);
  if (schema['type'] === 'boolean') return pick === 'first';
  if (schema['type'] === 'integer' || schema['type'] === 'number') return Math.max(Number(schema['minimum'] ?? 1), 5);
  if (schema['type'] === 'object') {
    const entries = Object.entries((schema['properties'] ?? {}) as Record<string, Json>);
    return Object.fromEntries(entries.map(([name, one]) => [name, name === 'currency' ? 'EUR' : invented(one, pick)]));
  }
  return 'Contract **text**';
}

function picked(choices: unknown[], pick: Pick): unknown[] {
  return pick === 'first' ? choices.slice(0, 1) : choices;
}

/** The schema without its null. */
function plain(schema: Json): Json {
  const alternatives = schema['anyOf'] as Json[] | undefined;
  if (alternatives)
    return { description: schema['description'], ...alternatives.find((one) => one['type'] !== 'null') };
  const { type } = schema;
  return Array.isArray(type) ? { ...schema, type: type.find((one) => one !== 'null') } : schema;
}

function allowsNull(schema: Json): boolean {
  const { type } = schema;
  const alternatives = schema['anyOf'] as Json[] | undefined;
  return alternatives?.some((one) => one['type'] === 'null') ?? (Array.isArray(type) && type.includes('null'));
}

function options(schema: Json): unknown[] {
  const one = plain(schema);
  return (one['enum'] ?? (one['items'] as Json | undefined)?.['enum'] ?? []) as unknown[];
}
