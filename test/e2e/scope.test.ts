import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Host, type Loose, rows, type SandboxProcess, startSandboxProcess } from './host.ts';

/** A server that is kept to the records of one owner, or the deals of one pipeline. */
let sandbox: SandboxProcess;
let host: Host | undefined;
let deals: Loose[];
let users: Loose[];

beforeAll(async () => {
  sandbox = await startSandboxProcess();
  deals = (await sandbox.get('/api/v2/deals?limit=500')).data;
  users = (await sandbox.get('/api/v1/users')).data;
});
afterAll(() => sandbox.stop());
afterEach(async () => {
  await host?.close();
  host = undefined;
});

async function within(scope: string, more: string[] = ['--toolsets', 'all']): Promise<Host> {
  host = await Host.start(more, { ...sandbox.env, PIPEDRIVE_SCOPE: scope });
  return host;
}
const writes = async () => (await sandbox.log()).filter(({ method }) => method !== 'GET').length;
const nameOf = (id: number) => users.find((user) => user['id'] === id)?.['name'];

describe('owner', () => {
  test('disappears from the schemas, with what would lead around it, and is filled in', async () => {
    const server = await within('owner=me');
    const { tools } = await server.client.listTools();
    const list = tools.find(({ name }) => name === 'list_deals');
    expect(Object.keys(list?.inputSchema.properties ?? {})).not.toContain('owner_id');
    expect(Object.keys(list?.inputSchema.properties ?? {})).not.toContain('filter_id');
    const names = tools.map(({ name }) => name);
    // Notes, searches, recents and mail have no owner to be kept to.
    for (const gone of [
      'search_items',
      'list_notes',
      'list_recents',
      'list_mail_threads',
      'create_webhook',
      'list_goals',
    ])
      expect(names).not.toContain(gone);
    for (const there of ['list_deals', 'update_person', 'list_pipelines', 'list_fields', 'get_current_user'])
      expect(names).toContain(there);
    const mine = deals.filter((deal) => deal['owner_id'] === 1).map((deal) => deal['id']);
    const listed = rows(await server.ok('list_deals', { limit: 500, fields: ['id'] })).map((row) => row['id']);
    expect(listed.toSorted()).toEqual(mine.toSorted());
    const { deal } = await server.ok('create_deal', { title: 'Mine', person_id: undefined });
    expect((await sandbox.get(`/api/v2/deals/${deal.id}`)).data.owner_id).toBe(1);
  });

  test('of somebody else by name: what is not theirs is neither read nor written', async () => {
    const theirs = deals.find((deal) => deal['owner_id'] !== 1) ?? {};
    const name = String(nameOf(theirs['owner_id']));
    const server = await within(`owner=${name}`);
    await server.ok('get_deal', { id: theirs['id'] });
    await server.ok('update_deal', { id: theirs['id'], value: 12 });
    const other = deals.find((deal) => deal['owner_id'] === 1)?.['id'];
    const before = await writes();
    for (const [tool, args] of [
      ['get_deal', { id: other }],
      ['update_deal', { id: other, value: 1 }],
      ['delete_deal', { id: other }],
      ['add_deal_follower', { deal_id: other, user_id: 'me' }],
      ['list_deal_updates', { deal_id: other }],
      ['create_activity', { subject: 'x', deal_id: other }],
      ['merge_deals', { id: theirs['id'], merge_with_id: other }],
      ['update_deal', { id: theirs['id'], owner_id: 'me' }],
      ['list_deals', { owner_id: 'me' }],
      ['list_deals', { filter_id: 1 }],
    ] as [string, Loose][]) {
      expect(await server.fails(tool, args), `${tool} ${JSON.stringify(args)}`).toContain('PIPEDRIVE_SCOPE');
    }
    expect(await server.fails('search_items', { term: 'probe' })).toContain('PIPEDRIVE_SCOPE');
    expect(await writes()).toBe(before);
  });

  test('a cursor goes on within it', async () => {
    const server = await within('owner=me');
    const first = await server.ok('list_deals', { limit: 5, fields: ['id'] });
    const second = await server.ok('list_deals', { cursor: first['next_cursor'] });
    const ids = new Set(deals.filter((deal) => deal['owner_id'] === 1).map((deal) => deal['id']));
    for (const { id } of rows(second).slice(1)) if (typeof id === 'number' && id <= 150) expect(ids.has(id)).toBe(true);
    expect(await server.fails('list_deals', { cursor: first['next_cursor'], owner_id: 2 })).toContain(
      'PIPEDRIVE_SCOPE',
    );
  });
});

describe('a cursor written by hand', () => {
  const cursor = (list: string, args: Loose, at: string) =>
    `${list}.${Buffer.from(JSON.stringify(args)).toString('base64url')}.${at}`;

  test.each([
    ['with nothing asked', {}],
    ["of another's records", { owner_id: 2 }],
    ['of a saved filter', { owner_id: 1, filter_id: 1 }],
  ])('does not lead out of it: %s', async (_, args) => {
    const server = await within('owner=me');
    const { next_cursor: own } = await server.ok('list_deals', { limit: 1 });
    const at = String(own).split('.').slice(2).join('.');
    const { length: sent } = await sandbox.log();
    const said = await server.fails('list_deals', { cursor: cursor('list_deals', args, at) });
    expect(said).toContain('PIPEDRIVE_SCOPE');
    expect(await server.fails('list_leads', { cursor: cursor('list_leads', args, '0') })).toContain('PIPEDRIVE_SCOPE');
    const lists = (await sandbox.log()).slice(sent).filter(({ path }) => /\/(deals|leads)(\?|$)/.test(path));
    expect(lists).toEqual([]);
  });

  test('does not lead out of a pipeline', async () => {
    const server = await within('pipeline=Renewals');
    const { next_cursor: own } = await server.ok('list_deals', { limit: 1 });
    const at = String(own).split('.').slice(2).join('.');
    for (const args of [{}, { pipeline_id: 1 }, { pipeline_id: 2, filter_id: 1 }])
      expect(await server.fails('list_deals', { cursor: cursor('list_deals', args, at) })).toContain('PIPEDRIVE_SCOPE');
  });

  test('is good where it stays within, as one that was given is', async () => {
    const server = await within('owner=me', ['--toolsets', 'all']);
    const all = rows(await server.ok('list_deals', { limit: 500, fields: ['id'] })).map(({ id }) => id);
    const seen: unknown[] = [];
    for (let args: Loose = { limit: 20, fields: ['id'] }; ; ) {
      const page = await server.ok('list_deals', args);
      seen.push(...rows(page).map(({ id }) => id));
      if (page['next_cursor'] === undefined) break;
      args = { cursor: page['next_cursor'] };
    }
    expect(seen).toEqual(all);
  });
});

describe('links', () => {
  test('to what lies outside are refused in lists of ids, too', async () => {
    const server = await within('owner=me');
    const [mine, theirs] = [true, false].map(
      (isMine) => deals.find((deal) => (deal['owner_id'] === 1) === isMine)?.['id'],
    );
    const outsideOf = async (path: string) =>
      (await sandbox.get(`${path}?limit=500`)).data.find((one: Loose) => one['owner_id'] !== 1).id;
    const [person, organization] = await Promise.all(['/api/v2/persons', '/api/v2/organizations'].map(outsideOf));
    const made = await fetch(`${sandbox.url}/api/v2/products`, {
      method: 'POST',
      headers: { 'x-api-token': sandbox.token, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Theirs', owner_id: 2 }),
    });
    const product = ((await made.json()) as Loose)['data'].id;
    const { project } = await server.ok('create_project', {
      title: 'Mine',
      board_id: 1,
      phase_id: 1,
      deal_ids: [mine],
    });
    const before = await writes();
    for (const [tool, args] of [
      ['create_project', { title: 'x', board_id: 1, phase_id: 1, deal_ids: [mine, theirs] }],
      ['create_project', { title: 'x', board_id: 1, phase_id: 1, person_ids: [person] }],
      ['create_project', { title: 'x', board_id: 1, phase_id: 1, org_ids: [organization] }],
      ['update_project', { id: project.id, add_deal_ids: [theirs] }],
      ['update_project', { id: project.id, add_person_ids: [person] }],
      ['update_project', { id: project.id, add_org_ids: [organization] }],
      ['add_deal_products', { deal_id: mine, data: [{ product_id: product, item_price: 1, quantity: 1 }] }],
      ['list_products_of_deals', { deal_ids: [mine, theirs] }],
    ] as [string, Loose][]) {
      expect(await server.fails(tool, args), `${tool} ${JSON.stringify(args)}`).toContain('PIPEDRIVE_SCOPE');
    }
    expect(await writes()).toBe(before);
  });

  test("lists of other owners' records below one of the own are not offered", async () => {
    const server = await within('owner=me');
    const names = (await server.client.listTools()).tools.map(({ name }) => name);
    for (const gone of ['list_product_deals', 'list_person_products', 'list_project_activities'])
      expect(names).not.toContain(gone);
    expect(await server.fails('list_product_deals', { product_id: 1 })).toContain('PIPEDRIVE_SCOPE');
  });
});

test('pipeline: only its deals, and no stage of another', async () => {
  const server = await within('pipeline=Renewals');
  const inside = deals.filter((deal) => deal['pipeline_id'] === 2);
  const outside = deals.find((deal) => deal['pipeline_id'] !== 2)?.['id'];
  const listed = rows(await server.ok('list_deals', { limit: 500, fields: ['id'] }));
  expect(listed).toHaveLength(inside.length);
  const names = (await server.client.listTools()).tools.map(({ name }) => name);
  expect(names).not.toContain('list_persons');
  const before = await writes();
  expect(await server.fails('get_deal', { id: outside })).toContain('PIPEDRIVE_SCOPE');
  expect(await server.fails('update_deal', { id: inside[0]?.['id'], stage_id: 1 })).toContain('PIPEDRIVE_SCOPE');
  expect(await server.fails('create_deal', { title: 'x', stage_id: 1 })).toContain('PIPEDRIVE_SCOPE');
  expect(await writes()).toBe(before);
  const { deal } = await server.ok('create_deal', { title: 'Within' });
  expect((await sandbox.get(`/api/v2/deals/${deal.id}`)).data.pipeline_id).toBe(2);
});

test('totals count what lies within, and nothing else', async () => {
  const server = await within('owner=me; pipeline=Renewals');
  const inside = (await sandbox.get('/api/v2/deals?limit=500&owner_id=1&pipeline_id=2')).data;
  const { tools } = await server.client.listTools();
  const taken = Object.keys(tools.find(({ name }) => name === 'analyze_deals')?.inputSchema.properties ?? {});
  for (const gone of ['owner_id', 'pipeline_id', 'filter_id']) expect(taken).not.toContain(gone);
  // Activities and leads are in no pipeline to be kept to.
  for (const gone of ['analyze_activities', 'analyze_leads']) expect(tools.map(({ name }) => name)).not.toContain(gone);
  expect((await server.ok('analyze_deals', { group_by: ['stage'] }))['counted']).toBe(inside.length);
  expect((await server.ok('analyze_deals', { where: ['owner != me'] }))['counted']).toBe(0);
  for (const args of [{ owner_id: 2 }, { pipeline_id: 1 }, { filter_id: 1 }] as Loose[]) {
    expect(await server.fails('analyze_deals', args), JSON.stringify(args)).toContain('PIPEDRIVE_SCOPE');
  }
  await server.close();
  const mine = await within('owner=me');
  const activities = (await sandbox.get('/api/v2/activities?limit=500&owner_id=1')).data;
  const leads = (await sandbox.get('/api/v1/leads?limit=500&owner_id=1')).data;
  expect((await mine.ok('analyze_activities', { group_by: ['type'] }))['counted']).toBe(activities.length);
  expect((await mine.ok('analyze_leads'))['counted']).toBe(leads.length);
  const theirs = deals.find((deal) => deal['owner_id'] !== 1)?.['id'];
  expect(await mine.fails('analyze_activities', { deal_id: theirs })).toContain('PIPEDRIVE_SCOPE');
});

test('both at once, and what is none is refused at the start', async () => {
  const server = await within('owner=me; pipeline=Renewals');
  const expected = deals.filter((deal) => deal['owner_id'] === 1 && deal['pipeline_id'] === 2);
  const listed = rows(await server.ok('list_deals', { limit: 500, fields: ['id', 'title'] }));
  expect(listed.filter((row) => row['title'] !== 'Within')).toHaveLength(expected.length);
  await expect(Host.start([], { ...sandbox.env, PIPEDRIVE_SCOPE: 'everything' })).rejects.toThrow();
  await server.close();
  host = await Host.start([], { ...sandbox.env, PIPEDRIVE_SCOPE: 'owner=Nobody At All' });
  expect(await host.fails('list_deals')).toContain('Nobody At All');
});
