import type { ContextPart } from '../../../catalog/context.ts';
import { PipedriveError } from '../../../pipedrive/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../pipedrive/json.ts';
import { isListed } from '../../../vocabulary/records.ts';
import { operationOf } from '../../nested.ts';
import { buildRequest } from '../../request.ts';
import { type Run, rowsOf } from '../../run.ts';
import type { Subject } from './subject.ts';

/** How much of the past is looked at; far less fits into an answer. */
const EVENTS = 100;
/** One page of v2, which no usual record has more of. */
const PAGE = 500;

export type ReadName = 'persons' | 'person' | 'organization' | 'deals' | 'flow' | 'notes' | 'done' | 'undone';

/** A read of the catalogue; without a part the record itself needs it, for the name of what it links to. */
type Ask = {
  readonly name: ReadName;
  readonly operation: string;
  readonly args: JsonObject;
  readonly part?: ContextPart;
};

/** What one read gave, and whether there is more of it; or why it gave nothing. */
export type Read = { readonly rows: readonly JsonObject[]; readonly isWhole: boolean } | PipedriveError;
export type Reads = ReadonlyMap<ReadName, Read>;

/** Reads what the parts need, all at once: the throttle says how fast. */
export async function readAll(run: Run, subject: Subject, parts: ReadonlySet<ContextPart>): Promise<Reads> {
  const asks = asksFor(subject, parts).filter(({ part }) => part === undefined || parts.has(part));
  return new Map(await Promise.all(asks.map(async (ask) => [ask.name, await read(run, ask)] as const)));
}

async function read(run: Run, { operation: name, args }: Ask): Promise<Read> {
  const { client, options, vocabulary } = run;
  const operation = operationOf(name);
  try {
    const { data, nextCursor } = await client.request(buildRequest(operation, args), options);
    const rows = isObject(data) ? [data] : rowsOf(data, operation.at);
    const kind = operation.entity.name;
    // Their names are not asked for again.
    if (isListed(kind)) for (const row of rows) vocabulary.linked.note(kind, row);
    return { rows, isWhole: nextCursor === undefined };
  } catch (error) {
    if (!(error instanceof PipedriveError) || error.code === 'cancelled') throw error;
    return error;
  }
}

/** What a read gave. Throws why it gave nothing. */
export function given(reads: Reads, name: ReadName): Exclude<Read, PipedriveError> {
  const found = reads.get(name) ?? { rows: [], isWhole: true };
  if (found instanceof PipedriveError) throw found;
  return found;
}

function asksFor({ kind, argument, id, record }: Subject, parts: ReadonlySet<ContextPart>): Ask[] {
  const { person_id, org_id = record['organization_id'] } = record;
  const of = { [argument]: id };
  const undone = { ...of, done: 'false', sort_by: 'due_date', sort_direction: 'asc', limit: PAGE };
  const base: Ask[] = [
    { name: 'undone', operation: 'list_activities', part: 'plans', args: undone },
    // An organization's own `org_id` is itself.
    ...(kind === 'organization' ? [] : linked('organization', org_id)),
  ];
  const newest = { sort_by: 'update_time', sort_direction: 'desc' };
  if (kind === 'lead') {
    const notes = { ...of, sort: 'add_time DESC', limit: EVENTS };
    const done = { ...of, ...newest, done: 'true', limit: EVENTS };
    return [
      ...base,
      ...linked('person', person_id),
      { name: 'notes', operation: 'list_notes', part: 'history', args: notes },
      { name: 'done', operation: 'list_activities', part: 'history', args: done },
    ];
  }
  const events = { [`${kind}_id`]: id, items: [...items[kind]], limit: EVENTS };
  const flow: Ask = { name: 'flow', operation: `list_${kind}_updates`, part: 'history', args: events };
  const some = { ...of, ...newest, limit: PAGE };
  const persons: Ask = { name: 'persons', operation: 'list_persons', part: 'people', args: some };
  if (kind === 'deal') return [...base, flow, persons, ...(parts.has('people') ? [] : linked('person', person_id))];
  const deals: Ask = { name: 'deals', operation: 'list_deals', part: 'deals', args: { ...some, status: ['open'] } };
  return kind === 'person' ? [...base, flow, deals] : [...base, flow, deals, persons];
}

function linked(kind: 'person' | 'organization', id: Json | undefined): Ask[] {
  return typeof id === 'number' ? [{ name: kind, operation: `get_${kind}`, args: { id } }] : [];
}

/** What of a flow is said or done; who follows it and who takes part stands elsewhere. */
const common = ['change', 'activity', 'note', 'file', 'mailMessage'] as const;
const items = {
  deal: [...common, 'call', 'comment'],
  person: [...common, 'call', 'comment', 'deal'],
  organization: [...common, 'deal'],
} as const;
