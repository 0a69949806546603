import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Host, type Loose, type SandboxProcess, startSandboxProcess } from './host.ts';
import { age } from './journals.ts';

/** Writes that Pipedrive carries out after the call that sent them has given up waiting. */
let sandbox: SandboxProcess;
let proxy: Awaited<ReturnType<typeof slowProxy>>;
let place: string;
beforeAll(async () => {
  sandbox = await startSandboxProcess(['--deals', '20']);
  proxy = await slowProxy(sandbox.url);
});
afterAll(async () => {
  await proxy.close();
  await sandbox.stop();
});
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'pipedrive-slow-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

/** Passes all on at once, but for writes while it is held: those wait until they are let go, or are lost. */
async function slowProxy(target: string) {
  let held: (() => Promise<unknown>)[] | undefined;
  const read = async (request: IncomingMessage) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    return Buffer.concat(parts);
  };
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '', headers } = request;
    const body = await read(request);
    const forward = async () => {
      const kept = ['x-api-token', 'content-type'].flatMap((name) =>
        headers[name] === undefined ? [] : [[name, String(headers[name])]],
      );
      const answer = await fetch(target + url, {
        method,
        headers: Object.fromEntries(kept),
        ...(body.length > 0 ? { body } : {}),
      });
      // The sandbox's clock is its own.
      response.writeHead(answer.status, { date: answer.headers.get('date') ?? '' });
      response.end(Buffer.from(await answer.arrayBuffer()));
    };
    const pass = () => forward().catch(() => response.destroy());
    if (held && method !== 'GET') held.push(pass);
    else await pass();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: () => {
      held = [];
    },
    /** How many wait. */
    waiting: () => held?.length ?? 0,
    async letGo() {
      for (const pass of held ?? []) await pass();
      held = undefined;
    },
    lose() {
      held = undefined;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const serve = (env: Record<string, string> = {}) =>
  Host.start([], {
    ...sandbox.env,
    PIPEDRIVE_BASE_URL: proxy.url,
    PIPEDRIVE_STATE_DIR: place,
    PIPEDRIVE_DEADLINE: '2',
    ...env,
  });

const called = async (title: string): Promise<Loose[]> => {
  const { data } = await sandbox.get('/api/v2/deals?sort_by=id&sort_direction=desc&limit=100');
  return data.filter((deal: Loose) => deal['title'] === title);
};

async function fault(more: Loose): Promise<void> {
  const body = JSON.stringify([{ method: 'POST', path: '/api/v2/deals', ...more }]);
  const headers = { 'content-type': 'application/json' };
  await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', headers, body });
}

describe('a write that is still under way when the call ends', () => {
  test('is not known, is not repeated under its key, and is found once it is there', async () => {
    const host = await serve();
    await host.ok('get_current_user');
    const args = { title: 'Slow', idempotency_key: 'slow' };
    proxy.hold();
    const first = await host.fails('create_deal', args);
    expect(first).toContain('"written":"unknown"');
    expect(first).toContain('not known yet');
    expect(first).toMatch(/Call again in 1?\d\d seconds with the same idempotency_key/);
    const second = await host.fails('create_deal', args);
    expect(second).toContain('may still be under way');
    expect(second).toContain('"written":"unknown"');
    expect(proxy.waiting()).toBe(1);
    await fault({ method: 'GET', status: 503, count: 9 });
    const blind = await host.fails('create_deal', args);
    expect(blind).toContain('could not be looked up');
    expect(blind).toContain('"written":"unknown"');
    await fault({ method: 'DELETE' });
    await proxy.letGo();
    const third = await host.ok('create_deal', args);
    expect(third).toMatchObject({ repeated: true });
    const there = await called('Slow');
    expect(there.map(({ id }) => id)).toEqual([third['deal'].id]);
    await host.close();
  });

  test('without a key is said by a later process that finds it', async () => {
    const host = await serve();
    await host.ok('get_current_user');
    proxy.hold();
    expect(await host.fails('create_deal', { title: 'Late' })).toContain('Do not repeat it now');
    await proxy.letGo();
    await host.close();
    const next = await serve();
    const [{ id = 0 } = {}] = await called('Late');
    const answer = await next.ok('create_deal', { title: 'Next' });
    expect(answer['earlier_writes']).toEqual([expect.stringContaining(`it is there, with the id ${id}`)]);
    await next.close();
  });

  test('and is lost on the way, is made under its key when it is old enough, and only then', async () => {
    const args = { title: 'Lost on the way', idempotency_key: 'lost' };
    const host = await serve();
    await host.ok('get_current_user');
    proxy.hold();
    await host.fails('create_deal', args);
    proxy.lose();
    await host.close();
    const soon = await serve();
    expect(await soon.fails('create_deal', args)).toContain('may still be under way');
    await soon.close();
    expect(await called('Lost on the way')).toEqual([]);
    age(place);
    const later = await serve();
    expect(await later.ok('create_deal', args)).not.toHaveProperty('repeated');
    expect(await later.ok('create_deal', args)).toHaveProperty('repeated');
    expect(await called('Lost on the way')).toHaveLength(1);
    await later.close();
  });
});

describe('a write without an answer', () => {
  let host: Host;
  beforeAll(async () => {
    host = await Host.start([], { ...sandbox.env, PIPEDRIVE_DEADLINE: '2' });
    await host.ok('get_current_user');
  });
  afterAll(() => host.close());

  test.each([
    ['a cut connection', { reset: true }],
    ['a gateway that says 504', { status: 504 }],
    ['a gateway that says 502', { status: 502 }],
  ])('may still be under way after %s', async (what, how) => {
    await fault(how);
    expect(await host.fails('create_deal', { title: what })).toContain('not known yet');
  });

  test.each([
    ['an answer of 500', { status: 500 }],
    ['an answer of 503', { status: 503 }],
    ['an answer that is none of the API', { status: 200, body: '<html>' }],
  ])('was not done if it is not there, after %s, and is repeated', async (what, how) => {
    await fault(how);
    const said = await host.fails('create_deal', { title: what, idempotency_key: what });
    expect(said).toContain('nothing was changed');
    expect(said).toContain('"written":"no"');
    expect(await host.ok('create_deal', { title: what, idempotency_key: what })).not.toHaveProperty('repeated');
    expect(await called(what)).toHaveLength(1);
  });

  test.each([
    ['a cut connection', { reset: true }],
    ['an answer cut off', { truncate: true }],
    ['an answer of 500', { status: 500 }],
    ['an answer of 504', { status: 504 }],
    ['silence', { silent: true }],
  ])('is told at once if it is there, after %s', async (what, how) => {
    await fault({ ...how, handled: true });
    const answer = await host.ok('create_deal', { title: `Done, ${what}` });
    expect(answer['done']).toContain('it was done');
    expect(await called(`Done, ${what}`)).toHaveLength(1);
  });
});
