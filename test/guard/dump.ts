import type { Aliases } from '../../src/guard/aliases.ts';
import { idIn } from '../../src/guard/places.ts';
import type { Undone } from '../../src/guard/undo.ts';
import type { Json, JsonObject } from '../../src/pipedrive/json.ts';
import type { Account } from './account.ts';

/** Everything that the account's lists show. */
export type Dump = Map<string, JsonObject>;

const lists: readonly [kind: string, path: string][] = [
  ['deals', '/api/v2/deals?limit=500'],
  ['deals', '/api/v2/deals/archived?limit=500'],
  ['persons', '/api/v2/persons?limit=500'],
  ['organizations', '/api/v2/organizations?limit=500'],
  ['activities', '/api/v2/activities?limit=500&include_fields=attendees'],
  ['notes', '/api/v1/notes?limit=500'],
  ['leads', '/api/v1/leads?limit=500'],
  ['leads', '/api/v1/leads/archived?limit=500'],
  ['products', '/api/v2/products?limit=500'],
  ['leadLabels', '/api/v1/leadLabels'],
  ['dealFields', '/api/v2/dealFields?limit=500'],
  ['personFields', '/api/v2/personFields?limit=500'],
  ['organizationFields', '/api/v2/organizationFields?limit=500'],
  ['productFields', '/api/v2/productFields?limit=500'],
];
const parts: Readonly<Record<string, readonly string[]>> = {
  deals: ['/api/v2/deals/ID/followers', '/api/v2/deals/ID/products', '/api/v1/deals/ID/participants'],
  persons: ['/api/v2/persons/ID/followers'],
};

export async function dumpOf(of: Account): Promise<Dump> {
  const dump: Dump = new Map();
  for (const [kind, path] of lists) {
    for (const row of (await of.get(path)) ?? []) {
      const id = row.field_code ?? row.id;
      dump.set(`${kind} ${id}`, row);
      for (const part of parts[kind] ?? []) {
        const name = part.split('/').at(-1) ?? '';
        for (const one of (await of.get(part.replace('ID', String(id)))) ?? []) {
          const key = name === 'products' ? one.id : (one.user_id ?? one.person_id.value);
          dump.set(`${kind}/${name} ${id} ${key}`, name === 'participants' ? { person_id: key } : one);
        }
      }
    }
  }
  return dump;
}

const MOVES =
  /(^|_)(time|id|uuid)$|_count$|^(next|last)_activity|^local_|_mail|^(cc_email|order_nr|origin|channel|origin_id|source_name|deal|person|organization|project|user|sum|name_of|company_id)$/;
const POINTS =
  /^(deal_id|person_id|org_id|organization_id|lead_id|product_id|owner_id|stage_id|pipeline_id|project_id|field_code)$/;

/** A record as far as it is one's own: no times, counts, copies of others. */
export function own(row: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([key, value]) => POINTS.test(key) || (!MOVES.test(key) && value !== null && value !== ''))
      .map(([key, value]) => [
        key,
        key === 'custom_fields'
          ? set(value)
          : key === 'options'
            ? labels(value)
            : key === 'prices'
              ? withoutProduct(value)
              : value,
      ]),
  );
}
/** Made anew, options have other ids, colors and places. */
function labels(value: Json): Json {
  return Array.isArray(value) ? value.map((option) => (option as JsonObject)['label'] ?? '').sort() : value;
}
function withoutProduct(value: Json): Json {
  return Array.isArray(value) ? value.map((price) => ({ ...(price as JsonObject), product_id: 0 })) : value;
}
function set(value: Json): Json {
  return Object.fromEntries(Object.entries(value as JsonObject).filter(([, one]) => one !== null));
}

/** The start as it should now read: its ids mapped to those of today. */
export function today(dump: Dump, aliases: Aliases): Dump {
  const mapped: Dump = new Map();
  for (const [key, row] of dump) {
    const [kind = '', id = '', ...rest] = key.split(' ');
    const [top = '', part] = kind.split('/');
    const name = part
      ? `${kind} ${aliases.id(top, id)} ${rest.map((one) => mappedPart(aliases, kind, one))}`
      : `${kind} ${aliases.id(kind, id)}`;
    mapped.set(name, aliases.record(kind, row));
  }
  return mapped;
}
function mappedPart(aliases: Aliases, kind: string, id: string): string {
  return String(aliases.id(kind.endsWith('participants') ? 'persons' : kind, id));
}

/** A field of a record, or the record itself where there is none; what the answers said is not as it was. */
export function excuses(undone: readonly Undone[]): (key: string, field?: string) => boolean {
  const all = undone.flatMap((one) => (one.is === 'undone' ? [] : [excuse(one)]));
  return (key, field) => all.some((excused) => excused(key, field));
}

const VALUES = ['value', 'arr', 'mrr', 'acv'];

function excuse(one: Undone): (key: string, field?: string) => boolean {
  const { method, path, after } = one.entry;
  const [, , , kind = '', id = '', part = ''] = path.split('/');
  const made = method === 'POST' && part === '' && typeof after === 'object' ? [idIn(kind, after)] : [];
  const ids = [id, ...made, 'id' in one && part === '' ? one.id : undefined].map(String);
  const lost = 'lost' in one ? one.lost.join('\n') : undefined;
  const words = lost?.split(/\W+/) ?? [];
  const isCustom = (field: string | undefined) => field === 'custom_fields' || /^[0-9a-f]{40}/.test(field ?? '');
  return (key, field) => {
    const [whole = '', of = ''] = key.split(' ');
    const [top = '', sub = ''] = whole.split('/');
    const isIt = kind === top && ids.includes(of);
    // What was not undone at all: the record, or the part of it.
    if (lost === undefined) return isIt && (part === '' || sub === part || sub === '');
    // Fields and options were deleted, and with them the values that records had.
    if (kind === 'dealFields') return isCustom(field) || (part === 'options' && field === 'label_ids');
    if (kind === 'leadLabels') return field === 'label_ids';
    // Deals keep the old product; further participants of deals and activities keep the old person, or none.
    if (kind === 'products') return sub === 'products' && field === 'product_id';
    if (kind === 'persons' && (sub === 'participants' || field === 'participants')) return true;
    if (!isIt) return false;
    if (sub !== '') return part === '' ? words.includes(sub) || sub === 'participants' : sub === part;
    if (VALUES.includes(field ?? '')) return words.includes('products') || words.includes('value');
    return field !== undefined && words.includes(field);
  };
}
