import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { JournalingClient } from '../../src/guard/client.ts';
import { settle } from '../../src/guard/settle.ts';
import type { Method } from '../../src/pipedrive/client.ts';
import type { Json } from '../../src/pipedrive/json.ts';
import { api } from '../../src/tools/writing/api.ts';
import { ACCOUNT, type Account, account, crashing, idOf, within } from './account.ts';

let of: Account;
beforeEach(async () => {
  of = await account();
});
afterEach(() => of.close());

describe('what others have changed since', () => {
  test('is left as it is, and said', async () => {
    const id = idOf(await of.write('POST', '/api/v2/deals', { title: 'Old', value: 1 }));
    await of.write('PATCH', `/api/v2/deals/${id}`, { title: 'Ours', value: 2 });
    await of.call('PATCH', `/api/v2/deals/${id}`, { title: 'Theirs' });
    expect(await of.undoLast(1)).toMatchObject([
      { is: 'refused', changes: { title: { ours: 'Ours', now: 'Theirs' } } },
    ]);
    expect(await of.get(`/api/v2/deals/${id}`)).toMatchObject({ title: 'Theirs', value: 2 });
  });

  test('in other fields, or by notes and activities, is no hindrance and stays', async () => {
    const id = idOf(await of.write('POST', '/api/v2/deals', { title: 'Old', value: 1 }));
    await of.write('PATCH', `/api/v2/deals/${id}`, { title: 'Ours' });
    await of.call('PATCH', `/api/v2/deals/${id}`, { value: 7 });
    await of.call('POST', '/api/v1/notes', { content: 'x', deal_id: id });
    expect(await of.undoLast(1)).toMatchObject([{ is: 'undone', lost: [] }]);
    expect(await of.get(`/api/v2/deals/${id}`)).toMatchObject({ title: 'Old', value: 7 });
  });

  test('keeps a record that was made from being deleted', async () => {
    const id = idOf(await of.write('POST', '/api/v2/persons', { name: 'New' }));
    await of.call('PATCH', `/api/v2/persons/${id}`, { phones: [{ value: '1', primary: true, label: 'work' }] });
    expect(await of.undoLast(1)).toMatchObject([{ is: 'refused', changes: { phones: { ours: [] } } }]);
    expect(await of.get(`/api/v2/persons/${id}`)).toMatchObject({ name: 'New' });
  });

  test('is no hindrance where it was this server: the newer write goes first', async () => {
    const id = idOf(await of.write('POST', '/api/v2/deals', { title: 'A' }));
    await of.write('PATCH', `/api/v2/deals/${id}`, { title: 'B' });
    await of.write('PATCH', `/api/v2/deals/${id}`, { title: 'C' });
    const [, second] = await of.entries();
    expect(await of.undo([second?.id ?? ''])).toMatchObject([{ is: 'refused', changes: { title: { now: 'C' } } }]);
    expect(await of.undoLast(3)).toMatchObject([{ is: 'undone' }, { is: 'undone' }, { is: 'undone' }]);
    expect(await of.get('/api/v2/deals')).toEqual([]);
  });

  test('a record that somebody deleted is gone', async () => {
    const id = idOf(await of.write('POST', '/api/v2/deals', { title: 'A' }));
    await of.write('PATCH', `/api/v2/deals/${id}`, { title: 'B' });
    await of.call('DELETE', `/api/v2/deals/${id}`);
    expect(await of.undoLast(2)).toMatchObject([{ is: 'impossible' }, { is: 'impossible' }]);
  });
});

describe('an undo', () => {
  test('is put down itself, happens once, and can be taken back', async () => {
    const id = idOf(await of.write('POST', '/api/v2/deals', { title: 'A' }));
    await of.write('PATCH', `/api/v2/deals/${id}`, { title: 'B' });
    const [, change] = await of.entries();
    const ids = [change?.id ?? ''];
    expect(await of.undo(ids)).toMatchObject([{ is: 'undone' }]);
    expect(await of.undo(ids)).toMatchObject([{ is: 'impossible', why: 'It has been undone already.' }]);
    const undoing = (await of.entries()).at(-1);
    expect(undoing).toMatchObject({ undoes: change?.id, method: 'PATCH', body: { title: 'A' }, state: 'done' });
    expect(await of.undo([undoing?.id ?? ''])).toMatchObject([{ is: 'undone' }]);
    expect(await of.get(`/api/v2/deals/${id}`)).toMatchObject({ title: 'B' });
    expect(await of.undo(ids)).toMatchObject([{ is: 'undone' }]);
    expect(await of.get(`/api/v2/deals/${id}`)).toMatchObject({ title: 'A' });
  });

  test('of what another account did is none', async () => {
    await of.write('POST', '/api/v2/deals', { title: 'A' });
    const [entry] = await of.entries();
    const { entries } = await of.journal.read();
    expect(entries).toHaveLength(1);
    const { undo } = await import('../../src/guard/undo.ts');
    const undoing = of.undoing();
    const other = { ...undoing, provenance: { ...undoing.provenance, account: '2@other' } };
    expect(await undo([entry?.id ?? ''], other)).toEqual([]);
    expect(await of.get('/api/v2/deals')).toHaveLength(1);
  });

  test('makes a deleted record anew, points to it what pointed to the old one, and says what is lost', async () => {
    const org = idOf(await of.write('POST', '/api/v2/organizations', { name: 'O', address: { value: 'Street 1' } }));
    const person = idOf(await of.write('POST', '/api/v2/persons', { name: 'P', org_id: org }));
    const deal = idOf(await of.write('POST', '/api/v2/deals', { title: 'D', person_id: person, org_id: org }));
    const lead = idOf(await of.write('POST', '/api/v1/leads', { title: 'L', organization_id: org }));
    const note = idOf(await of.write('POST', '/api/v1/notes', { content: 'n', org_id: org }));
    const activity = idOf(await of.write('POST', '/api/v2/activities', { subject: 'a', org_id: org }));
    await of.write('DELETE', `/api/v2/organizations/${org}`);
    const [undone] = await of.undoLast(1);
    expect(undone).toMatchObject({ is: 'partly', relinked: 5 });
    const now = undone && 'id' in undone ? undone.id : 0;
    expect(now).not.toBe(org);
    expect(undone && 'lost' in undone ? undone.lost.join() : '').toMatch(/id: it has a new one.*followers/);
    expect(await of.get(`/api/v2/organizations/${now}`)).toMatchObject({ name: 'O', address: { value: 'Street 1' } });
    for (const [path, key] of [
      [`/api/v2/persons/${person}`, 'org_id'],
      [`/api/v2/deals/${deal}`, 'org_id'],
      [`/api/v1/leads/${lead}`, 'organization_id'],
      [`/api/v1/notes/${note}`, 'org_id'],
      [`/api/v2/activities/${activity}`, 'org_id'],
    ] as const) {
      expect(await of.get(path)).toMatchObject({ [key]: now });
    }
    // The writes before that know the new id.
    const rest = await of.undoLast(100);
    expect(rest.map(({ is }) => is)).toEqual(rest.map(() => 'undone'));
    for (const path of ['/api/v2/deals', '/api/v2/persons', '/api/v2/organizations', '/api/v2/activities']) {
      expect(await of.get(path)).toEqual([]);
    }
  });

  test('of a contact and its deal, deleted in either order, links them again', async () => {
    for (const order of [
      ['deals', 'persons'],
      ['persons', 'deals'],
    ] as const) {
      const person = idOf(await of.write('POST', '/api/v2/persons', { name: order[0] }));
      const deal = idOf(await of.write('POST', '/api/v2/deals', { title: order[0], person_id: person }));
      const ids = { deals: deal, persons: person };
      for (const kind of order) await of.write('DELETE', `/api/v2/${kind}/${ids[kind]}`);
      const undone = await of.undoLast(2);
      expect(undone.map(({ is }) => is)).toEqual(['partly', 'partly']);
      const [found] = (await of.get('/api/v2/deals')).filter((one: { title: string }) => one.title === order[0]);
      expect(await of.get(`/api/v2/persons/${found.person_id}`)).toMatchObject({ name: order[0] });
    }
  });

  test('of a write that failed, or that nobody knows of, does nothing', async () => {
    await of.write('PATCH', '/api/v2/deals/99', { title: 'x' }).catch(() => undefined);
    const open = await of.journal.begin({
      call: 'c',
      tool: 't',
      account: ACCOUNT,
      method: 'DELETE',
      path: '/api/v2/deals/1',
      before: { title: 'x' },
    });
    const failed = (await of.entries()).find(({ state }) => state === 'failed');
    expect(await of.undo([failed?.id ?? '', open])).toMatchObject([
      { is: 'impossible', why: 'It never happened, so there is nothing to undo.' },
      { is: 'impossible', why: 'It is not known whether it happened.' },
    ]);
    expect(await of.get('/api/v2/deals')).toEqual([]);
  });
});

describe('a write cut off by a crash', () => {
  async function crash(at: 'before' | 'after', method: Method, path: string, body?: Json): Promise<void> {
    const { rules, provenance } = of.undoing();
    const client = new JournalingClient(crashing(of.client, at), rules, provenance);
    const request = { method, path, cost: api.cost(method, path) ?? 0, ...(body === undefined ? {} : { body }) };
    const lost = client.request(request, within());
    // It never ends: what matters is that it was put down, and sent or not.
    await Promise.race([lost, until(async () => (await of.entries()).some(({ state }) => state === 'open'))]);
    if (at === 'after') await new Promise((resolve) => setTimeout(resolve, 150));
  }
  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  /** A look at a time when nothing can be under way any more. */
  const LATER_MS = 3 * 60_000;
  const settled = async (later = LATER_MS) =>
    settle(await of.entries(), of.journal, of.reading(), undefined, () => Date.now() + later);

  const deal = async () =>
    idOf(JSON.parse(await (await of.call('POST', '/api/v2/deals', { title: 'There', value: 1 })).text()).data);

  test.each(['before', 'after'] as const)('%s it was sent is known for what it is', async (at) => {
    const state = at === 'after' ? 'done' : 'failed';
    const id = await deal();
    const label = idOf(
      JSON.parse(await (await of.call('POST', '/api/v1/leadLabels', { name: 'X', color: 'red' })).text()).data,
    );
    const person = idOf(JSON.parse(await (await of.call('POST', '/api/v2/persons', { name: 'There' })).text()).data);
    const note = idOf(
      JSON.parse(await (await of.call('POST', '/api/v1/notes', { content: 'There', deal_id: id })).text()).data,
    );
    const writes: [Method, string, Json?][] = [
      ['PATCH', `/api/v2/deals/${id}`, { title: 'Changed', value: 2, status: 'lost', lost_reason: 'x' }],
      ['PATCH', `/api/v2/deals/${id}`, { value: 3 }],
      ['PUT', `/api/v1/notes/${note}`, { content: '<p onclick="x()">Changed</p>', pinned_to_deal_flag: 1 }],
      ['PATCH', `/api/v1/leadLabels/${label}`, { name: 'Y' }],
      ['POST', '/api/v2/deals', { title: 'Made' }],
      ['POST', '/api/v2/persons', { name: 'Made' }],
      ['POST', '/api/v2/organizations', { name: 'Made' }],
      ['POST', '/api/v2/activities', { subject: 'Made' }],
      ['POST', '/api/v1/notes', { content: '<p onclick="x()">Made &amp; more</p>', deal_id: id }],
      ['POST', '/api/v1/leads', { title: 'Made', person_id: person }],
      ['POST', '/api/v1/leadLabels', { name: 'Made', color: 'blue' }],
      ['POST', '/api/v2/dealFields', { field_name: 'Made', field_type: 'varchar' }],
      ['POST', '/api/v2/dealFields/label_ids/options', [{ label: 'Made' }]],
      ['POST', `/api/v2/deals/${id}/followers`, { user_id: (await of.get('/api/v1/users/me')).id }],
      ['POST', `/api/v1/deals/${id}/participants`, { person_id: person }],
      ['DELETE', `/api/v1/leadLabels/${label}`],
      ['DELETE', `/api/v1/notes/${note}`],
      ['DELETE', `/api/v2/deals/${id}`],
    ];
    for (const [method, path, body] of writes) {
      await crash(at, method, path, body);
      // What is not there may still be under way: only what is there is known at once.
      if (at === 'before') {
        const [early] = await settled(0);
        expect(early, `${method} ${path}: ${early?.says}`).toMatchObject({
          state: 'unknown',
          overAt: expect.any(Number),
        });
        expect((await of.entries()).at(-1), path).toMatchObject({ state: 'open', path });
      }
      const [found, ...more] = await settled(at === 'before' ? LATER_MS : 0);
      expect(more).toEqual([]);
      expect(found, `${method} ${path}: ${found?.says}`).toMatchObject({ state });
      expect((await of.entries()).at(-1), path).toMatchObject({ state, path });
      expect(await settled()).toEqual([]);
      // A record that was found again can be taken back.
      if (at === 'after' && method === 'POST') {
        const [undone] = await of.undoLast(1);
        expect(undone, `${path} ${JSON.stringify(undone)}`).toMatchObject({ is: 'undone' });
      }
    }
  });

  test('that made one of several alike stays unknown, and says which', async () => {
    await crash('after', 'POST', '/api/v2/deals', { title: 'Twin' });
    await of.call('POST', '/api/v2/deals', { title: 'Twin' });
    const [found] = await settled();
    expect(found).toMatchObject({ state: 'unknown' });
    expect(found?.says).toMatch(/several records fit \(\d+, \d+\)/);
    expect(await of.entries()).toMatchObject([{ state: 'open' }]);
  });

  test('is not taken for an older record of that name, nor for one that the journal knows', async () => {
    await of.write('POST', '/api/v2/deals', { title: 'Twin' });
    await crash('before', 'POST', '/api/v2/deals', { title: 'Twin' });
    expect(await settled()).toMatchObject([{ state: 'failed' }]);
  });

  test('of a record that others changed meanwhile stays unknown', async () => {
    const id = await deal();
    await crash('before', 'PATCH', `/api/v2/deals/${id}`, { title: 'Ours' });
    await of.call('PATCH', `/api/v2/deals/${id}`, { title: 'Theirs' });
    expect(await settled()).toMatchObject([{ state: 'unknown' }]);
  });

  test('of a merge is told by the record that is gone', async () => {
    const [one, two] = [await deal(), await deal()];
    await crash('before', 'PUT', `/api/v1/deals/${one}/merge`, { merge_with_id: two });
    expect(await settled()).toMatchObject([{ state: 'failed' }]);
    await crash('after', 'PUT', `/api/v1/deals/${one}/merge`, { merge_with_id: two });
    expect(await settled()).toMatchObject([{ state: 'done' }]);
  });
});
