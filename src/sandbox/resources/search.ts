import { z } from 'zod/v3';
import { schemaError } from '../error.ts';
import type { JsonObject } from '../json.ts';
import { cursorPage, cursorReply, startReply } from '../page.ts';
import { csvOf, limit, paging, param, startLimit } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import {
  fieldsOf,
  type Item,
  type ItemType,
  items,
  itemTypes,
  relatedItems,
  searchableCodes,
  textsOf,
} from './search-items.ts';
import { matcher } from './search-match.ts';

const anyField = [
  'address',
  'code',
  'custom_fields',
  'email',
  'name',
  'notes',
  'phone',
  'title',
  'description',
] as const;

const searchQuery = {
  term: z.string(),
  exact_match: param.bool,
  include_fields: csvOf(['deal.cc_email', 'person.picture', 'product.price', 'lead.was_seen']),
};
const narrowQuery = {
  ...searchQuery,
  person_id: param.int,
  organization_id: param.int,
  status: z.enum(['open', 'won', 'lost']).optional(),
};

/** Searches of one type; each knows the narrowing parameters of its own items only. */
const single = [
  { path: 'deals', type: 'deal', fields: ['custom_fields', 'notes', 'title'] },
  { path: 'persons', type: 'person', fields: ['custom_fields', 'email', 'notes', 'phone', 'name'] },
  { path: 'organizations', type: 'organization', fields: ['address', 'custom_fields', 'notes', 'name'] },
  { path: 'products', type: 'product', fields: ['code', 'custom_fields', 'name'] },
  { path: 'leads', type: 'lead', fields: ['custom_fields', 'notes', 'title'] },
  { path: 'projects', type: 'project', fields: ['custom_fields', 'notes', 'title', 'description'] },
] as const;

export const routes: Route[] = [
  ...single.map(({ path, type, fields }) =>
    route(`GET /v2/${path}/search`, {
      cost: 20,
      search: true,
      query: z.object({ ...narrowQuery, ...paging, fields: csvOf(fields) }),
      handle(world, { query }) {
        const page = cursorPage(search(world, [type], query), byScore(query));
        return ok({ items: page.rows.map((found) => shown(found, query)) }, { next_cursor: page.next_cursor });
      },
    }),
  ),
  route('GET /v1/leads/search', {
    cost: 40,
    search: true,
    query: z.object({ ...narrowQuery, ...startLimit, fields: csvOf(['custom_fields', 'notes', 'title']) }),
    handle(world, { query }) {
      const found = search(world, ['lead'], query);
      const reply = startReply(found, query, (one) => shown(one, query));
      return { ...reply, body: { ...reply.body, data: { items: reply.body['data'] ?? [] } } };
    },
  }),
  route('GET /v2/itemSearch', {
    cost: 20,
    search: true,
    query: z.object({
      ...searchQuery,
      ...paging,
      limit: limit(100),
      item_types: csvOf(itemTypes),
      fields: csvOf(anyField),
      search_for_related_items: param.bool,
    }),
    handle(world, { query }) {
      const found = search(world, query.item_types ?? itemTypes, query);
      const page = cursorPage(found, byScore(query));
      const related = query.search_for_related_items ? relatedTo(world, page.rows) : [];
      return ok(
        {
          items: page.rows.map((one) => shown(one, query)),
          related_items: related.map((item) => shown({ item, score: 0 }, query)),
        },
        { next_cursor: page.next_cursor },
      );
    },
  }),
  route('GET /v2/itemSearch/field', {
    cost: 20,
    search: true,
    query: z.object({
      ...paging,
      term: z.string(),
      entity_type: z.enum(['deal', 'lead', 'person', 'organization', 'product', 'project']),
      match: z.enum(['exact', 'beginning', 'middle']).default('exact'),
      field: z.string(),
    }),
    handle(world, { query }) {
      const { entity_type: type, match, field } = query;
      const term = checkTerm(query.term, match === 'exact');
      const values = fieldValues(world, type, field);
      const fits = {
        exact: (value: string) => value === term,
        beginning: (value: string) => value.startsWith(term),
        middle: (value: string) => value.includes(term),
      }[match];
      return cursorReply(
        items(world, type).filter((item) => values(item).some(fits)),
        query,
        ({ id, name }) => ({ id, name }),
      );
    },
  }),
];

type Found = { readonly item: Item; readonly score: number };
type Narrow = { person_id?: number | undefined; organization_id?: number | undefined; status?: string | undefined };
type Wanted = Narrow & { term: string; exact_match?: boolean | undefined; fields?: string[] | undefined };

/** A narrowed search finds no more than this many. */
const MOST_NARROWED = 2000;
const narrowing = ['person_id', 'organization_id', 'status'] as const;

/** Every item of these types that answers the term, best first; `id` tells items of all types apart. */
function search(world: World, types: readonly ItemType[], wanted: Wanted): (Found & { id: string })[] {
  const match = matcher(checkTerm(wanted.term, wanted.exact_match ?? false), wanted.exact_match ?? false);
  const found = types.flatMap((type) => {
    const fields = fieldsOf[type].filter((field) => wanted.fields?.includes(field) ?? true);
    return items(world, type).flatMap((item) => {
      if (!narrowing.every((key) => within(item.links[key], wanted[key]))) return [];
      const score = Math.max(0, ...fields.flatMap((field) => item.texts(field).map((value) => match(value, field))));
      return score > 0 ? [{ item, score, id: `${type} ${String(item.id).padStart(10, '0')}` }] : [];
    });
  });
  found.sort((a, b) => b.score - a.score);
  return narrowing.some((key) => wanted[key] !== undefined) ? found.slice(0, MOST_NARROWED) : found;
}

function within<T>(value: T | readonly T[] | undefined, wanted: T | undefined): boolean {
  return (
    wanted === undefined || value === undefined || value === wanted || (Array.isArray(value) && value.includes(wanted))
  );
}

function checkTerm(text: string, exact: boolean): string {
  const term = text.trim();
  const least = exact ? 1 : 2;
  if (term.length < least) throw schemaError('term', `The search term must be at least ${least} characters long`);
  return term;
}

function byScore(query: { limit: number; cursor?: string | undefined }) {
  return { limit: query.limit, cursor: query.cursor, sort_by: 'score', sort_direction: 'desc' } as const;
}

function shown({ item, score }: Found, query: { include_fields?: string[] | undefined }): JsonObject {
  return { result_score: score, item: item.view(query.include_fields ?? []) };
}

/** What belongs to the found and was not found itself, each once. */
function relatedTo(world: World, found: readonly Found[]): Item[] {
  const key = (item: Item) => `${item.type} ${item.id}`;
  const seen = new Set(found.map(({ item }) => key(item)));
  return found
    .flatMap(({ item }) => relatedItems(world, item))
    .filter((item) => {
      const fresh = !seen.has(key(item));
      seen.add(key(item));
      return fresh;
    });
}

/** How to read the values of a field by its key, v2's or v1's; 400 for one that cannot be searched. */
function fieldValues(world: World, type: ItemType, field: string): (item: Item) => string[] {
  if (searchableCodes(world, type).includes(field)) return (item) => textsOf(item.stored[field]);
  const builtIn = { emails: 'email', phones: 'phone' }[field] ?? field;
  const own = [...fieldsOf[type], ...(type === 'person' ? ['first_name', 'last_name'] : [])];
  if (builtIn === 'custom_fields' || !own.includes(builtIn)) {
    throw schemaError('field', `The field '${field}' of ${type} is not searchable`);
  }
  return (item) => item.texts(builtIn);
}
