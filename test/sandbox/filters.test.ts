import fc from 'fast-check';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

// biome-ignore lint/suspicious/noExplicitAny: what the sandbox answers is looked into by each test
type Loose = Record<string, any>;
type Condition = { object: string; field_id: unknown; operator: string; value?: unknown; extra_value?: unknown };

let sandbox: Sandbox;
let api: Api;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
});
afterAll(() => sandbox.close());

const zone = 'Europe/Berlin';
const data = async (path: string): Promise<Loose[]> => (await api.ok('GET', path)).data ?? [];
const tree = (all: Condition[], any: Condition[] = []) => ({
  glue: 'and',
  conditions: [
    { glue: 'and', conditions: all },
    { glue: 'or', conditions: any },
  ],
});

/** v1's fields of an entity by key and by name. */
async function fieldsOf(entity: string): Promise<Map<string, Loose>> {
  const fields = await data(`/v1/${entity}Fields?limit=500`);
  return new Map([
    ...fields.map((one) => [one['name'], one] as const),
    ...fields.map((one) => [one['key'], one] as const),
  ]);
}
async function condition(object: string, key: string, operator: string, value: unknown = null): Promise<Condition> {
  return { object, field_id: (await fieldsOf(object)).get(key)?.['id'], operator, value };
}
async function add(type: string, all: Condition[], any: Condition[] = []): Promise<Loose> {
  return (await api.ok('POST', '/v1/filters', { name: 'Test', type, conditions: tree(all, any) })).data;
}
async function ids(path: string): Promise<unknown[]> {
  return (await data(path)).map(({ id }) => id);
}

describe('saved filters', () => {
  it('leave out what is deleted in v1, too', async () => {
    const { data: deal } = await api.ok('POST', '/api/v2/deals', { title: 'Stowed', is_archived: true });
    const { id } = await add('deals', [await condition('deal', 'title', '=', 'Stowed')]);
    const path = `/v1/deals/archived?filter_id=${id}`;
    expect(await ids(path)).toEqual([deal.id]);
    await api.ok('DELETE', `/api/v2/deals/${deal.id}`);
    expect(await ids(path)).toEqual([]);
    await api.ok('DELETE', `/v1/filters/${id}`);
  });

  it('are the account’s own and the shared ones of others', async () => {
    const filters = await data('/v1/filters');
    expect(filters.map(({ name, type }) => `${type}: ${name}`)).toEqual([
      'deals: My open deals',
      'deals: Big open deals',
      'deals: Closing this quarter',
      'org: Key accounts',
      'deals: Key accounts',
      'deals: No next step',
      'people: No open deals',
      'activity: Overdue',
      'leads: Hot leads',
      'products: Hardware',
    ]);
    expect((await data('/v1/filters?type=people')).map(({ name }) => name)).toEqual(['No open deals']);
    // Mikael's private one.
    await api.fails('GET', '/v1/filters/11', undefined, 404, 'Filter not found');
    await api.fails('GET', '/api/v2/deals?filter_id=11', undefined, 404, 'Filter not found');
  });

  it('of the sample find something, and not everything', async () => {
    const lists: Record<string, string> = {
      deals: '/api/v2/deals',
      org: '/api/v2/organizations',
      people: '/api/v2/persons',
      activity: '/api/v2/activities',
      leads: '/v1/leads',
      products: '/api/v2/products',
    };
    for (const { id, type, name } of await data('/v1/filters')) {
      const found = await ids(`${lists[type]}?limit=500&filter_id=${id}`);
      expect(found.length, name).toBeGreaterThan(0);
      expect(found.length, name).toBeLessThan((await ids(`${lists[type]}?limit=500`)).length);
    }
  });

  it('are made, read, changed and deleted', async () => {
    const title = await condition('deal', 'title', "LIKE '%$%'", 'probe');
    const value = await condition('deal', 'value', '>', 1000);
    const made = await add('deals', [title], [value]);
    const stored = (one: Condition, more: object = {}) => ({
      object: 'deal',
      field_id: String(one.field_id),
      operator: one.operator,
      value: String(one.value),
      extra_value: null,
      json_value_flag: false,
      ...more,
    });
    expect(made).toEqual({
      id: made['id'],
      name: 'Test',
      type: 'deals',
      user_id: 1,
      visible_to: '1',
      active_flag: true,
      filter_code: null,
      is_editable: true,
      temporary_flag: false,
      add_time: expect.stringMatching(/^2026-11-20 10:\d\d:\d\d$/),
      update_time: made['add_time'],
      last_used_time: null,
      custom_view_id: null,
      conditions: tree([stored(title)], [stored(value)]),
    });
    const path = `/v1/filters/${made['id']}`;
    expect((await api.ok('GET', path)).data).toEqual(made);
    const coded = tree([stored(title, { field_code: 'title' })], [stored(value, { field_code: 'value' })]);
    expect((await api.ok('GET', `${path}?include_field_code=true`)).data.conditions).toEqual(coded);

    const renamed = (await api.ok('PUT', path, { name: 'Other' })).data;
    expect(renamed).toMatchObject({ name: 'Other', conditions: made['conditions'] });
    // The groups come in either order.
    const swapped = { glue: 'and', conditions: tree([value]).conditions.reverse() };
    const changed = (await api.ok('PUT', path, { conditions: swapped })).data;
    expect(changed).toMatchObject({ name: 'Other', conditions: tree([stored(value)]) });

    expect((await api.ok('DELETE', path)).data).toEqual({ id: made['id'] });
    await api.fails('GET', path, undefined, 404, 'Filter not found');
    await api.fails('GET', `/api/v2/deals?filter_id=${made['id']}`, undefined, 404, 'Filter not found');
    const more = [await add('deals', [value]), await add('deals', [value])].map(({ id }) => id);
    expect((await api.ok('DELETE', `/v1/filters?ids=${more.join(',')},${made['id']}`)).data).toEqual({ id: more });
  });

  it('refuse what the language does not have', async () => {
    const good = await condition('deal', 'value', '>', 1);
    const refuses = (conditions: unknown, text: string, type = 'deals') =>
      api.fails('POST', '/v1/filters', { name: 'Bad', type, conditions }, 400, text);
    await refuses(tree(Array.from({ length: 17 }, () => good)), 'Filter is allowed to have at most 16 conditions');
    await refuses(tree(Array(10).fill(good), Array(7).fill(good)), 'at most 16 conditions');
    await add('deals', Array(8).fill(good), Array(8).fill(good));
    await refuses(tree([]), 'at least one condition');
    await refuses({ glue: 'or', conditions: tree([good]).conditions }, 'Validation failed');
    await refuses({ glue: 'and', conditions: [{ glue: 'and', conditions: [good] }] }, 'two groups');
    await refuses(tree([{ ...good, operator: 'LIKE' }]), "invalid operator 'LIKE'");
    await refuses(tree([{ ...good, operator: "LIKE '%$'" }]), 'invalid operator');
    await refuses(tree([{ ...good, field_id: 99_999 }]), 'invalid field_id');
    await refuses(tree([{ ...good, object: 'goal' }]), "invalid object 'goal'");
    await refuses(tree([{ ...good, value: 'much' }]), 'not a number');
    await refuses(tree([{ ...good, value: null }]), 'needs a value');
    await refuses(tree([await condition('deal', 'add_time', '>', '20.11.2026')]), 'YYYY-MM-DD');
    await refuses(tree([await condition('deal', 'add_time', '=', 'next_quarter')]), 'relative date');
    await refuses(
      tree([{ ...(await condition('organization', 'address', '=', 'x')), extra_value: 'planet' }]),
      'planet',
    );
    await refuses(tree([await condition('product', 'name', '=', 'x')]), "invalid object 'product'", 'people');
    await api.fails('POST', '/v1/filters', { type: 'deals', conditions: tree([good]) }, 400, 'name');
    await api.fails('POST', '/v1/filters', { name: 'x', type: 'deal', conditions: tree([good]) }, 400, 'type');
    await api.fails('GET', '/v1/filters/x', undefined, 400, 'integer');
  });

  it('take the place of what else is asked for, but for times', async () => {
    const { id } = await add('deals', [await condition('deal', 'status', '=', 'won')]);
    const won = await ids('/api/v2/deals?status=won&limit=500');
    expect(won.length).toBeGreaterThan(5);
    const others = 'status=open&owner_id=4&person_id=1&org_id=1&pipeline_id=3&stage_id=2&ids=1';
    expect(await ids(`/api/v2/deals?limit=500&filter_id=${id}&${others}`)).toEqual(won);
    const since = '2026-06-01T00:00:00Z';
    const later = await ids(`/api/v2/deals?limit=500&filter_id=${id}&updated_since=${since}`);
    expect(later).toEqual(await ids(`/api/v2/deals?limit=500&status=won&updated_since=${since}`));
    expect(later.length).toBeLessThan(won.length);
    expect((await api.ok('GET', `/v1/deals/summary?filter_id=${id}&user_id=4`)).data.total_count).toBe(won.length);
    await api.fails('GET', `/api/v2/persons?filter_id=${id}`, undefined, 400, 'of type deals, not people');
    await api.fails('GET', `/v1/leads?filter_id=${id}`, undefined, 400, 'not leads');

    const deleted = await add('deals', [await condition('deal', 'status', '=', 'deleted')]);
    expect(await ids(`/api/v2/deals?limit=500&filter_id=${deleted['id']}`)).toEqual(
      await ids('/api/v2/deals?limit=500&status=deleted'),
    );
    const archived = await ids('/api/v2/deals/archived?limit=500&status=lost');
    const lost = await add('deals', [await condition('deal', 'status', '=', 'lost')]);
    expect(await ids(`/api/v2/deals/archived?limit=500&filter_id=${lost['id']}`)).toEqual(archived);
  });

  it('look at what a deal was before, at teams and at rotting', async () => {
    const [stage, next] = await data('/api/v2/stages?pipeline_id=1');
    const made = (await api.ok('POST', '/api/v2/deals', { title: 'Moves', stage_id: stage?.['id'] })).data;
    // What is set while a record is made is no change of it.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await api.ok('PATCH', `/api/v2/deals/${made.id}`, { stage_id: next?.['id'] });
    const title = await condition('deal', 'title', '=', 'moves');
    const found = async (...more: Condition[]) =>
      ids(`/api/v2/deals?filter_id=${(await add('deals', [title, ...more]))['id']}`);
    expect(await found(await condition('deal', 'stage_id', 'has_been', stage?.['id']))).toEqual([made.id]);
    expect(await found(await condition('deal', 'stage_id', '=', stage?.['id']))).toEqual([]);
    const entered = { object: 'deal', field_id: 'entered_stage', operator: '=', value: 'today' };
    expect(await found({ ...entered, extra_value: next?.['id'] })).toEqual([made.id]);
    expect(await found({ ...entered, operator: '<', extra_value: next?.['id'] })).toEqual([]);
    expect(await found({ ...entered, extra_value: 99 })).toEqual([]);
    expect(await found(await condition('deal', 'update_time', '<=', 'rotten_time'))).toEqual([]);

    const rotten = await add('deals', [
      await condition('deal', 'status', '=', 'open'),
      await condition('deal', 'update_time', '<', 'rotten_time'),
    ]);
    const stages = new Map((await data('/api/v2/stages?limit=500')).map((one) => [one['id'], one]));
    const deals = await data('/api/v2/deals?status=open&limit=500');
    const today = DateTime.fromISO('2026-11-20', { zone });
    const expected = deals.filter((deal) => {
      const { is_deal_rot_enabled: rots, days_to_rotten: days } = stages.get(deal['stage_id']) ?? {};
      return rots && DateTime.fromISO(deal['update_time'], { zone }) < today.minus({ days });
    });
    expect(expected.length).toBeGreaterThan(0);
    expect(await ids(`/api/v2/deals?limit=500&filter_id=${rotten['id']}`)).toEqual(expected.map(({ id }) => id));
  });

  it('on other lists: persons, organizations, activities, products, leads', async () => {
    const persons = await data('/api/v2/persons?limit=500');
    const email = String(persons[3]?.['emails'][0].value);
    const people = await add('people', [await condition('person', 'email', '=', email.toUpperCase())]);
    expect(await ids(`/api/v2/persons?limit=500&org_id=1&filter_id=${people['id']}`)).toEqual(
      persons.filter((one) => one['emails'].some((mail: Loose) => mail['value'] === email)).map(({ id }) => id),
    );
    const organizations = await data('/api/v2/organizations?limit=500');
    const name = String(organizations.find((one) => one['address']?.locality)?.['address'].locality).slice(0, 4);
    const address = await condition('organization', 'address', "LIKE '$%'", name);
    const town = { ...address, extra_value: 'locality' };
    const inTown = organizations.filter((one) => one['address']?.locality?.startsWith(name)).map(({ id }) => id);
    expect(inTown.length).toBeGreaterThan(0);
    expect(await ids(`/api/v2/organizations?limit=500&filter_id=${(await add('org', [town]))['id']}`)).toEqual(inTown);
    const noDeals = await add('org', [await condition('deal', 'id', 'IS NULL')]);
    const withDeals = new Set(
      [...(await data('/api/v2/deals?limit=500')), ...(await data('/api/v2/deals/archived?limit=500'))].map(
        ({ org_id }) => org_id,
      ),
    );
    expect(await ids(`/api/v2/organizations?limit=500&filter_id=${noDeals['id']}`)).toEqual(
      organizations.map(({ id }) => id).filter((id) => !withDeals.has(id)),
    );
    const calls = await add('activity', [
      await condition('activity', 'type', '=', 'call'),
      await condition('activity', 'done', '=', 1),
    ]);
    const activities = await data('/api/v2/activities?limit=500');
    expect(await ids(`/api/v2/activities?limit=500&filter_id=${calls['id']}`)).toEqual(
      activities.filter(({ type, done }) => type === 'call' && done).map(({ id }) => id),
    );
    const leads = await data('/v1/leads?limit=500');
    const big = await add('leads', [await condition('lead', 'value', '>', 10_000)]);
    expect(await ids(`/v1/leads?limit=500&filter_id=${big['id']}`)).toEqual(
      leads.filter(({ value }) => value?.amount > 10_000).map(({ id }) => id),
    );
  });

  it('ask each kind of field what the helpers say, and nothing else', async () => {
    const { operators, relative_dates, deprecated_operators } = (await api.ok('GET', '/v1/filters/helpers')).data;
    const known = new Set(
      Object.values(operators)
        .flatMap((one) => (Array.isArray(one) ? one : [one]))
        .flatMap((one) => Object.keys(one as object)),
    );
    const fields = await fieldsOf('deal');
    const samples: [key: string, kind: string, value: string][] = [
      ['title', 'title', 'x'],
      ['lost_reason', 'varchar', 'x'],
      ['value', 'monetary', '5'],
      ['probability', 'int', '5'],
      ['expected_close_date', 'date', '2026-11-20'],
      ['label', 'set', '1'],
      ['user_id', 'user', '1'],
      ['status', 'status', 'open'],
      ['stage_id', 'stage', '1'],
      ['pipeline', 'pipeline', '1'],
      ['currency', 'currency', 'EUR'],
      ['visible_to', 'visible_to', '3'],
      ['person_id', 'person', '1'],
      ['org_id', 'organization', '1'],
      ['channel', 'enum', '1'],
      ['Measuring points', 'double', '1.5'],
      ['Best time to call', 'time', '09:30'],
      ['Maintenance window', 'timerange', '09:30:00'],
      ['Pilot period', 'daterange', 'this_month'],
    ];
    for (const [key, kind, value] of samples) {
      const allowed = new Set([operators[kind]].flat().flatMap((one) => Object.keys(one)));
      for (const operator of known) {
        const one = { object: 'deal', field_id: fields.get(key)?.['id'], operator, value };
        const body = { name: 'Helpers', type: 'deals', conditions: tree([one]) };
        const { status } = await api.call('POST', '/v1/filters', body);
        expect(`${key} ${operator}: ${status}`).toBe(`${key} ${operator}: ${allowed.has(operator) ? 200 : 400}`);
      }
    }
    for (const operator of Object.keys(deprecated_operators)) expect(known).not.toContain(operator);
    for (const word of Object.values(relative_dates).flatMap((group) => Object.keys(group as object))) {
      const { id } = await add('deals', [await condition('deal', 'add_time', '=', word)]);
      await api.ok('GET', `/api/v2/deals?filter_id=${id}`);
    }
  });

  it.each([
    ['today', '2026-11-20', '2026-11-20'],
    ['yesterday', '2026-11-19', '2026-11-19'],
    ['tomorrow', '2026-11-21', '2026-11-21'],
    ['before_today', '0000-01-01', '2026-11-19'],
    ['later_or_today', '2026-11-20', '9999-12-31'],
    ['before_tomorrow', '0000-01-01', '2026-11-20'],
    ['later_or_tomorrow', '2026-11-21', '9999-12-31'],
    ['this_week', '2026-11-16', '2026-11-22'],
    ['last_month', '2026-10-01', '2026-10-31'],
    ['next_month', '2026-12-01', '2026-12-31'],
    ['this_quarter', '2026-10-01', '2026-12-31'],
    ['last_quarter', '2026-07-01', '2026-09-30'],
    ['in_2_weeks', '2026-12-04', '2026-12-04'],
    ['3_months_ago', '2026-08-20', '2026-08-20'],
  ])('know what %s is', async (word, from, until) => {
    const dates = (await data('/api/v2/deals?limit=500')).map(({ id, expected_close_date }) => [
      id,
      expected_close_date,
    ]);
    const { id } = await add('deals', [await condition('deal', 'expected_close_date', '=', word)]);
    const expected = dates.filter(([, date]) => date !== null && date >= from && date <= until).map(([one]) => one);
    expect(await ids(`/api/v2/deals?limit=500&filter_id=${id}`)).toEqual(expected);
  });
});

/** What a condition means, said once more and plainly, over what the API answers. */
describe('any tree of conditions on deals', () => {
  type Joined = {
    deal: Loose;
    person: Loose | undefined;
    organization: Loose | undefined;
    activity: Loose | undefined;
  };
  type Asked = { condition: Condition; holds(joined: Joined): boolean };
  const day = (time: string) => DateTime.fromISO(time, { zone }).toISODate() ?? '';
  const by = (operator: string, own: number | string, wanted: number | string): boolean =>
    operator === '='
      ? own === wanted
      : operator === '!='
        ? own !== wanted
        : operator === '<'
          ? own < wanted
          : operator === '<='
            ? own <= wanted
            : operator === '>'
              ? own > wanted
              : own >= wanted;

  it('lists what a plain evaluation finds', async () => {
    const [deals, persons, organizations, activities] = await Promise.all(
      ['deals', 'persons', 'organizations', 'activities'].map((one) => data(`/api/v2/${one}?limit=500`)),
    );
    if (!deals || !persons || !organizations || !activities) throw new Error('nothing to look at');
    const fields = new Map<string, Map<string, Loose>>();
    for (const one of ['deal', 'person', 'organization', 'activity']) fields.set(one, await fieldsOf(one));
    const field = (object: string, key: string) => {
      const found = fields.get(object)?.get(key);
      if (!found) throw new Error(`no ${object} field ${key}`);
      return found;
    };
    type Read = (joined: Joined) => unknown;
    const custom = (object: 'deal' | 'organization', label: string): Read => {
      const { key } = field(object, label);
      return (joined) => joined[object]?.['custom_fields'][key];
    };
    const isUnset = (value: unknown) => value === null || value === undefined || value === '';

    const asked = (
      object: string,
      key: string,
      operators: string[],
      values: unknown[],
      read: Read,
      meaning: (operator: string, own: unknown, value: string) => boolean,
    ): fc.Arbitrary<Asked> =>
      fc
        .record({ operator: fc.constantFrom(...operators), value: fc.constantFrom(...values) })
        .map(({ operator, value }) => ({
          condition: {
            object,
            field_id: field(object, key)['id'],
            operator,
            value: operator.startsWith('IS') ? null : value,
          },
          holds: (joined) => {
            const own = read(joined);
            const empty = isUnset(own) || (Array.isArray(own) && own.length === 0);
            if (operator === 'IS NULL') return empty;
            if (operator === 'IS NOT NULL') return !empty;
            return meaning(operator, empty ? undefined : own, String(value));
          },
        }));

    const order = ['=', '!=', '<', '<=', '>', '>='];
    const empty = ['IS NULL', 'IS NOT NULL'];
    const numbers = (operator: string, own: unknown, value: string) =>
      own === undefined ? operator === '!=' : by(operator, Number(own), Number(value));
    const dates = (operator: string, own: unknown, value: string) =>
      own !== undefined && by(operator, String(own), value);
    const same = (operator: string, own: unknown, value: string) => (String(own) === value) === (operator === '=');
    const texts = (operator: string, own: unknown, value: string) => {
      const text = own === undefined ? undefined : String(own).toLowerCase();
      const wanted = value.toLowerCase();
      if (operator === '=') return text === wanted;
      if (operator === '!=') return text !== wanted;
      if (operator === "LIKE '%$%'") return text?.includes(wanted) ?? false;
      return (text?.startsWith(wanted) ?? false) === (operator === "LIKE '$%'");
    };
    const sets = (operator: string, own: unknown, value: string) => {
      const has = (Array.isArray(own) ? own : []).map(String);
      if (operator === 'contains') return has.includes(value);
      if (operator === 'not_contains') return !has.includes(value);
      return (has.length === 1 && has[0] === value) === (operator === '=');
    };
    const someDays = ['2026-06-30', '2026-10-31', '2026-11-20', '2026-12-15', '2027-02-01'];
    const patterns = ["LIKE '%$%'", "LIKE '$%'", "NOT LIKE '$%'"];
    const optionIds = (object: string, key: string) => field(object, key)['options'].map(({ id }: Loose) => id);
    const start = (value: unknown) => (value as Loose | null)?.['value'];
    const window = custom('deal', 'Pilot period');
    const one = fc.oneof(
      asked(
        'deal',
        'title',
        ['=', ...patterns],
        ['probe', 'RENEWAL', String(deals[5]?.['title'])],
        (j) => j.deal['title'],
        texts,
      ),
      asked(
        'deal',
        'value',
        [...order, ...empty],
        [0, 12_500, 25_000.5, deals[7]?.['value']],
        (j) => j.deal['value'],
        numbers,
      ),
      asked('deal', 'probability', [...order, ...empty], [30, 50], (j) => j.deal['probability'], numbers),
      asked('deal', 'status', ['=', '!='], ['open', 'won', 'lost'], (j) => j.deal['status'], same),
      asked('deal', 'stage_id', ['=', '!='], [1, 3, 8], (j) => j.deal['stage_id'], same),
      asked('deal', 'pipeline', ['=', '!='], [1, 2], (j) => j.deal['pipeline_id'], same),
      asked('deal', 'user_id', ['=', '!=', ...empty], [1, 2, 4], (j) => j.deal['owner_id'], same),
      asked('deal', 'org_id', ['=', '!=', ...empty], [1, 9], (j) => j.deal['org_id'], same),
      asked(
        'deal',
        'label',
        ['=', '!=', 'contains', 'not_contains', ...empty],
        optionIds('deal', 'label'),
        (j) => j.deal['label_ids'],
        sets,
      ),
      asked('deal', 'expected_close_date', [...order, ...empty], someDays, (j) => j.deal['expected_close_date'], dates),
      asked('deal', 'add_time', [...order, ...empty], someDays, (j) => day(j.deal['add_time']), dates),
      asked(
        'deal',
        'won_time',
        [...order, ...empty],
        someDays,
        (j) => (j.deal['won_time'] ? day(j.deal['won_time']) : null),
        dates,
      ),
      asked(
        'deal',
        'Lead source',
        ['=', '!=', ...empty],
        optionIds('deal', 'Lead source'),
        custom('deal', 'Lead source'),
        same,
      ),
      asked(
        'deal',
        'Products of interest',
        ['=', '!=', 'contains', 'not_contains', ...empty],
        optionIds('deal', 'Products of interest'),
        custom('deal', 'Products of interest'),
        sets,
      ),
      asked(
        'deal',
        'Budget',
        [...order, ...empty],
        [20_000, 90_000],
        (j) => start(custom('deal', 'Budget')(j)),
        numbers,
      ),
      asked('deal', 'Contract end', [...order, ...empty], someDays, custom('deal', 'Contract end'), dates),
      asked(
        'deal',
        'Best time to call',
        [...order, ...empty],
        ['09:00:00', '14:30:00'],
        (j) => start(custom('deal', 'Best time to call')(j)),
        dates,
      ),
      asked('deal', 'Pilot period', [...order, ...empty], someDays, (j) => start(window(j)), dates),
      asked(
        'deal',
        'Pilot period',
        ['includes', 'ends_before', 'ends_e_after'],
        someDays,
        window,
        (operator, own, value) => {
          const { value: from, until } = (own ?? {}) as Loose;
          if (own === undefined) return false;
          if (operator === 'includes') return from <= value && value <= until;
          return operator === 'ends_before' ? until < value : until >= value;
        },
      ),
      asked(
        'person',
        'name',
        ['=', '!=', ...patterns, ...empty],
        ['a', 'Ma', String(persons[2]?.['name'])],
        (j) => j.person?.['name'],
        texts,
      ),
      asked(
        'organization',
        'Segment',
        ['=', '!=', ...empty],
        optionIds('organization', 'Segment'),
        custom('organization', 'Segment'),
        same,
      ),
      asked('activity', 'done', ['=', '!='], ['0', '1'], (j) => j.activity && Number(j.activity['done']), same),
      asked('activity', 'due_date', [...order, ...empty], someDays, (j) => j.activity?.['due_date'], dates),
      asked('activity', 'type', ['=', '!='], ['call', 'meeting'], (j) => j.activity?.['type'], same),
    );

    const meets = (all: Asked[], any: Asked[]) => (deal: Loose) => {
      const done = activities.filter(({ deal_id }) => deal_id === deal['id']);
      return (done.length > 0 ? done : [undefined]).some((activity) => {
        const person = persons.find(({ id }) => id === deal['person_id']);
        const organization = organizations.find(({ id }) => id === deal['org_id']);
        const joined = { deal, person, organization, activity };
        return all.every((each) => each.holds(joined)) && (any.length === 0 || any.some((each) => each.holds(joined)));
      });
    };
    let matched = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 4 }), fc.array(one, { maxLength: 4 }), async (all, any) => {
        fc.pre(all.length + any.length > 0);
        const { id } = await add(
          'deals',
          all.map((each) => each.condition),
          any.map((each) => each.condition),
        );
        const expected = deals.filter(meets(all, any)).map((deal) => deal['id']);
        matched += expected.length;
        expect(await ids(`/api/v2/deals?limit=500&filter_id=${id}`)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
    expect(matched).toBeGreaterThan(1000);
  }, 60_000);
});
