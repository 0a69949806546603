import { isObject, type Json, type JsonObject } from '../../../pipedrive/json.ts';
import type { Field, Fields } from '../../../vocabulary/fields.ts';
import type { Run } from '../../run.ts';
import { codeOf } from '../updates.ts';
import type { Told } from './room.ts';
import { closePast, isOpen } from './standing.ts';
import type { Subject } from './subject.ts';

/** What a record lacks: what the account requires of it first, then what any such record should have. */
export async function missing(run: Run, subject: Subject): Promise<Told[]> {
  const { kind, record } = subject;
  const { vocabulary, options } = run;
  // A lead has no stage, and its fields ask for nothing.
  const fields = kind === 'lead' ? undefined : await vocabulary.fields(kind).get(options);
  const stage = kind === 'deal' ? await stageName(run, record) : undefined;
  const rows = [
    ...(fields ? required(fields, record, stage) : []),
    ...gaps[kind](record, run),
    ...(fields ? important(fields, record) : []),
  ];
  const rest = kind === 'lead' ? 'get_lead' : `list_fields ${kind}`;
  return [{ key: 'missing', columns: [], rows, outside: [], isWhole: true, rest, share: 1 }];
}

async function stageName({ vocabulary, options }: Run, { stage_id: stage }: JsonObject): Promise<string | undefined> {
  return typeof stage === 'number' ? (await vocabulary.names('stage').get(options)).label(stage) : undefined;
}

function required(fields: Fields, record: JsonObject, stage: string | undefined): string[] {
  // A lost deal needs a reason, an open one none.
  const asked = fields.all.filter(({ code }) => code !== 'lost_reason' || record['status'] === 'lost');
  const always = asked.filter((field) => field.required === true && isEmpty(field, record));
  const here = asked.filter((field) => isAt(field.required, record['stage_id']) && isEmpty(field, record));
  const toWin = asked.filter((field) => isNeededToWin(field, record) && isEmpty(field, record));
  return [
    ...(isOpen(record) && here.length > 0 ? [`stage ${stage ?? ''} requires: ${labels(fields, here)}`] : []),
    ...(always.length > 0 ? [`required: ${labels(fields, always)}`] : []),
    ...(isOpen(record) && toWin.length > 0 ? [`required to be won: ${labels(fields, toWin)}`] : []),
  ];
}

/** What users who fill in the record are shown as worth filling. */
function important(fields: Fields, record: JsonObject): string[] {
  if (!isOpen(record)) return [];
  const empty = fields.all.filter(
    (field) => (field.important === true || isAt(field.important, record['stage_id'])) && isEmpty(field, record),
  );
  return empty.length > 0 ? [`worth filling: ${labels(fields, empty)}`] : [];
}

function isAt(asked: Field['required'], stage: Json | undefined): boolean {
  return typeof asked !== 'boolean' && typeof stage === 'number' && asked.includes(stage);
}

function isNeededToWin({ requiredToEnd }: Field, { pipeline_id }: JsonObject): boolean {
  return requiredToEnd[String(pipeline_id)]?.includes('won') === true;
}

/** Nothing stands under it. What the answer did not bring is not known to be empty. */
function isEmpty({ code, isCustom }: Field, record: JsonObject): boolean {
  const custom = isObject(record['custom_fields']) ? record['custom_fields'] : {};
  const value = isCustom ? (custom[code] ?? null) : record[codeOf(code)];
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function labels(fields: Fields, some: readonly Field[]): string {
  return some.map((field) => (field.isCustom ? fields.labelOf(field) : field.label)).join(', ');
}

/** What each kind should have, whatever the account requires. */
const gaps: Readonly<Record<Subject['kind'], (record: JsonObject, run: Run) => string[]>> = {
  deal(record, run) {
    if (record['status'] === 'lost') return said({ 'no lost reason': isUnset(record['lost_reason']) });
    if (!isOpen(record)) return [];
    const { close_overdue_days: days } = closePast(record, run);
    return said({
      'no contact person': isUnset(record['person_id']),
      'no organization': isUnset(record['org_id']),
      'no value': isUnset(record['value']) || record['value'] === 0,
      'no expected close date': isUnset(record['expected_close_date']),
      [`expected close date is ${days} days past`]: days !== undefined,
      'no activity planned': isUnset(record['next_activity_id']),
    });
  },
  lead(record) {
    if (!isOpen(record)) return [];
    return said({
      'no person': isUnset(record['person_id']),
      'no organization': isUnset(record['organization_id']),
      'no value': isUnset(record['value']),
      'no activity planned': isUnset(record['next_activity_id']),
    });
  },
  person: (record) =>
    said({
      'no e-mail': isUnset(record['emails']),
      'no phone': isUnset(record['phones']),
      'no organization': isUnset(record['org_id']),
      'open deals, but no activity planned': hasOpenDeals(record) && isUnset(record['next_activity_id']),
    }),
  organization: (record) =>
    said({
      'no people': record['people_count'] === 0,
      'open deals, but no activity planned': hasOpenDeals(record) && isUnset(record['next_activity_id']),
    }),
};

function said(gaps: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(gaps).filter((gap) => gaps[gap]);
}

function isUnset(value: Json | undefined): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function hasOpenDeals(record: JsonObject): boolean {
  return typeof record['open_deals_count'] === 'number' && record['open_deals_count'] > 0;
}
