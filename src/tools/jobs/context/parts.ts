import type { JsonObject } from '../../../pipedrive/json.ts';
import { type FullColumn, type Table, tableOf } from '../../answers/table.ts';
import { isOverdue } from '../../names/lexicon.ts';
import { operationOf } from '../../nested.ts';
import type { Run } from '../../run.ts';
import { nowIn } from '../../time.ts';
import { given, type Reads } from './reads.ts';
import type { Told } from './room.ts';
import type { Subject } from './subject.ts';

type Place = Pick<Told, 'key' | 'rest' | 'share' | 'isWhole'>;

/** Records of a list operation as a part of the answer. */
export async function tableIn(
  run: Run,
  list: string,
  records: readonly JsonObject[],
  columns: readonly FullColumn[] | undefined,
  place: Place,
): Promise<Told> {
  return told(await tableOf({ ...run, operation: operationOf(list) }, records, columns), place);
}

function told({ columns = [], rows, outside }: Table, place: Place): Told {
  return { ...place, columns, rows, outside };
}

/** The people of a deal, its contact person first, or of an organization; of a lead its one person. */
export async function people(run: Run, { kind, argument, id, record }: Subject, reads: Reads): Promise<Told[]> {
  const { rows, isWhole } = given(reads, kind === 'lead' ? 'person' : 'persons');
  const { person_id: main = null, org_id: own = null } = record;
  const isMain = (person: JsonObject) => person['id'] === main;
  const all = rows
    .toSorted((a, b) => Number(isMain(b)) - Number(isMain(a)))
    .map((person) => ({
      ...person,
      ...(kind === 'organization' ? {} : { role: isMain(person) ? 'contact person' : 'participant' }),
      // Only somebody of another house is worth a word.
      org_id: kind === 'deal' && person['org_id'] !== own ? (person['org_id'] ?? null) : null,
    }));
  const columns: readonly FullColumn[] = [
    { name: 'id' },
    { name: 'name' },
    { name: 'role' },
    { name: 'job_title' },
    { name: 'emails', as: 'contacts' },
    { name: 'phones', as: 'contacts' },
    { name: 'organization', from: 'org_id' },
  ];
  const rest = `list_persons ${argument} ${id}`;
  return [await tableIn(run, 'list_persons', all, columns, { key: 'people', rest, share: 2, isWhole })];
}

/** The open deals of a person or organization, latest change first. */
export async function openDeals(run: Run, { argument, id }: Subject, reads: Reads): Promise<Told[]> {
  const { rows, isWhole } = given(reads, 'deals');
  const columns: readonly FullColumn[] = [
    { name: 'id' },
    { name: 'title' },
    { name: 'value', as: 'money' },
    { name: 'stage', from: 'stage_id' },
    { name: 'owner', from: 'owner_id' },
    { name: 'expected_close', from: 'expected_close_date' },
    { name: 'updated', from: 'update_time', as: 'day' },
  ];
  const rest = `list_deals ${argument} ${id} status open`;
  return [await tableIn(run, 'list_deals', rows, columns, { key: 'open_deals', rest, share: 2, isWhole })];
}

/** What is still to be done: what is overdue, the latest first, and what is planned, the next first. */
export async function plans(run: Run, { kind, argument, id }: Subject, reads: Reads): Promise<Told[]> {
  const { account, client } = run;
  const { rows, isWhole } = given(reads, 'undone');
  const at = { zone: account.zone, now: nowIn(account.zone, client.limits().clockAhead).slice(0, 16) };
  const overdue = rows.filter((activity) => isOverdue(activity, at)).toReversed();
  const planned = rows.filter((activity) => !isOverdue(activity, at));
  const columns: readonly FullColumn[] = [
    { name: 'id' },
    { name: 'due', from: 'due_date', as: 'due' },
    { name: 'type' },
    { name: 'subject' },
    { name: 'owner', from: 'owner_id' },
    ...(kind === 'person' || kind === 'organization' ? [{ name: 'deal', from: 'deal_id' }] : []),
  ];
  const rest = `list_activities ${argument} ${id}`;
  const part = (key: string, records: readonly JsonObject[]) =>
    tableIn(run, 'list_activities', records, columns, { key, rest, share: 1.5, isWhole });
  return [await part('overdue', overdue), await part('planned', planned)];
}
