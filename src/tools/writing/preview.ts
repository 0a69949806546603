import { isDeepStrictEqual } from 'node:util';
import type { Operation } from '../../catalog/operation.ts';
import { withoutSecrets } from '../../guard/secrets.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { cutMarked } from '../answers/outside.ts';
import { showRecord } from '../answers/record.ts';
import { conditionsSaid } from '../jobs/filters.ts';
import { lexiconFor } from '../names/lexicon.ts';
import type { Run } from '../run.ts';
import { effectsOf } from './effects.ts';
import { named, type Plan } from './plan.ts';

/** A text in a preview or a question; addresses are shown whole. */
const LONGEST = 300;

/** Before → after by field, what goes and what stays, what else will happen, what it costs, and what can't be known. */
export async function describePlan(run: Run, plan: Plan): Promise<JsonObject> {
  const { operation } = run;
  const { request, before, above, into, goes } = plan;
  const changes = request.method === 'DELETE' ? undefined : await changesOf(run, plan);
  const record = before && request.method === 'DELETE' ? await shownOf(run, await inWords(run, before, before)) : {};
  const target = await targetOf(run, plan);
  const gone = goes.map(named).filter((one) => one !== '');
  const effects = effectsOf(request, before);
  const isKnown = before || above || goes.length > 0 || request.method === 'POST';
  return {
    would: sentence(operation, plan),
    ...(into ? { goes: [named(above)], stays: named(into) } : {}),
    ...(gone.length > 0 ? { goes: gone } : {}),
    ...(Object.keys(target).length > 0 ? { target } : {}),
    ...(changes && Object.keys(changes).length > 0 ? { changes } : {}),
    ...(Object.keys(record).length > 0 ? { [operation.entity.name]: record } : {}),
    ...(effects.length > 0 ? { also: effects } : {}),
    costs: `${request.cost} API tokens${before ? ', and the reading of the record' : ''}`,
    ...(isKnown ? {} : { not_known: 'What is there now: the API cannot read it by itself.' }),
  };
}

/** `Delete deal 5 “Probe station”`, `Add deal follower: 5 “Probe station”`. What is merged stands beside it. */
export function sentence({ title, entity }: Operation, { request, before, above, into }: Plan): string {
  if (into) return title;
  const own = named(before);
  if (own !== '') return `${title} ${own}`;
  if (above) return `${title}: ${named(above)}`;
  const [, id = ''] = /\/([^/]+)$/.exec(request.path) ?? [];
  return /^\d+$|^[0-9a-f-]{36}$/.test(id) ? `${title}: ${entity.name.replaceAll('_', ' ')} ${id}` : title;
}

/** The arguments that say of what it is done, in words, but for the records that are named already. */
async function targetOf(run: Run, { request, before, above, into, goes }: Plan): Promise<JsonObject> {
  const { operation, args } = run;
  const said = new Set([before, above, into].map((record) => record?.['id']).filter((id) => id !== undefined));
  const gone = new Set(goes.map(({ id }) => id));
  const inPath = new Set(
    [...operation.endpoint.matchAll(/\{(\w+)\}/g)].map(([, one = '']) => operation.path?.[one] ?? one),
  );
  const isTold = (value: Json) => said.has(value) || [value].flat().every((id) => gone.has(id));
  const address = Object.entries(args).filter(
    ([key, value]) => (request.method === 'DELETE' || inPath.has(key)) && !isTold(value),
  );
  return address.length > 0 ? shownOf(run, Object.fromEntries(address)) : {};
}

/** Before → after by field, in words; after alone where there is no before, or it can't be read. */
export async function changesOf(run: Run, { request, before, into }: Plan): Promise<JsonObject> {
  const sent = withoutSecrets(isObject(request.body) ? request.body : {});
  const { merge_with_id: other = null, ...rest } = isObject(sent) ? sent : {};
  // One that can't be read is still to be named.
  const given = into || other === null ? rest : { ...rest, merge_with_id: other };
  const [body, record] = await Promise.all([
    inWords(run, given, before ?? given),
    inWords(run, before ?? {}, before ?? {}),
  ]);
  const after = merged(record, body);
  const isRead = (key: string) => before !== undefined && (key in record || key === 'custom_fields');
  const part = (of: JsonObject, isMeant: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(of).filter(([key]) => key in body && isMeant(key)));
  const [was, is, set] = await Promise.all([
    wholeOf(run, part(record, isRead)),
    wholeOf(run, part(after, isRead)),
    wholeOf(
      run,
      part(after, (key) => !isRead(key)),
    ),
  ]);
  const changes: JsonObject = {};
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const [from, to] = [was[key] ?? null, is[key] ?? null];
    if (!isDeepStrictEqual(from, to)) changes[key] = { from: brief(from), to: brief(to) };
  }
  for (const [key, to] of Object.entries(set)) changes[key] = brief(to);
  return changes;
}

/** v2's custom fields are changed one by one; everything else is replaced. */
function merged(before: JsonObject, body: JsonObject): JsonObject {
  const [old, now] = [before['custom_fields'], body['custom_fields']];
  return { ...before, ...body, ...(isObject(old) && isObject(now) ? { custom_fields: { ...old, ...now } } : {}) };
}

/** A filter's conditions as its tools take them; `whole` says what it lists. */
async function inWords(run: Run, record: JsonObject, whole: JsonObject): Promise<JsonObject> {
  const { conditions, ...rest } = record;
  if (run.operation.entity.name !== 'filter' || !isObject(conditions)) return record;
  const { all_of = [], any_of = [] } = await conditionsSaid(run, whole['type'], conditions);
  return { ...rest, all_of, any_of };
}

/** A record with all that is set in it: what an answer leaves out as technical may be what matters here. */
async function wholeOf(run: Run, record: JsonObject): Promise<JsonObject> {
  const entity = { ...run.operation.entity, hidden: [], quiet: [] };
  const { custom_fields: custom, ...rest } = await shownOf({ ...run, operation: { ...run.operation, entity } }, record);
  return { ...rest, ...(isObject(custom) ? custom : {}) };
}

async function shownOf(run: Run, record: JsonObject): Promise<JsonObject> {
  const lexicon = await lexiconFor(run, [record], { mode: 'load', fields: true });
  return showRecord(record, run.operation.entity, lexicon, 0, 'the get_ tool shows the rest with');
}

function brief(value: Json): Json {
  if (value === null) return '(empty)';
  if (typeof value !== 'string' || value.length <= LONGEST || /^[a-z]+:\/\/\S+$/i.test(value)) return value;
  return `${cutMarked(value, LONGEST)} and ${value.length - LONGEST} more characters`;
}
