import { DateTime } from 'luxon';
import { PipedriveError } from '../../../pipedrive/errors.ts';
import type { Json, JsonObject } from '../../../pipedrive/json.ts';
import { type FullColumn, tableOf } from '../../answers/table.ts';
import { linkOf } from '../../names/lexicon.ts';
import { operationOf } from '../../nested.ts';
import type { Run } from '../../run.ts';
import { toLocal } from '../../time.ts';
import { cutBytes } from './room.ts';
import type { Subject, SubjectKind } from './subject.ts';

/** A value of the record is rarely longer, in bytes. */
const LONGEST = 160;

export type Standing = { readonly shown: JsonObject; readonly outside: readonly string[]; readonly notKnown?: string };

const owner: readonly FullColumn[] = [
  { name: 'owner', from: 'owner_id' },
  { name: 'labels', from: 'label_ids' },
];
const money: readonly FullColumn[] = [
  { name: 'value', as: 'money' },
  { name: 'expected_close', from: 'expected_close_date' },
];
const added: FullColumn = { name: 'added', from: 'add_time', as: 'day' };
const mails: readonly FullColumn[] = [
  { name: 'last_mail_in', from: 'last_incoming_mail_time' },
  { name: 'last_mail_out', from: 'last_outgoing_mail_time' },
];
const deals: readonly FullColumn[] = ['open', 'won', 'lost'].map((status) => ({
  name: `${status}_deals`,
  from: `${status}_deals_count`,
}));

/** What is told of each kind of record itself. */
const columns: Readonly<Record<SubjectKind, readonly FullColumn[]>> = {
  deal: [
    { name: 'id' },
    { name: 'title' },
    { name: 'status' },
    { name: 'stage', from: 'stage_id' },
    { name: 'in_stage_since', from: 'stage_change_time' },
    ...money,
    { name: 'probability' },
    { name: 'won', from: 'won_time' },
    { name: 'lost', from: 'lost_time' },
    { name: 'lost_reason' },
    ...owner,
    { name: 'person', from: 'person_id' },
    { name: 'organization', from: 'org_id' },
    ...mails,
    added,
    { name: 'made_of_lead', from: 'source_lead_id' },
  ],
  person: [
    { name: 'id' },
    { name: 'name' },
    { name: 'job_title' },
    { name: 'organization', from: 'org_id' },
    { name: 'emails', as: 'contacts' },
    { name: 'phones', as: 'contacts' },
    ...owner,
    ...deals,
    { name: 'participant_of_open_deals', from: 'participant_open_deals_count' },
    ...mails,
    added,
  ],
  organization: [
    { name: 'id' },
    { name: 'name' },
    { name: 'address', as: 'address' },
    { name: 'website' },
    { name: 'employees', from: 'employee_count' },
    ...owner,
    { name: 'people', from: 'people_count' },
    ...deals,
    added,
  ],
  lead: [
    { name: 'id' },
    { name: 'title' },
    ...money,
    ...owner,
    { name: 'person', from: 'person_id' },
    { name: 'organization', from: 'organization_id' },
    { name: 'source', from: 'source_name' },
    { name: 'seen', from: 'was_seen' },
    added,
    { name: 'made_of_deal', from: 'source_deal_id' },
  ],
};

/** What the record is and where it stands. Where names cannot be read it is told without them, and why. */
export async function standingOf(run: Run, subject: Subject): Promise<Standing> {
  const { kind } = subject;
  const record = { ...subject.record, ...inPlace(subject) };
  const own = { ...run, operation: operationOf(`get_${kind}`) };
  const state = { ...stateOf(run, subject), ...(kind === 'deal' ? dealStanding(run, record) : {}) };
  try {
    const rots = kind === 'deal' ? rotting(run, record) : {};
    const [row, more] = await Promise.all([rowOf(own, record, columns[kind]), rots]);
    return { ...row, shown: { ...row.shown, ...state, ...more } };
  } catch (error) {
    if (!(error instanceof PipedriveError) || error.code === 'cancelled') throw error;
    const isLink = ({ name, from = name }: FullColumn) => linkOf(own.operation.entity, from) !== undefined;
    const row = await rowOf(
      own,
      record,
      columns[kind].filter((column) => !isLink(column)),
    );
    const ids = columns[kind].filter(isLink).map(({ name, from = name }) => [from, record[from] ?? null] as const);
    return {
      ...row,
      shown: { ...row.shown, ...Object.fromEntries(ids.filter(([, id]) => id !== null)), ...state },
      notKnown: error.message,
    };
  }
}

/** What the record says in a way that would mislead. */
function inPlace({ kind, record }: Subject): JsonObject {
  const { stage_change_time, add_time = null, participant_open_deals_count: others } = record;
  // A deal that was never moved is in its stage since it was made.
  if (kind === 'deal') return { stage_change_time: stage_change_time ?? add_time };
  return kind === 'person' && others === 0 ? { participant_open_deals_count: null } : {};
}

async function rowOf(run: Run, record: JsonObject, wanted: readonly FullColumn[]): Promise<Standing> {
  const { columns: names = [], rows, outside, leftOut } = await tableOf(run, [record], wanted);
  const [row] = rows;
  const cells = Array.isArray(row) ? row : [];
  const shown = names.map((name, index) => {
    const cell = cells[index] ?? '';
    return [name, typeof cell === 'string' ? cutBytes(cell, LONGEST) : cell] as const;
  });
  return { shown: Object.fromEntries(shown), outside, ...(leftOut === undefined ? {} : { notKnown: leftOut }) };
}

/** What a reader must not miss. */
function stateOf({ account }: Run, { kind, record }: Subject): JsonObject {
  if (isGone(record)) {
    return {
      state: `deleted, merged into another or converted, so no more was read; a deleted ${kind} is kept 30 days`,
    };
  }
  if (record['is_archived'] !== true) return {};
  const since =
    typeof record['archive_time'] === 'string' ? ` on ${toLocal(record['archive_time'], account.zone)}` : '';
  return { state: `archived${since}: nothing of it can be changed until it is brought back` };
}

export function isGone(record: JsonObject): boolean {
  return record['is_deleted'] === true || record['status'] === 'deleted';
}

/** Is it a deal or lead that is still worked on? */
export function isOpen(record: JsonObject): boolean {
  return !isGone(record) && record['is_archived'] !== true && (record['status'] ?? 'open') === 'open';
}

/** Of an open deal: how long it is in its stage, and whether its close is past. */
function dealStanding(run: Run, record: JsonObject): JsonObject {
  const since = timeIn(record['stage_change_time'], run.account.zone);
  if (!isOpen(record)) return {};
  return { ...(since ? { days_in_stage: daysBetween(since, nowOf(run)) } : {}), ...closePast(record, run) };
}

/** Since when an open deal rots: unchanged for longer than its stage allows. */
async function rotting(run: Run, record: JsonObject): Promise<JsonObject> {
  const { account, vocabulary, options } = run;
  const changed = timeIn(record['update_time'], account.zone);
  if (!isOpen(record) || !changed) return {};
  const days = (await vocabulary.names('stage').get(options)).byId(Number(record['stage_id']))?.rotsAfter;
  const rots = days === undefined ? undefined : changed.plus({ hours: 24 * days });
  return rots && rots <= nowOf(run)
    ? { rotten_since: `${rots.toFormat('yyyy-MM-dd')}: unchanged for ${days} days` }
    : {};
}

/** By Pipedrive's clock, in the user's zone. */
function nowOf({ account, client }: Run): DateTime {
  return DateTime.fromMillis(Date.now() + client.limits().clockAhead, { zone: account.zone });
}

/** How long ago an open deal should have been closed. */
export function closePast(record: JsonObject, run: Run): { close_overdue_days?: number } {
  const close = timeIn(record['expected_close_date'], run.account.zone);
  const today = nowOf(run).startOf('day');
  return close && close < today ? { close_overdue_days: daysBetween(close, today) } : {};
}

function timeIn(text: Json | undefined, zone: string): DateTime | undefined {
  if (typeof text !== 'string') return undefined;
  const isDay = text.length === 10;
  const time = DateTime.fromISO(text.replace(' ', 'T'), { zone: isDay ? zone : 'utc' }).setZone(zone);
  return time.isValid ? time : undefined;
}

/** As the calendar counts them. */
function daysBetween(from: DateTime, to: DateTime): number {
  return Math.round(to.startOf('day').diff(from.startOf('day'), 'days').days);
}
