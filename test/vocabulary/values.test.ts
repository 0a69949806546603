import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../src/pipedrive/json.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Field, readField } from '../../src/vocabulary/fields.ts';
import { Problem } from '../../src/vocabulary/problem.ts';
import { encodeV1, encodeV2, showV1, showV2, type WriteContext } from '../../src/vocabulary/values.ts';
import { type Api, apiOf } from '../sandbox/api.ts';
import { type Account, saidOf } from './said.ts';

const types = [
  'varchar',
  'varchar_auto',
  'text',
  'double',
  'monetary',
  'enum',
  'set',
  'user',
  'org',
  'people',
  'phone',
  'time',
  'timerange',
  'date',
  'daterange',
  'address',
];
const labels = [
  'Referral',
  'Событие',
  '推荐',
  '🎉 Party',
  'Berlin, Germany',
  'Price: > 50',
  'Ärzte',
  '2024',
  'A to B',
  'a  b',
];

function field(type: string, options = labels.map((label, at) => ({ id: at + 10, label }))): Field {
  const code = Buffer.from(type.padEnd(20, '.')).toString('hex');
  const chooses = type === 'enum' || type === 'set';
  return readField({ field_code: code, field_name: 'Метка: A', field_type: type, options: chooses ? options : null });
}

const account: Account = {
  currency: 'EUR',
  zone: 'Europe/Tallinn',
  zones: ['Europe/Tallinn', 'America/Port-au-Prince', 'Asia/Kathmandu', 'Etc/GMT+5', 'UTC'],
  users: new Map([
    [1, 'Ann Lee'],
    [2, 'José'],
  ]),
  persons: new Map([
    [14, 'Kevin Lindgren'],
    [15, 'Kevin Lindgren'],
  ]),
  organizations: new Map([[7, 'Acme (2019)']]),
};

function contexts({ currency, zone, users, persons, organizations }: Account) {
  const named = { user: users, person: persons, organization: organizations };
  const look: WriteContext['look'] = async (kind, given) => {
    const text = String(given);
    for (const [id, name] of named[kind]) if ([name, String(id), `${name} (${id})`].includes(text)) return id;
    throw new Problem(`There is no ${kind} ${text}.`, '', '');
  };
  return {
    write: { currency, zone, look },
    show: { zone, nameOf: (kind: keyof typeof named, id: number) => named[kind].get(id) },
  };
}

const { write, show } = contexts(account);

/** Sets' order is the API's own. */
function sorted(value: Json | undefined): Json | undefined {
  return Array.isArray(value) ? [...value].sort() : value;
}

/** What v2 answers of a value it was given, as its documentation of custom fields has it; it takes no other form. */
function keptV2(type: string, value: Json): Json {
  const typed = (type: 'number' | 'string') => (is: Json | undefined) => {
    expect(is).toBeTypeOf(type);
    return is ?? null;
  };
  const [number, text] = [typed('number'), typed('string')];
  if (value === null) return null;
  if (['double', 'enum', 'user', 'org', 'people'].includes(type)) return number(value);
  if (type === 'set') {
    if (!Array.isArray(value)) throw new Error('a set is a list');
    expect(value.length).toBeGreaterThan(0);
    return value.map(number).reverse();
  }
  if (!['monetary', 'daterange', 'time', 'timerange', 'address'].includes(type)) return text(value);
  if (!isObject(value)) throw new Error(`${type} is an object`);
  if (type === 'monetary') return { value: number(value['value']), currency: text(value['currency']) };
  const whole = Object.fromEntries(Object.entries(value).map(([key, is]) => [key, text(is)]));
  const form = /^time/.test(type) ? /^\d\d:\d\d:\d\d$/ : type === 'daterange' ? /^\d{4}-\d\d-\d\d$/ : /./;
  for (const key of type.endsWith('range') ? ['value', 'until'] : ['value']) expect(whole[key]).toMatch(form);
  if (type === 'address') return { street_number: null, formatted_address: null, ...whole };
  return type === 'daterange' ? whole : { ...whole, timezone_id: 42 };
}

/** What v1 answers of the flat keys it was given: links as objects, nothing of what is unset. */
function keptV1({ type, code }: Field, flat: JsonObject): JsonObject {
  expect(Object.keys(flat).every((key) => key === code || key.startsWith(`${code}_`))).toBe(true);
  const main = flat[code] ?? null;
  if (main === null) return {};
  if (type === 'user') return { ...flat, [code]: { id: main, name: 'Someone', value: main, active_flag: true } };
  if (type === 'people' || type === 'org') return { ...flat, [code]: { name: 'Someone', value: main } };
  if (type.startsWith('time')) return { ...flat, [`${code}_timezone_id`]: 42 };
  if (type === 'set' || type === 'enum') expect(main).toMatch(/^\d+(,\d+)*$/);
  return flat;
}

describe.each(types)('%s', (type) => {
  const one = field(type);

  test('what was written is shown equal, and can be written again, in v2', async () => {
    await fc.assert(
      fc.asyncProperty(saidOf(one, account), async ({ said, shown }) => {
        const read = showV2(one, keptV2(type, await encodeV2(one, said, write)), show);
        expect(sorted(read)).toEqual(sorted(shown));
        const again = showV2(one, keptV2(type, await encodeV2(one, read ?? null, write)), show);
        expect(sorted(again)).toEqual(sorted(shown));
      }),
    );
  });

  test('and in v1', async () => {
    await fc.assert(
      fc.asyncProperty(saidOf(one, { ...account, zones: [account.zone] }), async ({ said, shown }) => {
        const read = showV1(one, keptV1(one, await encodeV1(one, said, write)), show);
        expect(sorted(read)).toEqual(sorted(shown));
        const again = showV1(one, keptV1(one, await encodeV1(one, read ?? null, write)), show);
        expect(sorted(again)).toEqual(sorted(shown));
      }),
    );
  });

  test('null and nothing clear it, and what is not set is not shown', async () => {
    for (const nothing of [null, '', '  ', []]) {
      expect(await encodeV2(one, nothing, write)).toBe(null);
      expect(await encodeV1(one, nothing, write)).toEqual({ [one.code]: null });
      expect(showV2(one, nothing, show)).toBe(undefined);
      expect(showV1(one, { [one.code]: nothing }, show)).toBe(undefined);
    }
    expect(showV2(one, undefined, show)).toBe(undefined);
    expect(showV1(one, { other: 1 }, show)).toBe(undefined);
  });

  test('a read-only field says so', async () => {
    await expect(encodeV2({ ...one, isWritable: false }, 'x', write)).rejects.toThrow('"Метка: A" is read-only.');
    await expect(encodeV1({ ...one, isWritable: false }, null, write)).rejects.toThrow(Problem);
  });

  test('nothing but a Problem that names the field and shows a form comes of any other value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        try {
          await encodeV2(one, JSON.parse(JSON.stringify(value)), write);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
    );
  });
});

test('any option that is shown leads back to itself, whatever the options are called', async () => {
  const label = fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }),
      fc.constantFrom('10', '11', 'A', 'a', 'á', 'A (10)', 'a (11)', 'A, B', 'B', '11 (10)', ' a', 'का', 'की'),
    )
    .filter((text) => text.trim() !== '');
  await fc.assert(
    fc.asyncProperty(fc.array(label, { minLength: 1, maxLength: 8 }), async (given) => {
      const options = given.map((name, at) => ({ id: at + 10, label: name }));
      const [one, set] = [field('enum', options), field('set', options)];
      for (const { id } of options) {
        expect(await encodeV2(one, showV2(one, id, show) ?? null, write)).toBe(id);
        expect(await encodeV2(set, showV2(set, [id], show) ?? null, write)).toEqual([id]);
      }
    }),
    { numRuns: 500 },
  );
});

test('a value of a type that is not known is shown as it is', () => {
  expect(showV2(field('picture'), { id: 1 }, show)).toEqual({ id: 1 });
});

test('numbers are written without exponent, and as exact as they are', async () => {
  const money = field('monetary');
  const finite = { noNaN: true, noDefaultInfinity: true };
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.double(finite), fc.double({ ...finite, min: -1e6, max: 1e6 })), async (value) => {
      const written = await encodeV2(money, { value }, write).catch((error: unknown) => {
        expect(error).toMatchObject({ why: expect.stringContaining('16 decimals') });
        return undefined;
      });
      if (written === undefined) return;
      const text = String(showV2(money, written, show));
      expect(text).toMatch(/^-?\d+(\.\d{1,16})? EUR$/);
      expect(await encodeV2(money, text, write)).toEqual({ value: value + 0, currency: 'EUR' });
    }),
  );
});

describe('forms that a person may choose', () => {
  test.each<[string, Json, Json]>([
    ['double', '1,500.50', 1500.5],
    ['double', '1 500.50', 1500.5],
    ['double', '1 500', 1500],
    ['double', '1,500,000', 1_500_000],
    ['double', '-0.5', -0.5],
    ['monetary', '1 500.50 usd', { value: 1500.5, currency: 'USD' }],
    ['monetary', 'USD 1,500.50', { value: 1500.5, currency: 'USD' }],
    ['monetary', { value: 5, currency: null }, { value: 5, currency: 'EUR' }],
    ['set', 'Referral, 推荐', [10, 12]],
    ['set', 'referral', [10]],
    ['set', 11, [11]],
    ['set', 'Berlin, Germany', [14]],
    ['set', ['Referral', 10, '10'], [10]],
    ['enum', 'arzte', 16],
    ['enum', 2024, 17],
    ['enum', '2024', 17],
    ['enum', '12', 12],
    ['time', '2pm', { value: '14:00:00', timezone_name: 'Europe/Tallinn' }],
    ['time', '12:30 a.m.', { value: '00:30:00', timezone_name: 'Europe/Tallinn' }],
    ['timerange', '09:00-10:30', { value: '09:00:00', until: '10:30:00', timezone_name: 'Europe/Tallinn' }],
    ['timerange', '9am to 5pm UTC', { value: '09:00:00', until: '17:00:00', timezone_name: 'UTC' }],
    ['address', ' 1 Main St\n12345 Town ', { value: '1 Main St, 12345 Town' }],
    ['varchar', 42, '42'],
  ])('%s: %j', async (type, said, kept) => {
    expect(await encodeV2(field(type), said, write)).toEqual(kept);
  });

  test('v1 has a key for each part', async () => {
    const [range, site, set] = [field('daterange'), field('address'), field('set')];
    expect(await encodeV1(range, '2026-01-01 to 2026-03-31', write)).toEqual({
      [range.code]: '2026-01-01',
      [`${range.code}_until`]: '2026-03-31',
    });
    expect(await encodeV1(site, { value: 'Here', locality: 'Town', country: null }, write)).toEqual({
      [site.code]: 'Here',
      [`${site.code}_locality`]: 'Town',
    });
    expect(await encodeV1(set, ['Referral', '推荐'], write)).toEqual({ [set.code]: '10,12' });
  });
});

describe('a Problem says what is wrong and what to write', () => {
  const twice = [
    { id: 3, label: 'Partner' },
    { id: 9, label: 'partner' },
    { id: 42, label: 'Event' },
    { id: 7, label: '42' },
    { id: 8, label: 'Partner, silent' },
  ];
  test.each<[string, Json, Partial<Record<'message' | 'why' | 'next', string>>]>([
    ['double', '1,500', { message: '"Метка: A": "1,500" is not a number.', why: 'thousands or for decimals' }],
    ['double', '1.500,50', { why: 'thousands or for decimals' }],
    ['double', '1e3', { message: 'is not a number', next: '1500 or 1500.5' }],
    ['double', Number.NaN, { message: 'NaN is not a number' }],
    ['double', Number.POSITIVE_INFINITY, { message: 'Infinity is not a number' }],
    ['double', '0.12345678901234567', { why: '16 decimals' }],
    ['double', '12345678901234567890', { why: 'more digits than are kept' }],
    ['double', true, { message: 'true is not a number' }],
    ['monetary', 'EUR 5 USD', { why: 'two currencies' }],
    ['monetary', '1,500 EUR', { why: 'thousands or for decimals' }],
    ['monetary', '$5', { message: '"$5" is not an amount', next: '"1500.50 EUR"' }],
    ['monetary', { value: 5, curency: 'EUR' }, { why: '"curency"' }],
    ['date', '2026-02-30', { why: 'no such day' }],
    ['date', '12/31/2026', { message: '"12/31/2026" is not a date.', next: '"2026-12-31"' }],
    ['daterange', '2026-03-31 to 2026-01-01', { why: 'ends before it begins' }],
    ['daterange', '2026-03-31', { message: 'is not a range of dates', next: '"from"' }],
    ['time', '25:00', { why: 'no such time' }],
    ['time', '14', { message: '"14" is not a time', next: '2:30 pm' }],
    ['time', '14:30 Europe/Berlyn', { why: '"Europe/Berlyn" is no time zone' }],
    ['time', { value: '14:30', timezone_name: 'Mars' }, { why: '"Mars" is no time zone' }],
    ['time', { value: '14:30', until: '15:00' }, { why: '"until"' }],
    ['daterange', { from: '2026-01-01', until: '2026-01-02', timezone_name: 'UTC' }, { why: '"timezone_name"' }],
    ['timerange', ` ${' '.repeat(1e6)}x`, { message: 'is not a range of times' }],
    ['monetary', `1.${'0'.repeat(1e6)}1`, { message: 'is not an amount' }],
    ['time', 'quarter past two', { message: '"quarter past two" is not a time' }],
    ['timerange', '09:00', { message: 'is not a range of times' }],
    ['address', { locality: 'Town' }, { why: 'lacks the "value"' }],
    ['address', { value: 'Here', city: 'Town' }, { why: '"city"' }],
    ['varchar', 'x'.repeat(256), { message: 'too long, 256', why: '255' }],
    ['varchar', ['x'], { message: '["x"] is not text' }],
    ['user', { id: 1 }, { message: 'is not a user', next: 'e-mail' }],
    ['user', 'Nobody', { message: 'no user Nobody' }],
    ['enum', 'Referal', { message: '"Метка: A": there is no option "Referal".', why: 'Referral', next: 'Событие' }],
    ['enum', ['Referral'], { message: '["Referral"] is not an option' }],
    ['set', ['Referral', 'Nope'], { message: 'no option "Nope"' }],
    ['set', 'Berlin, Germany, Referral', { why: '"Berlin, Germany" is one option', next: '["one label"' }],
    ['picture', 'x', { message: 'cannot be written here', why: 'picture' }],
  ])('%s: %.60j', async (type, said, { message = '', why = '', next = '' }) => {
    const problem = await encodeV2(field(type), said, write).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({
      message: expect.stringContaining(message),
      why: expect.stringContaining(why),
      next: expect.stringContaining(next),
    });
  });

  test.each([
    ['PARTNER', '"Partner" (id 3), "partner" (id 9)'],
    ['42', '"Event" (id 42), "42" (id 7)'],
  ])('"%s" fits two options, which are both named', async (said, both) => {
    await expect(encodeV2(field('enum', twice), said, write)).rejects.toMatchObject({
      why: expect.stringContaining(both),
      next: expect.stringContaining('id'),
    });
  });

  test('an exact label goes before one that is only alike, and a number is an id', async () => {
    expect(await encodeV2(field('enum', twice), 'Partner', write)).toBe(3);
    expect(await encodeV2(field('enum', twice), 'Partner (9)', write)).toBe(9);
    expect(await encodeV2(field('enum', twice), 42, write)).toBe(42);
  });

  test('of many options twenty are listed', async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => ({ id: at + 1, label: `Option ${at}` }));
    await expect(encodeV2(field('enum', many), 'Nothing like it', write)).rejects.toMatchObject({
      next: expect.stringMatching(/Option 19, and 9980 more/),
    });
  });

  test('v1 takes no time in another zone', async () => {
    await expect(encodeV1(field('time'), '14:30 UTC', write)).rejects.toThrow('"Метка: A" takes no time zone here.');
  });
});

test('an amount that might be read as thousands is refused as text, and shown so that it can be given back', async () => {
  const field = readField({ field_code: 'x', field_name: 'Budget', field_type: 'monetary', is_custom_field: true });
  const look = () => Promise.reject(new Error('nothing to look up'));
  const context = { currency: 'EUR', zone: 'UTC', look };
  await expect(encodeV2(field, '12.345', context)).rejects.toThrow(Problem);
  const shown = showV2(field, await encodeV2(field, 12.345, context), { zone: 'UTC', nameOf: () => undefined });
  expect(shown).toBe('12.3450 EUR');
  expect(await encodeV2(field, shown ?? null, context)).toEqual({ value: 12.345, currency: 'EUR' });
});

describe('over HTTP', () => {
  let sandbox: Sandbox;
  let api: Api;
  let real: Account;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 7, deals: 30, now: new Date('2026-11-20T10:00:00Z') });
    api = apiOf(sandbox);
    const me = (await api.ok('GET', '/v1/users/me')).data;
    const named = (rows: readonly { id: number; name: string }[]) => new Map(rows.map(({ id, name }) => [id, name]));
    const users = (await api.ok('GET', '/v1/users')).data;
    real = {
      currency: 'SEK',
      zone: me.timezone_name,
      zones: [me.timezone_name, 'America/New_York', 'Asia/Kathmandu'],
      users: named(users.filter((user: { active_flag: boolean }) => user.active_flag)),
      persons: named((await api.ok('GET', '/api/v2/persons?limit=20')).data),
      organizations: named((await api.ok('GET', '/api/v2/organizations?limit=20')).data),
    };
  });
  afterAll(() => sandbox.close());

  /** Writes all fields at once, twice: as said, and as they were then shown. Then clears them. */
  async function roundTrip(
    fields: readonly Field[],
    from: Account,
    write: (values: readonly Json[]) => Promise<readonly (Json | undefined)[]>,
  ): Promise<void> {
    const values = fc.tuple(...fields.map((one) => saidOf(one, from)));
    await fc.assert(
      fc.asyncProperty(values, async (all) => {
        const shown = all.map((one) => sorted(one.shown));
        const read = await write(all.map(({ said }) => said));
        expect(read.map(sorted)).toEqual(shown);
        expect((await write(read.map((value) => value ?? null))).map(sorted)).toEqual(shown);
      }),
      { numRuns: 40 },
    );
    expect(await write(fields.map(() => null))).toEqual(fields.map(() => undefined));
  }

  test.each([
    ['deal', 16],
    ['person', 5],
    ['organization', 9],
  ] as const)('%s: every custom field, nested', async (entity, count) => {
    const rows: JsonObject[] = (await api.ok('GET', `/api/v2/${entity}Fields?limit=500`)).data;
    const fields = rows.map(readField).filter(({ isCustom }) => isCustom);
    expect(fields.length).toBe(count);
    const { write, show } = contexts(real);
    const [{ id }] = (await api.ok('GET', `/api/v2/${entity}s?limit=1`)).data;
    await roundTrip(fields, real, async (values) => {
      const coded = fields.map(async (one, at) => [one.code, await encodeV2(one, values[at] ?? null, write)]);
      const custom_fields = Object.fromEntries(await Promise.all(coded));
      await api.ok('PATCH', `/api/v2/${entity}s/${id}`, { custom_fields });
      const kept: JsonObject = (await api.ok('GET', `/api/v2/${entity}s/${id}`)).data.custom_fields;
      return fields.map((one) => showV2(one, kept[one.code], show));
    });
  });

  test('lead: all sixteen types, flat', async () => {
    const rows: JsonObject[] = (await api.ok('GET', '/v1/leadFields?limit=500')).data;
    const fields = rows.map(readField).filter(({ isCustom }) => isCustom);
    expect(fields.map(({ type }) => type).sort()).toEqual([...types].sort());
    const { write, show } = contexts(real);
    const [{ id }] = (await api.ok('GET', '/v1/leads?limit=1')).data;
    await roundTrip(fields, { ...real, zones: [real.zone] }, async (values) => {
      const coded = fields.map((one, at) => encodeV1(one, values[at] ?? null, write));
      await api.ok('PATCH', `/v1/leads/${id}`, Object.assign({}, ...(await Promise.all(coded))));
      const record: JsonObject = (await api.ok('GET', `/v1/leads/${id}`)).data;
      return fields.map((one) => showV1(one, record, show));
    });
  });
});
