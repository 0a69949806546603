import { invalid } from './error.ts';
import type { Deal } from './model.ts';
import type { World } from './world.ts';

/** ISO 4217 code, name, symbol, decimal points. */
export const currencies: readonly (readonly [code: string, name: string, symbol: string, decimals: number])[] = [
  ['EUR', 'Euro', '€', 2],
  ['USD', 'US Dollar', '$', 2],
  ['GBP', 'British Pound Sterling', '£', 2],
  ['AED', 'United Arab Emirates Dirham', 'AED', 2],
  ['ARS', 'Argentine Peso', 'AR$', 2],
  ['AUD', 'Australian Dollar', 'AU$', 2],
  ['BGN', 'Bulgarian Lev', 'лв', 2],
  ['BRL', 'Brazilian Real', 'R$', 2],
  ['CAD', 'Canadian Dollar', 'CA$', 2],
  ['CHF', 'Swiss Franc', 'CHF', 2],
  ['CLP', 'Chilean Peso', 'CLP$', 0],
  ['CNY', 'Chinese Yuan', 'CN¥', 2],
  ['COP', 'Colombian Peso', 'CO$', 2],
  ['CZK', 'Czech Republic Koruna', 'Kč', 2],
  ['DKK', 'Danish Krone', 'kr', 2],
  ['HKD', 'Hong Kong Dollar', 'HK$', 2],
  ['HUF', 'Hungarian Forint', 'Ft', 2],
  ['ILS', 'Israeli New Sheqel', '₪', 2],
  ['INR', 'Indian Rupee', '₹', 2],
  ['JPY', 'Japanese Yen', '¥', 0],
  ['KRW', 'South Korean Won', '₩', 0],
  ['KWD', 'Kuwaiti Dinar', 'KD', 3],
  ['MXN', 'Mexican Peso', 'MX$', 2],
  ['NOK', 'Norwegian Krone', 'kr', 2],
  ['NZD', 'New Zealand Dollar', 'NZ$', 2],
  ['PLN', 'Polish Zloty', 'zł', 2],
  ['RON', 'Romanian Leu', 'RON', 2],
  ['SEK', 'Swedish Krona', 'kr', 2],
  ['SGD', 'Singapore Dollar', 'S$', 2],
  ['TRY', 'Turkish Lira', '₺', 2],
  ['UAH', 'Ukrainian Hryvnia', '₴', 2],
  ['ZAR', 'South African Rand', 'R', 2],
];

const codes = new Set(currencies.map(([code]) => code));

/** Whether the account has a currency of that code, upper case as ISO 4217 writes it. */
export function isCurrency(code: string): boolean {
  return codes.has(code);
}

/** The code of the currency that goals give by its numeric id. */
export function currencyOf(id: number): string | undefined {
  return currencies[id - 1]?.[0];
}

/** What one unit of a currency is worth in another, by the company's rates. */
export function rate({ company: { rates } }: World, from: string, to: string): number {
  const [one, other] = [rates[from], rates[to]];
  if (one === undefined || other === undefined) throw new Error(`the company has no rate for ${from} or ${to}`);
  return one / other;
}

/** The currency that totals are converted to: one of the account's, or the caller's own; 400 for any other. */
export function convertTo(world: World, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const currency = given === 'default_currency' ? world.me().default_currency : given;
  if (!isCurrency(currency) || world.company.rates[currency] === undefined) {
    throw invalid(`Currency '${given}' does not exist`);
  }
  return currency;
}

/** An amount of money in hundredths at the finest. */
export function cents(amount: number): number {
  return Math.round((amount + Number.EPSILON) * 100) / 100;
}

/** An amount as people of the caller's country write it. */
export function money(world: World, amount: number, currency: string): string {
  const { locale } = world.me();
  const key = `${locale} ${currency}`;
  const known = formats.get(key);
  if (known) return known.format(amount);
  const format = new Intl.NumberFormat(locale.replace('_', '-'), {
    style: 'currency',
    currency,
    trailingZeroDisplay: 'stripIfInteger',
  });
  formats.set(key, format);
  return format.format(amount);
}

/** Kept, since making one takes longer than showing a whole deal. */
const formats = new Map<string, Intl.NumberFormat>();

/** The sum of an amount over the deals of each currency. */
export function byCurrency(deals: readonly Deal[], amount: (deal: Deal) => number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const deal of deals) sums[deal.currency] = (sums[deal.currency] ?? 0) + amount(deal);
  return Object.fromEntries(Object.entries(sums).map(([currency, sum]) => [currency, cents(sum)]));
}

/** The sum of an amount over deals, in one currency. */
export function total(world: World, deals: readonly Deal[], currency: string, amount: (deal: Deal) => number): number {
  return cents(deals.reduce((sum, deal) => sum + amount(deal) * rate(world, deal.currency, currency), 0));
}

/** How likely a deal is won, in percent: by itself, else by its stage where the pipeline works with probabilities. */
export function probability({ db }: World, deal: Deal): number {
  if (deal.probability !== null) return deal.probability;
  if (!db.pipelines.get(deal.pipeline_id)?.is_deal_probability_enabled) return 100;
  return db.stages.get(deal.stage_id)?.deal_probability ?? 100;
}

/** A deal's value by its probability. */
export function weighted(world: World, deal: Deal): number {
  return (deal.value * probability(world, deal)) / 100;
}
