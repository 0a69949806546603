import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../src/pipedrive/client.ts';
import type { Json, JsonObject } from '../../src/pipedrive/json.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { insertCustomField } from '../../src/sandbox/fields/builtin.ts';
import { type FieldType, fieldType } from '../../src/sandbox/fields/types.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { unmarkedIn } from '../../src/tools/answers/outside.ts';
import { Tools } from '../../src/tools/index.ts';
import { type Field, readField } from '../../src/vocabulary/fields.ts';
import { type Api, apiOf } from '../sandbox/api.ts';
import { craftedFile, insertUser, removeFile } from '../sandbox/crafted.ts';
import { type Account, saidOf } from './said.ts';

const types = fieldType.options;
const options = [
  'Referral',
  'Событие',
  '推荐',
  '🎉 Party',
  'Berlin, Germany',
  'Price: > 50',
  '2024',
  'A to B',
  'Ärzte',
];
const ZONE = 'Europe/Berlin';

/** Each entity with a value of its own currency, in which an amount that names none is meant. */
const entities = [
  { entity: 'deal', named: 'title', currency: 'SEK', more: { currency: 'SEK' } },
  { entity: 'person', named: 'name', currency: 'EUR', more: {} },
  { entity: 'organization', named: 'name', currency: 'EUR', more: {} },
  { entity: 'product', named: 'name', currency: 'EUR', more: {} },
  { entity: 'project', named: 'title', currency: 'EUR', more: { board_id: 1, phase_id: 1 } },
  { entity: 'lead', named: 'title', currency: 'CHF', more: { person_id: 1, value: { amount: 1, currency: 'CHF' } } },
] as const;
type EntityName = (typeof entities)[number]['entity'];

let file: string;
let sandbox: Sandbox;
let api: Api;
let client: Client;
let tools: Tools;
let account: Omit<Account, 'currency'>;

const labelOf = (type: string) => `${type}: 标签 поля > 1`;

beforeAll(async () => {
  const now = '2026-11-20T10:00:00Z';
  file = craftedFile(now, (world) => {
    insertUser(world, 'José Ñandú', 'jose@varsa.example');
    for (const entity of ['deal', 'person', 'organization', 'product', 'project'] as const) {
      for (const type of types)
        insertCustomField(world, { entity, field_name: labelOf(type), field_type: type, ...chosen(type) });
    }
  });
  sandbox = await startSandbox({ file, now: new Date(now) });
  api = apiOf(sandbox);
  const named = async (kind: string, names: readonly string[]) => {
    const made = names.map(
      async (name) => [(await api.ok('POST', `/api/v2/${kind}`, { name })).data.id, name] as const,
    );
    return new Map(await Promise.all(made));
  };
  await api.ok('POST', '/api/v2/boards', { name: 'Board', order_nr: 1 });
  await api.ok('POST', '/api/v2/phases', { name: 'Phase', board_id: 1, order_nr: 1 });
  const users: { id: number; name: string }[] = (await api.ok('GET', '/v1/users')).data;
  account = {
    zone: ZONE,
    zones: [ZONE, 'America/New_York', 'Asia/Kathmandu', 'UTC'],
    users: new Map(users.map(({ id, name }) => [id, name])),
    persons: await named('persons', ['Kevin Lindgren', 'Kevin Lindgren', 'Zoë 李']),
    organizations: await named('organizations', ['Acme (2019)', 'Ünlü & Söhne']),
  };
  const settings = { token: sandbox.token, baseUrl: sandbox.url, plan: 'ultimate', userAgent: 'test' } as const;
  // The sandbox keeps no limit here.
  client = createClient(settings, new Throttle('ultimate', 1));
  tools = new Tools(client, 20_000);
});
afterAll(async () => {
  await client.close();
  await sandbox.close();
  removeFile(file);
});

function chosen(type: FieldType) {
  return type === 'enum' || type === 'set' ? { options: options.map((label) => ({ label })) } : {};
}

async function ok(tool: string, args: JsonObject): Promise<JsonObject> {
  const { structure, isError } = await tools.call(tool, args, new AbortController().signal);
  if (isError) throw new Error(`${tool} ${JSON.stringify(args)}: ${JSON.stringify(structure)}`);
  // Long text comes between boundaries; test/tools/outside.test.ts holds them to what they promise.
  return unmarkedIn(structure);
}

const under = (answer: JsonObject, key: string) => (answer[key] ?? {}) as JsonObject;

/** What a set has, in any order: that is the API's own. */
function canonical(values: JsonObject): JsonObject {
  const sorted = ([label, is]: [string, Json]) => [label, Array.isArray(is) ? [...is].sort() : is];
  return Object.fromEntries(Object.entries(values).map(sorted));
}

async function fieldsOf(entity: EntityName): Promise<Field[]> {
  const path = entity === 'lead' ? '/v1/leadFields?limit=500' : `/api/v2/${entity}Fields?limit=500`;
  const rows: JsonObject[] = (await api.ok('GET', path)).data;
  return rows.map(readField).filter(({ isCustom }) => isCustom);
}

describe.each(entities)('$entity', ({ entity, named, currency, more }) => {
  let fields: Field[];
  let from: Account;
  beforeAll(async () => {
    fields = await fieldsOf(entity);
    from = { ...account, currency, zones: entity === 'lead' ? [ZONE] : account.zones };
  });

  const read = async (id: Json) => canonical(under(under(await ok(`get_${entity}`, { id }), entity), 'custom_fields'));
  const make = async (custom_fields: JsonObject) => {
    const answer = await ok(`create_${entity}`, { [named]: 'x', ...more, custom_fields });
    return under(answer, entity)['id'] ?? null;
  };
  const update = (id: Json, custom_fields: JsonObject) => ok(`update_${entity}`, { id, custom_fields });

  test('has a field of each of the 16 types', () => {
    expect(fields.map(({ type }) => type)).toEqual([...types]);
    expect(types).toHaveLength(16);
  });

  test('what is written by label is read back by label, equal, can be written again, and is cleared by null', async () => {
    const values = fc.tuple(...fields.map((field) => saidOf(field, from)));
    await fc.assert(
      fc.asyncProperty(values, async (all) => {
        const by = (part: 'said' | 'shown') => fields.map(({ label }, at) => [label, all[at]?.[part] ?? null]);
        const said: JsonObject = Object.fromEntries(by('said'));
        const shown = canonical(Object.fromEntries(by('shown')));
        const id = await make(said);
        expect(await read(id)).toEqual(shown);
        await update(id, Object.fromEntries(fields.map(({ label }) => [label, null])));
        expect(await read(id)).toEqual({});
        await update(id, said);
        const first = await read(id);
        expect(first).toEqual(shown);
        await update(id, first);
        expect(await read(id)).toEqual(shown);
      }),
      { numRuns: 15 },
    );
  });

  test('each type is cleared alone by null; the rest stays', async () => {
    const [all = []] = fc.sample(fc.tuple(...fields.map((field) => saidOf(field, from))), { numRuns: 1, seed: 3 });
    const said: JsonObject = Object.fromEntries(fields.map(({ label }, at) => [label, all[at]?.said ?? null]));
    const id = await make(said);
    const whole = await read(id);
    expect(Object.keys(whole)).toHaveLength(16);
    for (const { label } of fields) {
      const { [label]: gone, ...rest } = whole;
      await update(id, { [label]: null });
      expect(await read(id), label).toEqual(rest);
      await update(id, { [label]: gone ?? null });
      expect(await read(id), label).toEqual(whole);
    }
  });

  test('a whole list and the answer of a write show what the record shows', async () => {
    const [all = []] = fc.sample(fc.tuple(...fields.map((field) => saidOf(field, from))), { numRuns: 1, seed: 4 });
    const said: JsonObject = Object.fromEntries(fields.map(({ label }, at) => [label, all[at]?.said ?? null]));
    const id = await make(said);
    const whole = await read(id);
    const written = await ok(`update_${entity}`, { id, custom_fields: said });
    // A write looks up no names for its answer: a link may be an id alone.
    for (const [label, is] of Object.entries(canonical(under(under(written, entity), 'custom_fields')))) {
      const shown = whole[label];
      expect([shown, Number(/\((\d+)\)$/.exec(String(shown))?.[1])], label).toContainEqual(is);
    }
    expect(Object.keys(under(under(written, entity), 'custom_fields'))).toEqual(fields.map(({ label }) => label));
    const list = await ok(`list_${entity}s`, { detail: 'full', limit: 500 });
    const rows = (list['rows'] ?? []) as JsonObject[];
    const row = rows.find((one) => one['id'] === id) ?? {};
    expect(canonical(under(row, 'custom_fields'))).toEqual(whole);
  });
});
