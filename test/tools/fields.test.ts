import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/pipedrive/client.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { Tools } from '../../src/tools/index.ts';
import { type Api, apiOf } from '../sandbox/api.ts';

let sandbox: Sandbox;
let api: Api;
let tools: Tools;
beforeAll(async () => {
  sandbox = await startSandbox({ now: new Date('2026-11-20T10:00:00Z'), deals: 10 });
  api = apiOf(sandbox);
  const settings = { token: sandbox.token, baseUrl: sandbox.url, userAgent: 'test' };
  tools = new Tools(createClient(settings, new Throttle('ultimate', 20)), 20_000);
});
afterAll(() => sandbox.close());

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer by looking into it
type Loose = Record<string, any>;
async function call(name: string, args: Loose): Promise<Loose> {
  const { structure } = await tools.call(name, args, new AbortController().signal);
  return structure;
}
const log = async () => (await (await fetch(`${sandbox.url}/_sandbox/log`)).json()) as Loose[];

test('a field is used by its label as soon as it is made, and unknown as soon as it is gone', async () => {
  await call('list_fields', { entity: 'deal' });
  const made = await call('create_field', {
    entity: 'deal',
    field_name: 'Deployment',
    field_type: 'enum',
    options: ['Cloud', 'On premises'],
    required_fields: { enabled: true, stage_ids: ['Site survey'] },
  });
  expect(made).toMatchObject({
    done: 'Created deal field "Deployment"',
    field: {
      field: 'Deployment',
      type: 'enum',
      custom: true,
      options: 'Cloud; On premises',
      required: 'in New business / Site survey',
    },
  });
  const set = { custom_fields: { Deployment: 'On premises' } };
  expect(await call('update_deal', { id: 1, ...set })).toMatchObject({ deal: set });
  expect(await call('create_lead', { title: 'L', person_id: 1, ...set })).toMatchObject({ lead: set });
  await call('update_field_options', {
    entity: 'deal',
    field_code: 'deployment',
    options: [{ id: 'On premises', label: 'Own servers' }],
  });
  expect(await call('get_deal', { id: 1 })).toMatchObject({ deal: { custom_fields: { Deployment: 'Own servers' } } });
  await call('remove_field_options', { entity: 'deal', field_code: 'Deployment', options: ['own servers'] });
  expect((await call('get_deal', { id: 1 }))['deal'].custom_fields ?? {}).not.toHaveProperty('Deployment');
  await call('update_field', { entity: 'deal', field_code: made['field'].field_code, field_name: 'Hosting' });
  expect(await call('delete_field', { entity: 'deal', field_code: 'Hosting' })).toMatchObject({
    done: 'Deleted deal field "Hosting"',
  });
  expect((await call('update_deal', { id: 1, custom_fields: { Hosting: 'Cloud' } }))['error']).toContain('no field');
});

test('what Pipedrive cannot do is refused before anything is sent', async () => {
  await call('list_fields', { entity: 'product' });
  const before = (await log()).length;
  const base = { entity: 'product', field_name: 'X' };
  const refused: [string, Loose, string][] = [
    ['create_field', { ...base, field_type: 'set' }, 'needs options'],
    ['create_field', { ...base, field_type: 'text', options: ['A'] }, 'has no options'],
    ['create_field', { ...base, field_type: 'colour' }, 'must be one of'],
    ['create_field', { ...base, field_type: 'text', description: 'D' }, '"description" cannot be set for product'],
    ['create_field', { ...base, field_type: 'text', required_fields: { enabled: true } }, '"required_fields"'],
    ['update_field', { entity: 'product', field_code: 'name' }, 'nothing to change'],
    ['add_field_options', { entity: 'product', field_code: 'category', options: [] }, 'options'],
  ];
  for (const [name, args, text] of refused) expect((await call(name, args))['error'], name).toContain(text);
  expect(await log()).toHaveLength(before);
});

test('what Pipedrive refuses is told in its words', async () => {
  const options = Array.from({ length: 10_001 }, (_, i) => `O${i}`);
  const many = await call('create_field', { entity: 'deal', field_name: 'M', field_type: 'enum', options });
  expect(many['error']).toContain('You reached the limit of 10000 options per field');
  const twice = { entity: 'deal', field_name: 'T', field_type: 'set', options: ['A', 'a'] };
  expect((await call('create_field', twice))['error']).toContain("Option 'a' exists already");
  expect((await call('delete_field', { entity: 'deal', field_code: 'Title' }))['error']).toContain('built-in');
});

test('of two fields with one label the code tells which is meant', async () => {
  const body = { field_name: 'Twin', field_type: 'varchar' };
  const { field_code } = (await api.ok('POST', '/api/v2/dealFields', body)).data;
  await api.ok('POST', '/api/v2/dealFields', body);
  const { error, why } = await call('delete_field', { entity: 'deal', field_code: 'twin' });
  expect(error).toContain('fits 2 fields');
  expect(why).toContain(field_code);
  expect(await call('delete_field', { entity: 'deal', field_code })).toMatchObject({ done: expect.any(String) });
  expect(await call('delete_field', { entity: 'deal', field_code: 'Twin' })).toMatchObject({
    done: expect.any(String),
  });
});

test('10,000 options are read in parts, each option once', async () => {
  const options = Array.from({ length: 10_000 }, (_, i) => `Option number ${i}`);
  await call('create_field', { entity: 'person', field_name: 'Many', field_type: 'set', options });
  const seen: string[] = [];
  let calls = 0;
  for (let option_offset: number | undefined = 0; option_offset !== undefined; calls += 1) {
    const answer = await call('get_field', { entity: 'person', field_code: 'Many', option_offset });
    expect(JSON.stringify(answer).length).toBeLessThan(40_000);
    seen.push(...answer['field'].options.map((option: string) => option.replace(/^\d+=/, '')));
    const next = /option_offset (\d+)$/.exec(answer['options_left'] ?? '')?.[1];
    option_offset = next === undefined ? undefined : Number(next);
  }
  expect(seen).toEqual(options);
  expect(calls).toBeLessThan(20);
  const { rows } = await call('list_fields', { entity: 'person' });
  const row = rows.find(([label]: [string]) => label === 'Many');
  expect(row.at(-1)).toContain('9900 more: get_field');
  expect(
    (await call('get_field', { entity: 'person', field_code: 'Many', option_offset: 20_000 }))['error'],
  ).toBeUndefined();
});
