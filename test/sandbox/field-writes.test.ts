import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;
beforeAll(async () => {
  sandbox = await startSandbox({ now: new Date('2026-11-20T10:00:00Z'), deals: 20 });
  api = apiOf(sandbox);
});
afterAll(() => sandbox.close());

type Row = Record<string, unknown>;
type Option = { id: number; label: string };

let count = 0;
/** A new field under a name of its own. */
async function create(entity: string, field_type: string, more: object = {}) {
  count += 1;
  const body = { field_name: `Field ${count}`, field_type, ...more };
  return (await api.ok('POST', `/api/v2/${entity}Fields`, body)).data;
}
const labels = (...names: string[]) => names.map((label) => ({ label }));
const v1Field = async (entity: string, key: string): Promise<Row | undefined> => {
  const { data } = await api.ok('GET', `/v1/${entity}Fields?limit=500`);
  return data.find((field: Row) => field['key'] === key);
};

describe.each(['deal', 'person', 'organization', 'product', 'project'])('a new field of a %s', (entity) => {
  test('is there at once, is changed, and disappears', async () => {
    const field = await create(entity, 'enum', { options: labels('Low', 'High') });
    expect(field).toMatchObject({
      field_code: expect.stringMatching(/^[0-9a-f]{40}$/),
      field_type: 'enum',
      is_custom_field: true,
      options: labels('Low', 'High'),
      ui_visibility: { add_visible_flag: false, details_visible_flag: true },
    });
    const path = `/api/v2/${entity}Fields/${field.field_code}`;
    expect((await api.ok('GET', path)).data.options).toEqual(field.options);
    expect((await api.ok('GET', `/api/v2/${entity}s?limit=1`)).data[0].custom_fields).toMatchObject({
      [field.field_code]: null,
    });
    const changed = await api.ok('PATCH', path, { field_name: 'Renamed', ui_visibility: { add_visible_flag: true } });
    expect(changed.data).toMatchObject({
      field_name: 'Renamed',
      ui_visibility: { add_visible_flag: true, details_visible_flag: true },
    });
    const gone = await api.ok('DELETE', path);
    expect(gone.data).toMatchObject({ field_code: field.field_code, field_name: 'Renamed' });
    expect(gone.data).not.toHaveProperty('ui_visibility');
    await api.fails('GET', path, undefined, 404, 'Field not found');
    await api.fails('DELETE', path, undefined, 404, 'Field not found');
    const [record] = (await api.ok('GET', `/api/v2/${entity}s?limit=1`)).data;
    expect(record.custom_fields).not.toHaveProperty(field.field_code);
  });
});

test('what a field needs and what it cannot be', async () => {
  const path = '/api/v2/dealFields';
  await api.fails('POST', path, { field_name: 'A', field_type: 'enum' }, 400, 'Options are required');
  await api.fails('POST', path, { field_name: 'A', field_type: 'set', options: [] }, 400, 'Options are required');
  await api.fails('POST', path, { field_name: 'A', field_type: 'text', options: labels('x') }, 400, 'have no options');
  await api.fails('POST', path, { field_name: 'A', field_type: 'colour' }, 400, 'field_type');
  await api.fails('POST', path, { field_name: '', field_type: 'text' }, 400, 'field_name');
  await api.fails('POST', path, { field_name: 'x'.repeat(256), field_type: 'text' }, 400, '255');
  await api.fails('POST', path, { field_type: 'text' }, 400, 'field_name: Field is required');
  await api.fails('POST', path, { field_name: 'A', field_type: 'text', key: 'a' }, 400, "Unknown key 'key'");
  const twice = { field_name: 'A', field_type: 'set', options: labels('Red', 'red ') };
  await api.fails('POST', path, twice, 400, 'exists already');
  const { field_code } = await create('deal', 'varchar');
  await api.fails('PATCH', `${path}/${field_code}`, {}, 400, 'At least one field');
  await api.fails('PATCH', `${path}/${field_code}`, { field_type: 'text' }, 400, "Unknown key 'field_type'");
  await api.fails('PATCH', `${path}/${field_code}`, { field_code: 'a' }, 400, "Unknown key 'field_code'");
  await api.fails('PATCH', `${path}/${field_code}`, { required_fields: { enabled: 1 } }, 400, 'enabled');
  await api.fails('POST', `${path}/${field_code}/options`, labels('A'), 400, 'cannot be changed');
  const description = { field_name: 'A', field_type: 'text', description: 'b' };
  await api.fails('POST', '/api/v2/personFields', description, 400, "Unknown key 'description'");
  const important = { field_name: 'A', field_type: 'text', important_fields: { enabled: true } };
  await api.fails('POST', '/api/v2/productFields', important, 400, "Unknown key 'important_fields'");
  await api.fails('POST', '/api/v2/activityFields', { field_name: 'A', field_type: 'text' }, 405, 'not allowed');
});

test('what is required and important, in v2 and in v1', async () => {
  const required_fields = { enabled: true, stage_ids: [2], statuses: { 1: ['won'] } };
  const important_fields = { enabled: true, stage_ids: [3] };
  const description = 'For the board';
  const field = await create('deal', 'double', { required_fields, important_fields, description });
  expect(field).toMatchObject({ required_fields, important_fields, description });
  expect(await v1Field('deal', field.field_code)).toMatchObject({ mandatory_flag: true, important_flag: true });
  const path = `/api/v2/dealFields/${field.field_code}`;
  const { data } = await api.ok('PATCH', path, { required_fields: { enabled: false }, description: null });
  expect(data).toMatchObject({ description: '', required_fields: { enabled: false, stage_ids: [2] } });
  expect(await v1Field('deal', field.field_code)).toMatchObject({ mandatory_flag: false });
});

describe('a built-in field', () => {
  test('keeps its name and stays', async () => {
    await api.fails('DELETE', '/api/v2/dealFields/title', undefined, 400, 'built-in and cannot be deleted');
    await api.fails('PATCH', '/api/v2/dealFields/title', { field_name: 'Name' }, 400, 'built-in');
    const { data } = await api.ok('PATCH', '/api/v2/dealFields/expected_close_date', {
      required_fields: { enabled: true },
    });
    expect(data).toMatchObject({ required_fields: { enabled: true, stage_ids: [] } });
    const { id } = (await v1Field('deal', 'expected_close_date')) ?? {};
    await api.fails('DELETE', `/v1/dealFields/${id}`, undefined, 400, 'built-in');
    await api.fails('DELETE', `/v1/dealFields?ids=${id}`, undefined, 400, 'built-in');
  });

  test('has options that belong to the account, or to Pipedrive', async () => {
    const path = '/api/v2/dealFields/label_ids/options';
    const { data, additional_data } = await api.ok('POST', path, labels('Strategic'));
    expect([data, additional_data]).toEqual([[{ id: expect.any(Number), label: 'Strategic' }], null]);
    const [{ id }] = data;
    const deal = (await api.ok('POST', '/api/v2/deals', { title: 'Labelled', label_ids: [id] })).data;
    expect(deal.label_ids).toEqual([id]);
    await api.ok('DELETE', path, [{ id }]);
    expect((await api.ok('GET', `/api/v2/deals/${deal.id}`)).data.label_ids).toEqual([]);
    await api.fails('POST', '/api/v2/dealFields/status/options', labels('Paused'), 400, 'cannot be changed');
    await api.ok('POST', '/api/v2/dealFields/lost_reason/options', labels('Price', 'Timing'));
    const reason = (await api.ok('GET', '/api/v2/dealFields/lost_reason')).data;
    expect(reason.options).toMatchObject(labels('Price', 'Timing'));
  });
});

describe('options', () => {
  let path: string;
  let code: string;
  let options: Option[];
  beforeEach(async () => {
    const field = await create('deal', 'set', { options: labels('A', 'B', 'C') });
    [code, options] = [field.field_code, field.options];
    path = `/api/v2/dealFields/${code}/options`;
  });
  const now = async () => (await api.ok('GET', path.replace('/options', ''))).data.options;
  const ids = () => options.map(({ id }) => id);

  test('are added, renamed and removed, and only those are answered', async () => {
    const added = (await api.ok('POST', path, labels('D', 'E'))).data;
    expect(added).toEqual(['D', 'E'].map((label) => ({ id: expect.any(Number), label })));
    expect(Math.min(...added.map(({ id }: Option) => id))).toBeGreaterThan(Math.max(...ids()));
    const [a] = ids();
    expect((await api.ok('PATCH', path, [{ id: a, label: 'AA' }])).data).toEqual([{ id: a, label: 'AA' }]);
    expect((await api.ok('DELETE', path, [{ id: a }])).data).toEqual([{ id: a, label: 'AA' }]);
    expect(await now()).toMatchObject(labels('B', 'C', 'D', 'E'));
  });

  test('all or none', async () => {
    const [a] = ids();
    await api.fails('POST', path, [...labels('D'), { label: '' }], 400, 'label');
    await api.fails('POST', path, labels('D', 'A'), 400, 'exists already');
    await api.fails('POST', path, labels('D', 'd'), 400, 'exists already');
    await api.fails('POST', path, [], 400, 'at least 1');
    await api.fails('POST', path, { label: 'D' }, 400, "not a valid 'array'");
    await api.fails(
      'PATCH',
      path,
      [
        { id: a, label: 'Z' },
        { id: 99_999, label: 'Y' },
      ],
      400,
      "id '99999' does not exist",
    );
    await api.fails('PATCH', path, [{ id: a, label: 'B' }], 400, 'exists already');
    await api.fails('DELETE', path, [{ id: a }, { id: 99_999 }], 400, "id '99999' does not exist");
    await api.fails('DELETE', path, [{ id: String(a) }], 400, "not a valid 'number'");
    expect(await now()).toMatchObject(labels('A', 'B', 'C'));
  });

  test('are at most 10000 of a field', async () => {
    const many = (n: number) => labels(...Array.from({ length: n }, (_, i) => `Many ${i}`));
    const text = 'You reached the limit of 10000 options per field. Remove some options to be able to save.';
    await api.fails('POST', path, many(9_998), 400, text);
    await api.fails(
      'POST',
      '/api/v2/dealFields',
      { field_name: 'M', field_type: 'enum', options: many(10_001) },
      400,
      text,
    );
    await api.ok('POST', path, many(9_997));
    expect(await now()).toHaveLength(10_000);
    await api.fails('POST', path, labels('One more'), 400, text);
    await api.ok('DELETE', path.replace('/options', ''));
  });

  test('that are removed are cleared from deals and leads, and their ids are not given again', async () => {
    const [a, b, c] = ids();
    const deal = (await api.ok('POST', '/api/v2/deals', { title: 'D', custom_fields: { [code]: [a, b] } })).data;
    const only = (await api.ok('POST', '/api/v2/deals', { title: 'O', custom_fields: { [code]: [c] } })).data;
    const lead = { title: 'L', person_id: 1, [code]: `${b},${c}` };
    const made = (await api.ok('POST', '/v1/leads', lead, 201)).data;
    expect(made[code]).toBe(`${b},${c}`);
    await api.ok('DELETE', path, [{ id: b }, { id: c }]);
    const chosen = async (id: number) => (await api.ok('GET', `/api/v2/deals/${id}`)).data.custom_fields[code];
    expect([await chosen(deal.id), await chosen(only.id)]).toEqual([[a], null]);
    expect((await api.ok('GET', `/v1/leads/${made.id}`)).data).not.toHaveProperty(code);
    const [again] = (await api.ok('POST', path, labels('C'))).data;
    expect(again.id).toBeGreaterThan(Number(c));
    await api.fails('PATCH', `/api/v2/deals/${deal.id}`, { custom_fields: { [code]: [b] } }, 400, 'does not exist');
  });
});

test('a deleted field: v1 ignores what is written to it, v2 refuses it', async () => {
  const { field_code: code } = await create('deal', 'varchar');
  const { id } = (await api.ok('POST', '/api/v2/deals', { title: 'D', custom_fields: { [code]: 'x' } })).data;
  await api.ok('DELETE', `/api/v2/dealFields/${code}`);
  expect((await api.ok('GET', `/api/v2/deals/${id}`)).data.custom_fields).not.toHaveProperty(code);
  await api.fails('PATCH', `/api/v2/deals/${id}`, { custom_fields: { [code]: 'y' } }, 400, `Unknown key '${code}'`);
  const lead = (await api.ok('POST', '/v1/leads', { title: 'L', person_id: 1, [code]: 'y' }, 201)).data;
  expect(lead).not.toHaveProperty(code);
});

describe.each(['deal', 'person', 'organization', 'product'])('v1 fields of a %s', (entity) => {
  const path = `/v1/${entity}Fields`;
  const status = entity === 'product' ? 201 : 200;
  const missing = entity === 'product' ? 410 : 404;

  test('are the same fields under ids that stay', async () => {
    const body = { name: 'Colour', field_type: 'enum', options: labels('red', 'blue', 'lilac') };
    const { id, key, options } = (await api.ok('POST', path, body, status)).data;
    expect((await api.ok('GET', `/api/v2/${entity}Fields/${key}`)).data).toMatchObject({
      field_name: 'Colour',
      options: body.options,
    });
    const [red, blue] = options;
    const record = { [entity === 'deal' ? 'title' : 'name']: 'Coloured', custom_fields: { [key]: red.id } };
    const made = (await api.ok('POST', `/api/v2/${entity}s`, record, status)).data;
    const whole = [{ label: 'green' }, { id: String(blue.id), label: 'navy' }];
    const put = (await api.ok('PUT', `${path}/${id}`, { name: 'Paint', options: whole, add_visible_flag: 0 })).data;
    expect(put).toMatchObject({ id, key, name: 'Paint', add_visible_flag: false });
    expect(put.options).toMatchObject([{ label: 'green' }, { id: blue.id, label: 'navy' }]);
    expect((await api.ok('GET', `/api/v2/${entity}s/${made.id}`)).data.custom_fields[key]).toBeNull();
    await api.fails('PUT', `${path}/${id}`, { options: [{ id: 99_999 }] }, 400, 'does not exist');
    await api.fails('PUT', `${path}/${id}`, { options: [{}] }, 400, 'needs a label');
    await api.ok('PATCH', `/api/v2/${entity}Fields/${key}`, { field_name: 'Again' });
    expect((await api.ok('GET', `${path}/${id}`)).data).toMatchObject({ id, key, name: 'Again' });
    expect((await api.ok('DELETE', `${path}/${id}`)).data).toEqual({ id });
    await api.fails('GET', `${path}/${id}`, undefined, missing, 'not found');
    await api.fails('PUT', `${path}/${id}`, { name: 'x' }, missing, 'not found');
    await api.fails('DELETE', `${path}/${id}`, undefined, missing, 'not found');
  });

  test('go in bulk; options may be JSON in a text', async () => {
    const make = async (name: string, body: object) => (await api.ok('POST', path, { name, ...body }, status)).data.id;
    const one = await make('One', { field_type: 'text' });
    const two = await make('Two', { field_type: 'set', options: JSON.stringify(labels('a', 'b')) });
    expect((await api.ok('DELETE', `${path}?ids=${one},${two},99999`)).data).toEqual({ id: [one, two] });
    await api.fails('DELETE', path, undefined, 400, 'ids');
    await api.fails('POST', path, { name: 'Three', field_type: 'set', options: '[' }, 400, 'not valid JSON');
    await api.fails('POST', path, { name: 'Three', field_type: 'enum' }, 400, 'Options are required');
  });
});
