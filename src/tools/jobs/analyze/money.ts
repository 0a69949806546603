import type { Client } from '../../../pipedrive/client.ts';
import { PipedriveError } from '../../../pipedrive/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../pipedrive/json.ts';
import type { Run } from '../../run.ts';
import { currenciesOf, rounded, type Tally } from './tally.ts';

/** A total of so much, rounded to cents, tells its rate to a ten-thousandth. */
const LEAST_CONVERTED = 50;

/** What one unit of each currency is worth in `into`, as Pipedrive converts. */
export type Rates = { readonly into: string; readonly by: ReadonlyMap<string, number> };

/** `57243.6 EUR, 9500 GBP`; nothing where there is no amount at all. */
export function amounts(tally: Tally, what: string, own: string): string {
  const all = currenciesOf(tally, what, own).map((currency) => ({
    currency,
    // Currencies have three decimals at most; a part of an amount is reckoned to two.
    sum: rounded(tally.get(`${what} ${currency}`) ?? 0, what === 'value' ? 3 : 2),
  }));
  const some = all.filter(({ sum }) => sum !== 0);
  return (some.length > 0 ? some : all.slice(0, 1)).map(({ currency, sum }) => `${sum} ${currency}`).join(', ');
}

/** All of it in one currency, but for what has no rate. */
export function inOne(tally: Tally, what: string, { into, by }: Rates): string {
  let [sum, isAny] = [0, false];
  for (const currency of currenciesOf(tally, what, into)) {
    const rate = by.get(currency);
    if (rate === undefined) continue;
    isAny = true;
    sum += (tally.get(`${what} ${currency}`) ?? 0) * rate;
  }
  return isAny ? `${rounded(sum, 2)} ${into}` : '';
}

/** The currencies of amounts that are not in the user's own. */
export function foreign(tally: Tally, own: string): string[] {
  return currenciesOf(tally, 'value', own).filter((one) => one !== own && tally.get(`value ${one}`) !== 0);
}

export type Conversion = { readonly rates?: Rates; readonly notes: readonly string[] };

/**
 * Pipedrive's rates for the currencies of these sums, by its summary of all deals: 40 API tokens; nothing is asked where
 * all are in the user's own. What cannot be converted is said in `notes`. `summary`: one that was asked for anyway.
 */
export async function conversionOf(run: Run, total: Tally, summary?: JsonObject): Promise<Conversion> {
  const currencies = foreign(total, run.account.currency);
  if (currencies.length === 0) return { notes: [] };
  try {
    const rates = ratesIn(summary ?? (await readSummary(run)), run.account.currency, total);
    if (!rates) return { notes: [`Not converted: Pipedrive does not tell its rates to ${run.account.currency} now.`] };
    const missing = currencies.filter((one) => !rates.by.has(one));
    return {
      rates,
      notes: [
        `Converted at Pipedrive's rates of now${missing.length > 0 ? `, without ${missing.join(', ')}, for which it tells none` : ''}.`,
      ],
    };
  } catch (error) {
    if (!(error instanceof PipedriveError) || error.code === 'cancelled') throw error;
    return { notes: [`Not converted, since Pipedrive's rates could not be read: ${error.message}.`] };
  }
}

/** Pipedrive's own totals of the deals that `query` chooses, all of them without. Archived ones are left out. */
export async function readSummary(
  { client, options }: { client: Client; options: Run['options'] },
  query: Readonly<Record<string, string | number>> = {},
): Promise<JsonObject> {
  const { data } = await client.request({ method: 'GET', path: '/api/v1/deals/summary', query, cost: 40 }, options);
  return isObject(data) ? data : {};
}

/**
 * Worked out of the totals of each currency, which the summary gives in both. These are whole cents, so that those of
 * small totals say too little of larger sums. Undefined where Pipedrive converts to another currency than `own`.
 */
function ratesIn(summary: JsonObject, own: string, sums: Tally): Rates | undefined {
  const by = new Map([[own, 1]]);
  for (const [currency, both] of Object.entries(part(summary['values_total']))) {
    const { value, value_converted: converted } = part(both);
    if (typeof value !== 'number' || typeof converted !== 'number' || value === 0) continue;
    // The summary converts to the company's currency, which may not be the user's.
    if (currency === own && value !== converted) return undefined;
    const isExact = converted >= LEAST_CONVERTED || (sums.get(`value ${currency}`) ?? 0) <= value;
    if (isExact) by.set(currency, converted / value);
  }
  return { into: own, by };
}

export function part(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
