import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { didYouMean, Problem } from '../../vocabulary/problem.ts';
import { offsetList } from '../lists/offset-list.ts';
import { prepare } from '../prepare.ts';
import { buildRequest } from '../request.ts';
import type { Run } from '../run.ts';

/** Dates that every deal has, for which the account's fields need not be looked up. */
const builtIn = new Set([
  'add_time',
  'update_time',
  'stage_change_time',
  'expected_close_date',
  'close_time',
  'won_time',
  'lost_time',
]);

/** Open and won deals by period: a row each, amounts with their currencies. */
export async function getTimeline(run: Run): Promise<JsonObject> {
  const { operation, args, account, client, options } = run;
  const ready = await prepare(operation, { ...args, field_key: await dateKey(run) }, account, client, options);
  const { data } = await client.request(buildRequest(operation, ready), options);
  // The guide shows a list of periods; the official file has a lone one.
  const periods = (Array.isArray(data) ? data : [data]).filter(isObject);
  return offsetList(run, periods.map(periodRow));
}

async function dateKey({ operation, args, vocabulary, options }: Run): Promise<string> {
  const given = String(args['field_key']);
  if (builtIn.has(given)) return given;
  const fields = await vocabulary.fields('deal').get(options);
  const field = fields.byCode(given) ?? fields.byShown(given);
  if (field?.type === 'date') return field.code;
  const dates = fields.all.filter(({ type }) => type === 'date').map((one) => (one.isCustom ? one.label : one.code));
  const near = didYouMean(given, dates);
  throw new Problem(
    `${operation.name}: deals have no date field "${given.slice(0, 100)}".`,
    field ? `It is of type ${field.type}.` : near ? `Did you mean "${near}"?` : 'No field has that key or label.',
    `Give one of: ${dates.join(', ')}.`,
  );
}

function periodRow(period: JsonObject): JsonObject {
  const totals = part(period, 'totals');
  const converted = part(period, 'totals_converted');
  return {
    period_start: String(period['period_start']).slice(0, 10),
    deals: totals['count'] ?? null,
    open: totals['open_count'] ?? null,
    open_value: amounts(totals['open_values']),
    weighted_open_value: amounts(totals['weighted_open_values']),
    won: totals['won_count'] ?? null,
    won_value: amounts(totals['won_values']),
    open_converted: converted['open_value'] ?? null,
    weighted_open_converted: converted['weighted_open_value'] ?? null,
    won_converted: converted['won_value'] ?? null,
  };
}

function part(record: JsonObject, key: string): JsonObject {
  const value = record[key];
  return isObject(value) ? value : {};
}

/** `57243.6 EUR, 9500 GBP`; an empty list is how PHP writes an empty map. */
function amounts(value: Json | undefined): string {
  if (!isObject(value)) return '';
  return Object.entries(value)
    .map(([currency, amount]) => `${String(amount)} ${currency}`)
    .join(', ');
}
