import { JournalingClient, type JournalRules } from '../../src/guard/client.ts';
import { type Entry, Journal } from '../../src/guard/journal.ts';
import type { Reading } from '../../src/guard/record.ts';
import { type Undoing, type Undone, undo, undoable } from '../../src/guard/undo.ts';
import { type ApiRequest, type Client, createClient, type Method } from '../../src/pipedrive/client.ts';
import type { Json, JsonObject } from '../../src/pipedrive/json.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { StateDirectory } from '../../src/state/directory.ts';
import { api } from '../../src/tools/writing/api.ts';
import { temporary } from './temporary.ts';

export const ACCOUNT = '1@test';

export const within = () => ({ signal: new AbortController().signal, deadline: Date.now() + 60_000 });

/** A sandbox, a client with a journal, and what undoes. */
export async function account(options: Parameters<typeof startSandbox>[0] = { empty: true }) {
  const sandbox = await startSandbox(options);
  const { place, remove } = temporary();
  const settings = { token: sandbox.token, baseUrl: sandbox.url, userAgent: 'test' };
  const client = createClient(settings, new Throttle('ultimate', 5));
  const journal = new Journal(new StateDirectory(place, { token: sandbox.token, base: sandbox.url }));
  const reading = (): Reading => ({ client, api, options: within() });
  const rules: JournalRules = {
    journal,
    api,
    isRequired: true,
    failed: (error) => {
      throw error;
    },
  };
  let calls = 0;
  const provenance = () => ({ call: `call ${calls++}`, tool: 'test', account: ACCOUNT });
  const undoing = (): Undoing => ({ reading: reading(), rules, provenance: provenance() });

  async function write(method: Method, path: string, body?: Json, query?: ApiRequest['query']): Promise<Json> {
    const cost = api.cost(method, path);
    if (cost === undefined) throw new Error(`${method} ${path} is no operation`);
    const request = { method, path, cost, ...(body === undefined ? {} : { body }), ...(query ? { query } : {}) };
    return (await new JournalingClient(client, rules, provenance()).request(request, within())).data;
  }

  async function call(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(sandbox.url + path, {
      method,
      headers: { 'x-api-token': sandbox.token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
  // biome-ignore lint/suspicious/noExplicitAny: what the sandbox answers is looked into by each test
  async function get(path: string): Promise<any> {
    return JSON.parse(await (await call('GET', path)).text()).data;
  }
  const entries = async (): Promise<Entry[]> => (await journal.read()).entries;

  return {
    sandbox,
    client,
    journal,
    reading,
    write,
    call,
    get,
    entries,
    undoing,
    undo: (ids: readonly string[]): Promise<Undone[]> => undo(ids, undoing()),
    async undoLast(last: number): Promise<Undone[]> {
      const found = undoable(await entries(), ACCOUNT).slice(0, last);
      return undo(
        found.map(({ id }) => id),
        undoing(),
      );
    },
    async close() {
      await client.close();
      await journal.close();
      await sandbox.close();
      remove();
    },
  };
}
export type Account = Awaited<ReturnType<typeof account>>;

export function idOf(record: Json): number | string {
  const id = typeof record === 'object' && record !== null && !Array.isArray(record) ? record['id'] : undefined;
  if (typeof id !== 'number' && typeof id !== 'string') throw new Error('no id');
  return id;
}

/** A client whose one request is stopped before or after it was sent, as a crash would. */
export function crashing(client: Client, at: 'before' | 'after'): Client {
  return Object.create(client, {
    request: {
      value: async (request: ApiRequest, options: Parameters<Client['request']>[1]) => {
        if (request.method === 'GET') return client.request(request, options);
        if (at === 'after') await client.request(request, options);
        else await options.onTurn?.();
        // The process is gone: nobody hears of it any more.
        return new Promise<never>(() => undefined);
      },
    },
  });
}

export type { Json, JsonObject };
