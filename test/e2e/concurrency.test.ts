import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host, type Loose, rows, type SandboxProcess, startSandboxProcess } from './host.ts';

let sandbox: SandboxProcess;
let host: Host;
const state = mkdtempSync(join(tmpdir(), 'pipedrive-keys-'));

beforeAll(async () => {
  sandbox = await startSandboxProcess();
  host = await start('guarded');
});
afterAll(async () => {
  await host.close();
  await sandbox.stop();
  rmSync(state, { recursive: true, force: true });
});

function start(mode: string): Promise<Host> {
  const env = { ...sandbox.env, PIPEDRIVE_MODE: mode, PIPEDRIVE_STATE_DIR: state };
  return Host.start(['--toolsets', 'all'], env);
}

async function control(path: string, body: unknown): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });
}

/** What somebody else does meanwhile. */
async function other(method: string, path: string, body: unknown): Promise<void> {
  const headers = { 'x-api-token': sandbox.token, 'content-type': 'application/json' };
  const answer = await fetch(sandbox.url + path, { method, headers, body: JSON.stringify(body) });
  expect(answer.ok).toBe(true);
}

async function sent(work: () => Promise<unknown>): Promise<string[]> {
  const before = (await sandbox.log()).length;
  await work();
  return (await sandbox.log()).slice(before).map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
}

const writes = (path: readonly string[]) => path.filter((one) => !one.startsWith('GET'));

describe('idempotency_key', () => {
  test('gives the first record, as it is now, in this process, in another, and after a restart', async () => {
    const args = { title: 'Once', value: 5, currency: 'EUR', idempotency_key: 'order-1' };
    const first = await host.ok('create_deal', args);
    expect(first).not.toHaveProperty('repeated');
    const { id } = first['deal'];
    await other('PATCH', `/api/v2/deals/${id}`, { title: 'Once, renamed' });
    const path = await sent(async () => {
      for (const mode of ['guarded', 'open']) {
        const second = await start(mode);
        const again = await second.ok('create_deal', args);
        expect(again).toMatchObject({ repeated: true, deal: { id, title: 'Once, renamed' } });
        await second.close();
      }
      const here = await host.ok('create_deal', {
        idempotency_key: 'order-1',
        currency: 'EUR',
        value: 5,
        title: 'Once',
      });
      expect(here).toMatchObject({ repeated: true, deal: { id } });
      expect(here['done']).toMatch(/^Created deal \d+ at 2\d{3}-.* nothing was written now$/);
    });
    expect(writes(path)).toEqual([]);
  });

  test('is good for one thing: other arguments and other tools are refused', async () => {
    await host.ok('create_person', { name: 'Keyed', idempotency_key: 'key-2' });
    const path = await sent(async () => {
      const said = await host.fails('create_person', { name: 'Other', idempotency_key: 'key-2' });
      expect(said).toContain('nothing was changed');
      expect(said).toContain('other arguments');
      expect(await host.fails('create_deal', { title: 'Keyed', idempotency_key: 'key-2' })).toContain('create_person');
      expect(await host.fails('create_deal', { title: 'Keyed', idempotency_key: ' ' })).toContain('empty');
    });
    expect(writes(path)).toEqual([]);
  });

  test('makes one record of calls at the same time', async () => {
    const args = { title: 'At once', idempotency_key: 'key-3' };
    const path = await sent(async () => {
      const answers = await Promise.all([1, 2, 3].map(() => host.ok('create_deal', args)));
      expect(new Set(answers.map(({ deal }) => deal.id)).size).toBe(1);
      expect(answers.filter(({ repeated }) => repeated === true)).toHaveLength(2);
    });
    expect(writes(path)).toEqual(['POST /api/v2/deals']);
  });

  test('comes before the look for duplicates, which would find its own record', async () => {
    const args = { name: 'Own', emails: ['own@key.example'], idempotency_key: 'key-4' };
    const { person } = await host.ok('create_person', args);
    expect(await host.ok('create_person', args)).toMatchObject({ repeated: true, person: { id: person.id } });
  });

  test('lets a create that failed be done again, and none whose end nobody knows', async () => {
    const args = { title: 'Unlucky', idempotency_key: 'key-5' };
    await control('faults', [
      { method: 'POST', path: '/api/v2/deals', status: 400, body: { success: false, error: 'no' } },
    ]);
    await host.fails('create_deal', args);
    expect(await host.ok('create_deal', args)).not.toHaveProperty('repeated');

    const lost = { title: 'Lost', idempotency_key: 'key-6' };
    await control('faults', [{ method: 'POST', path: '/api/v2/deals', handled: true, reset: true }]);
    const unsure = await host.call('create_deal', lost);
    const again = await host.call('create_deal', lost);
    // Where the first answer was found out after all, the second is that of its record.
    if (unsure.isError) expect(again.structure['next']).toMatch(/^Look whether the record is there/);
    else expect(again.structure).toHaveProperty('repeated');
    expect(rows(await host.ok('search_deals', { term: 'Lost', exact_match: true }))).toHaveLength(1);
  });

  test('says so when its record is gone', async () => {
    const args = { title: 'Gone', idempotency_key: 'key-7' };
    const { deal } = await host.ok('create_deal', args);
    await other('DELETE', `/api/v2/deals/${deal.id}`, {});
    expect(await host.fails('create_deal', args)).toContain('deleted or merged');
  });

  test('holds for records that the API cannot read by themselves', async () => {
    const { deal } = await host.ok('create_deal', { title: 'With products' });
    const args = { deal_id: deal.id, product_id: 1, item_price: 3, quantity: 2, idempotency_key: 'key-8' };
    const first = await host.ok('add_deal_product', args);
    const path = await sent(async () => {
      const again = await host.ok('add_deal_product', args);
      expect(again).toMatchObject({ repeated: true, deal_product: { id: first['deal_product'].id } });
    });
    expect(writes(path)).toEqual([]);
  });
});

describe('if_unchanged_since', () => {
  /** A record and a time after its making, in the user's zone. */
  async function made(tool: string, args: Loose): Promise<{ id: number; since: string }> {
    const answer = await host.ok(tool, { ...args, ...(tool === 'create_person' ? { allow_duplicate: true } : {}) });
    const { id } = answer[tool.replace('create_', '')];
    await control('clock', { advance_seconds: 120 });
    const { now } = await host.ok('get_current_user');
    await control('clock', { advance_seconds: 120 });
    return { id, since: String(now).slice(0, 16) };
  }

  test('lets an update through where nothing changed, for one read more', async () => {
    const { id } = await made('create_deal', { title: 'Calm' });
    const plain = await sent(() => host.ok('update_deal', { id, title: 'Calm 1' }));
    const last = (await sandbox.get(`/api/v2/deals/${id}`)).data.update_time;
    const path = await sent(() => host.ok('update_deal', { id, title: 'Calm 2', if_unchanged_since: last }));
    expect(path).toHaveLength(plain.length + 1);
  });

  test('refuses where a field that is touched has changed, shows the difference, and writes nothing', async () => {
    const { id, since } = await made('create_deal', { title: 'Contested', value: 100, currency: 'EUR' });
    await other('PATCH', `/api/v2/deals/${id}`, { title: 'Contested in between' });
    await other('PATCH', `/api/v2/deals/${id}`, { title: 'Contested by others', stage_id: 3 });
    const path = await sent(async () => {
      const { structure, isError } = await host.call('update_deal', { id, title: 'Mine', if_unchanged_since: since });
      expect(isError).toBe(true);
      expect(structure['written']).toBe('no');
      expect(structure['error']).toContain('nothing was changed');
      expect(structure['changed_since']).toEqual({
        Title: {
          was: 'Contested',
          is: 'Contested by others',
          by: 'Katrin Vogel',
          at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d$/),
        },
      });
      // The time that the refusal gives is one that lets it through.
      const [, again] = /if_unchanged_since "([^"]+)"/.exec(structure['next']) ?? [];
      expect(again).toBeDefined();
      const preview = await host.ok('update_deal', { id, title: 'Mine', if_unchanged_since: again, plan: 'preview' });
      expect(preview).toHaveProperty('would');
    });
    expect(writes(path)).toEqual([]);
    // Others' edits of other fields are no reason to refuse.
    await host.ok('update_deal', { id, value: 200, if_unchanged_since: since });
    // The stage decides the pipeline, so one of them touches the other.
    const pipeline = await host.call('update_deal', { id, pipeline_id: 2, if_unchanged_since: since });
    expect(Object.keys(pipeline.structure['changed_since'])).toContain('Stage');
  });

  test('knows custom fields, e-mails and addresses by the names that changelogs have for them', async () => {
    const person = await made('create_person', { name: 'Fields', emails: ['a@f.example'] });
    await other('PATCH', `/api/v2/persons/${person.id}`, { emails: [{ value: 'b@f.example' }] });
    const { id, since } = person;
    expect(await host.fails('update_person', { id, add_emails: ['c@f.example'], if_unchanged_since: since })).toContain(
      'b@f.example',
    );
    await host.ok('update_person', { id, name: 'Fields 2', if_unchanged_since: since });

    const deal = await made('create_deal', { title: 'Custom', custom_fields: { Budget: '5 EUR' } });
    const { data: fields } = await sandbox.get('/api/v2/dealFields?limit=500');
    const code = fields.find(({ field_name }: Loose) => field_name === 'Budget').field_code;
    await other('PATCH', `/api/v2/deals/${deal.id}`, { custom_fields: { [code]: { value: 9, currency: 'EUR' } } });
    const args = { id: deal.id, custom_fields: { Budget: '7 EUR' }, if_unchanged_since: deal.since };
    const { structure } = await host.call('update_deal', args);
    expect(structure['changed_since']).toMatchObject({ Budget: { was: '5', is: '9' } });
  });

  test('goes by the changelog of projects too', async () => {
    const { id, since } = await made('create_project', { title: 'Project' });
    await other('PATCH', `/api/v2/projects/${id}`, { title: 'Project of others' });
    const { structure } = await host.call('update_project', { id, title: 'Mine', if_unchanged_since: since });
    expect(structure['changed_since']).toMatchObject({ Title: { was: 'Project', is: 'Project of others' } });
    await host.ok('update_project', { id, description: 'Mine', if_unchanged_since: since });
  });

  test('goes by the time of the last change where there is no changelog', async () => {
    const { id, since } = await made('create_activity', { subject: 'Call' });
    await host.ok('update_activity', { id, note: 'first', if_unchanged_since: since });
    const said = await host.fails('update_activity', { id, subject: 'Call again', if_unchanged_since: since });
    expect(said).toContain('Its last change was at');
    expect((await sandbox.get(`/api/v2/activities/${id}`)).data.subject).toBe('Call');
  });

  test('is refused where it is no time', async () => {
    expect(await host.fails('update_deal', { id: 1, title: 'x', if_unchanged_since: 'yesterday' })).toContain(
      'not a date or time',
    );
  });
});
