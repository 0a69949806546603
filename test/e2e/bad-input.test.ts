import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Host, type SandboxProcess, startSandboxProcess } from './host.ts';

let sandbox: SandboxProcess;
let host: Host;

beforeAll(async () => {
  sandbox = await startSandboxProcess();
  host = await Host.start(['--toolsets', 'all'], sandbox.env);
});
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

const writes = async () => (await sandbox.log()).filter((entry) => entry.method !== 'GET').length;

test.each([
  ['create_deal', { title: 'x', valeu: 5 }, 'Did you mean "value"'],
  ['create_deal', { title: 'x', value: 'plenty' }, '"value" must be a number'],
  ['create_deal', {}, '"title" is missing'],
  ['list_deals', { status: ['opne'] }, 'open, won, lost'],
  ['list_deals', { limit: 5001 }, 'limit'],
  ['update_deal', { id: 1 }, 'nothing to change'],
  ['update_deal', { id: 1, title: null }, 'cannot be cleared'],
  ['create_activity', { subject: 'x', due_time: '14:30' }, 'due_time needs due_date'],
  ['create_activity', { subject: 'x', due_date: '2026-13-45', due_time: '14:30' }, 'a date that exists'],
  ['list_deals', { updated_since: 'last week' }, 'is not a date or time'],
  ['update_person', { id: 1, emails: [{ value: 'a@b.ee' }] }, '"add_emails" and "remove_emails" keep the others'],
  ['list_leads', { cursor: 'abc' }, 'no cursor of this list'],
])('%s %j is refused before anything is sent: %s', async (tool, args, said) => {
  const before = await writes();
  expect(await host.fails(tool, args)).toContain(said.replaceAll('"', '\\"'));
  expect(await writes()).toBe(before);
});

test.each([
  ['get_deal', { id: 999_999 }, 'not found'],
  ['get_lead', { id: '00000000-0000-4000-8000-000000000000' }, 'not found'],
  ['update_deal', { id: 1, stage_id: 999 }, 'tage'],
  ['create_deal', { title: 'x', stage_id: 999 }, 'tage'],
  ['create_lead', { title: 'nobody' }, 'person'],
  ['create_note', { content: 'to nobody' }, '_id'],
  ['create_note', { deal_id: 1, content: 'x'.repeat(2_000_000) }, '100'],
  ['search_items', { term: 'a' }, 'term'],
  ['create_deal', { title: 'x', person_id: 999_999 }, 'erson'],
  ['create_deal', { title: 'x', custom_fields: { nonsense: 1 } }, 'nonsense'],
  ['list_deals', { cursor: 'bm90IGEgY3Vyc29y' }, 'ursor'],
])('%s %j is refused by Pipedrive, and the answer says why', async (tool, args, said) => {
  const answer = await host.fails(tool, args);
  expect(answer).toContain(said);
  expect(answer.length).toBeLessThan(2_000);
});

test('a tool that is not listed says which setting hides it; one that does not exist names the nearest', async () => {
  const core = await Host.start([], sandbox.env);
  expect(await core.fails('delete_deal', { id: 1 })).toContain('toolset \\"deals\\"');
  expect(await core.fails('list_deal', {})).toContain('list_deals');
  await core.close();
});

test('a wrong token is said plainly and never shown', async () => {
  const token = 'f00dfeed'.repeat(5);
  const one = await Host.start([], { ...sandbox.env, PIPEDRIVE_API_TOKEN: token });
  const said = await one.fails('list_deals');
  expect(said).toContain('PIPEDRIVE_API_TOKEN');
  expect(said + one.stderr.join('')).not.toContain(token);
  await one.close();
});

/** A server that misbehaves in one way; counts what arrived. */
async function against(
  listener: RequestListener,
  work: (one: Host, seen: IncomingMessage[]) => Promise<void>,
  env = {},
) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/v1/users/me')) {
      const me = {
        id: 1,
        name: 'A',
        email: 'a@b.ee',
        timezone_name: 'UTC',
        default_currency: 'EUR',
        company_name: 'C',
        company_domain: 'c',
      };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ success: true, data: me }));
      return;
    }
    seen.push(request);
    request.resume();
    listener(request, response);
  });
  const port = await listen(server);
  const one = await Host.start([], {
    PIPEDRIVE_API_TOKEN: 'secret'.repeat(6),
    PIPEDRIVE_BASE_URL: `http://127.0.0.1:${port}`,
    ...env,
  });
  try {
    await work(one, seen);
    expect(one.stderr.join('')).not.toContain('secretsecret');
  } finally {
    await one.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function listen(server: Server | ReturnType<typeof createSocketServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve(port);
    });
  });
}

test('HTML instead of JSON, an empty body, a torn body: each said, nothing written twice', async () => {
  for (const reply of [
    (response: Parameters<RequestListener>[1]) =>
      response.setHeader('content-type', 'text/html').end('<html>Log in</html>'),
    (response: Parameters<RequestListener>[1]) => response.end(),
    (response: Parameters<RequestListener>[1]) => {
      response.setHeader('content-length', '1000').write('{"success":true,"da');
      response.destroy();
    },
  ]) {
    await against(
      (_, response) => reply(response),
      async (one, seen) => {
        const said = await one.fails('create_deal', { title: 'once' });
        // What else was sent are looks whether it was done.
        expect(seen.filter(({ method }) => method !== 'GET')).toHaveLength(1);
        expect(said).toMatch(/written twice|Pipedrive API/);
      },
    );
  }
});

test('a 503 to a write is not repeated, and the answer says that it may have happened', async () => {
  await against(
    (_, response) => response.writeHead(503).end('{"success":false,"error":"busy"}'),
    async (one, seen) => {
      const { structure } = await one.call('create_deal', { title: 'once' });
      expect(seen.filter(({ method }) => method !== 'GET')).toHaveLength(1);
      expect(structure['written']).toBe('unknown');
    },
  );
});

test('a persistent 429 ends, with an until-when', async () => {
  await against(
    (_, response) =>
      response.writeHead(429, { 'retry-after': '1' }).end('{"success":false,"error":"Rate limit exceeded"}'),
    async (one, seen) => {
      expect(await one.fails('list_deals')).toMatch(/Not before \d{4}-/);
      expect(seen.length).toBeLessThanOrEqual(4);
    },
    { PIPEDRIVE_DEADLINE: '8' },
  );
});

test('a redirect to another host is not followed: the token stays', async () => {
  const reached: IncomingMessage[] = [];
  const other = createServer((request, response) => {
    reached.push(request);
    response.end('{"success":true,"data":[]}');
  });
  const port = await listen(other);
  await against(
    (_, response) => response.writeHead(302, { location: `http://localhost:${port}/api/v2/deals` }).end(),
    async (one) => {
      expect(await one.fails('list_deals')).toContain('redirected');
      expect(reached).toHaveLength(0);
    },
  );
  other.close();
});

test('a dead host, and a host that accepts and never answers, end with an error that says so', async () => {
  const dead = await Host.start([], {
    PIPEDRIVE_API_TOKEN: 'x'.repeat(40),
    PIPEDRIVE_BASE_URL: 'http://127.0.0.1:1',
    PIPEDRIVE_DEADLINE: '5',
  });
  expect(await dead.fails('list_deals')).toContain('could not be reached');
  expect(await dead.fails('create_deal', { title: 'x' })).toContain('"written":"no"');
  await dead.close();

  const mute = createSocketServer(() => {});
  const port = await listen(mute);
  const one = await Host.start([], {
    PIPEDRIVE_API_TOKEN: 'x'.repeat(40),
    PIPEDRIVE_BASE_URL: `http://127.0.0.1:${port}`,
    PIPEDRIVE_DEADLINE: '2',
  });
  expect(await one.fails('list_deals')).toContain('time allowed');
  await one.close();
  mute.close();
});
