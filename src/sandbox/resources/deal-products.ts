import { z } from 'zod/v3';
import { invalid, notFound, schemaError } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { Deal, DealProduct } from '../model.ts';
import { cents } from '../money.ts';
import { cursorReply, type Paging } from '../page.ts';
import { field, listing, param } from '../parameters.ts';
import { created, ok, type Reply, type Route, route } from '../route.ts';
import { visibleDeals } from '../visibility.ts';
import type { World } from '../world.ts';
import { editableDeal, liveDeal } from './deals.ts';

const MOST_RECURRING = 20;
const MOST_AT_ONCE = 100;

const line = z
  .object({
    product_id: field.id,
    item_price: field.amount,
    quantity: field.amount.nonnegative(),
    tax: field.amount.nonnegative(),
    comments: z.string().max(65_000),
    discount: field.amount.nonnegative(),
    is_enabled: z.boolean(),
    tax_method: z.enum(['exclusive', 'inclusive', 'none']),
    discount_type: z.enum(['percentage', 'amount']),
    product_variation_id: field.id.nullable(),
    billing_frequency: z.enum(['one-time', 'annually', 'semi-annually', 'quarterly', 'monthly', 'weekly']),
    billing_frequency_cycles: z.number().int().min(1).max(208).nullable(),
    billing_start_date: field.date.nullable(),
  })
  .strict()
  .partial();
const newLine = line.required({ product_id: true, item_price: true, quantity: true });
type NewLine = z.output<typeof newLine>;

/** How often a year a product is billed; a one-time product has no rhythm. */
const timesAYear = { annually: 1, 'semi-annually': 2, quarterly: 4, monthly: 12, weekly: 52 } as const;

export const routes: Route[] = [
  route('GET /v2/deals/products', {
    cost: 10,
    query: z.object({
      ...listing(['id', 'deal_id', 'add_time', 'update_time', 'order_nr']),
      deal_ids: param.ids.unwrap(),
    }),
    handle: (world, { query }) =>
      list(
        world,
        visibleDeals(
          world,
          query.deal_ids.flatMap((id) => world.db.deals.get(id) ?? []),
        ).filter((deal) => !deal.is_deleted),
        query,
      ),
  }),
  route('GET /v2/deals/{id}/products', {
    cost: 10,
    query: z.object(listing(['id', 'add_time', 'update_time', 'order_nr'])),
    handle: (world, { query, int }) => list(world, [liveDeal(world, int('id'))], query),
  }),
  route('POST /v2/deals/{id}/products', {
    cost: 5,
    body: newLine,
    handle(world, { body, int }) {
      const deal = editableDeal(world, int('id'));
      return created(add(world, deal, [body]).map((row) => view(world, row))[0] ?? null);
    },
  }),
  route('POST /v2/deals/{id}/products/bulk', {
    cost: 25,
    body: z.object({ data: z.array(newLine).min(1).max(MOST_AT_ONCE) }).strict(),
    handle(world, { body, int }) {
      const deal = editableDeal(world, int('id'));
      return created(add(world, deal, body.data).map((row) => view(world, row)));
    },
  }),
  route('PATCH /v2/deals/{id}/products/{product_attachment_id}', {
    cost: 5,
    body: line,
    handle(world, { body, int }) {
      const deal = editableDeal(world, int('id'));
      const row = liveLine(world, deal, int('product_attachment_id'));
      checkProduct(world, body, row.product_id);
      const changed = world.db.dealProducts.parse({ ...row, ...body, update_time: world.clock.stamp() });
      const others = world.db.dealProducts.where('deal_id', deal.id).filter((other) => other !== row);
      checkLines(world, deal, [changed], [...others, changed]);
      world.db.dealProducts.patch(row, changed);
      if (body.tax_method) shareTaxMethod(world, deal, body.tax_method);
      recalculate(world, deal);
      return ok(view(world, row));
    },
  }),
  route('DELETE /v2/deals/{id}/products/{product_attachment_id}', {
    cost: 3,
    handle(world, { int }) {
      const deal = editableDeal(world, int('id'));
      const row = liveLine(world, deal, int('product_attachment_id'));
      removeLines(world, deal, [row]);
      return ok({ id: row.id });
    },
  }),
  route('DELETE /v2/deals/{id}/products', {
    cost: 15,
    query: z.object({ ids: param.ids }),
    handle(world, { query: { ids }, int }) {
      const deal = editableDeal(world, int('id'));
      const all = world.db.dealProducts.where('deal_id', deal.id);
      const wanted = ids ? all.filter((row) => ids.includes(row.id)) : all;
      const rows = wanted.slice(0, MOST_AT_ONCE);
      removeLines(world, deal, rows);
      return ok({ ids: rows.map((row) => row.id) }, { more_items_in_collection: wanted.length > rows.length });
    },
  }),
];

/**
 * Sets a deal's value from its products and discounts, and its recurring revenue (`mrr`, `arr`, `acv`: a month, a year,
 * the first twelve months) where a product is billed more than once. A deal without products keeps the value it has.
 */
export function recalculate(world: World, deal: Deal): void {
  const { db, clock } = world;
  const update_time = clock.stamp();
  const all = db.dealProducts.where('deal_id', deal.id);
  if (all.length === 0) {
    db.deals.patch(deal, { update_time });
    return;
  }
  let [oneTime, recurring, arr, acv] = [0, 0, 0, 0];
  for (const row of all.filter((one) => one.is_enabled)) {
    const sum = sumOf(row);
    if (row.billing_frequency === 'one-time') {
      oneTime += sum;
      continue;
    }
    const times = timesAYear[row.billing_frequency];
    recurring += sum;
    arr += sum * times;
    acv += sum * Math.min(times, row.billing_frequency_cycles ?? times);
  }
  const discounts = db.discounts
    .where('deal_id', deal.id)
    .reduce((total, { type, amount }) => total + (type === 'percentage' ? (oneTime * amount) / 100 : amount), 0);
  const once = Math.max(0, oneTime - discounts);
  const revenue = (amount: number) => (arr > 0 ? cents(amount) : null);
  db.deals.patch(deal, {
    value: cents(once + recurring),
    mrr: revenue(arr / 12),
    arr: revenue(arr),
    acv: revenue(once + acv),
    update_time,
  });
}

/** Whether a product counts in the deal and is billed more than once. */
export function isRecurring(row: DealProduct): boolean {
  return row.is_enabled && row.billing_frequency !== 'one-time';
}

function list(world: World, deals: readonly Deal[], page: Paging): Reply {
  const rows = deals.flatMap((deal) => world.db.dealProducts.where('deal_id', deal.id));
  return cursorReply(rows, page, (row) => view(world, row));
}

function add(world: World, deal: Deal, bodies: readonly NewLine[]): DealProduct[] {
  const { db, clock } = world;
  const now = clock.stamp();
  const before = db.dealProducts.where('deal_id', deal.id);
  const taxMethod = bodies.findLast((body) => body.tax_method)?.tax_method ?? before[0]?.tax_method ?? 'inclusive';
  let order_nr = Math.max(0, ...before.map((row) => row.order_nr));
  const rows = bodies.map((body) => {
    checkProduct(world, body);
    order_nr += 10;
    return world.db.dealProducts.parse({
      id: 0,
      deal_id: deal.id,
      order_nr,
      tax: 0,
      comments: '',
      discount: 0,
      discount_type: 'percentage',
      is_enabled: true,
      product_variation_id: null,
      billing_frequency: 'one-time',
      billing_frequency_cycles: null,
      billing_start_date: null,
      ...body,
      tax_method: taxMethod,
      add_time: now,
      update_time: now,
    });
  });
  checkLines(world, deal, rows, [...before, ...rows]);
  for (const row of rows) db.dealProducts.insert(Object.assign(row, { id: db.dealProducts.nextId() }));
  shareTaxMethod(world, deal, taxMethod);
  recalculate(world, deal);
  return rows;
}

/** The last product that installments stand on takes them with it; the last of all leaves a value of 0. */
function removeLines(world: World, deal: Deal, rows: readonly DealProduct[]): void {
  const { db } = world;
  for (const row of rows) db.dealProducts.remove(row);
  const left = db.dealProducts.where('deal_id', deal.id);
  if (!left.some((row) => row.is_enabled)) {
    for (const installment of db.installments.where('deal_id', deal.id)) db.installments.remove(installment);
  }
  if (left.length === 0 && rows.length > 0) db.deals.patch(deal, { value: 0, mrr: null, arr: null, acv: null });
  recalculate(world, deal);
}

/** `productId` is the product that the line has where the body names none. */
function checkProduct({ db }: World, body: z.output<typeof line>, productId?: number): void {
  if (body.product_id !== undefined) {
    const product = db.products.get(body.product_id);
    if (!product || product.is_deleted) throw invalid(`Product ${body.product_id} not found`);
    if (!product.is_linkable) throw invalid(`Product ${body.product_id} cannot be added to deals`);
  }
  const { product_variation_id } = body;
  if (typeof product_variation_id !== 'number') return;
  const variation = db.productVariations.get(product_variation_id);
  if (!variation || variation.product_id !== (body.product_id ?? productId)) {
    throw invalid(`Product variation ${product_variation_id} not found`);
  }
}

/** The rules of billing, for the lines that change and for all that the deal then has. */
function checkLines(
  { db, clock }: World,
  deal: Deal,
  changed: readonly DealProduct[],
  all: readonly DealProduct[],
): void {
  for (const { billing_frequency, billing_frequency_cycles, billing_start_date, discount, discount_type } of changed) {
    if (billing_frequency === 'one-time' && billing_frequency_cycles !== null) {
      throw schemaError('billing_frequency_cycles', 'Must be null when billing_frequency is one-time');
    }
    if (billing_frequency === 'weekly' && billing_frequency_cycles === null) {
      throw schemaError('billing_frequency_cycles', 'Cannot be null when billing_frequency is weekly');
    }
    const years = billing_start_date === null ? 0 : yearsBetween(clock.now(), new Date(billing_start_date));
    if (years > 10) {
      throw schemaError('billing_start_date', 'Must be between 10 years in the past and 10 years in the future');
    }
    if (discount_type === 'percentage' && discount > 100) throw schemaError('discount', 'Must not be more than 100 %');
  }
  if (all.filter((row) => row.billing_frequency !== 'one-time').length > MOST_RECURRING) {
    throw invalid(`A deal can have up to ${MOST_RECURRING} recurring products`);
  }
  if (db.installments.where('deal_id', deal.id).length === 0) return;
  if (all.some(isRecurring)) throw invalid('A deal with installments cannot have recurring products');
  if (!all.some((row) => row.is_enabled)) {
    throw invalid('The last enabled product of a deal with installments cannot be disabled');
  }
}

function yearsBetween(a: Date, b: Date): number {
  return Math.abs(b.getTime() - a.getTime()) / (365.25 * 24 * 3600 * 1000);
}

/** All products of a deal have one tax method. */
function shareTaxMethod({ db }: World, deal: Deal, tax_method: DealProduct['tax_method']): void {
  for (const row of db.dealProducts.where('deal_id', deal.id)) {
    if (row.tax_method !== tax_method) db.dealProducts.patch(row, { tax_method });
  }
}

function liveLine({ db }: World, deal: Deal, id: number): DealProduct {
  const row = db.dealProducts.get(id);
  if (row?.deal_id !== deal.id) throw notFound('Deal product');
  return row;
}

/** What a product adds to its deal each time it is billed: after its discount, with its tax where the price lacks it. */
function sumOf({ item_price, quantity, discount, discount_type, tax, tax_method }: DealProduct): number {
  const gross = item_price * quantity;
  const net = gross - (discount_type === 'percentage' ? (gross * discount) / 100 : discount);
  return cents(tax_method === 'exclusive' ? net * (1 + tax / 100) : net);
}

function view({ db }: World, row: DealProduct): JsonObject {
  const name = db.products.get(row.product_id)?.name ?? null;
  const currency = db.deals.get(row.deal_id)?.currency ?? null;
  return { ...row, sum: sumOf(row), name, currency };
}
