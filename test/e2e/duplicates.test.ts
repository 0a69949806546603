import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host, type Loose, type SandboxProcess, startSandboxProcess } from './host.ts';

let sandbox: SandboxProcess;
let guarded: Host;
let open: Host;

beforeAll(async () => {
  sandbox = await startSandboxProcess();
  guarded = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_MODE: 'guarded' });
  open = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_MODE: 'open' });
  // What a process reads once (the user, the users, the fields) is not to be counted.
  for (const host of [guarded, open]) {
    await host.ok('list_persons', { limit: 1 });
    await host.ok('list_organizations', { limit: 1 });
    await host.ok('create_person', { name: 'Warm', allow_duplicate: true });
  }
});
afterAll(async () => {
  await guarded.close();
  await open.close();
  await sandbox.stop();
});

async function faults(list: Loose[]): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(list) });
}

/** What a call sent, as `METHOD /path`. */
async function sent(work: () => Promise<unknown>): Promise<string[]> {
  const before = (await sandbox.log()).length;
  await work();
  return (await sandbox.log()).slice(before).map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
}

/** Makes a record without a look at what is there. */
async function make(kind: 'person' | 'organization', args: Loose): Promise<number> {
  return (await guarded.ok(`create_${kind}`, { ...args, allow_duplicate: true }))[kind].id;
}

function ids(answer: Loose): unknown[] {
  expect(answer).toMatchObject({ nothing_changed: true, next: expect.stringContaining('allow_duplicate: true') });
  return answer['candidates'].rows.map(([id]: unknown[]) => id);
}

const SEARCH = 'GET /api/v2/persons/search';
const POST = 'POST /api/v2/persons';

describe('a person', () => {
  test('with the e-mail of another, in whatever case, is not made: the answer shows who is there', async () => {
    const org_id = await make('organization', { name: 'Kalamaja Paat' });
    const phones = ['+372 600 1000'];
    const id = await make('person', { name: 'Toomas Tamm', emails: ['Toomas@Kalamaja.example'], phones, org_id });
    for (const host of [guarded, open]) {
      const path = await sent(async () => {
        const answer = await host.ok('create_person', { name: 'T. Tamm', emails: ['toomas@kalamaja.EXAMPLE'] });
        expect(ids(answer)).toEqual([id]);
        expect(answer['why']).toBe('Same e-mail toomas@kalamaja.example');
        const { columns, rows } = answer['candidates'];
        expect(columns).toEqual(['id', 'name', 'organization', 'emails', 'phones', 'owner', 'updated']);
        expect(rows[0]).toEqual([
          id,
          'Toomas Tamm',
          `Kalamaja Paat (${org_id})`,
          'Toomas@Kalamaja.example',
          '+372 600 1000',
          'Katrin Vogel',
          '2026-11-20',
        ]);
      });
      expect(path.slice(0, 2)).toEqual([SEARCH, 'GET /api/v2/persons']);
      expect(path.filter((one) => !one.startsWith('GET'))).toEqual([]);
    }
  });

  test('with the phone of another, however it is written', async () => {
    const id = await make('person', { name: 'Phone Owner', phones: ['+44 20 7946-0991'] });
    for (const phone of ['+442079460991', '(44) 20 7946 0991']) {
      const answer = await guarded.ok('create_person', { name: 'Somebody', phones: [phone] });
      expect(ids(answer)).toEqual([id]);
      expect(answer['why']).toMatch(/^Same phone/);
    }
    const other = await guarded.ok('create_person', { name: 'Somebody', phones: ['+44 20 7946 0992'] });
    expect(other).toHaveProperty('person');
  });

  test('of the same name, accents and case aside, is one in one organization and two in different ones', async () => {
    const [here, there] = [await make('organization', { name: 'Here' }), await make('organization', { name: 'There' })];
    const id = await make('person', { name: 'José Núñez', org_id: here });
    const args = { name: 'jose nunez', org_id: here };
    expect(ids(await guarded.ok('create_person', args))).toEqual([id]);
    expect(await sent(() => guarded.ok('create_person', { ...args, org_id: there }))).toEqual([
      'GET /api/v2/persons',
      POST,
    ]);
    // Without an organization a name alone says nothing, so nothing is asked.
    expect(await sent(() => guarded.ok('create_person', { name: 'José Núñez' }))).toEqual([POST]);
  });

  test('costs a create no more with allow_duplicate, and the look-up alone without', async () => {
    const args = { name: 'Priced', emails: ['priced@cost.example'] };
    expect(await sent(() => guarded.ok('create_person', { ...args, allow_duplicate: true }))).toEqual([POST]);
    const fresh = { name: 'Priced too', emails: ['fresh@cost.example'] };
    expect(await sent(() => guarded.ok('create_person', fresh))).toEqual([SEARCH, POST]);
    const known = await guarded.ok('create_person', { ...args, allow_duplicate: true });
    expect(known['person'].name).toBe('Priced');
  });

  test('is looked for in two requests at most; the answer says what that left out', async () => {
    const org_id = await make('organization', { name: 'Of three things' });
    const args = { name: 'Three', emails: ['three@things.example'], phones: ['+1 202 555 0001'], org_id };
    let answer: Loose = {};
    const path = await sent(async () => {
      answer = await guarded.ok('create_person', args);
    });
    expect(path).toEqual([SEARCH, 'GET /api/v2/persons', POST]);
    expect(answer['not_checked']).toContain('phone +1 202 555 0001');
  });

  test('is made where the look-up fails, and the answer says that nobody looked', async () => {
    await make('person', { name: 'Hidden', emails: ['hidden@fault.example'] });
    await faults([{ path: '/api/v2/persons/search', status: 403, count: 1 }]);
    const answer = await guarded.ok('create_person', { name: 'Hidden', emails: ['hidden@fault.example'] });
    await faults([]);
    expect(answer['done']).toMatch(/^Created person/);
    expect(answer['not_checked']).toMatch(/^Whether this person is there already: /);
  });

  test('is made where what the look-up found cannot be read, and the answer says which it was', async () => {
    const id = await make('person', { name: 'Half Seen', emails: ['half@fault.example'] });
    await faults([{ method: 'GET', path: '/api/v2/persons?ids', status: 500, count: 1 }]);
    const answer = await guarded.ok('create_person', { name: 'Half Seen', emails: ['half@fault.example'] });
    await faults([]);
    expect(answer['done']).toMatch(/^Created person/);
    expect(answer['not_checked']).toContain(`Whether this person is there already (perhaps ${id}, same e-mail`);
  });

  test('is shown with its like in a preview, looked for once', async () => {
    const id = await make('person', { name: 'Pre View', emails: ['pre@view.example'] });
    const args = { name: 'Pre View', emails: ['pre@view.example'], plan: 'preview' };
    const path = await sent(async () => {
      const answer = await guarded.ok('create_person', args);
      expect(ids(answer)).toEqual([id]);
      expect(answer['would']).toBe('Create person');
    });
    expect(path.filter((one) => one === SEARCH)).toHaveLength(1);
    expect(path.filter((one) => one.startsWith('POST'))).toEqual([]);
  });
});

test('what lies outside of a scope is counted, not shown', async () => {
  const owner_id = 'Mikael Sand';
  await make('person', { name: 'Of Mikael', emails: ['of@mikael.example'], owner_id });
  const scoped = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_SCOPE: 'owner=me' });
  const answer = await scoped.ok('create_person', { name: 'Of me', emails: ['of@mikael.example'] });
  expect(answer).toMatchObject({ nothing_changed: true, outside_scope: 1, candidates: { rows: [] } });
  expect((await scoped.client.listTools()).tools.map(({ name }) => name)).not.toContain('find_duplicates');
  await scoped.close();
});

describe('an organization', () => {
  test('of the same name, legal form, case and accents aside, is not made', async () => {
    const id = await make('organization', { name: 'Köster Werkzeug GmbH' });
    for (const name of ['KÖSTER Werkzeug', 'Koster Werkzeug GmbH & Co. KG', 'köster werkzeug, Inc.']) {
      const answer = await guarded.ok('create_organization', { name });
      expect(ids(answer)).toEqual([id]);
      expect(answer['why']).toBe('Same name');
    }
    expect(await guarded.ok('create_organization', { name: 'Köster Werkzeugbau' })).toHaveProperty('organization');
  });

  test('of the same name at another address is another one', async () => {
    const name = 'Stadtwerke';
    const id = await make('organization', { name, address: 'Am Markt 1, Jena' });
    const alike = await guarded.ok('create_organization', { name, address: 'am Markt 1, 07743 Jena, Germany' });
    expect(ids(alike)).toEqual([id]);
    expect(ids(await guarded.ok('create_organization', { name }))).toEqual([id]);
    const path = await sent(async () => {
      const other = await guarded.ok('create_organization', { name, address: 'Am Markt 1, Weimar' });
      expect(other).toHaveProperty('organization');
    });
    expect(path).toEqual(['GET /api/v2/organizations/search', 'POST /api/v2/organizations']);
  });
});

describe('a second deal or lead of the same title', () => {
  test('for the same contact is made with a word about it', async () => {
    const person_id = await make('person', { name: 'Buyer of two' });
    const first = await guarded.ok('create_deal', { title: 'Fork lifts', person_id });
    expect(first['hint']).toBeUndefined();
    const path = await sent(async () => {
      const second = await guarded.ok('create_deal', { title: 'fork LIFTS', person_id });
      expect(second['done']).toMatch(/^Created deal/);
      expect(second['hint']).toContain(`(${first['deal'].id})`);
    });
    expect(path).toEqual(['GET /api/v2/deals', 'POST /api/v2/deals']);
    const won = await guarded.ok('create_deal', { title: 'Fork lifts', person_id, status: 'won' });
    expect(won['hint'] ?? '').not.toContain('same title');

    const lead = await guarded.ok('create_lead', { title: 'Crane', person_id });
    const again = await guarded.ok('create_lead', { title: 'Crane', person_id });
    expect(again['hint']).toContain(lead['lead'].id);
  });
});

test('duplicates of the account are found in groups, with why, and go when they are merged', async () => {
  const org_id = await make('organization', { name: 'Grouped AS' });
  const other = await make('organization', { name: 'Grouped Ltd' });
  const [a, b, c] = [
    await make('person', { name: 'Grouped One', emails: ['one@group.example'], org_id }),
    await make('person', { name: 'G. One', emails: ['ONE@group.example'], phones: ['+370 5 111 1111'] }),
    await make('person', { name: 'grouped one', phones: ['+370 5111 1111'], org_id }),
  ];
  await make('person', { name: 'Grouped One', org_id: other });
  const groupOf = async (kind: string, id: number): Promise<Loose | undefined> => {
    const found = await open.ok('find_duplicates', { entity: kind });
    expect(found).toMatchObject({ complete: true });
    return found['groups'].find(({ rows }: Loose) => rows.some(([one]: unknown[]) => one === id));
  };
  const group = await groupOf('person', a);
  expect(group?.['rows'].map(([id]: unknown[]) => id).sort()).toEqual([a, b, c].sort());
  expect(group?.['why']).toMatch(/same e-mail one@group\.example/);
  expect(group?.['why']).toMatch(/same phone/);
  const organizations = await groupOf('organization', org_id);
  expect(organizations?.['rows'].map(([id]: unknown[]) => id)).toEqual([org_id, other]);

  await open.ok('merge_persons', { id: c, merge_with_id: a });
  await open.ok('merge_persons', { id: b, merge_with_id: a });
  expect(await groupOf('person', a)).toBeUndefined();
});
