import { z } from 'zod/v3';
import type { JsonObject } from '../json.ts';
import { param } from '../parameters.ts';
import { type Route, route } from '../route.ts';

/** ISO 4217 code, name, symbol, decimal points. */
const currencies: readonly (readonly [code: string, name: string, symbol: string, decimals: number])[] = [
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

export const routes: Route[] = [
  route('GET /v1/currencies', {
    cost: 20,
    query: z.object({ term: param.text }),
    handle(_world, { query: { term = '' } }) {
      const wanted = term.toLowerCase();
      const found = currencies.flatMap(([code, name, symbol, decimal_points], index): JsonObject[] =>
        `${code} ${name}`.toLowerCase().includes(wanted)
          ? [{ id: index + 1, code, name, decimal_points, symbol, active_flag: true, is_custom_flag: false }]
          : [],
      );
      return { status: 200, body: { success: true, data: found.length > 0 ? found : null } };
    },
  }),
];
