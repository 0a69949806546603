import { z } from 'zod/v3';
import { type ManyKind, manyKinds } from '../../catalog/bulk.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { cut } from '../answers/text.ts';
import { nested, operationOf } from '../nested.ts';
import { perform } from '../perform.ts';
import type { Run } from '../run.ts';
import { planOf } from '../writing/plan.ts';
import { Contacts } from './contacts.ts';
import { type BulkTool, bulkJob, type Planned } from './job.ts';
import { Pace } from './pace.ts';
import { pluralOf } from './records.ts';
import { Tally } from './tally.ts';
import type { Item } from './work.ts';

export const addMany = (run: Run): Promise<JsonObject> => bulkJob(run, adding);

/** How many records one call makes. */
const MOST = 1_000;
/** Names that a plan shows. */
const MOST_NAMED = 25;

const work = z.object({
  kind: z.enum(manyKinds),
  /** What is to be made, with its place in what was given: from 1 on. */
  records: z.array(z.tuple([z.number(), z.custom<JsonObject>(isObject)])),
});

const adding: BulkTool = {
  verb: 'Added',
  plan,
  async items(run, kept) {
    const { kind, records } = work.parse(kept);
    const inner = { ...run, operation: operationOf(`create_${kind}`) };
    return { plural: pluralOf(kind), count: records.length, run: inner, items: () => steps(inner, records) };
  },
};

async function plan(run: Run): Promise<Planned> {
  const { args } = run;
  const fail = (why: string, next: string) =>
    new Problem(`${run.operation.title}: nothing was changed.`, why, next, 'no');
  const kind = z.enum(manyKinds).safeParse(args['entity']).data;
  if (!kind) throw fail('It takes an entity.', `Give one of ${manyKinds.join(', ')}.`);
  const given = z.array(z.custom<JsonObject>(isObject)).min(1).max(MOST).safeParse(args['records']).data;
  if (!given) throw fail(`It takes records: 1 to ${MOST}.`, `Give each as create_${kind} takes it.`);
  const operation = operationOf(`create_${kind}`);
  const tally = new Tally({ ...run, operation });
  const contacts = await contactsFor(run, kind);
  const good: [number, JsonObject][] = [];
  const alike: JsonObject[] = [];
  for (const [index, record] of given.entries()) {
    const place = index + 1;
    try {
      const one = await nested(run, operation.name, record);
      await planOf(one, perform);
      const [like] = contacts?.alike(one.args) ?? [];
      contacts?.note(-place, one.args);
      // The index calls those of the call itself by their places, below zero.
      if (like) alike.push({ record: place, ...(like.ref > 0 ? { id: like.ref } : { as: -like.ref }), why: like.why });
      else good.push([place, record]);
    } catch (error) {
      if (!(error instanceof Problem) && !(error instanceof PipedriveError)) throw error;
      if (given.length === 1) throw error;
      tally.note({ key: String(place), is: 'failed', error });
    }
  }
  const { failed: cannot } = tally.says();
  const names = good.map(([, record]) => cut(String(record['title'] ?? record['name'] ?? record['subject'] ?? ''), 80));
  const would = `Add ${good.length} ${good.length === 1 ? kind : pluralOf(kind)}`;
  const more = names.length > MOST_NAMED ? [`and ${names.length - MOST_NAMED} more`] : [];
  return {
    work: { kind, records: good },
    count: good.length,
    says: {
      would,
      names: [...names.slice(0, MOST_NAMED), ...more],
      ...(alike.length > 0
        ? {
            duplicates: alike.slice(0, MOST_NAMED),
            left_out: `${alike.length} that are there already (id), or twice in the call (as); allow_duplicate: true makes them all the same`,
          }
        : {}),
      ...(cannot === undefined ? {} : { cannot, note: 'records in "cannot" are told by their place, from 1 on' }),
    },
    question: [would, ...names.slice(0, MOST_NAMED), ...more],
    price: { tokens: good.length * operation.cost, requests: good.length },
  };
}

/** The contacts of the account, by what they are known by; none where nothing is compared. */
async function contactsFor(run: Run, kind: ManyKind): Promise<Contacts | undefined> {
  const isContact = kind === 'person' || kind === 'organization';
  return isContact && run.guarding['allow_duplicate'] !== true ? Contacts.walk(run, kind, new Pace(run)) : undefined;
}

/** One item a record, by its place in what was given. */
function* steps(run: Run, records: readonly (readonly [number, JsonObject])[]): Generator<Item> {
  for (const [place, record] of records) {
    yield {
      key: String(place),
      async work(step) {
        await step('', async (client, options) => {
          await perform(await nested({ ...run, client, options }, run.operation.name, record));
        });
      },
    };
  }
}
