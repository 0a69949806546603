import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Entry, Journal } from '../../src/guard/journal.ts';
import { StateDirectory } from '../../src/state/directory.ts';
import { Host, type Loose, rows, type SandboxProcess, startSandboxProcess } from './host.ts';
import { age, journalsIn } from './journals.ts';

/**
 * The built server is killed at every step of a write, while the sandbox, a process of its own, goes on. The next server on
 * the same state directory has to find out what happened, and say nothing else. CRASHES=1000 kills it a thousand times;
 * CRASH_SEED names other points to kill it at.
 */
const CRASHES = Number(process.env['CRASHES'] ?? 50);
const SEED = Number(process.env['CRASH_SEED'] ?? 20_261_122);
/** Kills on one state directory and one sandbox, after which everything is undone. */
const EPISODE = 10;
/** Episodes at once: most of their time is the latency of the sandbox. */
const AT_ONCE = 5;

/** mulberry32: the same points in every run. */
function randomFrom(seed: number) {
  let at = seed;
  const next = () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, pick: <T>(list: readonly T[]): T => list[below(list.length)] as T };
}

/** A sandbox and a state directory that outlive the servers on them. */
class Scene {
  readonly sandbox: SandboxProcess;
  readonly place = mkdtempSync(join(tmpdir(), 'pipedrive-crash-'));
  readonly hosts = new Set<Host>();

  private constructor(sandbox: SandboxProcess) {
    this.sandbox = sandbox;
  }

  static async open(): Promise<Scene> {
    return new Scene(await startSandboxProcess(['--deals', '20', '--latency', '30']));
  }

  async close(): Promise<void> {
    for (const host of this.hosts) await this.kill(host);
    await this.sandbox.stop();
    rmSync(this.place, { recursive: true, force: true });
  }

  async server(more: Record<string, string> = {}, blocks?: string): Promise<Host> {
    const host = await Host.start(
      ['--toolsets', 'all'],
      { ...this.sandbox.env, PIPEDRIVE_STATE_DIR: this.place, ...more },
      blocks,
    );
    this.hosts.add(host);
    return host;
  }

  /** Resolves when the process is gone. */
  async kill(host: Host): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      host.client.onclose = resolve;
    });
    process.kill(host.pid, 'SIGKILL');
    await gone;
    this.hosts.delete(host);
    await host.close();
  }

  async send(method: string, path: string, body: unknown): Promise<Loose> {
    const headers = { 'x-api-token': this.sandbox.token, 'content-type': 'application/json' };
    const answer = await fetch(this.sandbox.url + path, { method, headers, body: JSON.stringify(body) });
    return (await answer.json()) as Loose;
  }

  async faults(list: readonly Loose[]): Promise<void> {
    expect(await this.send('POST', '/_sandbox/faults', list)).toMatchObject({ success: true });
  }

  /** Deals that nobody else has anything to do with. */
  deals(count: number): Promise<number[]> {
    return Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const { data } = await this.send('POST', '/api/v2/deals', { title: `Base ${index}`, value: 1 });
        return data.id;
      }),
    );
  }

  journals(): string[] {
    return journalsIn(this.place);
  }

  journalSize(): number {
    return this.journals().reduce((all, path) => all + statSync(path).size, 0);
  }

  /** What the journal holds, read as a server would. */
  async entries(): Promise<Entry[]> {
    const { url: base, token } = this.sandbox;
    return (await new Journal(new StateDirectory(this.place, { token, base })).read()).entries;
  }

  /** Writes that reached the sandbox, and those that it carried out. */
  async writes(): Promise<{ method: string; path: string; isDone: boolean }[]> {
    const log = (await this.sandbox.log()) as Loose[];
    return log
      .filter(({ method, path }) => method !== 'GET' && path.startsWith('/api/'))
      .map(({ method, path, status, fault }) => ({
        method,
        path: path.split('?')[0],
        isDone: fault !== 'not handled' && status >= 200 && status < 300,
      }));
  }

  /**
   * Is what a write was to do so in the account now? Each write of these tests has a record or a text of its own, of which
   * there may not be two.
   */
  async asIs(): Promise<(entry: Pick<Entry, 'method' | 'path' | 'body' | 'before'>) => Promise<boolean>> {
    const [deals, notes] = await Promise.all(
      ['/api/v2/deals', '/api/v1/notes'].map(async (path) => (await this.sandbox.get(`${path}?limit=500`)).data ?? []),
    );
    const isOne = (found: Loose[], what: unknown): boolean => {
      if (found.length > 1) throw new Error(`${what} is there ${found.length} times`);
      return found.length === 1;
    };
    const isLive = (title: unknown) =>
      isOne(
        deals.filter((deal: Loose) => deal['title'] === title),
        title,
      );
    return async ({ method, path, body, before }) => {
      const sent = body as Loose;
      if (path.endsWith('/followers')) {
        const { data } = await this.sandbox.get(path);
        return data.some((one: Loose) => one['user_id'] === sent['user_id']);
      }
      if (path.endsWith('/notes')) {
        const found = notes.filter((note: Loose) => note['content'].includes(sent['content']));
        return isOne(found, sent['content']);
      }
      if (method === 'POST') return isLive(sent['title']);
      if (method === 'DELETE') return !isLive(before?.['title']);
      return deals.some((deal: Loose) => path.endsWith(`/${deal['id']}`) && deal['value'] === sent['value']);
    };
  }
}

/** All rows of list_changes. */
async function changes(host: Host): Promise<Loose[]> {
  const found: Loose[] = [];
  for (let args: Loose = {}; ; ) {
    const list = await host.ok('list_changes', args);
    if (list['rows'].length > 0) found.push(...rows(list));
    if (list['next_cursor'] === undefined) return found;
    args = { cursor: list['next_cursor'] };
  }
}

/**
 * What list_changes says of writes that are no undo is what is so in the account; what is not there may also be not known
 * yet. Gives the states it says.
 */
async function expectTruth(scene: Scene, host: Host, isMeant = (_: Entry) => true): Promise<string[]> {
  const [listed, entries, isSo] = await Promise.all([changes(host), scene.entries(), scene.asIs()]);
  const meant = entries.filter((one) => one.undoes === undefined && isMeant(one));
  const seen = await Promise.all(
    meant.map(async (entry) => {
      const state = String(listed.find(({ change }) => entry.id.startsWith(change))?.['state']);
      const what = `${entry.method} ${entry.path} ${JSON.stringify(entry.body)}`;
      return { state, what: `${what}: ${(await isSo(entry)) ? 'is' : 'is not'} so, ${state}` };
    }),
  );
  const untrue = seen.filter(({ what }) => !/: (is so, done|is not so, (not done|undone|not known.*))$/.test(what));
  expect(untrue.map(({ what }) => what)).toEqual([]);
  return seen.map(({ state }) => state);
}

/** A call whose end nobody waits for; a delete in guarded mode is previewed first. */
async function work(host: Host, [name, args]: Call): Promise<void> {
  const first = await host.call(name, args).catch(() => undefined);
  const code = first?.structure['plan_code'];
  if (code !== undefined) await host.call(name, { ...args, plan: code }).catch(() => undefined);
}
type Call = readonly [name: string, args: Loose];

/** Each of the writes once, on deals of their own. */
function mixed(serial: number, deal: () => number, user: number): Call[] {
  return [
    ['create_deal', { title: `Crash ${serial}`, value: serial }],
    ['update_deal', { id: deal(), value: 1_000 + serial }],
    ['add_deal_follower', { deal_id: deal(), user_id: user }],
    ['delete_deal', { id: deal() }],
    ['create_note', { deal_id: deal(), content: `Crash note ${serial}.` }],
  ];
}

async function colleague({ sandbox }: Scene): Promise<number> {
  const { data } = await sandbox.get('/api/v1/users');
  return data.find((user: Loose) => !user['is_you'])['id'];
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(2);
}

const writesMeet = (fault: Loose): Loose[] =>
  ['POST', 'PATCH', 'DELETE'].map((method) => ({ method, path: '/api/', count: 20, ...fault }));

/** Opens a scene for the length of a test. */
async function on<T>(work: (scene: Scene) => Promise<T>): Promise<T> {
  const scene = await Scene.open();
  try {
    return await work(scene);
  } finally {
    await scene.close();
  }
}

describe('killed at each step of a write, five writes at once', () => {
  test.concurrent.each([
    ['before it is put down, where that takes a read', [{ path: '/api/', count: 50, silent: true }], 0, 'not done'],
    ['put down and not taken', writesMeet({ status: 429, headers: { 'retry-after': '20' } }), 1, 'not done'],
    ['under way and not carried out', writesMeet({ silent: true }), 5, 'not done'],
    ['carried out and not answered', writesMeet({ silent: true, handled: true }), 5, 'done'],
    ['in the middle of the answer', writesMeet({ drip_ms: 3_000 }), 5, 'done'],
  ] as [string, Loose[], number, string][])('%s', (_, faults, reached, expected) =>
    on(async (scene) => {
      const [deals, user] = [await scene.deals(9), await colleague(scene)];
      const first = await scene.server();
      await first.ok('update_deal', { id: deals.pop(), value: 5 });
      const { length: before } = await scene.entries();
      const sent = (await scene.sandbox.log()).length;
      const { length: put } = await scene.writes();
      await scene.faults(faults);
      const calls = mixed(1, () => deals.pop() ?? 0, user).map((call) => work(first, call));
      if (reached === 0) await until(async () => (await scene.sandbox.log()).length > sent);
      else await until(async () => (await scene.writes()).length >= put + reached);
      await scene.kill(first);
      await Promise.all(calls);
      await scene.faults([]);
      const left = (await scene.entries()).slice(before);
      expect(left.every(({ state }) => state === 'open')).toBe(true);

      const second = await scene.server();
      const answer = await second.ok('update_deal', { id: deals.pop(), value: 7 });
      expect(answer['earlier_writes'] ?? []).toHaveLength(left.length);
      expect(left.length).toBeGreaterThanOrEqual(reached);
      const isLeft = ({ id }: Entry) => left.some((one) => one.id === id);
      const said = await expectTruth(scene, second, isLeft);
      // What is there is known at once; what is not there may still be under way.
      const early = expected === 'done' ? /^done$/ : /^not known/;
      expect(said.filter((state) => !early.test(state))).toEqual([]);
      // It is told once.
      expect(await second.ok('update_deal', { id: deals.pop(), value: 9 })).not.toHaveProperty('earlier_writes');
      await scene.kill(second);

      age(scene.place);
      const third = await scene.server();
      const later = await third.ok('update_deal', { id: deals.pop(), value: 11 });
      expect(later['earlier_writes'] ?? []).toHaveLength(expected === 'done' ? 0 : left.length);
      const known = await expectTruth(scene, third, isLeft);
      expect([...new Set(known)]).toEqual(left.length > 0 ? [expected] : []);
      const undone = await third.ok('undo_changes', { last: 50 });
      expect(undone['changes'].map(({ result }: Loose) => result)).not.toContain('refused');
      await expectTruth(scene, third);
      expect((await changes(third)).filter(({ state }) => state === 'done')).toEqual([]);
    }),
  );
});

/** What goes wrong with writes while they are killed. */
const wrongs: readonly Loose[] = [
  { drip_ms: 10 },
  { delay_ms: 60 },
  { silent: true },
  { silent: true, handled: true },
  { reset: true },
  { reset: true, handled: true },
  { truncate: true },
  { status: 429, headers: { 'retry-after': '1' } },
];

/** What is in the one list and not in the other, as often as that is so. */
function surplus(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((one) => {
    const at = rest.indexOf(one);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

async function episode(seed: number, kills: number): Promise<void> {
  const random = randomFrom(seed);
  const stage = await Scene.open();
  try {
    const env = { PIPEDRIVE_MODE: seed % 2 ? 'guarded' : 'open', PIPEDRIVE_DEADLINE: '10' };
    const [deals, user] = [await stage.deals(kills * 8), await colleague(stage)];
    const start = (await stage.sandbox.get('/api/v2/deals?limit=500')).data;
    const deal = () => deals.pop() ?? 0;
    const made = (await stage.writes()).length;
    const old = new Set<string>();
    for (let kill = 0; kill <= kills; kill++) {
      const unsettled = (await stage.entries()).filter(({ state }) => state === 'open' || state === 'unknown');
      // The last one is not killed, and has time to undo. Nothing can be under way any more when it starts.
      if (kill === kills) age(stage.place);
      const host = await stage.server(kill === kills ? { ...env, PIPEDRIVE_DEADLINE: '60' } : env);
      const pulse = await host.ok('create_deal', { title: `Pulse ${kill}` });
      expect(pulse['earlier_writes'] ?? [], `kill ${kill}`).toHaveLength(unsettled.length);
      const said = await expectTruth(stage, host, ({ id }) => kill === kills || !old.has(id));
      if (kill === kills) expect(said.filter((state) => state.startsWith('not known'))).toEqual([]);
      for (const { id } of await stage.entries()) old.add(id);
      if (kill === kills) break;

      const calls = mixed(kill, deal, user).filter(() => random.below(3) > 0);
      if (random.below(4) === 0) calls.push(['undo_changes', { last: 1 + random.below(2) }]);
      const methods = ['POST', 'PATCH', 'DELETE', 'POST'];
      await stage.faults(
        methods.map((method) => ({ method, path: '/api/', ...random.pick(wrongs), skip: random.below(2) })),
      );
      let answered = 0;
      const [size, sent] = [stage.journalSize(), (await stage.writes()).length];
      const calling = calls.map((call) => work(host, call).then(() => answered++));
      const points = [
        () => turn(),
        () => sleep(random.below(250)),
        () => until(() => stage.journalSize() > size + random.below(6) * 300 || answered === calls.length),
        () => until(async () => (await stage.writes()).length > sent + random.below(4) || answered === calls.length),
        () => until(() => answered > 0 || calls.length === 0),
      ];
      await random.pick(points)();
      await stage.kill(host);
      await Promise.all(calling);
      await stage.faults([]);
    }
    // Every write that the sandbox carried out is done in the journal, and no other.
    const there = (await stage.writes()).slice(made).filter(({ isDone }) => isDone);
    const put = (await stage.entries()).filter(({ state }) => state === 'done');
    const names = (list: readonly { method: string; path: string }[]) => list.map((one) => `${one.method} ${one.path}`);
    expect(surplus(names(put), names(there)), 'done in the journal alone').toEqual([]);
    expect(surplus(names(there), names(put)), 'done in the sandbox alone').toEqual([]);

    const [last] = stage.hosts;
    if (!last) throw new Error('there is no server');
    for (;;) {
      const undone = await last.call('undo_changes', { last: 10 });
      if (undone.isError) break;
      const results = undone.structure['changes'].filter(({ result }: Loose) => !/undone|partly/.test(result));
      expect(results.map((one: Loose) => JSON.stringify(one))).toEqual([]);
    }
    const plain = (list: Loose[]) => list.map(({ title, value }) => `${title} ${value}`).sort();
    const left = (await stage.sandbox.get('/api/v2/deals?limit=500')).data;
    expect(plain(left)).toEqual(plain(start));
    const notes = (await stage.sandbox.get('/api/v1/notes?limit=500')).data;
    expect(notes.filter(({ content }: Loose) => content.includes('Crash note'))).toEqual([]);
    for (const { id } of left) {
      if (!left.find((one: Loose) => one['id'] === id)['title'].startsWith('Base')) continue;
      const { data } = await stage.sandbox.get(`/api/v2/deals/${id}/followers`);
      expect(data.filter((one: Loose) => one['user_id'] === user)).toEqual([]);
    }
  } finally {
    await stage.close();
  }
}

test(
  `killed ${CRASHES} times at random points, the journal tells the truth and undo gives back the start`,
  async () => {
    const seeds = Array.from({ length: Math.ceil(CRASHES / EPISODE) }, (_, index) => SEED + index);
    const failed: string[] = [];
    const run = async () => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        await episode(seed, Math.min(EPISODE, CRASHES)).catch((error: unknown) => {
          failed.push(`CRASHES=${EPISODE} CRASH_SEED=${seed}: ${error instanceof Error ? error.stack : error}`);
        });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, run));
    expect(failed).toEqual([]);
  },
  Math.max(120_000, CRASHES * 3_000),
);

/** A server is killed in the middle of these calls, once each of them has reached the sandbox. */
async function killAmid(scene: Scene, host: Host, fault: Loose, calls: readonly Call[]): Promise<void> {
  const { length: put } = await scene.writes();
  await scene.faults(writesMeet(fault));
  const calling = calls.map((call) => work(host, call));
  await until(async () => (await scene.writes()).length === put + calls.length);
  await scene.kill(host);
  await Promise.all(calling);
  await scene.faults([]);
}

describe('a look-up', () => {
  test.concurrent('does not take an equal record that was made before for the one it looks for', () =>
    on(async (scene) => {
      const first = await scene.server();
      await first.ok('create_deal', { title: 'Twin' });
      await killAmid(scene, first, { silent: true }, [['create_deal', { title: 'Twin' }]]);
      age(scene.place);
      const second = await scene.server();
      // An undo is a write, too, and looks first: the last write that was done is the first of the two.
      const undone = await second.ok('undo_changes', { last: 1 });
      expect(undone['earlier_writes']).toEqual([expect.stringContaining('there is no such record')]);
      expect(undone['changes']).toMatchObject([{ result: 'undone' }]);
      expect((await changes(second)).map(({ state }) => state)).toEqual([
        expect.stringContaining('undoes'),
        'not done',
        'undone',
      ]);
    }));

  test.concurrent('of two equal creations under way at once tells which were done, or that it does not know', () =>
    on(async (scene) => {
      const first = await scene.server();
      const twins: Call[] = [
        ['create_deal', { title: 'Twin' }],
        ['create_deal', { title: 'Twin' }],
      ];
      // Both are there, and neither is known from the other.
      await killAmid(scene, first, { silent: true, handled: true }, twins);
      const second = await scene.server();
      expect((await second.ok('create_deal', { title: 'Next' }))['earlier_writes']).toEqual([
        expect.stringContaining('several records fit'),
        expect.stringContaining('several records fit'),
      ]);
      expect((await changes(second)).map(({ state }) => state)).toEqual([
        'done',
        expect.stringContaining('not known'),
        expect.stringContaining('not known'),
      ]);
    }));

  test.concurrent('that came to nothing leaves the write unknown, and later ones do not change what it was', () =>
    on(async (scene) => {
      const [id = 0] = await scene.deals(1);
      const first = await scene.server({ PIPEDRIVE_DEADLINE: '2' });
      await first.ok('get_deal', { id });
      // The write is not carried out, and the look after it is not answered.
      await scene.faults([
        { method: 'PATCH', path: '/api/', reset: true },
        { path: `/api/v2/deals/${id}`, skip: 1, count: 9, status: 503 },
      ]);
      expect(await first.fails('update_deal', { id, value: 77 })).toContain('"written":"unknown"');
      await scene.faults([]);
      await first.ok('update_deal', { id, value: 77 });
      await scene.kill(first);
      age(scene.place);
      const second = await scene.server();
      const next = await second.ok('update_deal', { id, value: 78 });
      expect(next['earlier_writes']).toEqual([expect.stringContaining('the old values are still there')]);
      expect((await changes(second)).map(({ state }) => state)).toEqual(['done', 'done', 'not done']);
    }));
});

test.concurrent('an undo that got no answer is looked up, and not done twice', () =>
  on(async (scene) => {
    const [id = 0] = await scene.deals(1);
    const host = await scene.server();
    await host.ok('delete_deal', { id });
    const there = async () =>
      (await scene.asIs())({ path: '/api/v2/deals', method: 'POST', body: { title: 'Base 0' } });
    await scene.faults([{ method: 'POST', path: '/api/', reset: true, handled: true }]);
    const undone = await host.ok('undo_changes', { last: 1 });
    expect(undone['changes']).toMatchObject([{ result: 'partly' }]);
    expect(await there()).toBe(true);
    const [, deletion] = await changes(host);
    expect(await host.fails('undo_changes', { change: deletion?.['change'] })).toContain('It has been undone');
    // Taken back, and undone once more: this time neither the write nor the look-up is answered.
    const remade = (await scene.sandbox.get('/api/v2/deals?sort_by=id&sort_direction=desc&limit=1')).data[0];
    await host.ok('delete_deal', { id: remade.id });
    await scene.faults([
      { method: 'POST', path: '/api/', reset: true, handled: true },
      { path: '/api/v2/deals', skip: 2, count: 8, status: 503 },
    ]);
    await host.ok('undo_changes', { last: 1 });
    await scene.faults([]);
    await host.call('undo_changes', { last: 1 });
    expect(await there()).toBe(true);
  }));

describe('a journal that was damaged between two servers', () => {
  test.concurrent('cut off at random bytes, gives what is whole and settles the rest', () =>
    on(async (scene) => {
      const random = randomFrom(SEED);
      const [deals, user] = [await scene.deals(20), await colleague(scene)];
      for (let round = 0; round < 4; round++) {
        const host = await scene.server();
        await host.ok('create_deal', { title: `Pulse ${round}` });
        await expectTruth(scene, host);
        await Promise.all(mixed(round, () => deals.pop() ?? 0, user).map((call) => work(host, call)));
        await scene.kill(host);
        const newest = scene.journals().at(-1) ?? '';
        const size = statSync(newest).size;
        truncateSync(newest, size - random.below(size / 2));
        const left = (await scene.entries()).filter(({ state }) => state === 'open').length;
        const next = await scene.server();
        const answer = await next.ok('create_deal', { title: `After ${round}` });
        expect(answer['earlier_writes'] ?? []).toHaveLength(left);
        await expectTruth(scene, next);
        await scene.kill(next);
      }
    }));

  test.concurrent('in its lines, says how many and goes on', () =>
    on(async (scene) => {
      const first = await scene.server({ PIPEDRIVE_MODE: 'guarded' });
      const [id = 0] = await scene.deals(1);
      await first.ok('update_deal', { id, value: 2 });
      await scene.kill(first);
      const [path = ''] = scene.journals();
      const [intent = ''] = readFileSync(path, 'utf8').split('\n');
      appendFileSync(path, `\0\0\0\n${intent.slice(0, 99)}\n{"event":"done"}\nnull\n`);
      const second = await scene.server({ PIPEDRIVE_MODE: 'guarded' });
      await second.ok('update_deal', { id, value: 3 });
      expect(await second.ok('list_changes')).toMatchObject({
        damaged: '4 lines of the journal cannot be read',
        showing: expect.stringContaining('2'),
      });
      const undone = await second.ok('undo_changes', { last: 2 });
      expect(undone['changes']).toMatchObject([{ result: 'undone' }, { result: 'undone' }]);
      expect((await scene.sandbox.get(`/api/v2/deals/${id}`)).data.value).toBe(1);
    }));
});

describe.each(['guarded', 'open'])('mode %s with a state directory that cannot be written', (mode) => {
  /** What a write does then: nothing at all, or what it is to do, with a warning. */
  async function meets(scene: Scene, host: Host, id: number): Promise<void> {
    const { length: sent } = await scene.writes();
    if (mode === 'guarded') {
      const said = await host.fails('update_deal', { id, value: 99 });
      expect(said).toMatch(/must be put down first, and it cannot be|cannot be read/);
      expect(said).toContain('"written":"no"');
      expect(await scene.writes()).toHaveLength(sent);
    } else {
      await host.ok('update_deal', { id, value: 99 });
      await until(() => host.stderr.join('').includes('The state directory cannot be used'));
      expect((await scene.sandbox.get(`/api/v2/deals/${id}`)).data.value).toBe(99);
    }
  }

  test.concurrent('from the start: a file is in its place', () =>
    on(async (scene) => {
      const file = join(scene.place, 'file');
      writeFileSync(file, '');
      const [id = 0] = await scene.deals(1);
      const host = await scene.server({ PIPEDRIVE_MODE: mode, PIPEDRIVE_STATE_DIR: file });
      await meets(scene, host, id);
      expect(await host.fails('list_changes')).toContain('The journal of what this server has written cannot be read');
      expect(await host.fails('undo_changes', { last: 1 })).toContain('cannot be read');
      const { length: sent } = await scene.writes();
      await host.fails('create_deal', { title: 'Keyed', idempotency_key: 'k' });
      expect(await scene.writes()).toHaveLength(sent);
    }));

  test.concurrent('from some time on: it is replaced by a file, and later by nothing', () =>
    on(async (scene) => {
      const [id = 0] = await scene.deals(1);
      const host = await scene.server({ PIPEDRIVE_MODE: mode });
      await host.ok('update_deal', { id, value: 2 });
      const [name = ''] = readdirSync(scene.place);
      rmSync(join(scene.place, name), { recursive: true });
      writeFileSync(join(scene.place, name), '');
      await meets(scene, host, id);
      rmSync(join(scene.place, name));
      await host.ok('update_deal', { id, value: 3 });
      expect((await changes(host)).map(({ state }) => state)).toEqual(['done']);
    }));

  test.concurrent('from some byte on: the disk is full', () =>
    on(async (scene) => {
      const deals = await scene.deals(40);
      const host = await scene.server({ PIPEDRIVE_MODE: mode }, '16');
      const isFull = () => host.stderr.join('').includes('The state directory cannot be used');
      let answered = 0;
      await until(async () => {
        const answer = await host.call('update_deal', { id: deals.pop(), value: 50 + answered });
        if (!answer.isError) answered++;
        return answer.isError || isFull();
      });
      // A write whose end alone did not fit was done, and is owed to the journal.
      await meets(scene, host, deals.pop() ?? 0);
      await meets(scene, host, deals.pop() ?? 0);
      expect(answered).toBeGreaterThan(1);
      expect(await host.ok('list_changes')).not.toHaveProperty('damaged');
      await scene.kill(host);
      const next = await scene.server({ PIPEDRIVE_MODE: mode });
      await next.ok('update_deal', { id: deals.pop(), value: 7 });
      await expectTruth(scene, next);
      expect(await next.ok('list_changes')).not.toHaveProperty('damaged');
    }));
});

test.concurrent('of two servers neither touches what the other has under way while that one lives', () =>
  on(async (scene) => {
    const [first, second] = [await scene.server(), await scene.server()];
    const { length: put } = await scene.writes();
    await scene.faults([{ method: 'POST', path: '/api/', silent: true, handled: true }]);
    const calling = work(first, ['create_deal', { title: 'Under way' }]);
    await until(async () => (await scene.writes()).length > put);
    expect(await second.ok('create_deal', { title: 'Beside' })).not.toHaveProperty('earlier_writes');
    expect((await changes(second)).map(({ state }) => state)).toEqual(['done', expect.stringContaining('not known')]);
    await scene.kill(first);
    await calling;
    const third = await scene.server();
    expect((await third.ok('create_deal', { title: 'After' }))['earlier_writes']).toHaveLength(1);
    await expectTruth(scene, third);
    // What the third has settled, the second sees.
    expect((await changes(second)).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  }));
