import type { Client } from '../../pipedrive/client.ts';
import type { Json, JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { isListed } from '../../vocabulary/records.ts';
import { lexiconFor } from '../names/lexicon.ts';
import { idTexts, recordKind, shown } from '../names/link.ts';
import { nested, operationOf } from '../nested.ts';
import type { Run } from '../run.ts';
import type { FileColumn } from './columns.ts';
import { AT_ONCE, currentOf } from './current.ts';
import type { Links } from './links.ts';
import { argumentsOf, type Given, givenIn } from './row.ts';
import type { Row } from './rows.ts';
import { type Imported, linkArgument, type Matched } from './targets.ts';
import { cellsOf, textOf } from './values.ts';

/** What an import reads rows with. */
export type Reading = { readonly run: Run; readonly kind: Imported; readonly matched: readonly Matched[] };

/** Rows as many as one request reads the records of. */
export async function* batches<T>(rows: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Rows as they are given; the records that they name as `Ann Lee (14)` are looked up all at once. */
export async function givenOf({ run, kind, matched }: Reading, rows: readonly Row[]): Promise<readonly Given[]> {
  const given = rows.map((row) => givenIn(row, matched));
  const operation = operationOf(`create_${kind}`);
  const ids = new Map<string, Set<number>>();
  for (const { args } of given) {
    for (const [key, text] of idTexts(args)) {
      const [of, known] = [recordKind(operation, key), shown(text)];
      if (known && of !== undefined) ids.set(of, (ids.get(of) ?? new Set()).add(known.id));
    }
  }
  for (const [of, known] of ids) if (isListed(of)) await run.vocabulary.linked.need(of, [...known], run.options);
  return given;
}

/** The records that rows change, by id, with what an export shows of each. */
export type Present = { readonly record: JsonObject; readonly texts: ReadonlyMap<string, string> };

export async function presentOf(
  reading: Reading,
  client: Client,
  ids: readonly Json[],
): Promise<ReadonlyMap<string, Present>> {
  const { run, kind, matched } = reading;
  if (ids.length === 0) return new Map();
  const records = await currentOf(run, client, kind, ids);
  const columns = matched.flatMap(({ target: { column, is } }) => (column && is !== 'nothing' ? [column] : []));
  const shownRun = { ...run, operation: operationOf(`get_${kind}`) };
  const keys = [...columns.map(({ key }) => key), 'person_id'];
  const lexicon = await lexiconFor(shownRun, [...records.values()], { keys, mode: 'load', fields: true });
  return new Map(
    [...records].map(([id, record]) => {
      const cells = cellsOf(shownRun, record, columns, lexicon);
      return [
        id,
        { record, texts: new Map(columns.map(({ key }: FileColumn, index) => [key, textOf(cells[index] ?? null)])) },
      ];
    }),
  );
}

/** Checked and resolved as create would; a contact that is yet to be made is left out. Throws a Problem. */
export async function creating({ run, kind }: Reading, given: Given, links: Links): Promise<Run> {
  const operation = operationOf(`create_${kind}`);
  const args: JsonObject = {};
  for (const [key, value] of Object.entries(argumentsOf(kind, given, run.account.currency))) {
    if (Object.hasOwn(operation.input.shape, key)) args[key] = value;
    else if (value !== false)
      throw new Problem(
        `"${key}" cannot be set when a record is made.`,
        '',
        'Leave it empty; change the record afterwards.',
      );
  }
  const linked = linkArguments(kind, links);
  refuseAlone(kind, args, links);
  // Participants that are given come before the one contact person.
  return nested(run, operation.name, { ...linked, ...args });
}

/** Pipedrive takes no lead without a contact and no note without a record. */
function refuseAlone(kind: Imported, args: JsonObject, links: Links): void {
  const hasContact = links.person !== undefined || links.organization !== undefined;
  if (kind === 'lead' && !hasContact) {
    throw new Problem('A lead needs a person or an organization.', '', 'Fill in one of them.');
  }
  const records = ['deal_id', 'lead_id', 'project_id'];
  if (kind === 'note' && !hasContact && !records.some((key) => args[key] !== undefined)) {
    throw new Problem('A note needs a deal, person, organization, lead or project.', '', 'Fill in one of them.');
  }
}

/** The contacts that are there as arguments. */
export function linkArguments(kind: Imported, { person, organization }: Links): JsonObject {
  const set: JsonObject = {};
  for (const [of, ref] of [
    ['person', person],
    ['organization', organization],
  ] as const) {
    const argument = linkArgument(kind, of);
    if (argument === undefined || ref === undefined || ref <= 0) continue;
    set[argument] = argument === 'participants' ? [{ person_id: ref, primary: true }] : ref;
  }
  return set;
}
