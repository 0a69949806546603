import type { Loose, Row, SandboxProcess } from './host.ts';
import { rows } from './host.ts';

/** Counting apart from the server: over the sandbox's own records, with none of the server's code. */

/** All records of a list, straight from the sandbox, each once. */
export async function everyRecord(sandbox: SandboxProcess, path: string): Promise<Loose[]> {
  const found: Loose[] = [];
  for (let next = ''; ; ) {
    const { data, additional_data } = await sandbox.get(`${path}${path.includes('?') ? '&' : '?'}limit=500${next}`);
    found.push(...(data ?? []));
    const { next_start, more_items_in_collection } = additional_data.pagination ?? {};
    if (additional_data.next_cursor) next = `&cursor=${additional_data.next_cursor}`;
    else if (more_items_in_collection) next = `&start=${next_start}`;
    else return found;
  }
}

/** A write of somebody else. */
export async function post(sandbox: SandboxProcess, method: string, path: string, body?: Loose): Promise<Loose> {
  const response = await fetch(sandbox.url + path, {
    method,
    headers: { 'x-api-token': sandbox.token, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = (await response.json()) as Loose;
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return answer['data'] ?? {};
}

/** The day of an instant in a zone, by the platform's own calendar. */
export function dayIn(zone: string, instant: string): string {
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, ...parts }).format(new Date(instant));
}

export const monthOf = (day: string) => day.slice(0, 7);
export const quarterOf = (day: string) => `${day.slice(0, 4)}-Q${Math.floor((Number(day.slice(5, 7)) - 1) / 3) + 1}`;

/** `12.5 EUR, 3 USD` as numbers by currency; nothing for "". */
export function money(cell: unknown): Record<string, number> {
  if (cell === undefined || cell === '') return {};
  return Object.fromEntries(
    String(cell)
      .split(', ')
      .map((part) => {
        const [amount, currency = ''] = part.split(' ');
        return [currency, Number(amount)];
      }),
  );
}

/** The rows of an analysis by the words of their groups. */
export function byGroup(answer: Loose, groups: number): Map<string, Row> {
  const heads: string[] = answer['columns'].slice(0, groups);
  return new Map(rows(answer).map((row) => [heads.map((head) => String(row[head])).join(' | '), row]));
}

export type Expected = {
  count: number;
  open: number;
  won: number;
  lost: number;
  value: Record<string, number>;
  weighted: Record<string, number>;
};

/** What deals come to. `percent`: how likely an open one is won. */
export function tally(deals: readonly Loose[], percent: (deal: Loose) => number): Expected {
  const sums: Expected = { count: deals.length, open: 0, won: 0, lost: 0, value: {}, weighted: {} };
  for (const deal of deals) {
    const { status, currency, value } = deal;
    if (status === 'open') sums.open += 1;
    if (status === 'won') sums.won += 1;
    if (status === 'lost') sums.lost += 1;
    sums.value[currency] = (sums.value[currency] ?? 0) + value;
    if (status === 'open') sums.weighted[currency] = (sums.weighted[currency] ?? 0) + (value * percent(deal)) / 100;
  }
  return sums;
}

/** Where an answer and what was counted apart differ; nothing where they agree. */
export function difference(cells: Loose, expected: Expected, rates: Record<string, number>): string[] {
  const found: string[] = [];
  const same = (what: string, told: unknown, counted: unknown) => {
    if (told !== counted) found.push(`${what}: told ${String(told)}, counted ${String(counted)}`);
  };
  same('count', cells['count'], expected.count);
  // A column that is nothing, or everything, throughout is left out.
  for (const what of ['open', 'won', 'lost'] as const) if (what in cells) same(what, cells[what], expected[what]);
  const closed = expected.won + expected.lost;
  if (closed > 0 && 'win_rate_percent' in cells) {
    same('win rate', cells['win_rate_percent'], Math.round((1000 * expected.won) / closed) / 10);
  }
  for (const [column, sums] of [
    ['value', expected.value],
    ['weighted_open_value', expected.weighted],
  ] as const) {
    const told = money(cells[column]);
    for (const currency of new Set([...Object.keys(told), ...Object.keys(sums)])) {
      if (Math.abs((told[currency] ?? 0) - (sums[currency] ?? 0)) > 0.011) {
        found.push(`${column} ${currency}: told ${told[currency]}, counted ${sums[currency]}`);
      }
    }
    if (!(`${column}_converted` in cells)) continue;
    const own = Object.entries(sums).reduce((sum, [currency, amount]) => sum + amount * (rates[currency] ?? 0), 0);
    const [converted = 0] = Object.values(money(cells[`${column}_converted`]));
    if (Math.abs(converted - own) > 0.02) found.push(`${column} converted: told ${converted}, counted ${own}`);
  }
  return found;
}
