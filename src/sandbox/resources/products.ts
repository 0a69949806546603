import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { schemaError } from '../error.ts';
import { optionsOf } from '../fields/active.ts';
import { customFieldsV2, writeCustomFieldsV2 } from '../fields/custom.ts';
import { listed } from '../filters/filter.ts';
import type { JsonObject } from '../json.ts';
import type { Product } from '../model.ts';
import { isCurrency } from '../money.ts';
import { cursorReply, startReply } from '../page.ts';
import { field, listing, param, startLimit } from '../parameters.ts';
import { created, ok, type Route, route } from '../route.ts';
import { dealV1, dealV1WithLinks, relatedToDeals } from '../views/deal.ts';
import { checkVisibility, defaultVisibility, visibleDeals } from '../visibility.ts';
import { deletion, live, type World } from '../world.ts';
import { hasStatus } from './deals.ts';
import { livePerson } from './persons.ts';
import { activeUser } from './users.ts';

/** A list of prices replaces the one there was; `productPrices` says what is left out. */
export const pricesBody = z.array(
  z
    .object({
      currency: z.string(),
      price: field.amount,
      cost: field.amount.optional(),
      direct_cost: field.amount.nullish(),
      notes: z.string().max(65_000).optional(),
    })
    .strict(),
);

const body = z
  .object({
    name: field.name,
    code: field.line,
    description: z.string().max(65_000),
    unit: field.line,
    tax: field.amount.nonnegative(),
    category: field.id,
    owner_id: field.id,
    is_linkable: z.boolean(),
    visible_to: z.number().int(),
    prices: pricesBody,
    custom_fields: z.unknown(),
    billing_frequency: z.enum(['one-time', 'annually', 'semi-annually', 'quarterly', 'monthly', 'weekly']),
    billing_frequency_cycles: z.number().int().min(1).max(208).nullable(),
  })
  .strict()
  .partial();

const statuses = ['open', 'won', 'lost', 'deleted', 'all_not_deleted'] as const;

export const routes: Route[] = [
  route('GET /v2/products', {
    cost: 10,
    query: z.object({
      ...listing(['id', 'name', 'add_time', 'update_time']),
      owner_id: param.int,
      ids: param.ids,
      filter_id: param.int,
      updated_since: param.time,
      custom_fields: param.keys,
    }),
    handle(world, { query }) {
      const { owner_id, custom_fields } = query;
      const found = listed(world, 'products', world.db.products, query, { is_deleted: false }, { owner_id });
      return cursorReply(found, query, (row) => productV2(world, row, custom_fields), sortValue);
    },
  }),
  route('GET /v2/products/{id}', {
    cost: 1,
    handle: (world, call) => ok(productV2(world, liveProduct(world, call.int('id')))),
  }),
  route('POST /v2/products', {
    cost: 5,
    body: body.required({ name: true }),
    handle(world, { body: { name, ...given } }) {
      const now = world.clock.stamp();
      const blank = {
        name,
        code: null,
        unit: null,
        tax: 0,
        description: null,
        category: null,
        is_linkable: true,
        owner_id: world.me().id,
        visible_to: defaultVisibility(world, 'product'),
        billing_frequency: 'one-time',
        billing_frequency_cycles: null,
        prices: productPrices(world, undefined),
        custom_fields: {},
        is_deleted: false,
        delete_time: null,
        add_time: now,
        update_time: now,
      };
      return created(productV2(world, insert(world, { ...blank, ...changesOf(world, given, blank) })));
    },
  }),
  route('PATCH /v2/products/{id}', {
    cost: 5,
    body,
    handle(world, call) {
      const product = liveProduct(world, call.int('id'));
      const changes = { ...changesOf(world, call.body, product), update_time: world.clock.stamp() };
      return ok(productV2(world, world.db.products.patch(product, changes)));
    },
  }),
  route('DELETE /v2/products/{id}', {
    cost: 3,
    handle(world, call) {
      const product = liveProduct(world, call.int('id'));
      world.db.products.patch(product, deletion(world));
      return ok({ id: product.id });
    },
  }),
  route('POST /v2/products/{id}/duplicate', {
    cost: 5,
    handle(world, call) {
      const { db } = world;
      const { id, ...product } = liveProduct(world, call.int('id'));
      const now = world.clock.stamp();
      const copy = insert(world, { ...structuredClone(product), add_time: now, update_time: now });
      for (const variation of db.productVariations.where('product_id', id)) {
        const row = { ...structuredClone(variation), id: db.productVariations.nextId(), product_id: copy.id };
        db.productVariations.insert(row);
      }
      return created(productV2(world, copy));
    },
  }),
  route('GET /v1/products/{id}/deals', {
    cost: 20,
    query: z.object({ ...startLimit, status: z.enum(statuses).default('all_not_deleted') }),
    handle(world, { query: { status, ...paging }, int }) {
      const { db } = world;
      const lines = db.dealProducts.where('product_id', liveProduct(world, int('id')).id);
      const deals = [...new Set(lines.map((line) => line.deal_id))].flatMap((id) => db.deals.get(id) ?? []);
      const wanted = visibleDeals(world, deals)
        .filter(hasStatus(world, status === 'all_not_deleted' ? undefined : [status]))
        .sort((a, b) => a.id - b.id);
      return startReply(
        wanted,
        paging,
        (deal) => dealV1WithLinks(world, deal),
        (page) => ({ related_objects: relatedToDeals(world, page) }),
      );
    },
  }),
  route('GET /v1/persons/{id}/products', {
    cost: 20,
    query: z.object(startLimit),
    handle(world, { query, int }) {
      const { db } = world;
      const deals = db.deals.where('person_id', livePerson(world, int('id')).id).filter((deal) => !deal.is_deleted);
      const pairs = visibleDeals(world, deals).flatMap((deal) =>
        db.dealProducts.where('deal_id', deal.id).flatMap((line) => {
          const product = db.products.get(line.product_id);
          return product ? [{ deal, product }] : [];
        }),
      );
      return startReply(pairs, query, ({ deal, product }) => ({
        [deal.id]: {
          deal: { ...dealV1(world, deal), company_id: world.company.id, first_add_time: v1Time(deal.add_time) },
          product: { ...productV1(world, product), deal_id: deal.id },
        },
      }));
    },
  }),
];

/** The product of that id, 404 where it is unknown or deleted. */
export function liveProduct({ db }: World, id: number): Product {
  return live(db.products, id, 'Product');
}

/** The prices of a body as they are kept; 0 in the user's currency where it has none. 400 for two in one currency. */
export function productPrices(
  world: World,
  given: z.output<typeof pricesBody> | undefined,
  directCost: number | null = null,
): Product['prices'] {
  const seen = new Set<string>();
  for (const { currency } of given ?? []) {
    if (!isCurrency(currency)) throw schemaError('prices', `Currency '${currency}' does not exist`);
    if (seen.has(currency))
      throw schemaError('prices', `There can only be one price per currency, not two in ${currency}`);
    seen.add(currency);
  }
  const all = given ?? [{ currency: world.me().default_currency, price: 0 }];
  return all.map(({ currency, price, cost = 0, direct_cost = directCost, notes = '' }) => ({
    currency,
    price,
    cost,
    direct_cost,
    notes,
  }));
}

type Body = z.output<typeof body>;
type Current = Pick<Product, 'custom_fields' | 'billing_frequency' | 'billing_frequency_cycles'>;

/** What a body changes; a key that it leaves out is not there. 400 where it breaks a rule. */
function changesOf(world: World, given: Body, current: Current) {
  const { prices, custom_fields, ...rest } = given;
  const { owner_id, visible_to, category } = rest;
  if (owner_id !== undefined) activeUser(world, owner_id);
  if (visible_to !== undefined) checkVisibility(world, visible_to);
  if (category !== undefined) checkCategory(world, category);
  const { billing_frequency, billing_frequency_cycles } = { ...current, ...rest };
  if (billing_frequency === 'one-time' && billing_frequency_cycles !== null) {
    throw schemaError('billing_frequency_cycles', 'Must be null when billing_frequency is one-time');
  }
  if (billing_frequency === 'weekly' && billing_frequency_cycles === null) {
    throw schemaError('billing_frequency_cycles', 'Cannot be null when billing_frequency is weekly');
  }
  return {
    ...rest,
    ...(prices === undefined ? {} : { prices: productPrices(world, prices) }),
    custom_fields: writeCustomFieldsV2(world, 'product', current.custom_fields, custom_fields),
  };
}

function insert({ db }: World, product: object): Product {
  return db.products.insert(db.products.parse({ ...product, id: db.products.nextId() }));
}

/** The categories of an account are the options of the products' field. */
function checkCategory(world: World, id: number): void {
  if (!optionsOf(world, 'product', 'category').some((option) => option.id === id)) {
    throw schemaError('category', `Category with id '${id}' does not exist`);
  }
}

/** Names without regard to capitals. */
function sortValue({ id, name, add_time, update_time }: Product, key: string): string | number {
  return { name: name.toLowerCase(), add_time, update_time }[key] ?? id;
}

/** A product as v2 shows it: its category by the option's id as text, as its schema has it. */
function productV2(world: World, product: Product, keys?: readonly string[]): JsonObject {
  const { delete_time: _, code, unit, description, category, prices, custom_fields, ...row } = product;
  return {
    ...row,
    code: code ?? '',
    unit: unit ?? '',
    description: description ?? '',
    category: category === null ? null : String(category),
    prices: prices.map((price) => ({ product_id: product.id, ...price })),
    custom_fields: customFieldsV2(world, 'product', custom_fields, { keys }),
  };
}

/** A product as v1 shows it. */
export function productV1({ company }: World, product: Product): JsonObject {
  const { id, name, code, unit, tax, description, category, owner_id } = product;
  return {
    id,
    company_id: company.id,
    name,
    code: code ?? '',
    description: description ?? '',
    unit: unit ?? '',
    tax,
    category: category === null ? null : String(category),
    active_flag: !product.is_deleted,
    selectable: product.is_linkable,
    first_char: name.slice(0, 1).toLowerCase(),
    visible_to: String(product.visible_to),
    owner_id,
    files_count: null,
    add_time: v1Time(product.add_time),
    update_time: v1Time(product.update_time),
  };
}
