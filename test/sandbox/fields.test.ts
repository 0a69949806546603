import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod/v3';
import { Clock } from '../../src/sandbox/clock.ts';
import { insertBuiltinFields, insertCustomField } from '../../src/sandbox/fields/builtin.ts';
import {
  checkLabels,
  customFieldsV1,
  customFieldsV2,
  labelObjects,
  writeCustomFieldsV1,
  writeCustomFieldsV2,
} from '../../src/sandbox/fields/custom.ts';
import { type FieldType, fieldType } from '../../src/sandbox/fields/types.ts';
import type { Json, JsonObject } from '../../src/sandbox/json.ts';
import { fillEmpty, sampleCompany } from '../../src/sandbox/sample/index.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { createWorld } from '../../src/sandbox/world.ts';

const now = new Date('2026-11-20T10:00:00Z');
const world = createWorld(new Clock(now), sampleCompany);
fillEmpty(world, 1);
if (world.db.fields.size === 0) insertBuiltinFields(world);
const me = world.me();
const stamps = {
  add_time: world.clock.stamp(),
  update_time: world.clock.stamp(),
  is_deleted: false,
  delete_time: null,
};
const contact = { owner_id: me.id, visible_to: 3, label_ids: [], custom_fields: {}, ...stamps };
const org = world.db.organizations.insert({
  id: 7,
  name: 'Nordwind',
  address: null,
  website: null,
  linkedin: null,
  industry: null,
  annual_revenue: null,
  employee_count: null,
  ...contact,
});
const person = world.db.persons.insert({
  id: 9,
  name: 'Ada',
  first_name: 'Ada',
  last_name: null,
  org_id: org.id,
  emails: [],
  phones: [],
  picture_id: null,
  marketing_status: 'no_consent',
  ...contact,
});

const choices = [{ label: 'One' }, { label: 'Two' }, { label: 'Three' }];
const fields = Object.fromEntries(
  fieldType.options.map((field_type) => [
    field_type,
    insertCustomField(world, {
      entity: 'deal',
      field_name: `My ${field_type}`,
      field_type,
      ...(['enum', 'set'].includes(field_type) ? { options: choices } : {}),
    }),
  ]),
);

function of(type: FieldType) {
  const field = fields[type];
  if (!field) throw new Error(`no field of type ${type}`);
  return field;
}
function option(type: 'enum' | 'set', index: number): number {
  return z.number().parse(of(type).options?.[index]?.id);
}
function write(type: FieldType, value: Json, current: JsonObject = {}): JsonObject {
  return writeCustomFieldsV2(world, 'deal', current, { [of(type).field_code]: value });
}
function read(type: FieldType, value: Json): Json | undefined {
  return customFieldsV2(world, 'deal', write(type, value))[of(type).field_code];
}

const zone = me.timezone_name;
const zoneId = Intl.supportedValuesOf('timeZone').indexOf(zone) + 1;
const nowhere = {
  street_number: null,
  route: null,
  subpremise: null,
  sublocality: null,
  locality: null,
  admin_area_level_1: null,
  admin_area_level_2: null,
  country: null,
  postal_code: null,
  formatted_address: null,
};

/** For each type: a good value, what is read back, its v1 keys after the hash, and bad values with their reasons. */
const cases: Record<FieldType, { good: Json; read?: Json; v1: JsonObject; bad: [Json, RegExp][] }> = {
  varchar: {
    good: 'abc',
    v1: { '': 'abc' },
    bad: [
      [1, /Expected 'string' as value/],
      ['x'.repeat(256), /255/],
    ],
  },
  varchar_auto: { good: 'abc', v1: { '': 'abc' }, bad: [[true, /Expected 'string'/]] },
  text: { good: 'x'.repeat(65_000), v1: { '': 'x'.repeat(65_000) }, bad: [['x'.repeat(65_536), /65535/]] },
  phone: { good: '+49 30 1', v1: { '': '+49 30 1' }, bad: [[49, /Expected 'string'/]] },
  double: { good: 1.5, v1: { '': 1.5 }, bad: [['1.5', /Expected 'number'/]] },
  monetary: {
    good: { value: 500, currency: 'USD' },
    v1: { '': 500, _currency: 'USD' },
    bad: [
      [500, /Monetary custom field value expected 'object'/],
      [{ value: '500' }, /Expected 'number'/],
      [{ value: 500, currency: 'XXX' }, /Currency 'XXX' does not exist/],
      [{ currency: 'EUR' }, /Key 'value' is required/],
    ],
  },
  enum: {
    good: option('enum', 1),
    v1: { '': String(option('enum', 1)) },
    bad: [
      ['1', /Expected 'number'/],
      [99_999, /Option '99999' does not exist/],
      [option('set', 0), /does not exist/],
    ],
  },
  set: {
    good: [option('set', 2), option('set', 0)],
    v1: { '': `${option('set', 2)},${option('set', 0)}` },
    bad: [
      [[], /empty array is not supported/],
      [option('set', 0), /Expected 'array'/],
      [[99_999], /Option '99999' does not exist/],
    ],
  },
  user: { good: me.id, v1: { '': me.id }, bad: [[99_999, /User '99999' does not exist/]] },
  org: { good: org.id, v1: { '': org.id }, bad: [[99_999, /Organization '99999' does not exist/]] },
  people: {
    good: person.id,
    v1: { '': person.id },
    bad: [
      [99_999, /Person '99999' does not exist/],
      [{ id: 9 }, /Expected 'number'/],
    ],
  },
  time: {
    good: { value: '09:30' },
    read: { value: '09:30:00', timezone_id: zoneId, timezone_name: zone },
    v1: { '': '09:30:00', _timezone_id: zoneId },
    bad: [
      ['09:30:00', /Time custom field value expected 'object'/],
      [{ value: '25:00:00' }, /not a valid 'time'/],
      [{ value: '09:30:00', timezone_name: 'Mars/Base' }, /Time zone 'Mars\/Base' does not exist/],
    ],
  },
  timerange: {
    good: { value: '09:00:00', until: '17:00:00', timezone_name: 'America/New_York' },
    read: {
      value: '09:00:00',
      until: '17:00:00',
      timezone_id: Intl.supportedValuesOf('timeZone').indexOf('America/New_York') + 1,
      timezone_name: 'America/New_York',
    },
    v1: {
      '': '09:00:00',
      _until: '17:00:00',
      _timezone_id: Intl.supportedValuesOf('timeZone').indexOf('America/New_York') + 1,
    },
    bad: [
      ['09:00', /Time range custom field value expected 'object'/],
      [{ value: '09:00:00' }, /Key 'until' is required/],
    ],
  },
  date: {
    good: '2026-12-24',
    v1: { '': '2026-12-24' },
    bad: [
      ['2026-02-30', /not a valid 'date'/],
      [20261224, /Expected 'string'/],
    ],
  },
  daterange: {
    good: { value: '2026-12-24', until: '2027-01-06' },
    v1: { '': '2026-12-24', _until: '2027-01-06' },
    bad: [
      ['2026-12-24', /Date range custom field value expected 'object'/],
      [{ value: '2026-12-24', until: 'soon' }, /not a valid 'date'/],
    ],
  },
  address: {
    good: { value: 'Hauptstr. 5, Berlin', locality: 'Berlin' },
    read: { ...nowhere, value: 'Hauptstr. 5, Berlin', locality: 'Berlin' },
    v1: { '': 'Hauptstr. 5, Berlin', _locality: 'Berlin' },
    bad: [
      ['Berlin', /Address custom field value expected 'object'/],
      [{ locality: 'Berlin' }, /Key 'value' is required/],
      [{ value: 'x', city: 'Berlin' }, /Unknown key 'city'/],
    ],
  },
};

describe.each(fieldType.options)('a custom field of type %s', (type) => {
  const { good, read: expected = good, v1, bad } = cases[type];
  const code = of(type).field_code;

  test('keeps what v2 writes, and v1 shows it flat', () => {
    expect(read(type, good)).toEqual(expected);
    const flat = Object.fromEntries(Object.entries(v1).map(([suffix, value]) => [`${code}${suffix}`, value]));
    const stored = write(type, good);
    expect(customFieldsV1(world, 'deal', stored)).toEqual(flat);
    expect(writeCustomFieldsV1(world, 'deal', {}, { title: 'x', ...flat })).toEqual(stored);
  });

  test('is cleared by null, in both versions', () => {
    const stored = write(type, good);
    expect(write(type, null, stored)).toEqual({});
    expect(writeCustomFieldsV1(world, 'deal', stored, { [code]: null })).toEqual({});
    expect(customFieldsV2(world, 'deal', {})[code]).toBeNull();
    expect(customFieldsV1(world, 'deal', {})).toEqual({});
  });

  test.each(bad)('refuses %j', (value, reason) => {
    const refused = expect.objectContaining({ status: 400, message: expect.stringMatching(reason) });
    expect(() => write(type, value)).toThrow(refused);
    expect(() => write(type, value)).toThrow(code);
  });
});

describe('custom fields', () => {
  test('an unknown key and a wrong type are named as the service names them', () => {
    expect(() => writeCustomFieldsV2(world, 'deal', {}, { title: 'x' })).toThrow(
      "Validation failed: custom_fields: Unknown key 'title'",
    );
    expect(() => writeCustomFieldsV2(world, 'deal', {}, [])).toThrow(
      "custom_fields: The value is not a valid 'object'",
    );
    expect(() => write('double', 'x')).toThrow(
      `Validation failed: custom_fields: Expected 'number' as value for deal custom field '${of('double').field_code}'`,
    );
  });

  test('a write leaves the other fields alone', () => {
    const stored = write('double', 2, write('varchar', 'kept'));
    expect(stored).toEqual({ [of('varchar').field_code]: 'kept', [of('double').field_code]: 2 });
  });

  test('v1 takes numbers and lists as text, and one part alone', () => {
    const money = of('monetary').field_code;
    const set = of('set').field_code;
    const body = { [of('double').field_code]: '7', [set]: [String(option('set', 1))], [money]: '10' };
    const stored = writeCustomFieldsV1(world, 'deal', {}, body);
    expect(stored).toEqual({
      [of('double').field_code]: 7,
      [set]: [option('set', 1)],
      [money]: { value: 10, currency: me.default_currency },
    });
    const changed = writeCustomFieldsV1(world, 'deal', stored, { [`${money}_currency`]: 'GBP' });
    expect(changed[money]).toEqual({ value: 10, currency: 'GBP' });
  });

  test('options come with labels, and at most 15 keys', () => {
    const stored = write('set', [option('set', 0)], write('enum', option('enum', 2)));
    const { field_code } = of('enum');
    expect(customFieldsV2(world, 'deal', stored, { optionLabels: true })).toMatchObject({
      [field_code]: { id: option('enum', 2), label: 'Three' },
      [of('set').field_code]: [{ id: option('set', 0), label: 'One' }],
      [of('date').field_code]: null,
    });
    expect(customFieldsV2(world, 'deal', stored, { keys: [field_code] })).toEqual({ [field_code]: option('enum', 2) });
  });

  test('a deleted custom field is gone: unknown to v2, ignored by v1', () => {
    const field = insertCustomField(world, { entity: 'person', field_name: 'Old', field_type: 'varchar' });
    world.db.fields.patch(field, { active_flag: false });
    expect(() => writeCustomFieldsV2(world, 'person', {}, { [field.field_code]: 'x' })).toThrow('Unknown key');
    expect(writeCustomFieldsV1(world, 'person', {}, { [field.field_code]: 'x' })).toEqual({});
  });

  test('labels are checked and named', () => {
    const label = world.db.fields.all().find((field) => field.entity === 'person' && field.field_code === 'label_ids');
    expect(label?.options?.map(({ label: name, color }) => `${name} ${color}`)).toEqual([
      'Customer green',
      'Hot lead red',
      'Warm lead yellow',
      'Cold lead blue',
    ]);
    const hot = z.number().parse(label?.options?.[1]?.id);
    checkLabels(world, 'person', [hot]);
    expect(labelObjects(world, 'person', [hot])).toEqual([{ id: hot, label: 'Hot lead' }]);
    expect(() => checkLabels(world, 'deal', [hot])).toThrow(`Label with id '${hot}' does not exist`);
  });
});

describe('the field operations', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ empty: true, seed: 1, now });
  });
  afterAll(() => sandbox.close());
  async function get(path: string) {
    const response = await fetch(`${sandbox.url}${path}`, { headers: { 'x-api-token': sandbox.token } });
    return { status: response.status, ...z.record(z.any()).parse(await response.json()) } as const;
  }
  const list = async (path: string) => z.object({ data: z.array(z.record(z.any())) }).parse(await get(path)).data;

  test('v2 lists with a cursor to the end, extras only when asked for', async () => {
    const all = await list('/api/v2/dealFields');
    expect(all[0]).toEqual({
      field_name: 'Title',
      field_code: 'title',
      description: expect.any(String),
      field_type: 'varchar',
      options: null,
      subfields: null,
      is_custom_field: false,
      is_optional_response_field: false,
      is_writable: true,
    });
    const paged: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await get(`/api/v2/dealFields?limit=7${cursor && `&cursor=${cursor}`}`);
      const { data, additional_data } = z
        .object({ data: z.array(z.unknown()), additional_data: z.object({ next_cursor: z.string().nullable() }) })
        .parse(page);
      paged.push(...data);
      cursor = additional_data.next_cursor;
    }
    expect(paged).toEqual(all);
    const [title] = await list('/api/v2/dealFields?include_fields=ui_visibility,required_fields');
    expect(title).toMatchObject({
      ui_visibility: { show_in_pipelines: { show_in_all: true } },
      required_fields: { statuses: {} },
    });
    expect(title).not.toHaveProperty('important_fields');
  });

  test.each(['deal', 'person', 'organization', 'product', 'activity'])(
    '%sFields by field_code, in v1 and v2',
    async (entity) => {
      const v2 = await list(`/api/v2/${entity}Fields?limit=500`);
      const v1 = await list(`/v1/${entity}Fields?limit=500`);
      expect(v1.map(({ name }) => name)).toEqual(v2.map(({ field_name }) => field_name));
      const code = v2[0]?.['field_code'];
      expect(await get(`/api/v2/${entity}Fields/${code}`)).toMatchObject({ status: 200, data: v2[0] });
      expect(await get(`/api/v2/${entity}Fields/nothing`)).toMatchObject({ status: 404, success: false });
      const allowed = entity !== 'product' && entity !== 'activity';
      const asked = await get(`/api/v2/${entity}Fields?include_fields=required_fields`);
      expect(asked.status).toBe(allowed ? 200 : 400);
    },
  );

  test('projectFields come with everything, and take no include_fields', async () => {
    const [plain] = await list('/api/v2/projectFields');
    expect(Object.keys(plain ?? {})).toEqual(expect.arrayContaining(['ui_visibility', 'required_fields']));
    expect(await list('/api/v2/projectFields?include_fields=nonsense')).toEqual(await list('/api/v2/projectFields'));
  });

  test('addresses and amounts have subfields, the type of an activity has the types as options', async () => {
    const { data: location } = z.object({ data: z.any() }).parse(await get('/api/v2/activityFields/location'));
    expect(location.subfields[0]).toEqual({
      field_code: 'value',
      field_name: 'Address value of Location',
      field_type: 'varchar',
    });
    expect(await get('/api/v2/activityFields/due_time')).toMatchObject({ data: { subfields: null } });
    const { data: type } = z.object({ data: z.any() }).parse(await get('/api/v2/activityFields/type'));
    expect(type.options).toContainEqual({ id: 'call', label: 'Call' });
  });

  test('leads and notes are v1 only; leads inherit what deals have', async () => {
    const lead = await list('/v1/leadFields');
    expect(lead.find(({ key }) => key === 'label_ids')?.['options']).toHaveLength(3);
    const note = await list('/v1/noteFields');
    expect(note.find(({ key }) => key === 'pinned_to_deal_flag')?.['options']).toEqual([
      { id: 1, label: 'Yes' },
      { id: 0, label: 'No' },
    ]);
    expect(await get('/api/v2/leadFields')).toMatchObject({ status: 404 });
  });

  test('v1 pages by start and limit', async () => {
    expect(await get('/v1/dealFields?start=1&limit=2')).toMatchObject({
      data: [{ key: 'id' }, { key: 'creator_user_id' }],
      additional_data: { pagination: { start: 1, limit: 2, more_items_in_collection: true, next_start: 3 } },
    });
  });
});

describe('PATCH /api/v2/deals/{id} in an account with a field of every type', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-fields-'));
  let sandbox: Sandbox;
  beforeAll(async () => {
    const file = join(folder, 'account.json');
    writeFileSync(file, JSON.stringify({ company: world.company, tables: world.db }));
    sandbox = await startSandbox({ file, now });
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });
  async function send(method: string, path: string, body: JsonObject) {
    const response = await fetch(`${sandbox.url}${path}`, {
      method,
      headers: { 'x-api-token': sandbox.token, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: z.record(z.any()).parse(await response.json()) };
  }
  const all = (key: 'good' | 'read'): JsonObject =>
    Object.fromEntries(
      fieldType.options.map((type) => [of(type).field_code, (key === 'read' && cases[type].read) || cases[type].good]),
    );

  test('writes all of them, refuses a bad one, clears one and leaves the rest', async () => {
    const made = await send('POST', '/api/v2/deals', { title: 'Every field' });
    const path = `/api/v2/deals/${made.body['data'].id}`;
    const written = await send('PATCH', path, { custom_fields: all('good') });
    expect(written).toMatchObject({ status: 200, body: { data: { custom_fields: all('read') } } });

    const { field_code } = of('double');
    expect(await send('PATCH', path, { custom_fields: { [field_code]: '1' } })).toMatchObject({
      status: 400,
      body: {
        success: false,
        error: `Validation failed: custom_fields: Expected 'number' as value for deal custom field '${field_code}'`,
        code: 'ERR_SCHEMA_VALIDATION_FAILED',
      },
    });
    const cleared = await send('PATCH', path, { custom_fields: { [field_code]: null } });
    expect(cleared.body['data'].custom_fields).toMatchObject({ ...all('read'), [field_code]: null });
  });
});
