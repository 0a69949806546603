import type { CallOptions, Client } from '../pipedrive/client.ts';
import { PipedriveError } from '../pipedrive/errors.ts';
import { isObject, type JsonObject } from '../pipedrive/json.ts';

/** Records that the API lists by `ids`, 100 at a time, so that a page of links costs one request a kind; or `alone`. */
const lists = {
  person: { path: '/api/v2/persons', cost: 10, name: 'name' },
  organization: { path: '/api/v2/organizations', cost: 10, name: 'name' },
  deal: { path: '/api/v2/deals', cost: 10, name: 'title' },
  activity: { path: '/api/v2/activities', cost: 10, name: 'subject' },
  product: { path: '/api/v2/products', cost: 10, name: 'name' },
  project: { path: '/api/v2/projects', cost: 1, name: 'title' },
} as const;

export type ListedKind = keyof typeof lists;

export function isListed(kind: string): kind is ListedKind {
  return kind in lists;
}

/** Kinds whose list takes no ids: each record is read by itself, and of more than these the rest go without a name. */
const alone: ReadonlySet<ListedKind> = new Set(['project']);
const MOST_ALONE = 20;

const AT_ONCE = 100;
const MOST = 5_000;
const OLD_MS = 10 * 60_000;

/** Records that others link to, remembered for ten minutes or until a write touches one. */
export class LinkedRecords {
  readonly #client: Client;
  readonly #known = new Map<string, { record: JsonObject; at: number }>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** The name that a remembered record bears; undefined where it is unknown, deleted or hidden from the user. */
  name(kind: ListedKind, id: number): string | undefined {
    const name = this.record(kind, id)?.[lists[kind].name];
    return typeof name === 'string' ? name : undefined;
  }

  record(kind: ListedKind, id: number): JsonObject | undefined {
    const known = this.#known.get(`${kind} ${id}`);
    return known && Date.now() - known.at < OLD_MS ? known.record : undefined;
  }

  /** Fetches those of `ids` that aren't remembered. */
  async need(kind: ListedKind, ids: readonly number[], options: CallOptions): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => this.record(kind, id) === undefined);
    const batches = Array.from({ length: Math.ceil(missing.length / AT_ONCE) }, (_, index) =>
      missing.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
    );
    const { path, cost } = lists[kind];
    if (alone.has(kind)) {
      await Promise.all(missing.slice(0, MOST_ALONE).map((id) => this.#read(kind, id, options)));
      return;
    }
    await Promise.all(
      batches.map(async (batch) => {
        const query = { ids: batch.join(','), limit: AT_ONCE };
        const { data } = await this.#client.request({ method: 'GET', path, query, cost }, options);
        for (const row of Array.isArray(data) ? data.filter(isObject) : []) this.note(kind, row);
      }),
    );
  }

  /** One record by its own address; nothing where it is gone, or closed to the user or the company's plan. */
  async #read(kind: ListedKind, id: number, options: CallOptions): Promise<void> {
    const { path, cost } = lists[kind];
    try {
      const { data } = await this.#client.request({ method: 'GET', path: `${path}/${id}`, cost }, options);
      if (isObject(data)) this.note(kind, data);
    } catch (cause) {
      const isClosed =
        cause instanceof PipedriveError && ['not_found', 'forbidden', 'payment_required'].includes(cause.code);
      if (!isClosed) throw cause;
    }
  }

  /** Takes in a record that an answer brought along anyway. */
  note(kind: ListedKind, record: JsonObject): void {
    this.#known.set(`${kind} ${String(record['id'])}`, { record, at: Date.now() });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
  }

  /** A record of this kind was written: none of them is remembered, since merges and moves touch several. */
  touched(kind: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${kind} `)) this.#known.delete(key);
  }
}
