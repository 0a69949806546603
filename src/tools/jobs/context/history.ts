import type { JsonObject } from '../../../pipedrive/json.ts';
import { operationOf } from '../../nested.ts';
import type { Run } from '../../run.ts';
import { eventsOf } from '../updates.ts';
import { tableIn } from './parts.ts';
import { given, type Reads } from './reads.ts';
import type { Told } from './room.ts';
import type { Subject } from './subject.ts';

/** What was said and done, newest first: notes, mails, calls, activities, files, and changes, those of one time in a line. */
export async function history(run: Run, subject: Subject, reads: Reads): Promise<Told[]> {
  const { kind, id } = subject;
  const flow = kind === 'lead' ? leadFlow(reads) : given(reads, 'flow');
  const name = kind === 'lead' ? 'list_deal_updates' : `list_${kind}_updates`;
  const events = await eventsOf({ ...run, operation: operationOf(name) }, flow.rows);
  const rest =
    kind === 'lead' ? `list_notes lead_id ${id}, list_activities lead_id ${id} done true` : `${name} ${kind}_id ${id}`;
  const place = { key: 'history', rest, share: 5, isWhole: flow.isWhole };
  return [await tableIn(run, name, condensed(events), undefined, place)];
}

/** A lead has no flow: its notes and what was done about it, in the form of one. */
function leadFlow(reads: Reads): { rows: JsonObject[]; isWhole: boolean } {
  const notes = given(reads, 'notes');
  const done = given(reads, 'done');
  const rows = [
    ...notes.rows.map((data) => ({ object: 'note', timestamp: instant(data, 'add_time'), data })),
    ...done.rows.map((data) => ({
      object: 'activity',
      timestamp: instant(data, 'marked_as_done_time', 'update_time'),
      data: { ...data, user_id: data['owner_id'] ?? null },
    })),
  ].sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1));
  return { rows, isWhole: notes.isWhole && done.isWhole };
}

/** The first time that is set, in v1's form, in which text sorts as time. */
function instant(data: JsonObject, ...keys: readonly string[]): string {
  const time = keys.map((key) => data[key]).find((value) => typeof value === 'string' && value !== '');
  return String(time ?? '')
    .replace('T', ' ')
    .slice(0, 19);
}

/** Changes that one user made at one time are one event. */
function condensed(events: readonly JsonObject[]): JsonObject[] {
  const lines: JsonObject[] = [];
  for (const event of events) {
    const last = lines.at(-1);
    const isSame = ['time', 'what', 'by'].every((key) => last?.[key] === event[key]);
    if (last && isSame && /change$/.test(String(event['what']))) {
      lines[lines.length - 1] = { ...last, summary: `${String(last['summary'])}; ${String(event['summary'])}` };
    } else lines.push(event);
  }
  return lines;
}
