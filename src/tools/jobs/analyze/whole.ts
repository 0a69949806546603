import type { JsonObject } from '../../../pipedrive/json.ts';
import type { Arguments } from '../../request.ts';
import { part } from './money.ts';
import { add, type Tally } from './tally.ts';

/** What the API's own summary of deals tells as we do. */
const told = new Set(['count', 'value', 'weighted']);
const filters = ['owner_id', 'pipeline_id', 'stage_id', 'status', 'filter_id'];

/**
 * The query of the API's own summary of deals where it gives exactly what a call asks for: nothing but count, value and
 * weighted value of open deals, in no groups, by no more than its own filters. Undefined where it doesn't.
 */
export function summaryQuery(args: Arguments): Record<string, string | number> | undefined {
  const { figures, status, filter_id: filter, owner_id: owner, ...rest } = args;
  const wanted = Array.isArray(figures) ? figures.map(String) : [];
  const states = Array.isArray(status) ? status.map(String) : [];
  const given = Object.keys(args).filter((name) => name !== 'figures' && !isNothing(args[name]));
  const isOwn = given.every((name) => filters.includes(name)) && (filter === undefined || given.length === 1);
  // It weighs closed deals too.
  const isWeighed = wanted.includes('weighted') && String(states) !== 'open';
  if (wanted.length === 0 || !wanted.every((one) => told.has(one)) || !isOwn || states.length > 1 || isWeighed) {
    return undefined;
  }
  const asked = { filter_id: filter, user_id: owner, pipeline_id: rest['pipeline_id'], stage_id: rest['stage_id'] };
  return Object.fromEntries(
    Object.entries({ ...asked, status: states[0] }).flatMap(([name, value]) =>
      typeof value === 'number' || typeof value === 'string' ? [[name, value]] : [],
    ),
  );
}

function isNothing(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** The sums of a summary, as if its deals had been counted one by one. */
export function summed(summary: JsonObject): Tally {
  const tally: Tally = new Map([['count', Number(summary['total_count'] ?? 0)]]);
  for (const [key, what] of [
    ['values_total', 'value'],
    ['weighted_values_total', 'weighted'],
  ] as const) {
    for (const [currency, sums] of Object.entries(part(summary[key]))) {
      add(tally, [[`${what} ${currency}`, Number(part(sums)['value'] ?? 0)]]);
    }
  }
  return tally;
}
