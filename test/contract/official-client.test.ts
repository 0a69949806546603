import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalog } from '../../src/catalog/index.ts';
import { endpoints } from '../../src/catalog/operation.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { contractFolder } from './folder.ts';
import { type Json, type Method, methods } from './official-client.ts';
import { type Case, row, rows, type See } from './official-client-case.ts';
import { cases } from './official-client-cases.ts';
import { loadContract } from './openapi.ts';
import { type Recorder, startRecorder } from './recorder.ts';
import { Scene } from './scene.ts';
import { value } from './variants.ts';

/**
 * Calls every method of the official npm client on the sandbox: a read gives what a plain GET gives, and what a write
 * did is what a plain GET then shows. Where the official OpenAPI files are at hand, all that went over the wire is held
 * to them.
 */
const folder = contractFolder();
const contract = 'path' in folder ? loadContract(folder.path) : undefined;
if ('missing' in folder) process.stderr.write(`The client's exchanges are held to no contract: ${folder.missing}\n`);

/** Pipedrive shut them on 2026-02-01; the client still has them. */
const shut = methods.filter(({ name }) => name.startsWith('v1 ChannelsApi.'));
const open = methods.filter((method) => !shut.includes(method));
const reads = open.filter(({ operation }) => operation.startsWith('GET '));
const writes = open.filter((method) => !reads.includes(method));
const byOperation = new Map(methods.map((method) => [method.operation, method]));
const named = (some: readonly Method[]) => some.map((method) => [method.name, method] as const);

const lists = new Map<string, Promise<unknown>>();
const called = new Set<Method>();
const counts = { calls: 0, requests: 0, answers: 0, violations: 0 };
let sandbox: Sandbox;
let recorder: Recorder;
let headers: Record<string, string>;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  recorder = await startRecorder(sandbox.url);
  headers = { 'x-api-token': sandbox.token };
});

afterAll(async () => {
  await recorder.close();
  await sandbox.close();
  const operations = new Set([...called].map(({ operation }) => operation)).size;
  const all = Object.entries({ operations, methods: called.size, ...counts }).map(
    ([name, count]) => `${name} ${count}`,
  );
  const held = contract ? '' : ' (held to no contract)';
  process.stdout.write(`the official client: ${all.join(', ')}${held}\n`);
});

test('the official client has the methods and operations that it is known to have', () => {
  expect([methods.length, byOperation.size, open.length]).toEqual([392, 368, 388]);
  expect([...cases.keys()].filter((operation) => !byOperation.has(operation))).toEqual([]);
});

/** Addresses of files hold until a week from when they were given, to the second. */
const timeless = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer).replaceAll(/expires=[^"&]+/g, 'expires'));

describe('each method that reads gives what a plain GET gives', () => {
  test.each(named(reads))('%s', async (_, method) => {
    const check = watch();
    const given = await parameters(method, new Scene(sandbox, lists));
    const answer = await call(method, given);
    const { path, query } = check()[0] ?? { path: '', query: {} };
    const plain = await fetch(`${sandbox.url}${path}?${new URLSearchParams(query)}`, { headers });
    if (answer instanceof Buffer) {
      expect(answer.length).toBeGreaterThan(0);
      expect(answer.equals(Buffer.from(await plain.arrayBuffer()))).toBe(true);
      return;
    }
    const body = (await plain.json()) as Json;
    expect(timeless(answer)).toEqual(timeless(body));
    expect(Object.keys(row(body['data'])), 'there is nothing to be read').not.toEqual([]);
    if (isPaged(method)) await pageByPage(method, given, `${path}?${new URLSearchParams(query)}`);
    check();
  });
});

function isPaged({ query }: Method): boolean {
  return query.includes('limit') && (query.includes('cursor') || query.includes('start'));
}

/** The client comes page after page to the same rows as plain GETs do. */
async function pageByPage(method: Method, given: Json, address: string): Promise<void> {
  const plain = async (next: Json) => {
    const response = await fetch(`${sandbox.url}${address}&${new URLSearchParams(next as Record<string, string>)}`, {
      headers,
    });
    return response.json();
  };
  const all = await everything(plain);
  // No list takes less than 50 as its limit.
  const limit = Math.max(1, Math.min(50, Math.ceil(all.length / 3)));
  expect(await everything((next) => call(method, { ...given, ...next, limit }))).toEqual(all);
}

async function everything(page: (next: Json) => Promise<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let next: Json | undefined = {}; next !== undefined; ) {
    const { data, additional_data } = row(await page(next));
    const some = Array.isArray(data) ? data : rows(row(data)['items']);
    found.push(...some);
    const { next_cursor, pagination } = row(additional_data);
    // What is told nothing of further pages, as threads of mail, comes to an end with an empty one.
    const { next_start } = additional_data || some.length === 0 ? row(pagination) : { next_start: found.length };
    const after = next_cursor ? { cursor: next_cursor } : next_start ? { start: next_start } : undefined;
    expect(after, 'the next page is the same page').not.toEqual(next);
    next = after;
  }
  return found;
}

describe('what each method that writes did is what a plain GET then shows', () => {
  test.each(named(writes))('%s', async (_, method) => {
    const check = watch();
    const given = await parameters(method, new Scene(sandbox, lists));
    const { look, shows } = { ...usual(method), ...cases.get(method.operation) };
    const before = await look(see, given, undefined);
    const { data = null } = row(await call(method, given));
    const after = await look(see, given, data);
    const expected = shows(given, data);
    expect({ shown: before }, 'it is there before the call').not.toMatchObject({ shown: expected });
    expect({ shown: after }).toMatchObject({ shown: expected });
    check();
  });
});

/** A user who is not there is in no team. */
const teamsOfUser = 'GET /api/v1/legacyTeams/user/{id}';

describe('each method with a record in its path is refused where there is no such record', () => {
  test.each(named(open.filter(({ path, operation }) => path.length > 0 && operation !== teamsOfUser)))(
    '%s',
    async (_, method) => {
      const check = watch();
      const given = await parameters(method, new Scene(sandbox, lists));
      for (const name of method.path.slice(-1)) given[name] = unknownLike(given[name]);
      const refused = call(method, given).catch((error: unknown) =>
        error instanceof Buffer ? { rejected: JSON.parse(error.toString()) } : { rejected: error },
      );
      const text = method.operation.includes('/webhooks')
        ? { errors: expect.any(Object) }
        : { error: expect.any(String) };
      expect(await refused).toMatchObject({ rejected: { success: false, ...text } });
      check();
    },
  );
});

function unknownLike(id: unknown): unknown {
  if (typeof id === 'number') return 99_999_999;
  return /^[0-9a-f]{8}-/.test(String(id)) ? randomUUID() : 'none';
}

describe('each method of what Pipedrive shut is refused', () => {
  test.each(named(shut))('%s', async (_, method) => {
    const given = Object.fromEntries(method.required.map((name) => [name, 'none']));
    await expect(call(method, given)).rejects.toMatchObject({
      success: false,
      error: expect.stringContaining('no longer available'),
    });
  });
});

describe('the client is told why it is refused', () => {
  test.each([
    ['v1 LeadsApi.addLead', { body: { title: 'Nobody' } }, 'person'],
    ['v1 NotesApi.addNote', { body: { content: 'On nothing' } }, 'deal_id'],
    ['v1 NotesApi.addNote', { body: { content: 'x'.repeat(2_000_000), deal_id: 1 } }, 'content'],
    ['v2 DealsApi.searchDeals', { term: 'x' }, 'term'],
    ['v2 DealsApi.addDeal', { body: { title: 'No such stage', stage_id: 999_999 } }, 'tage'],
    ['v2 PersonsApi.addPerson', { body: { name: 'Nobody', custom_fields: { title: 'x' } } }, 'custom_fields'],
    ['v2 PipelinesApi.addPipeline', { body: { name: '' } }, 'name'],
    ['v2 StagesApi.addStage', { body: { name: 'Nowhere', pipeline_id: 999_999 } }, 'ipeline'],
  ])('%s %j', async (name, given, error) => {
    const method = methods.find((one) => one.name === name);
    if (!method) throw new Error(`the client has no ${name}`);
    const refused = { success: false, error: expect.stringContaining(error) };
    await expect(call(method, given)).rejects.toMatchObject(refused);
  });

  test('a wrong token', async () => {
    const read = byOperation.get('GET /api/v2/deals')?.call(recorder.url, 'f'.repeat(40), {});
    await expect(read).rejects.toMatchObject({ success: false, error: 'unauthorized access', errorCode: 401 });
  });
});

const see: See = async (path, method = 'GET') => {
  const response = await fetch(`${recorder.url}${path}`, { method, headers });
  const { ok, status } = response;
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  if (ok && !isJson) return { status, data: Buffer.from(await response.arrayBuffer()).toString('hex') };
  return { status, data: ok ? row(await response.json())['data'] : undefined };
};

function call(method: Method, { body, ...others }: Json): Promise<unknown> {
  called.add(method);
  counts.calls += 1;
  const given = method.body === undefined ? others : { ...others, [method.body]: body };
  return method.call(recorder.url, sandbox.token, given);
}

/** Holds what goes over the wire from now on to the official files, as often as it is asked. */
function watch() {
  let from = recorder.exchanges.length;
  return () => {
    const exchanges = recorder.exchanges.slice(from);
    from += exchanges.length;
    const violations = new Set<string>();
    for (const { answer, ...exchange } of exchanges) {
      for (const one of contract?.checkRequest(exchange) ?? []) violations.add(one);
      if (exchange.status >= 400) continue;
      for (const one of contract?.checkResponse({ ...exchange, body: answer }) ?? []) violations.add(one);
    }
    counts.requests += exchanges.length;
    counts.answers += exchanges.length;
    counts.violations += violations.size;
    expect([...violations]).toEqual([]);
    return exchanges;
  };
}

const shape = (operation: string) => operation.replaceAll(/\{[^}]+\}/g, '{}');

/** The client's parameters by name, with a record for each place of the path; the JSON body is `body`. */
async function parameters({ operation, path, required }: Method, scene: Scene): Promise<Json> {
  const given: Json = { ...(await cases.get(operation)?.given?.(scene)) };
  const tool = catalog.find((one) => endpoints(one).map(shape).includes(shape(operation)));
  const segments = operation.split('/');
  for (const [i, segment] of segments.entries()) {
    const [parent = '', above = ''] = [segments[i - 1], segments[i - 3]];
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    // What is read has to be there.
    if (name === undefined && operation.startsWith('GET ') && !operation.endsWith('/users/{id}/followers'))
      await scene.at(segment, segments[i - 2] ?? '');
    if (name === undefined || name in given) continue;
    if (parent.endsWith('Fields'))
      given[name] = name === 'id' ? await scene.fieldId(parent) : await scene.at(parent, above);
    else if (tool) given[name] = await value(tool, tool.path?.[name] ?? name, {}, scene, 'first');
    else given[name] = await scene.at(parent, above);
  }
  for (const name of required) given[name] ??= await asked(name, scene);
  if (path.some((name) => given[name] === undefined)) throw new Error(`${operation}: no record for its path`);
  return given;
}

/** What queries must have. */
async function asked(name: string, scene: Scene): Promise<unknown> {
  const values: Json = {
    term: 'Contract',
    deal_ids: [await scene.dealWithLine()],
    board_id: 1,
    entity_type: 'deal',
    field: 'title',
    folder: 'inbox',
    org_id: await scene.organization(),
    start_date: '2026-09-01',
    end_date: '2026-11-30',
    period_start: '2026-03-01',
    period_end: '2026-06-30',
    interval: 'month',
    amount: 3,
    field_key: 'add_time',
    since_timestamp: '2026-11-01 00:00:00',
  };
  return values[name];
}

/** What shows the work of an operation that is as most others: a record made or changed has what was sent, or is gone. */
function usual({ operation, path, form }: Method): Required<Pick<Case, 'look' | 'shows'>> {
  const [verb = '', address = ''] = operation.split(' ');
  if (verb === 'DELETE') {
    return { look: async (see, given) => isThere(await record(see, address, given)), shows: () => false };
  }
  const shows = (given: Json) =>
    form.length === 0
      ? given['body']
      : Object.fromEntries(form.flatMap((key) => (key in given ? [[key, given[key]]] : [])));
  if (verb !== 'POST') return { look: (see, given) => record(see, address, given), shows };
  const items = methods.filter((one) => one.operation.replace(/^\w+ /, '').replace(/\/\{\w+\}$/, '') === address);
  const name = items.find(({ path: { length } }) => length > path.length)?.path.at(-1) ?? 'id';
  return {
    shows,
    async look(see, given, data) {
      if (data === undefined) return undefined;
      const { [name]: id = row(data)['uuid'] ?? row(data)['id'] } = row(data);
      return record(see, `${address}/{${name}}`, { ...given, [name]: id });
    },
  };
}

/** The record at an address as a plain GET of it shows it, or the list that it stands in. */
async function record(see: See, address: string, given: Json): Promise<Json | undefined> {
  const fill = (one: string) => one.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(given[name]));
  if (byOperation.has(`GET ${address}`)) return (await see(fill(address))).data as Json | undefined;
  const [, list = '', name = ''] = /^(.*)\/\{(\w+)\}$/.exec(address) ?? [];
  const method = byOperation.get(`GET ${list}`);
  if (!method) throw new Error(`nothing shows ${address}`);
  const key = name === 'follower_id' && list.startsWith('/api/v2/') ? 'user_id' : 'id';
  const { data } = await see(fill(list) + (method.query.includes('limit') ? '?limit=500' : ''));
  return rows(data).find((one) => one[key] === given[name]);
}

function isThere(one: Json | undefined): boolean {
  return one !== undefined && one['is_deleted'] !== true && one['active_flag'] !== false;
}
