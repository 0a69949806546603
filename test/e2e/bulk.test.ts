import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host, type Loose, rows, type SandboxProcess, startSandboxProcess } from './host.ts';
import { age } from './journals.ts';

let sandbox: SandboxProcess;
let host: Host;

beforeAll(async () => {
  sandbox = await startSandboxProcess(['--deals', '400']);
  host = await Host.start(['--toolsets', 'all', '--mode', 'guarded'], sandbox.env);
});
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

const deals = async (of = sandbox): Promise<Loose[]> => {
  const all: Loose[] = [];
  for (let cursor = ''; ; ) {
    const page = await of.get(`/api/v2/deals?limit=500${cursor}`);
    all.push(...page.data);
    if (!page.additional_data.next_cursor) return all;
    cursor = `&cursor=${page.additional_data.next_cursor}`;
  }
};
const ask = async (of: SandboxProcess, method: string, path: string, body: unknown): Promise<Loose> => {
  const headers = { 'x-api-token': of.token, 'content-type': 'application/json' };
  return (await (await fetch(of.url + path, { method, headers, body: JSON.stringify(body) })).json()) as Loose;
};
const writes = async (of = sandbox) =>
  (await of.log()).filter(({ method, path }) => method !== 'GET' && path.startsWith('/api/'));

/** Plans a job and lets it through. */
async function done(on: Host, tool: string, args: Loose): Promise<{ plan: Loose; answer: Loose }> {
  const plan = await on.ok(tool, args);
  expect(plan).toHaveProperty('plan_code');
  return { plan, answer: await on.ok(tool, { ...args, plan: plan['plan_code'] }) };
}

describe('update_many', () => {
  test('of activities shows what tells them apart, and how many are done already where nothing says which', async () => {
    const { data } = await sandbox.get('/api/v2/activities?owner_id=2&limit=500');
    const finished = data.filter((one: Loose) => one['done']).length;
    expect(finished).toBeGreaterThan(0);
    const args = { entity: 'activity', where: ['owner = 2'], set: { owner_id: 3 } };
    const plan = await host.ok('update_many', args);
    expect(plan['which'].columns).toEqual(['id', 'due', 'type', 'subject']);
    expect(plan['hint']).toContain(`${finished} of them are done already`);
    const open = await host.ok('update_many', { ...args, where: ['owner = 2', 'done = no'] });
    expect(open['would']).toBe(`Update ${data.length - finished} activities`);
    expect(open).not.toHaveProperty('hint');
  });

  test('plans first and changes nothing, then does what it planned, and is undone as one', async () => {
    const before = await deals();
    const open = before.filter(({ status, value }) => status === 'open' && value > 10_000);
    const sent = (await writes()).length;
    const args = {
      entity: 'deal',
      where: ['status = open', 'value > 10000 in any currency'],
      set: { probability: 35, add_label_ids: ['Hot'] },
    };
    const plan = await host.ok('update_many', args);
    expect(plan).toMatchObject({ nothing_changed: true, needs_confirmation: true });
    expect(plan['would']).toBe(`Update ${open.length} deals`);
    expect(plan['changes'].reduce((sum: number, { records }: Loose) => sum + records, 0)).toBe(open.length);
    expect((await writes()).length).toBe(sent);

    const answer = await host.ok('update_many', { ...args, plan: plan['plan_code'] });
    expect(answer['done']).toBe(`Updated ${open.length} of ${open.length} deals`);
    const now = new Map((await deals()).map((deal) => [deal['id'], deal]));
    for (const deal of before) {
      const isMeant = open.some(({ id }) => id === deal['id']);
      expect(now.get(deal['id'])?.['probability']).toBe(isMeant ? 35 : deal['probability']);
      if (isMeant) expect(now.get(deal['id'])?.['label_ids']).toEqual(expect.arrayContaining(deal['label_ids']));
    }
    // What was promised of the price is what it took.
    // Labels are read once more, each record by itself, so that none that others add meanwhile is lost.
    expect(plan['costs']).toContain(`${2 * open.length + Math.ceil(open.length / 100)} requests`);

    const [row] = rows(await host.ok('list_changes'));
    // By Pipedrive's clock, as all that answers say of now.
    expect(row?.['at']).toMatch(/^2026-11-20 11:/);
    expect(row).toMatchObject({ change: answer['job'], tool: 'update_many', state: 'done' });
    expect(row?.['what']).toContain(`${open.length} deals`);
    const each = await host.ok('list_changes', { change: answer['job'] });
    expect(rows(each)[0]?.['what']).toMatch(/^deals \d+ \(.*\): probability/);
    const asked = await host.ok('undo_changes', { last: 1 });
    expect(asked).toMatchObject({ needs_confirmation: true, nothing_changed: true, writes: open.length });
    const undone = await host.ok('undo_changes', { last: 1, plan: asked['plan_code'] });
    expect(undone['changes']).toMatchObject([{ result: 'undone', taken_back: open.length }]);
    const plain = (list: Loose[]) => list.map(({ update_time: _, ...rest }) => rest);
    expect(plain(await deals())).toEqual(plain(before));
    expect(await host.fails('update_many', { resume: answer['job'] })).toContain('was undone');
  });

  test('names what cannot be done and does the rest; the same job tries those again', async () => {
    const [one, two, three] = (await deals()).filter(({ status }) => status === 'open').map(({ id }) => id);
    const args = { entity: 'deal', ids: [one, two, three, 987_654], set: { expected_close_date: '2027-01-31' } };
    const plan = await host.ok('update_many', args);
    expect(plan['not_found']).toEqual([987_654]);
    // Somebody changes what the plan rests on; another record goes.
    await ask(sandbox, 'PATCH', `/api/v2/deals/${one}`, { expected_close_date: '2026-12-24' });
    await ask(sandbox, 'POST', '/_sandbox/faults', [
      { method: 'PATCH', path: `/api/v2/deals/${two}`, status: 400, body: '{"success":false,"error":"No way"}' },
    ]);
    const answer = await host.ok('update_many', { ...args, plan: plan['plan_code'] });
    expect(answer['done']).toBe('Updated 1 of 3 deals');
    const failures = answer['failed'].map(({ records, error }: Loose) => [records, error]);
    expect(failures).toEqual(
      expect.arrayContaining([
        [[one], expect.stringContaining('changed since the plan')],
        [[two], expect.stringContaining('No way')],
      ]),
    );
    const sent = (await writes()).length;
    const again = await host.ok('update_many', { resume: answer['job'] });
    expect(again['done']).toBe('Updated 2 of 3 deals');
    expect((await writes()).length).toBe(sent + 1);
    expect((await sandbox.get(`/api/v2/deals/${one}`)).data.expected_close_date).toBe('2026-12-24');
    expect((await sandbox.get(`/api/v2/deals/${two}`)).data.expected_close_date).toBe('2027-01-31');
  });

  test('tells how far it has come', async () => {
    const ids = (await deals()).slice(0, 60).map(({ id }) => id);
    const args = { entity: 'deal', ids, set: { title: 'Progress' } };
    const plan = (await host.ok('update_many', args))['plan_code'];
    const told: Loose[] = [];
    await host.client.callTool({ name: 'update_many', arguments: { ...args, plan } }, undefined, {
      onprogress: (progress) => told.push(progress),
    });
    // The last word may come together with the answer, and is then no news to the host.
    expect(told.slice(0, 2).map(({ progress, total }) => [progress, total])).toEqual([
      [20, 60],
      [40, 60],
    ]);
  });

  test('takes ids as text and as links, each record once', async () => {
    const ids = ['1', 1, 'https://varsa-instruments.pipedrive.com/deal/1'];
    const plan = await host.ok('update_many', { entity: 'deal', ids, set: { probability: 12 } });
    expect(plan['would']).toBe('Update 1 deal');
  });

  test('writes nothing to what is so already, and says so', async () => {
    const [deal] = await deals();
    const args = { entity: 'deal', ids: [deal?.['id']], set: { title: deal?.['title'] } };
    const sent = (await writes()).length;
    const plan = await host.ok('update_many', args);
    expect(plan).toMatchObject({ nothing_changed: true, already_so: 1 });
    expect(plan).not.toHaveProperty('plan_code');
    expect((await writes()).length).toBe(sent);
  });

  test.each([
    ['persons', 'person', { job_title: 'Tester' }, '/api/v2/persons'],
    ['organizations', 'organization', { owner_id: 'me' }, '/api/v2/organizations'],
    ['activities', 'activity', { due_date: '2027-02-01' }, '/api/v2/activities'],
    ['products', 'product', { unit: 'box' }, '/api/v2/products'],
    ['leads', 'lead', { expected_close_date: '2027-03-01' }, '/api/v1/leads'],
  ])('%s', async (_, entity, set, path) => {
    const all: Loose[] = (await sandbox.get(`${path}?limit=12`)).data;
    const ids = all.map(({ id }) => id);
    if (entity === 'person') Object.assign(set, { job_title: undefined, name: undefined, owner_id: 'me' });
    const args = { entity, ids, set: JSON.parse(JSON.stringify(set)) };
    const plan = await host.ok('update_many', args);
    const answer = await host.ok('update_many', { ...args, plan: plan['plan_code'] });
    expect(answer).not.toHaveProperty('failed');
    const key = Object.keys(args.set)[0] ?? '';
    const me = (await sandbox.get('/api/v1/users/me')).data.id;
    const meant = key === 'owner_id' ? me : args.set[key];
    for (const id of ids) expect((await sandbox.get(`${path}/${id}`)).data[key]).toEqual(meant);
    const code = await host.call('undo_changes', { change: answer['job'], plan: 'preview' });
    const undone = await host.ok('undo_changes', { change: answer['job'], plan: code.structure['plan_code'] });
    expect(undone['changes'][0]).not.toHaveProperty('not_taken_back');
    for (const { id, ...was } of all) expect((await sandbox.get(`${path}/${id}`)).data[key]).toEqual(was[key]);
  });
});

test('delete_many asks, deletes, and is undone with new ids', async () => {
  const made = await Promise.all(
    [1, 2, 3].map((one) => ask(sandbox, 'POST', '/api/v2/deals', { title: `Gone ${one}`, value: one })),
  );
  const ids = made.map(({ data }) => data.id);
  const { plan, answer } = await done(host, 'delete_many', { entity: 'deal', ids });
  expect(plan).toMatchObject({ needs_confirmation: true, would: 'Delete 3 deals' });
  expect(answer['done']).toBe('Deleted 3 of 3 deals');
  const left = await deals();
  expect(left.filter(({ id }) => ids.includes(id))).toEqual([]);
  const undone = await host.ok('undo_changes', { change: answer['job'] });
  expect(undone['changes']).toMatchObject([{ taken_back: 3 }]);
  const back = (await deals()).filter(({ title }) => /^Gone \d$/.test(title));
  expect(back.map(({ title, value }) => `${title} ${value}`).sort()).toEqual(['Gone 1 1', 'Gone 2 2', 'Gone 3 3']);
});

describe('killed and gone on with', () => {
  test.concurrent.each([1, 2, 3])('each record is changed exactly once, run %i', async (run) => {
    const place = mkdtempSync(join(tmpdir(), 'pipedrive-bulk-'));
    const own = await startSandboxProcess(['--deals', '120', '--latency', '15']);
    const env = { ...own.env, PIPEDRIVE_STATE_DIR: place };
    const all = await deals(own);
    const ids = all.map(({ id }) => id);
    let server = await Host.start(['--toolsets', 'bulk,history'], env);
    const args = { entity: 'deal', ids, set: { title: `Run ${run}` } };
    const { plan_code: plan } = await server.ok('update_many', args);
    let calling = server.call('update_many', { ...args, plan }).catch(() => undefined);
    for (let kill = 1; kill <= 3; kill++) {
      const target = Math.floor((kill * ids.length) / 5) + run * 7;
      while ((await writes(own)).length < target) await sleep(40);
      const gone = new Promise<void>((resolve) => {
        server.client.onclose = resolve;
      });
      process.kill(server.pid, 'SIGKILL');
      await gone;
      await calling;
      await server.close();
      // What is not there is written again only when it can't be under way any more.
      age(place);
      server = await Host.start(['--toolsets', 'bulk,history'], env);
      calling = server.call('update_many', { resume: plan }).catch(() => undefined);
    }
    const last = await calling;
    // What was under way at a kill was looked up, so that nothing is left open.
    expect(last?.structure['done']).toBe(`Updated ${ids.length} of ${ids.length} deals`);
    const changed = (await writes(own)).map(({ path }) => path);
    expect(changed.length).toBe(new Set(changed).size);
    expect(changed).toHaveLength(ids.length);
    expect((await deals(own)).every(({ title }) => title === `Run ${run}`)).toBe(true);
    await server.close();
    await own.stop();
    rmSync(place, { recursive: true, force: true });
  });
});

test('cancelled: what is out ends, nothing follows it, and the rest is gone on with', async () => {
  const own = await startSandboxProcess(['--deals', '100', '--latency', '20']);
  const server = await Host.start(['--toolsets', 'bulk,history'], { ...own.env, PIPEDRIVE_PLAN: 'growth' });
  const ids = (await deals(own)).map(({ id }) => id);
  const args = { entity: 'deal', ids, set: { title: 'Cancelled' } };
  const { plan_code: plan } = await server.ok('update_many', args);
  const ending = new AbortController();
  const calling = server.call('update_many', { ...args, plan }, ending.signal).catch((error: Error) => error);
  while ((await writes(own)).length < 25) await sleep(40);
  ending.abort();
  await calling;
  // Another call's answer comes after everything that the cancelled one still had out.
  await server.ok('list_changes');
  await sleep(200);
  const { length } = await writes(own);
  expect(length).toBeLessThan(ids.length);
  await sleep(2_500);
  expect((await writes(own)).length).toBe(length);
  const list = rows(await server.ok('list_changes'));
  expect(String(list[0]?.['state'])).not.toContain('not known');
  const rest = await server.ok('update_many', { resume: plan });
  expect(rest['done']).toBe(`Updated ${ids.length} of ${ids.length} deals`);
  const changed = (await writes(own)).map(({ path }) => path);
  expect(changed.length).toBe(new Set(changed).size);
  await server.close();
  await own.stop();
});

test('a job that cannot be put down is not begun', async () => {
  const place = mkdtempSync(join(tmpdir(), 'pipedrive-bulk-'));
  const full = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_STATE_DIR: place }, '4');
  const sent = (await writes()).length;
  const args = { entity: 'deal', where: ['id > 0'], set: { probability: 1 } };
  expect(await full.fails('update_many', args)).toContain('must be put down first');
  expect((await writes()).length).toBe(sent);
  await full.close();
  rmSync(place, { recursive: true, force: true });
});

test('a person is asked in words and once; a no changes nothing', async () => {
  const asked: string[] = [];
  let reply: 'accept' | 'decline' = 'decline';
  const asking = await Host.start(['--toolsets', 'all', '--mode', 'guarded'], sandbox.env, 'unlimited', (question) => {
    asked.push(question);
    return reply;
  });
  const args = { entity: 'deal', where: ['status = open'], set: { owner_id: 'me' } };
  const sent = (await writes()).length;
  expect(await asking.fails('update_many', args)).toContain('said no');
  expect((await writes()).length).toBe(sent);
  expect(asked[0]).toMatch(/^Update \d+ deals\?\n\d+ records: owner: .* → /);
  reply = 'accept';
  const answer = await asking.ok('update_many', args);
  expect(answer['done']).toMatch(/^Updated (\d+) of \1 deals$/);
  expect(asked).toHaveLength(2);
  await asking.close();
});

describe('bad input', () => {
  test.each<[string, Loose, RegExp]>([
    ['nothing', {}, /takes an entity/],
    ['no choice', { entity: 'deal' }, /ids or where, one of them/],
    ['two choices', { entity: 'deal', ids: [1], where: ['value > 1'] }, /ids or where, one of them/],
    ['no change', { entity: 'deal', ids: [1] }, /takes set/],
    ['a word for an id', { entity: 'deal', ids: ['five'], set: { title: 'x' } }, /is no id of a deal/],
    [
      'an id that no record can have',
      { entity: 'deal', ids: [1, '99999999999999999999'], set: { title: 'x' } },
      /is no id/,
    ],
    ['an unknown field', { entity: 'deal', ids: [1], set: { titel: 'x' } }, /has no argument .*titel/],
    ['a plan among values', { entity: 'deal', ids: [1], set: { plan: 'preview' } }, /stands among the values/],
    ['an unknown stage', { entity: 'deal', ids: [1], set: { stage_id: 'Nowhere' } }, /Nowhere/],
    ['an unknown condition', { entity: 'deal', where: ['nonsense'], set: { title: 'x' } }, /nonsense/],
    [
      'too many ids',
      { entity: 'deal', ids: Array.from({ length: 5_001 }, (_, index) => index + 1), set: { title: 'x' } },
      /too many/,
    ],
    ['an unknown job', { resume: 'abcdef0123' }, /no job that was begun/],
    ['a path for a job', { resume: '../../../etc' }, /no job that was begun/],
    [
      'an unknown code',
      { entity: 'deal', ids: [1], set: { title: 'x' }, plan: 'abcdef0123' },
      /plan code does not fit/,
    ],
  ])('%s', async (_, args, expected) => {
    const sent = (await writes()).length;
    expect(await host.fails('update_many', args)).toMatch(expected);
    expect((await writes()).length).toBe(sent);
  });

  test('a code is good for its arguments, and once', async () => {
    const args = { entity: 'deal', ids: [1, 2], set: { title: 'Coded' } };
    const { plan_code: plan } = await host.ok('update_many', args);
    expect(await host.fails('update_many', { ...args, ids: [1, 3], plan })).toContain('other arguments');
    await host.ok('update_many', { ...args, plan });
    expect(await host.fails('update_many', { ...args, plan })).toContain('has been used');
    const next = await host.ok('update_many', { ...args, set: { title: 'Coded anew' } });
    expect(await host.fails('update_many', { resume: next['plan_code'] })).toContain('no job that was begun');
  });

  test('conditions that thousands too many meet, and a bulk larger than the day', async () => {
    const big = await startSandboxProcess(['--deals', '20000']);
    const server = await Host.start(['--toolsets', 'bulk'], { ...big.env, PIPEDRIVE_PLAN: 'lite' });
    const args = { entity: 'deal', set: { probability: 5 } };
    expect(await server.fails('update_many', { ...args, where: ['id > 0'] })).toContain('More than 5000 deals');
    await ask(big, 'POST', '/_sandbox/faults', [
      {
        path: '/api/v2/deals',
        count: 20,
        handled: true,
        headers: { 'x-daily-ratelimit-token-limit': '30000', 'x-daily-ratelimit-token-remaining': '600' },
      },
    ]);
    expect(await server.fails('update_many', { ...args, where: ['id <= 1000'] })).toMatch(
      /API tokens and the company has \d+ left/,
    );
    expect(await writes(big)).toEqual([]);
    await server.close();
    await big.stop();
  });
});

describe('add_many', () => {
  test('checks all, leaves out who is there already, makes the others, and is undone as one', async () => {
    const [known] = (await sandbox.get('/api/v2/persons?limit=1')).data;
    const email = known.emails[0].value;
    const records = [
      { name: 'Many One', emails: ['many.one@varsa.example'], owner_id: 'me' },
      { name: 'Somebody else', emails: [email.toUpperCase()] },
      { name: 'Many One again', emails: ['MANY.ONE@varsa.example'] },
      { name: 'Many Two', org_id: 3 },
      { name: 'Wrong', ownr: 'me' },
      { name: 'Nobody', owner_id: 'No Such User' },
    ];
    const sent = (await writes()).length;
    const plan = await host.ok('add_many', { entity: 'person', records });
    expect(plan['would']).toBe('Add 2 persons');
    expect(plan['duplicates']).toMatchObject([
      { record: 2, id: known.id },
      { record: 3, as: 1 },
    ]);
    expect(plan['cannot'].map(({ records: places }: Loose) => places)).toEqual([[5], [6]]);
    expect((await writes()).length).toBe(sent);
    const answer = await host.ok('add_many', { entity: 'person', records, plan: plan['plan_code'] });
    expect(answer['done']).toBe('Added 2 of 2 persons');
    const found = async () =>
      (await sandbox.get('/api/v2/persons?limit=500')).data.filter(({ name }: Loose) => /^Many (One|Two)/.test(name));
    expect((await found()).map(({ name }: Loose) => name).sort()).toEqual(['Many One', 'Many Two']);
    await host.ok('undo_changes', { change: answer['job'] });
    expect(await found()).toEqual([]);
  });

  test.each<[string, Loose, RegExp]>([
    ['nothing', { entity: 'deal' }, /takes records/],
    ['no record', { entity: 'deal', records: [] }, /takes records/],
    ['too many', { entity: 'deal', records: Array.from({ length: 1_001 }, () => ({ title: 'x' })) }, /1 to 1000/],
    ['a key of the call in a record', { entity: 'deal', records: [{ title: 'x', plan: 'preview' }] }, /stands among/],
    ['a kind that has none', { entity: 'note', records: [{ content: 'x' }] }, /entity/],
  ])('%s', async (_, args, expected) => {
    const sent = (await writes()).length;
    expect(await host.fails('add_many', args)).toMatch(expected);
    expect((await writes()).length).toBe(sent);
  });
});
