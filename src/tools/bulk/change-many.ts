import { z } from 'zod/v3';
import { type ManyKind, manyKinds } from '../../catalog/bulk.ts';
import type { Client } from '../../pipedrive/client.ts';
import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { nested, operationOf } from '../nested.ts';
import { perform } from '../perform.ts';
import { readRecord } from '../prepare.ts';
import type { Run } from '../run.ts';
import { ReadAhead } from './ahead.ts';
import { digestOf, editsLists, planChange, planFor, type Verb } from './change-plan.ts';
import { type BulkTool, bulkJob } from './job.ts';
import { type Id, pathOf, pluralOf, recordsById } from './records.ts';
import type { Item, Step } from './work.ts';

export const changeTools: Readonly<Record<string, (run: Run) => Promise<JsonObject>>> = {
  update_many: (run) => bulkJob(run, changing('update')),
  delete_many: (run) => bulkJob(run, changing('delete')),
};

const work = z.object({
  kind: z.enum(manyKinds),
  set: z.custom<JsonObject>(isObject),
  /** What is to be written to: the id, and a digest of what the write touches as it was when it was planned. */
  items: z.array(z.tuple([z.union([z.number(), z.string()]), z.string()])),
});

function changing(verb: Verb): BulkTool {
  return {
    verb: verb === 'update' ? 'Updated' : 'Deleted',
    plan: (run) => planChange(run, verb),
    async items(run, kept) {
      const { kind, set, items } = work.parse(kept);
      const ahead = new ReadAhead(run.client);
      const inner = { ...run, operation: operationOf(`${verb}_${kind}`), client: ahead };
      return {
        plural: pluralOf(kind),
        count: items.length,
        run: inner,
        items: (isDone) => steps(inner, kind, set, ahead, items, isDone),
      };
    },
  };
}

/** One item a record, its record read a page at a time shortly before it is written to. */
async function* steps(
  run: Run,
  kind: ManyKind,
  set: JsonObject,
  ahead: ReadAhead,
  items: readonly (readonly [Id, string])[],
  isDone: (key: string) => boolean,
): AsyncGenerator<Item> {
  const digests = new Map(items);
  for (const [id] of items) if (isDone(String(id))) yield { key: String(id), work: (step) => once(step) };
  const left = items.map(([id]) => id).filter((id) => !isDone(String(id)));
  for await (const { ids, records } of recordsById(run, kind, left, ahead)) {
    for (const id of ids) {
      const target = { id, digest: digests.get(id) ?? '', record: records.get(id) };
      yield { key: String(id), work: (step) => write(run, kind, ahead, set, target, step) };
    }
  }
}

/** A step that the journal has as done. */
async function once(step: Step): Promise<void> {
  await step('', () => Promise.reject(new Error('it is done')));
}

type Target = { readonly id: Id; readonly digest: string; readonly record: JsonObject | undefined };

async function write(
  run: Run,
  kind: ManyKind,
  ahead: ReadAhead,
  set: JsonObject,
  { id, digest, record: listed }: Target,
  step: Step,
) {
  await step('', async (client: Client, options) => {
    const { name } = run.operation;
    let record = listed;
    if (record && editsLists(run.operation, set)) {
      // The list is written whole: what others have put into it since its page was read would be lost.
      ahead.forget(pathOf(kind, id));
      record = await readRecord(run.operation, { id }, ahead, options);
    }
    if (!record) {
      throw new Problem('The record is gone.', 'It was deleted or merged since it was planned.', 'Leave it out.');
    }
    if (digestOf(await planFor(run, ahead, name, id, set, record)) !== digest) {
      throw new Problem(
        'The record was not written: what would change in it has changed since the plan.',
        'Somebody else has edited it meanwhile.',
        `Call ${name.replace(/_.*/, '_many')} anew, with these ids: its plan shows them as they are now.`,
      );
    }
    const one = await nested({ ...run, client, options }, name, { id, ...set });
    await perform(one);
  });
}
