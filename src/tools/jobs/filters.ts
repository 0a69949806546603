import { z } from 'zod/v3';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { isListed } from '../../vocabulary/records.ts';
import { recordAnswer, signature } from '../answers/answer.ts';
import { offsetList } from '../lists/offset-list.ts';
import { optionsOf } from '../names/resolve.ts';
import { buildRequest } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';
import { meant, Words } from '../where/conditions.ts';
import { type Name, namesOf, ownName } from '../where/where-subject.ts';
import { isPlain, quoted } from '../where/where-words.ts';
import { asSaid, type Line, type Lines, line, linesOf, type NewLine, relativeSaid } from './filter-lines.ts';
import {
  codeOf,
  type FilterObject,
  type FilterSubject,
  type FilterType,
  filterObjects,
  filterSubjects,
  isFilterType,
  mentioned,
} from './filter-subjects.ts';

const MOST_CONDITIONS = 16;

const group = z.object({ glue: z.string(), conditions: z.array(line) }).passthrough();
const groups = z.object({ conditions: z.array(group) }).passthrough();
const saved = z
  .object({
    id: z.number(),
    name: z.string(),
    type: z.string(),
    user_id: z.number(),
    visible_to: z.coerce.string(),
    add_time: z.string().nullish(),
    update_time: z.string().nullish(),
    conditions: groups.nullish(),
  })
  .passthrough();
type Saved = z.output<typeof saved>;
type Conditioned = Pick<Saved, 'conditions'>;

export async function listFilters(run: Run): Promise<JsonObject> {
  const { operation, args, client, options } = run;
  const { data } = await client.request(buildRequest(operation, args), options);
  const rows = rowsOf(data, undefined).map((row) => ({ ...row, shared: isShared(saved.parse(row)) }));
  return offsetList(run, rows);
}

/** `1` is its owner's alone. */
function isShared({ visible_to }: Saved): boolean {
  return visible_to !== '1';
}

export async function getFilter(run: Run): Promise<JsonObject> {
  const { operation, args, client, options } = run;
  const { data } = await client.request(buildRequest(operation, args), options);
  const filter = saved.parse(data);
  const objects = isFilterType(filter.type) ? objectsOf(filter.type, filter, []) : [];
  return recordAnswer(run, await shown(run, filter, await filterSubjects(run, objects)));
}

/** The conditions of a record or body in words, as create_filter and update_filter take them; `type` is what it lists. */
export async function conditionsSaid(run: Run, type: Json | undefined, conditions: Json): Promise<InWords> {
  if (!isFilterType(type)) return {};
  const filter = { conditions: groups.parse(conditions) };
  return said(run, filter, await filterSubjects(run, objectsOf(type, filter, [])));
}

/** A filter with its conditions in words, as create_filter and update_filter take them. */
async function shown(run: Run, filter: Saved, subjects: readonly FilterSubject[]): Promise<JsonObject> {
  const { id, name, type, user_id, add_time = null, update_time = null } = filter;
  const words = await said(run, filter, subjects);
  return { id, name, type, owner_id: user_id, shared: isShared(filter), ...words, add_time, update_time };
}

function linesIn(filter: Conditioned, glue: 'and' | 'or'): readonly Line[] {
  return (filter.conditions?.conditions ?? []).filter((one) => one.glue === glue).flatMap((one) => one.conditions);
}

/** The objects that a filter's conditions are about, and those that new conditions name. */
function objectsOf(
  type: FilterType,
  filter: Conditioned | undefined,
  given: readonly string[],
): readonly FilterObject[] {
  const lines = filter ? [...linesIn(filter, 'and'), ...linesIn(filter, 'or')] : [];
  const named = mentioned(type, given);
  return filterObjects[type].filter((object) => named.includes(object) || lines.some((one) => one.object === object));
}

type InWords = { all_of?: string[]; any_of?: string[] };

async function said(run: Run, filter: Conditioned, subjects: readonly FilterSubject[]): Promise<InWords> {
  const names = namesOf(subjects);
  const inWords = (glue: 'and' | 'or') =>
    Promise.all(linesIn(filter, glue).map((one) => lineSaid(run, one, subjects, names)));
  const [all_of, any_of] = await Promise.all([inWords('and'), inWords('or')]);
  return { ...(all_of.length > 0 ? { all_of } : {}), ...(any_of.length > 0 ? { any_of } : {}) };
}

/** One line in the words that give it back, or in plain English where conditions have none. */
async function lineSaid(
  run: Run,
  asked: Line,
  subjects: readonly FilterSubject[],
  names: readonly Name[],
): Promise<string> {
  const { operator, isEnd, value } = asSaid(asked);
  const code = codeOf(asked.field_code ?? '');
  const isAsked = (one: FilterSubject) =>
    one.object === asked.object && (one.id === undefined ? one.code === code : one.id === asked.field_id);
  const found = subjects.filter(isAsked);
  const subject = found.find((one) => one.isEnd === isEnd) ?? found[0];
  const of = asked.extra_value ? ` (${asked.extra_value.replaceAll('_', ' ')})` : '';
  const rest = value === undefined ? operator : `${operator} ${await valueSaid(run, subject, operator, value)}`;
  const name = subject ? ownName(subject, names) : `${asked.object} field ${code || asked.field_id}`;
  return `${name}${of} ${rest}`;
}

async function valueSaid(
  run: Run,
  subject: FilterSubject | undefined,
  operator: string,
  value: string,
): Promise<string> {
  if (subject === undefined || operator === 'belongs to team') return value;
  const { type, words } = subject;
  if (type === 'date' || type === 'time') return relativeSaid(value) ?? value;
  if (type === 'clock') return value.replace(/:00$/, '');
  // `1.500` is fifteen hundred to half of Europe.
  if (type === 'number' || type === 'money') return /^-?\d{1,3}\.\d{3}$/.test(value) ? `${value}0` : value;
  if (type === 'flag') return value === '1' || value === 'true' ? 'yes' : 'no';
  if (type === 'text') return quoted(value);
  const name = words ? await nameOf(run, subject, value) : undefined;
  const told = name ?? value;
  return isPlain(told) ? told : quoted(told);
}

async function nameOf(run: Run, { words, object, code }: FilterSubject, value: string): Promise<string | undefined> {
  const { vocabulary, options } = run;
  switch (words) {
    case 'user':
    case 'pipeline':
    case 'stage':
    case 'activity_type':
    case 'currency':
    case 'project_board':
    case 'project_phase':
      return words === 'currency' ? value : (await vocabulary.names(words).get(options)).label(value);
    case 'label':
      return (await vocabulary.names('lead_label').get(options)).label(value);
    case 'option':
      return (await optionsOf(vocabulary, object, code).get(options)).label(value);
    default: {
      if (words === undefined || !isListed(words) || !/^\d+$/.test(value)) return undefined;
      await vocabulary.linked.need(words, [Number(value)], options);
      const name = vocabulary.linked.name(words, Number(value));
      return name === undefined ? undefined : `${name} (${value})`;
    }
  }
}

export async function createFilter(run: Run): Promise<JsonObject> {
  const { args } = run;
  const { type } = args;
  if (!isFilterType(type)) throw new Error(`create_filter was called for ${String(type)}`);
  const given = { all_of: texts(args['all_of']), any_of: texts(args['any_of']) };
  const subjects = await filterSubjects(run, objectsOf(type, undefined, [...given.all_of, ...given.any_of]));
  const fixed: string[] = [];
  const { all, any } = await groupsOf(run, given, subjects, fixed);
  return write(run, { name: args['name'] ?? '', type, conditions: tree(all, any) }, subjects, fixed);
}

export async function updateFilter(run: Run): Promise<JsonObject> {
  const { args, client, options, operation } = run;
  const { id, name, all_of, any_of } = args;
  if (name === undefined && all_of === undefined && any_of === undefined) {
    throw new Problem(
      'update_filter: nothing to change was given.',
      'Only the id was there.',
      'Give at least one of name, all_of, any_of.',
    );
  }
  const path = buildRequest(operation, { id: id ?? null }).path;
  const before = saved.parse((await client.request({ method: 'GET', path, cost: 2 }, options)).data);
  if (!isFilterType(before.type)) throw new Error(`a filter of type ${before.type}`);
  const given = { all_of: texts(all_of), any_of: texts(any_of) };
  const subjects = await filterSubjects(run, objectsOf(before.type, before, [...given.all_of, ...given.any_of]));
  const fixed: string[] = [];
  const made = await groupsOf(run, given, subjects, fixed);
  // Pipedrive wants the conditions with every change. Of the group that isn't given, what is there stays as it is.
  const all = all_of === undefined ? [...linesIn(before, 'and').map(kept), ...made.all] : made.all;
  const any = any_of === undefined ? [...linesIn(before, 'or').map(kept), ...made.any] : made.any;
  const spread = any_of === undefined && made.any.length > 0 && linesIn(before, 'or').length > 0;
  if (spread) {
    throw new Problem(
      'update_filter: a condition of all_of takes the place of any_of, which has conditions already.',
      'Several values of one condition are kept as conditions of which any must hold.',
      'Give any_of as well, or [] to empty it.',
    );
  }
  return write(run, { ...(name === undefined ? {} : { name }), conditions: tree(all, any) }, subjects, fixed);
}

function kept({ object, field_id, operator, value, extra_value }: Line) {
  return { object, field_id, operator, value, extra_value };
}

function texts(given: unknown): readonly string[] {
  return Array.isArray(given) ? given.map(String) : [];
}

type Kept = ReturnType<typeof kept>;

/** The tree of conditions as Pipedrive takes it; refused where it is empty or too large. */
function tree(all: readonly Kept[], any: readonly Kept[]): JsonObject {
  const count = all.length + any.length;
  if (count === 0 || count > MOST_CONDITIONS) {
    throw new Problem(
      count === 0 ? 'A filter needs at least one condition.' : `The filter would have ${count} conditions.`,
      `Pipedrive's filters take 1 to ${MOST_CONDITIONS}; a period such as 2026-Q4 takes two, and so does each of several values.`,
      count === 0 ? 'Give all_of or any_of.' : 'Leave some out.',
    );
  }
  const groups = [
    { glue: 'and', conditions: [...all] },
    { glue: 'or', conditions: [...any] },
  ];
  return { glue: 'and', conditions: groups };
}

type Groups = { readonly all: readonly NewLine[]; readonly any: readonly NewLine[] };

/** Conditions in words as Pipedrive's two groups. */
async function groupsOf(
  run: Run,
  { all_of, any_of }: { readonly all_of: readonly string[]; readonly any_of: readonly string[] },
  subjects: readonly FilterSubject[],
  fixed: string[],
): Promise<Groups> {
  const { account, client } = run;
  const clock = { now: new Date(Math.trunc(Date.now() + client.limits().clockAhead)), zone: account.zone };
  const made = async (argument: string, given: readonly string[]): Promise<readonly Lines[]> => {
    const words = new Words(subjects, clock, MOST_CONDITIONS);
    try {
      words.parse(given);
      const conditions = await words.resolved(given, (subject, word, pipelines) =>
        meant(run, subject.object, { ...subject, key: subject.code }, word, pipelines),
      );
      return conditions.map(({ condition, subject }) => linesOf(condition, subject, { subjects, fixed }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      throw new Problem(error.message.replace(/^where\b/, argument), error.why, error.next);
    }
  };
  const [all, any] = await Promise.all([made('all_of', all_of), made('any_of', any_of)]);
  return inGroups(all, any);
}

/**
 * Of the lines of which all must hold, one that is any of several can be the other group, where that is empty; and the
 * other way round.
 */
function inGroups(all: readonly Lines[], any: readonly Lines[]): Groups {
  const isWide = ({ lines, glue }: Lines, in_: 'and' | 'or') => lines.length > 1 && glue !== in_;
  const [wide, ...others] = all.filter((one) => isWide(one, 'and'));
  if (others.length > 0 || (wide && any.length > 0)) {
    throw new Problem(
      'all_of: only one condition may have several values, and only where any_of is empty.',
      'A filter of Pipedrive has one list of which all must hold and one of which any must.',
      'Make two filters, or ask for one value.',
    );
  }
  const single = any.length === 1 ? any[0] : undefined;
  if (!single && any.some((one) => isWide(one, 'or'))) {
    throw new Problem(
      'any_of: a period, or an amount in one currency, is two conditions that must both hold.',
      'A filter of Pipedrive has one list of which all must hold and one of which any must.',
      'Give it in all_of, or give single days and amounts without a currency.',
    );
  }
  const flat = (lines: readonly Lines[]) => lines.flatMap((one) => one.lines);
  const narrow = all.filter((one) => one !== wide);
  if (single && isWide(single, 'or')) return { all: [...flat(narrow), ...single.lines], any: [] };
  return { all: flat(narrow), any: wide ? wide.lines : flat(any) };
}

async function write(
  run: Run,
  body: JsonObject,
  subjects: readonly FilterSubject[],
  fixed: readonly string[],
): Promise<JsonObject> {
  const { operation, args, account, client, options } = run;
  const { id } = args;
  const request = buildRequest(operation, { ...(id === undefined ? {} : { id }), ...body });
  const { data } = await client.request(request, options);
  const filter = saved.parse(isObject(data) ? data : {});
  const { owner_id: _, add_time: __, update_time: ___, ...record } = await shown(run, filter, subjects);
  return {
    done: `${operation.kind === 'create' ? 'Created' : 'Updated'} filter ${filter.id}`,
    as: signature(account),
    filter: record,
    ...(fixed.length > 0
      ? { note: `Pipedrive's filters have no moving form of these, so they stand for fixed days: ${fixed.join('; ')}` }
      : {}),
  };
}
