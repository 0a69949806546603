import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Clock } from '../../src/sandbox/clock.ts';
import { ApiError } from '../../src/sandbox/error.ts';
import { Upload } from '../../src/sandbox/front/upload.ts';
import { recordHistory } from '../../src/sandbox/history.ts';
import type { Json } from '../../src/sandbox/json.ts';
import { keepParticipants } from '../../src/sandbox/participants.ts';
import { match } from '../../src/sandbox/routes.ts';
import { fillEmpty, sampleCompany } from '../../src/sandbox/sample/index.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { createWorld, type World } from '../../src/sandbox/world.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;

beforeAll(async () => {
  sandbox = await startSandbox({ empty: true, seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
});
afterAll(() => sandbox.close());

const add = async (path: string, body: Record<string, unknown>, status = 200) =>
  (await api.ok('POST', path, body, status)).data;
const get = async (path: string) => (await api.ok('GET', path)).data;
const ids = async (path: string) => ((await get(path)) ?? []).map((row: { id: unknown }) => row.id);

describe('a merge', () => {
  it('of deals keeps the survivor, fills what it lacks and moves what is linked', async () => {
    const org_id = (await add('/api/v2/organizations', { name: 'Acme' })).id;
    const [ada, bo] = [await add('/api/v2/persons', { name: 'Ada' }), await add('/api/v2/persons', { name: 'Bo' })];
    const gone = await add('/api/v2/deals', {
      title: 'Gone',
      value: 700,
      currency: 'USD',
      person_id: ada.id,
      org_id,
      expected_close_date: '2026-12-24',
    });
    const left = await add('/api/v2/deals', { title: 'Left', person_id: bo.id });
    const me = gone.owner_id;
    for (const { id } of [gone, left]) await add(`/api/v2/deals/${id}/followers`, { user_id: me }, 201);
    const note = await add('/v1/notes', { content: 'Note', deal_id: gone.id });
    const activity = await add('/api/v2/activities', { subject: 'Call', type: 'call', deal_id: gone.id });
    const merged = (await api.ok('PUT', `/v1/deals/${gone.id}/merge`, { merge_with_id: left.id })).data;
    expect(merged).toMatchObject({ id: left.id, merge_what_id: gone.id, title: 'Left', value: 700, currency: 'USD' });
    expect(await get(`/api/v2/deals/${left.id}`)).toMatchObject({
      person_id: bo.id,
      org_id,
      expected_close_date: '2026-12-24',
    });
    expect(await ids(`/api/v2/activities?deal_id=${left.id}`)).toEqual([activity.id]);
    expect(await ids(`/v1/notes?deal_id=${left.id}`)).toEqual([note.id]);
    expect(await get(`/api/v2/deals/${left.id}/followers`)).toHaveLength(1);
    const participants = (await get(`/v1/deals/${left.id}/participants`)) as { person_id: { value: number } }[];
    expect(participants.map((row) => row.person_id.value)).toEqual([bo.id, ada.id]);
    await api.fails('GET', `/api/v2/deals/${gone.id}`, undefined, 404, 'Deal not found');
    expect(await ids('/api/v2/deals?status=deleted')).toContain(gone.id);
  });

  it('of deals adds their products up', async () => {
    const deal = async (price: number) => {
      const { id } = await add('/api/v2/deals', { title: 'Deal' });
      const product = await add('/api/v2/products', { name: 'Probe' }, 201);
      const line = { product_id: product.id, item_price: price, quantity: 2 };
      await add(`/api/v2/deals/${id}/products`, line, 201);
      return id;
    };
    const [gone, left] = [await deal(100), await deal(10)];
    await api.ok('PUT', `/v1/deals/${gone}/merge`, { merge_with_id: left });
    expect((await get(`/api/v2/deals/${left}`)).value).toBe(220);
    const lines = (await get(`/api/v2/deals/${left}/products?sort_by=order_nr`)) as { item_price: number }[];
    expect(lines.map((line) => line.item_price)).toEqual([10, 100]);
  });

  it('of persons and organizations leaves the first to nobody', async () => {
    const [a, b] = [
      await add('/api/v2/organizations', { name: 'A', website: 'a.example', address: { value: 'Berlin' } }),
      await add('/api/v2/organizations', { name: 'B', website: 'b.example' }),
    ];
    const emails = [{ value: 'ada@a.example', primary: true }];
    const [ada, eda] = [
      await add('/api/v2/persons', { name: 'Ada', org_id: a.id, emails }),
      await add('/api/v2/persons', { name: 'Eda', org_id: a.id }),
    ];
    const deal = await add('/api/v2/deals', { title: 'Deal', person_id: ada.id, org_id: a.id });
    const lead = await add('/v1/leads', { title: 'Lead', person_id: ada.id, organization_id: a.id }, 201);
    const activity = await add('/api/v2/activities', {
      subject: 'Call',
      type: 'call',
      org_id: a.id,
      participants: [
        { person_id: eda.id, primary: false },
        { person_id: ada.id, primary: true },
      ],
    });
    const tie = { type: 'parent', rel_owner_org_id: a.id, rel_linked_org_id: b.id };
    await add('/v1/organizationRelationships', tie);
    const c = await add('/api/v2/organizations', { name: 'C' });
    await add('/v1/organizationRelationships', { ...tie, rel_linked_org_id: c.id });

    const { data: person } = await api.ok('PUT', `/v1/persons/${ada.id}/merge`, { merge_with_id: eda.id });
    expect(person).toMatchObject({ id: eda.id, name: 'Eda', email: [{ value: 'ada@a.example' }] });
    expect(person.merge_what_id).toBe(ada.id);
    expect((await api.ok('PUT', `/v1/organizations/${a.id}/merge`, { merge_with_id: b.id })).data).toEqual({
      id: b.id,
    });

    expect(await get(`/api/v2/deals/${deal.id}`)).toMatchObject({ person_id: eda.id, org_id: b.id });
    expect(await get(`/v1/leads/${lead.id}`)).toMatchObject({ person_id: eda.id, organization_id: b.id });
    expect(await get(`/api/v2/activities/${activity.id}`)).toMatchObject({
      person_id: eda.id,
      org_id: b.id,
      participants: [{ person_id: eda.id, primary: true }],
    });
    expect(await get(`/api/v2/persons/${eda.id}`)).toMatchObject({ org_id: b.id });
    const company = await get(`/api/v2/organizations/${b.id}`);
    expect(company).toMatchObject({ website: 'b.example', address: { value: 'Berlin' } });
    const ties = (await get(`/v1/organizationRelationships?org_id=${b.id}`)) as Record<string, unknown>[];
    expect(ties.map((row) => [row['calculated_type'], row['calculated_related_org_id']])).toEqual([['daughter', c.id]]);
  });

  it.each([
    ['deals', { title: 'Deal' }],
    ['persons', { name: 'Ada' }],
    ['organizations', { name: 'Acme' }],
  ])('of %s needs two that there are', async (path, body) => {
    const { id } = await add(`/api/v2/${path}`, body);
    const other = (await add(`/api/v2/${path}`, body)).id;
    await api.fails('PUT', `/v1/${path}/${id}/merge`, { merge_with_id: id }, 400, 'itself');
    await api.fails('PUT', `/v1/${path}/${id}/merge`, { merge_with_id: 99_999 }, 404, 'not found');
    await api.fails('PUT', `/v1/${path}/99999/merge`, { merge_with_id: id }, 404, 'not found');
    await api.fails('PUT', `/v1/${path}/${id}/merge`, {}, 400, 'merge_with_id');
    await api.ok('DELETE', `/api/v2/${path}/${other}`);
    await api.fails('PUT', `/v1/${path}/${id}/merge`, { merge_with_id: other }, 404, 'not found');
    expect((await get(`/api/v2/${path}/${id}`)).is_deleted).toBe(false);
  });

  it('moves a custom field that names the person', async () => {
    const field = await add('/api/v2/dealFields', { field_name: 'Referred by', field_type: 'people' });
    const [ada, eda] = [await add('/api/v2/persons', { name: 'Ada' }), await add('/api/v2/persons', { name: 'Eda' })];
    const custom_fields = { [field.field_code]: ada.id };
    const { id } = await add('/api/v2/deals', { title: 'Deal', custom_fields });
    await api.ok('PUT', `/v1/persons/${ada.id}/merge`, { merge_with_id: eda.id });
    expect((await get(`/api/v2/deals/${id}`)).custom_fields).toEqual({ [field.field_code]: eda.id });
  });
});

describe('a duplicate', () => {
  it('is a deal of its own with the same products', async () => {
    const person_id = (await add('/api/v2/persons', { name: 'Ada' })).id;
    const deal = await add('/api/v2/deals', { title: 'Deal', person_id, probability: 40 });
    const product = await add('/api/v2/products', { name: 'Probe' }, 201);
    await add(`/api/v2/deals/${deal.id}/products`, { product_id: product.id, item_price: 50, quantity: 3 }, 201);
    const copy = (await api.ok('POST', `/v1/deals/${deal.id}/duplicate`)).data;
    expect(copy).toMatchObject({ title: 'Deal', value: 150, probability: 40, person_id, products_count: 1 });
    expect(copy.participants_count).toBe(1);
    await api.ok('PATCH', `/api/v2/deals/${copy.id}`, { title: 'Copy' });
    expect((await get(`/api/v2/deals/${deal.id}`)).title).toBe('Deal');
    await api.fails('POST', '/v1/deals/9999/duplicate', undefined, 404, 'not found');
  });
});

/** One of the sandbox's operations without the HTTP around it; undefined where it was refused. */
function caller(world: World) {
  return (method: string, path: string, body?: Readonly<Record<string, unknown>>): Json | undefined => {
    const [address = '', search = ''] = path.split('?');
    const found = match(method, address);
    if (!found) throw new Error(`${method} ${path} is no operation`);
    try {
      const reply = found.route.run(world, found.params, Object.fromEntries(new URLSearchParams(search)), body);
      return 'body' in reply ? reply.body : undefined;
    } catch (error) {
      if (error instanceof ApiError) return undefined;
      throw error;
    }
  };
}

function account(): World {
  const world = createWorld(new Clock(new Date('2026-11-20T10:00:00Z')), sampleCompany);
  fillEmpty(world, 1);
  recordHistory(world);
  keepParticipants(world);
  return world;
}

const nth = fc.nat(99);
const kinds = ['deals', 'persons', 'organizations'] as const;
const step = fc.oneof(
  fc.record({ do: fc.constant('deal' as const), a: nth, b: nth, value: fc.nat(9000), won: fc.boolean() }),
  fc.record({ do: fc.constant('person' as const), a: nth }),
  fc.record({ do: fc.constant('organization' as const) }),
  fc.record({ do: fc.constant('lead' as const), a: nth, b: nth }),
  fc.record({ do: fc.constant('activity' as const), a: nth, b: nth, c: nth, d: nth }),
  fc.record({ do: fc.constant('note' as const), a: nth, b: nth, c: nth }),
  fc.record({ do: fc.constantFrom('call' as const, 'file' as const), a: nth, b: nth, c: nth }),
  fc.record({ do: fc.constant('product' as const), a: nth, price: fc.nat(500) }),
  fc.record({ do: fc.constant('participant' as const), a: nth, b: nth }),
  fc.record({ do: fc.constant('follower' as const), kind: fc.constantFrom(...kinds), a: nth }),
  fc.record({ do: fc.constant('tie' as const), type: fc.constantFrom('parent', 'related'), a: nth, b: nth }),
  fc.record({ do: fc.constant('relink' as const), a: nth, b: nth, c: nth }),
  fc.record({ do: fc.constant('delete' as const), kind: fc.constantFrom(...kinds), a: nth }),
  fc.record({ do: fc.constant('convert' as const), a: nth }),
  fc.record({ do: fc.constant('merge' as const), kind: fc.constantFrom(...kinds), a: nth, b: nth }),
  fc.record({ do: fc.constant('merge' as const), kind: fc.constantFrom(...kinds), a: nth, b: nth }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does one step; its numbers mean the live records that there are, or none, so that steps meet on the same ones. */
function take(world: World, one: Step): void {
  const { db } = world;
  const call = caller(world);
  const id = (n: number, table: { all(): { id: number; is_deleted: boolean }[] }) => {
    const rows = table.all().filter((row) => !row.is_deleted);
    return rows[n % (rows.length + 1)]?.id ?? null;
  };
  switch (one.do) {
    case 'deal': {
      const links = { person_id: id(one.a, db.persons), org_id: id(one.b, db.organizations) };
      call('POST', '/api/v2/deals', { title: 'D', value: one.value, ...(one.won ? { status: 'won' } : {}), ...links });
      return;
    }
    case 'person':
      call('POST', '/api/v2/persons', { name: 'P', org_id: id(one.a, db.organizations) });
      return;
    case 'organization':
      call('POST', '/api/v2/organizations', { name: 'O' });
      return;
    case 'lead':
      call('POST', '/v1/leads', {
        title: 'L',
        person_id: id(one.a, db.persons),
        organization_id: id(one.b, db.organizations),
      });
      return;
    case 'activity': {
      const people = [...new Set([id(one.a, db.persons), id(one.d, db.persons)])];
      call('POST', '/api/v2/activities', {
        subject: 'A',
        type: 'call',
        deal_id: id(one.b, db.deals),
        org_id: id(one.c, db.organizations),
        participants: people.flatMap((person_id, i) => (person_id === null ? [] : [{ person_id, primary: i === 0 }])),
      });
      return;
    }
    case 'note':
      call('POST', '/v1/notes', {
        content: 'N',
        deal_id: id(one.a, db.deals),
        person_id: id(one.b, db.persons),
        org_id: id(one.c, db.organizations),
      });
      return;
    case 'call':
      call('POST', '/v1/callLogs', {
        outcome: 'connected',
        to_phone_number: '+49 30 5550100',
        start_time: '2026-11-20 09:00:00',
        end_time: '2026-11-20 09:10:00',
        deal_id: id(one.a, db.deals) ?? undefined,
        person_id: id(one.b, db.persons) ?? undefined,
        org_id: id(one.c, db.organizations) ?? undefined,
      });
      return;
    case 'file':
      call('POST', '/v1/files', {
        file: new Upload('note.txt', 'text/plain', Buffer.from('Note')),
        deal_id: id(one.a, db.deals) ?? undefined,
        person_id: id(one.b, db.persons) ?? undefined,
        org_id: id(one.c, db.organizations) ?? undefined,
      });
      return;
    case 'product': {
      const made = call('POST', '/api/v2/products', { name: 'Probe' }) as { data: { id: number } } | undefined;
      const line = { product_id: made?.data.id ?? 0, item_price: one.price, quantity: 1 };
      call('POST', `/api/v2/deals/${id(one.a, db.deals) ?? 0}/products`, line);
      return;
    }
    case 'participant':
      call('POST', `/v1/deals/${id(one.a, db.deals) ?? 0}/participants`, { person_id: id(one.b, db.persons) });
      return;
    case 'follower':
      call('POST', `/api/v2/${one.kind}/${id(one.a, db[one.kind]) ?? 0}/followers`, { user_id: world.me().id });
      return;
    case 'tie':
      call('POST', '/v1/organizationRelationships', {
        type: one.type,
        rel_owner_org_id: id(one.a, db.organizations),
        rel_linked_org_id: id(one.b, db.organizations),
      });
      return;
    case 'relink':
      call('PATCH', `/api/v2/deals/${id(one.a, db.deals) ?? 0}`, {
        person_id: id(one.b, db.persons),
        org_id: id(one.c, db.organizations),
      });
      return;
    case 'delete':
      call('DELETE', `/api/v2/${one.kind}/${id(one.a, db[one.kind]) ?? 0}`);
      return;
    case 'convert':
      call('POST', `/api/v2/deals/${id(one.a, db.deals) ?? 0}/convert/lead`, {});
      return;
    case 'merge':
      call('PUT', `/v1/${one.kind}/${id(one.a, db[one.kind]) ?? 0}/merge`, { merge_with_id: id(one.b, db[one.kind]) });
  }
}

/** Every link of a live record, with what it leads to. */
function linksOf({ db }: World): (readonly [from: string, to: 'deals' | 'persons' | 'organizations', id: number])[] {
  const found: (readonly [string, 'deals' | 'persons' | 'organizations', number])[] = [];
  const see = (from: string, to: 'deals' | 'persons' | 'organizations', id: number | null) => {
    if (id !== null) found.push([from, to, id]);
  };
  const live = <R extends { is_deleted: boolean }>(rows: R[]) => rows.filter((row) => !row.is_deleted);
  for (const row of live(db.deals.all())) {
    see(`deal ${row.id}`, 'persons', row.person_id);
    see(`deal ${row.id}`, 'organizations', row.org_id);
  }
  for (const row of live(db.persons.all())) see(`person ${row.id}`, 'organizations', row.org_id);
  for (const row of live(db.leads.all())) {
    see('lead', 'persons', row.person_id);
    see('lead', 'organizations', row.organization_id);
    see('lead', 'deals', row.source_deal_id);
  }
  const linked = [live(db.activities.all()), db.notes.all(), live(db.files.all()), live(db.callLogs.all())];
  for (const row of linked.flat()) {
    const from = 'content' in row ? 'note' : 'file_name' in row ? 'file' : 'outcome' in row ? 'call' : 'activity';
    see(from, 'deals', row.deal_id);
    see(from, 'persons', row.person_id);
    see(from, 'organizations', row.org_id);
  }
  for (const row of live(db.activities.all())) {
    for (const one of row.participants) see(`activity ${row.id}`, 'persons', one.person_id);
  }
  for (const row of db.participants.all()) {
    see('participant', 'deals', row.deal_id);
    see('participant', 'persons', row.person_id);
  }
  for (const row of [...db.dealProducts.all(), ...db.discounts.all(), ...db.installments.all()]) {
    see('product', 'deals', row.deal_id);
  }
  for (const row of db.organizationRelationships.all()) {
    see('tie', 'organizations', row.rel_owner_org_id);
    see('tie', 'organizations', row.rel_linked_org_id);
  }
  for (const row of db.followers.all()) {
    const to = ({ deal: 'deals', person: 'persons', organization: 'organizations' } as const)[String(row.entity)];
    if (to) see('follower', to, row.record_id);
  }
  return found;
}

describe('after whatever was created, changed, deleted and merged', () => {
  const steps = fc.array(step, { maxLength: 120, size: 'max' });

  it('no link dangles, and none leads to what was merged away', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = account();
        const { db } = world;
        for (const one of all) {
          take(world, one);
          if (one.do !== 'merge' && one !== all.at(-1)) continue;
          const merged = new Set(db.merges.all().map((row) => `${row.entity}s ${row.from_id}`));
          for (const [from, to, id] of linksOf(world)) {
            expect(db[to].get(id), `${from} → ${to} ${id}`).toBeDefined();
            expect(merged.has(`${to} ${id}`), `${from} → ${to} ${id}, merged away`).toBe(false);
          }
        }
        const twice = (rows: unknown[]) => rows.length - new Set(rows.map((row) => JSON.stringify(row))).size;
        expect(twice(db.participants.all().map((row) => [row.deal_id, row.person_id]))).toBe(0);
        expect(twice(db.followers.all().map((row) => [row.entity, row.record_id, row.user_id]))).toBe(0);
        for (const deal of db.deals.all().filter((row) => !row.is_deleted && row.person_id !== null)) {
          const persons = db.participants.where('deal_id', deal.id).map((row) => row.person_id);
          expect(persons).toContain(deal.person_id);
        }
        for (const activity of db.activities.all()) {
          expect(twice(activity.participants.map((one) => one.person_id))).toBe(0);
          const primary = activity.participants.filter((one) => one.primary).map((one) => one.person_id);
          expect(primary).toEqual(activity.person_id === null ? [] : [activity.person_id]);
        }
      }),
      { numRuns: 120 },
    );
  });

  it('organizations stand in no circle, and none is related to itself or twice', () => {
    const tie = fc.record({ type: fc.constantFrom('parent', 'parent', 'related'), a: nth, b: nth });
    const merge = fc.record({ from: nth, to: nth });
    fc.assert(
      fc.property(
        fc.array(tie, { minLength: 12, maxLength: 30 }),
        fc.array(merge, { minLength: 2, maxLength: 5 }),
        (ties, merges) => {
          const world = account();
          for (let i = 0; i < 8; i += 1) take(world, { do: 'organization' });
          for (const one of ties) take(world, { do: 'tie', ...one });
          for (const { from, to } of merges) take(world, { do: 'merge', kind: 'organizations', a: from, b: to });
          const rows = world.db.organizationRelationships.all();
          const parents = (id: number): number[] =>
            rows
              .filter((row) => row.type === 'parent' && row.rel_linked_org_id === id)
              .map((row) => row.rel_owner_org_id);
          for (const { id } of world.db.organizations.all()) {
            const above = new Set<number>();
            const left = parents(id);
            for (let next = left.pop(); next !== undefined; next = left.pop()) {
              expect(next).not.toBe(id);
              if (!above.has(next)) left.push(...parents(next));
              above.add(next);
            }
          }
          const pairs = rows.map((row) => {
            const pair = [row.rel_owner_org_id, row.rel_linked_org_id];
            expect(pair[0]).not.toBe(pair[1]);
            return `${row.type} ${(row.type === 'related' ? pair.sort((a, b) => Number(a) - Number(b)) : pair).join()}`;
          });
          expect(new Set(pairs).size).toBe(pairs.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('the timeline adds up to the deals', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = account();
        for (const one of all) take(world, one);
        const query = 'start_date=2026-11-01&interval=week&amount=6&field_key=add_time&totals_convert_currency=EUR';
        const answer = caller(world)('GET', `/v1/deals/timeline?${query}`) as {
          data: {
            deals: { id: number; value: number }[];
            totals: { count: number; open_count: number; won_count: number; values: Record<string, number> };
            totals_converted: { value: number };
          }[];
        };
        const deals = world.db.deals
          .all()
          .filter((row) => !row.is_deleted && !row.is_archived && row.status !== 'lost');
        const sum = (values: number[]) => Math.round(100 * values.reduce((total, value) => total + value, 0)) / 100;
        const shown = answer.data.flatMap((period) => period.deals.map((deal) => deal.id));
        expect(shown.toSorted((a, b) => a - b)).toEqual(deals.map((deal) => deal.id));
        for (const { deals: own, totals } of answer.data) {
          expect(totals.count).toBe(own.length);
          expect(totals.open_count + totals.won_count).toBe(totals.count);
          expect(sum(Object.values(totals.values))).toBe(sum(own.map((deal) => deal.value)));
        }
        const value = sum(deals.map((deal) => deal.value));
        expect(sum(answer.data.map((period) => period.totals_converted.value))).toBe(value);
        const summary = caller(world)('GET', '/v1/deals/summary') as { data: { total_count: number } };
        const lost = world.db.deals.all().filter((row) => !row.is_deleted && !row.is_archived && row.status === 'lost');
        expect(summary.data.total_count).toBe(deals.length + lost.length);
      }),
      { numRuns: 60 },
    );
  });

  it('a walk with a cursor sees each record once while others write', () => {
    const writes = fc.array(fc.array(step, { maxLength: 4 }), { minLength: 10, maxLength: 30 });
    const order = fc.record({ limit: fc.integer({ min: 1, max: 4 }), key: fc.constantFrom('id', 'add_time') });
    fc.assert(
      fc.property(
        steps,
        writes,
        order,
        fc.constantFrom('asc', 'desc'),
        (before, meanwhile, { limit, key }, direction) => {
          const world = account();
          for (const one of before) take(world, one);
          for (const path of kinds) {
            const live = () => world.db[path].all().flatMap((row) => (row.is_deleted ? [] : [row.id]));
            const first = live();
            const seen: number[] = [];
            let cursor: string | null = '';
            for (let page = 0; cursor !== null; page += 1) {
              const more = cursor === '' ? '' : `&cursor=${cursor}`;
              const query = `limit=${limit}&sort_by=${key}&sort_direction=${direction}${more}`;
              const answer = caller(world)('GET', `/api/v2/${path}?${query}`) as {
                data: { id: number }[];
                additional_data: { next_cursor: string | null };
              };
              seen.push(...answer.data.map((row) => row.id));
              cursor = answer.additional_data.next_cursor;
              for (const one of meanwhile[page] ?? []) take(world, one);
            }
            expect(new Set(seen).size, 'none twice').toBe(seen.length);
            const stayed = new Set(live());
            expect(seen).toEqual(expect.arrayContaining(first.filter((id) => stayed.has(id))));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
