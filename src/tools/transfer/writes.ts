import type { CallOptions, Client } from '../../pipedrive/client.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import type { JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { explain } from '../answers/errors.ts';
import { ReadAhead } from '../bulk/ahead.ts';
import type { Ref } from '../bulk/contacts.ts';
import type { BulkTool } from '../bulk/job.ts';
import type { Item, Step } from '../bulk/work.ts';
import { nested, operationOf } from '../nested.ts';
import { prepare } from '../prepare.ts';
import { buildRequest } from '../request.ts';
import type { Run } from '../run.ts';
import type { ContactKind } from '../writing/alike.ts';
import { batches, creating, givenOf, type Present, presentOf, type Reading } from './check.ts';
import { pathOf } from './current.ts';
import { asChecked, type Decision } from './decisions.ts';
import type { Kept } from './import.ts';
import type { Links } from './links.ts';
import { MadeByRows } from './made.ts';
import type { Report } from './report.ts';
import { faultIn, type Given } from './row.ts';
import type { Row, RowFile } from './rows.ts';
import { updating } from './update.ts';

type Todo = {
  readonly row: Row;
  readonly given: Given;
  readonly decision: Extract<Decision, { links: Links }>;
  readonly now: Present | undefined;
};

/** The rows that are to be written, read from the file as they come up. */
export async function itemsOf(
  reading: Reading,
  file: RowFile,
  job: Kept,
  report: Report,
): ReturnType<BulkTool['items']> {
  const ahead = new ReadAhead(reading.run.client);
  const run = { ...reading.run, client: ahead };
  const writes = new Writes({ ...reading, run }, ahead, report);
  return {
    plural: operationOf(`create_${job.kind}`).entity.plural,
    count: job.count,
    run,
    items: () => writes.items(file, job.decisions),
    ended: async () => {
      const saved = await report.finish();
      return {
        ...(job.report === undefined ? {} : { bad_rows_in: job.report }),
        ...(saved === undefined ? {} : { report: saved }),
      };
    },
  };
}

class Writes {
  readonly #reading: Reading;
  readonly #ahead: ReadAhead;
  readonly #report: Report;
  readonly #made = new MadeByRows();

  constructor(reading: Reading, ahead: ReadAhead, report: Report) {
    this.#reading = reading;
    this.#ahead = ahead;
    this.#report = report;
  }

  async *items(file: RowFile, decisions: readonly string[]): AsyncGenerator<Item> {
    for await (const some of batches(asChecked(file, decisions))) {
      const given = await givenOf(
        this.#reading,
        some.map(({ row }) => row),
      );
      const ids = some.flatMap(({ decision: { id } }) => (id === undefined ? [] : [id]));
      const present = await presentOf(this.#reading, this.#ahead, ids);
      for (const [index, { row, decision }] of some.entries()) {
        const one = given[index];
        if (!one) continue;
        const now = decision.id === undefined ? undefined : present.get(String(decision.id));
        if (now) this.#ahead.keep(pathOf(this.#reading.kind, decision.id ?? null), now.record);
        yield { key: `line ${row.line}`, work: (step) => this.#work({ row, given: one, decision, now }, step) };
      }
    }
  }

  async #work(todo: Todo, step: Step): Promise<void> {
    try {
      await this.#write(todo, step);
    } catch (error) {
      // Those who wait for what this row was to make wait no longer.
      for (const kind of ['organization', 'person'] as const) this.#made.tell(keyOf(kind, todo.row.line), { error });
      const { run, matched } = this.#reading;
      // What stops the whole job is no fault of this row.
      const isOwn = error instanceof Problem || (error instanceof PipedriveError && error.code === 'invalid');
      if (isOwn && !(error instanceof Problem && error.written === 'unknown')) {
        const said = explain(error, run.operation, run.account.zone);
        const problem =
          error instanceof Problem
            ? error
            : new Problem(String(said['error']), String(said['why']), String(said['next']));
        await this.#report.note(todo.row, [faultIn(problem, matched)]);
      }
      throw error;
    }
  }

  async #write({ given, decision, now }: Todo, step: Step): Promise<void> {
    const links = await this.#linked(given, decision.links, step);
    if (decision.is === 'create') {
      const inner = await creating(this.#reading, given, links);
      await step('', (client, options) => send({ ...inner, client, options }));
      return;
    }
    if (!now)
      throw new Problem(
        `"id": there is no ${this.#reading.kind} ${String(decision.id)} any more.`,
        'It was deleted since the check.',
        'Leave the row out.',
      );
    const inner = await updating(this.#reading, given, links, now);
    if (inner) await step('', (client, options) => send({ ...inner, client, options }));
  }

  /** The contacts of a row by id: those that it makes are made first, those that another makes are waited for. */
  async #linked({ line, contact }: Given, links: Links, step: Step): Promise<Links> {
    const { person: name, person_email: email, person_phone: phone, organization: company } = contact;
    const organization = await this.#one('organization', links.organization, line, step, () => ({
      name: company ?? '',
    }));
    const person = await this.#one('person', links.person, line, step, () => ({
      name: name ?? '',
      ...(email === undefined ? {} : { emails: [{ value: email, primary: true }] }),
      ...(phone === undefined ? {} : { phones: [{ value: phone, primary: true }] }),
      ...(organization === undefined ? {} : { org_id: organization }),
    }));
    return { ...(organization === undefined ? {} : { organization }), ...(person === undefined ? {} : { person }) };
  }

  async #one(
    kind: ContactKind,
    ref: Ref | undefined,
    line: number,
    step: Step,
    record: () => JsonObject,
  ): Promise<Ref | undefined> {
    if (ref === undefined || ref > 0) return ref;
    if (ref === -line) this.#made.tell(keyOf(kind, line), { id: await this.#make(kind, step, record()) });
    return this.#made.wait(keyOf(kind, -ref));
  }

  async #make(kind: ContactKind, step: Step, record: JsonObject): Promise<number> {
    const inner = await nested(this.#reading.run, `create_${kind}`, record);
    const made = await step(kind, (client, options) => send({ ...inner, client, options }));
    const { id } = made;
    if (typeof id !== 'number') throw new Error(`the ${kind} that was made has no id`);
    return id;
  }
}

function keyOf(kind: ContactKind, line: number): string {
  return `${kind} ${line}`;
}

/** One write, its arguments checked and resolved. */
async function send({
  operation,
  args,
  account,
  client,
  options,
}: Run & { client: Client; options: CallOptions }): Promise<void> {
  const ready = await prepare(operation, args, account, client, options);
  await client.request(buildRequest(operation, ready), options);
}
