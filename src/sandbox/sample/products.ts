import type { Deal, Product } from '../model.ts';
import { recalculate } from '../resources/deal-products.ts';
import { DAY, date, stamp } from './calendar.ts';
import type { Sector } from './countries.ts';
import { type Catalogue, type Filling, options, stream } from './filling.ts';
import type { Random } from './random.ts';

type Item = {
  name: string;
  code: string;
  euros: number;
  dollars: number;
  unit: string;
  /** How many a deal usually takes, at most. */
  most: number;
  billing: 'one-time' | 'annually';
  description: string;
  /** Sold as one of these as well, each with its price in euros and dollars. */
  variations?: readonly (readonly [name: string, euros: number, dollars: number])[];
  discontinued?: true;
};

const items: readonly Item[] = [
  {
    name: 'Probe T4 turbidity',
    code: 'VP-T4',
    euros: 1890,
    dollars: 2050,
    unit: 'piece',
    most: 12,
    billing: 'one-time',
    description: 'Optical turbidity probe with wiper, 0-1000 NTU',
    variations: [
      ['Cable 10 m', 1890, 2050],
      ['Cable 25 m', 1980, 2150],
      ['Titanium housing, for sea water', 2690, 2920],
    ],
  },
  {
    name: 'Probe O2 oxygen',
    code: 'VP-O2',
    euros: 1290,
    dollars: 1390,
    unit: 'piece',
    most: 16,
    billing: 'one-time',
    description: 'Optical dissolved oxygen probe for ponds and tanks',
  },
  {
    name: 'Probe C2 conductivity',
    code: 'VP-C2',
    euros: 940,
    dollars: 1020,
    unit: 'piece',
    most: 10,
    billing: 'one-time',
    description: 'Inductive conductivity probe, fit for CIP at 95 °C',
  },
  {
    name: 'Probe CL chlorine and pH',
    code: 'VP-CL',
    euros: 1480,
    dollars: 1600,
    unit: 'piece',
    most: 8,
    billing: 'one-time',
    description: 'Free chlorine and pH in one flow cell',
  },
  {
    name: 'Probe N3 ammonium and nitrate',
    code: 'VP-N3',
    euros: 2650,
    dollars: 2890,
    unit: 'piece',
    most: 6,
    billing: 'one-time',
    description: 'Ion-selective probe for effluent',
  },
  {
    name: 'Gateway G2 mains',
    code: 'VG-G2',
    euros: 690,
    dollars: 750,
    unit: 'piece',
    most: 4,
    billing: 'one-time',
    description: 'LTE gateway for up to 8 probes',
  },
  {
    name: 'Gateway G2B battery',
    code: 'VG-G2B',
    euros: 890,
    dollars: 970,
    unit: 'piece',
    most: 4,
    billing: 'one-time',
    description: 'As G2, two years on its battery',
  },
  {
    name: 'Mounting kit',
    code: 'VM-KIT',
    euros: 180,
    dollars: 195,
    unit: 'piece',
    most: 12,
    billing: 'one-time',
    description: 'Stainless steel holder, cable and glands',
    variations: [
      ['Pipe DN50', 180, 195],
      ['Open channel', 240, 260],
    ],
  },
  {
    name: 'Installation day',
    code: 'VS-INST',
    euros: 1150,
    dollars: 1400,
    unit: 'day',
    most: 4,
    billing: 'one-time',
    description: 'One technician on site, travel included',
  },
  {
    name: 'Operator training',
    code: 'VS-TRAIN',
    euros: 1600,
    dollars: 1750,
    unit: 'session',
    most: 2,
    billing: 'one-time',
    description: 'Half a day for up to ten people',
  },
  {
    name: 'Varsa Cloud Standard',
    code: 'VC-STD',
    euros: 228,
    dollars: 249,
    unit: 'probe',
    most: 24,
    billing: 'annually',
    description: 'Dashboards, alarms and reports, per probe and year',
  },
  {
    name: 'Calibration service',
    code: 'VS-CAL',
    euros: 340,
    dollars: 370,
    unit: 'probe',
    most: 24,
    billing: 'annually',
    description: 'Yearly calibration with certificate, per probe',
  },
  {
    name: 'Probe T3 turbidity',
    code: 'VP-T3',
    euros: 1640,
    dollars: 1780,
    unit: 'piece',
    most: 12,
    billing: 'one-time',
    description: 'Turbidity probe without wiper, no longer made: T4 takes its place',
    discontinued: true,
  },
];

/** A probe over water, 64 by 64: what every probe has as its image. */
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABABAMAAABYR2ztAAAAD1BMVEX///+osr00QE94vuHe5OpgsgNOAAAAPklEQVR42mNgQAVM' +
  'Cgz4wUhQoAQFowoIKGAQdHEUFBRkGFUwqmBUAc0VGCMDiAIUoSGoAFLADHsFWMDwUAAAllSaFFuJgtAAAAAASUVORK5CYII=';

export function insertProducts(filling: Filling): Catalogue {
  const { world, since } = filling;
  const categories = options(filling, 'product', 'category');
  const random = stream(filling, 'product images');
  return items.map((item, index) => {
    const product = world.db.products.insert({
      id: world.db.products.nextId(),
      name: item.name,
      code: item.code,
      unit: item.unit,
      tax: 0,
      description: item.description,
      category: categories.find(({ label }) => label === categoryOf(item))?.id ?? null,
      is_linkable: item.discontinued !== true,
      owner_id: world.me().id,
      visible_to: 7,
      billing_frequency: item.billing,
      billing_frequency_cycles: null,
      prices: [price('EUR', item.euros), price('USD', item.dollars)],
      custom_fields: {},
      is_deleted: false,
      delete_time: null,
      add_time: stamp(since + index * 60_000),
      update_time: stamp(since + (index + 1) * 40 * DAY),
    });
    for (const [name, euros, dollars] of item.variations ?? []) {
      const prices = [price('EUR', euros), price('USD', dollars)];
      const { productVariations } = world.db;
      productVariations.insert({ id: productVariations.nextId(), product_id: product.id, name, prices });
    }
    if (item.code.startsWith('VP-')) insertImage(filling, random, product);
    return product;
  });
}

function insertImage({ world: { db } }: Filling, random: Random, { id, code, add_time }: Product): void {
  const blob_id = random.uuid();
  db.blobs.insert({ id: blob_id, name: `${code}.png`, type: 'image/png', content: PICTURE });
  db.productImages.insert({ id: db.productImages.nextId(), product_id: id, blob_id, add_time });
}

function categoryOf({ code }: Item): string {
  if (code.startsWith('VS-')) return 'Services';
  return code.startsWith('VC-') ? 'Software' : 'Hardware';
}

function price(currency: string, amount: number): Product['prices'][number] {
  return { currency, price: amount, cost: Math.round(amount * 0.45), direct_cost: null, notes: '' };
}

const probes: Record<Sector, readonly string[]> = {
  utility: ['VP-T4', 'VP-CL'],
  brewery: ['VP-O2', 'VP-C2'],
  dairy: ['VP-C2'],
  fish: ['VP-O2'],
  chemistry: ['VP-N3', 'VP-C2'],
  paper: ['VP-N3', 'VP-T4'],
  science: ['VP-T4', 'VP-O2'],
  pool: ['VP-CL'],
  partner: ['VP-T4'],
};

/**
 * Gives a deal products, and the value that follows from them: probes and what goes with them, or the yearly services
 * where `turn` is undefined, as in renewals. `turn` counts the deals with probes, so that discounts, installments and
 * services beside probes all come up however few deals there are.
 */
export function insertDealProducts(
  random: Random,
  filling: Filling,
  deal: Deal,
  catalogue: Catalogue,
  sector: Sector,
  turn: number | undefined,
): void {
  const { db } = filling.world;
  const yearly = catalogue.filter((product) => product.billing_frequency === 'annually');
  const extras = catalogue.filter(
    ({ code, billing_frequency }) => billing_frequency === 'one-time' && !code?.startsWith('VP-'),
  );
  const probe = random.pick(probes[sector]);
  const chosen =
    turn === undefined
      ? random.some(yearly, random.int(1, 2))
      : [
          ...catalogue.filter(({ code }) => code === probe),
          ...random.some(extras, random.int(0, 3)),
          ...(turn % 3 === 2 ? random.some(yearly, 1) : []),
        ];
  for (const [index, product] of chosen.entries()) {
    const most = items[product.id - 1]?.most ?? 1;
    db.dealProducts.insert({
      id: db.dealProducts.nextId(),
      deal_id: deal.id,
      product_id: product.id,
      product_variation_id: null,
      order_nr: (index + 1) * 10,
      item_price: product.prices.find(({ currency }) => currency === deal.currency)?.price ?? 0,
      quantity: random.int(Math.ceil(most / 5), most),
      tax: 0,
      tax_method: 'none',
      discount: random.chance(0.2) ? random.pick([5, 10]) : 0,
      discount_type: 'percentage',
      comments: '',
      is_enabled: true,
      billing_frequency: product.billing_frequency === 'annually' ? 'annually' : 'one-time',
      billing_frequency_cycles: null,
      billing_start_date: null,
      add_time: deal.add_time,
      update_time: deal.add_time,
    });
  }
  if (turn !== undefined && turn % 6 === 0) insertDiscount(random, filling, deal);
  recalculate(filling.world, deal);
  if (turn !== undefined && turn % 6 === 1) insertInstallments(filling, deal);
}

function insertDiscount(random: Random, filling: Filling, deal: Deal): void {
  const { db } = filling.world;
  const percent = random.pick([3, 5, 8]);
  db.discounts.insert({
    id: random.uuid(),
    deal_id: deal.id,
    description: random.pick(['Volume discount', 'Year-end offer', 'Reference customer']),
    amount: percent,
    type: 'percentage',
    created_at: deal.add_time,
    created_by: deal.owner_id,
    updated_at: deal.add_time,
    updated_by: deal.owner_id,
  });
}

/** Half at the order, the rest two months later. */
function insertInstallments(filling: Filling, deal: Deal): void {
  const { db } = filling.world;
  const start = deal.won_time ? Date.parse(deal.won_time) : filling.now + 30 * DAY;
  const half = Math.floor(deal.value / 2);
  const parts = [
    { description: 'At the order', amount: half, billing_date: date(start) },
    {
      description: 'After installation',
      amount: Math.round((deal.value - half) * 100) / 100,
      billing_date: date(start + 60 * DAY),
    },
  ];
  for (const part of parts) db.installments.insert({ id: db.installments.nextId(), deal_id: deal.id, ...part });
}
