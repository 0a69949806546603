import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sanitize } from '../../src/sandbox/sanitize.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;
let person: number;
let deal: number;

beforeAll(async () => {
  sandbox = await startSandbox({ empty: true, seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
  person = (await api.ok('POST', '/api/v2/persons', { name: 'Ada Byron' })).data.id;
  deal = (await api.ok('POST', '/api/v2/deals', { title: 'Probes' })).data.id;
});
afterAll(() => sandbox.close());

const path = '/v1/notes';
async function add(body: object) {
  return (await api.ok('POST', path, { content: 'abc', ...body })).data;
}

describe('notes', () => {
  it('have every key', async () => {
    const lead = (await api.ok('POST', '/v1/leads', { title: 'L', person_id: person }, 201)).data.id;
    const note = await add({ deal_id: deal, person_id: String(person), lead_id: lead, pinned_to_deal_flag: 1 });
    expect(note).toEqual({
      id: expect.any(Number),
      active_flag: true,
      add_time: expect.stringMatching(/^2026-11-20 10:\d\d:\d\d$/),
      update_time: expect.stringMatching(/^2026-11-20 10:\d\d:\d\d$/),
      content: 'abc',
      deal_id: deal,
      deal: { title: 'Probes' },
      person_id: person,
      person: { name: 'Ada Byron' },
      org_id: null,
      organization: null,
      lead_id: lead,
      project_id: null,
      project: null,
      task_id: null,
      task: null,
      last_update_user_id: 1,
      pinned_to_deal_flag: true,
      pinned_to_lead_flag: false,
      pinned_to_organization_flag: false,
      pinned_to_person_flag: false,
      pinned_to_project_flag: false,
      pinned_to_task_flag: false,
      user: { email: 'katrin.vogel@varsa.example', icon_url: null, is_you: true, name: 'Katrin Vogel' },
      user_id: 1,
    });
    expect((await api.ok('GET', `${path}/${note.id}`)).data).toEqual(note);
  });

  it('refuse what Pipedrive refuses', async () => {
    const fails = (body: object, text: string) => api.fails('POST', path, body, 400, text);
    await fails({ content: 'x' }, 'is required');
    await fails({ deal_id: deal }, 'content: Field is required');
    await fails({ content: 'x', deal_id: 999 }, 'Deal 999 not found');
    await fails({ content: 'x', project_id: 1 }, 'Project 1 not found');
    await fails({ content: 'x', deal_id: deal, pinned_to_person_flag: 1 }, 'pinned_to_person_flag needs person_id');
    await fails({ content: 'x', deal_id: deal, user_id: 99 }, '99');
    await fails({ content: 'x'.repeat(100_001), deal_id: deal }, 'at most 100000');
    await fails({ content: 'x'.repeat(2_000_000), deal_id: deal }, 'at most 100000');
    await api.fails('GET', `${path}/999`, undefined, 404, 'Note not found');
  });

  it('move the update time of their deal', async () => {
    const read = async () => (await api.ok('GET', `/api/v2/deals/${deal}`)).data.update_time;
    const before = await read();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await add({ deal_id: deal });
    expect((await read()) > before).toBe(true);
  });

  it('change, move and lose their pin with their link, but never their last link', async () => {
    const note = await add({ deal_id: deal, pinned_to_deal_flag: 1, add_time: '2024-02-03 04:05:06' });
    expect(note.add_time).toBe('2024-02-03 04:05:06');
    const moved = await api.ok('PUT', `${path}/${note.id}`, { deal_id: null, person_id: person, content: '<b>x</b>' });
    expect(moved.data).toMatchObject({ deal_id: null, person_id: person, pinned_to_deal_flag: false });
    expect(moved.data.content).toBe('<b>x</b>');
    await api.fails('PUT', `${path}/${note.id}`, { person_id: null }, 400, 'is required');
  });

  it('are listed by filter, day and sort', async () => {
    const { id } = (await api.ok('POST', '/api/v2/organizations', { name: 'Listed' })).data;
    expect((await api.ok('GET', `${path}?org_id=${id}`)).data).toBe(null);
    await add({ org_id: id, content: 'b', add_time: '2026-01-01 23:59:59' });
    await add({ org_id: id, content: 'a', add_time: '2026-01-02 00:00:00', pinned_to_organization_flag: 1 });
    const gone = await add({ org_id: id, content: 'c', add_time: '2026-01-03 00:00:00' });
    const contents = async (query: string) =>
      (await api.ok('GET', `${path}?org_id=${id}&${query}`)).data?.map((note: { content: string }) => note.content);
    expect(await contents('')).toEqual(['b', 'a', 'c']);
    expect(await contents('sort=content%20ASC')).toEqual(['a', 'b', 'c']);
    expect(await contents('sort=add_time%20DESC,id%20ASC')).toEqual(['c', 'a', 'b']);
    expect(await contents('start_date=2026-01-02')).toEqual(['a', 'c']);
    expect(await contents('end_date=2026-01-02')).toEqual(['b', 'a']);
    expect(await contents('pinned_to_organization_flag=1')).toEqual(['a']);
    expect(await contents('pinned_to_organization_flag=0')).toEqual(['b', 'c']);
    expect(await contents('user_id=1&updated_since=2026-11-20T09:00:00Z')).toHaveLength(3);
    expect(await contents('user_id=9')).toBe(undefined);
    await api.fails('GET', `${path}?sort=user`, undefined, 400, 'sort');
    expect((await api.ok('DELETE', `${path}/${gone.id}`)).data).toBe(true);
    expect(await contents('')).toEqual(['b', 'a']);
    expect((await api.ok('GET', `${path}/${gone.id}`)).data.active_flag).toBe(false);
    await api.fails('PUT', `${path}/${gone.id}`, { content: 'x' }, 404, 'Note not found');
  });
});

describe('comments', () => {
  it('are written, read, changed and deleted', async () => {
    const note = await add({ deal_id: deal });
    const comments = `${path}/${note.id}/comments`;
    expect((await api.ok('GET', comments)).data).toBe(null);
    const comment = (await api.ok('POST', comments, { content: 'Yes<script>alert(1)</script>' })).data;
    expect(comment).toEqual({
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      active_flag: true,
      add_time: expect.stringMatching(/^2026-11-20T10:\d\d:\d\d\.000Z$/),
      update_time: expect.stringMatching(/\.000Z$/),
      company_id: 8_127_340,
      content: 'Yes',
      object_id: String(note.id),
      object_type: 'note',
      updater_id: 1,
      user_id: 1,
    });
    const one = `${comments}/${comment.uuid}`;
    expect((await api.ok('GET', one)).data).toEqual(comment);
    expect((await api.ok('PUT', one, { content: 'No' })).data.content).toBe('No');
    expect((await api.ok('GET', comments)).additional_data.pagination.more_items_in_collection).toBe(false);
    const elsewhere = await add({ deal_id: deal });
    await api.fails('GET', `${path}/${elsewhere.id}/comments/${comment.uuid}`, undefined, 404, 'Comment not found');
    expect((await api.ok('DELETE', one)).data).toBe(true);
    expect((await api.ok('GET', comments)).data).toBe(null);
    await api.fails('GET', one, undefined, 404, 'Comment not found');
    await api.fails('POST', comments, {}, 400, 'content: Field is required');
  });
});

describe('sanitize', () => {
  it.each([
    ['<p>Hi <b>you</b><br>&amp; me</p>', '<p>Hi <b>you</b><br>&amp; me</p>'],
    ['plain & simple, 1 < 2', 'plain &amp; simple, 1 &lt; 2'],
    ['a<script>alert(1)</script>b', 'ab'],
    ['a<SCRIPT src=//x>alert(1)', 'a'],
    ['<scr<script>ipt>alert(1)</script>', 'ipt&gt;alert(1)'],
    ['<p onclick="x()" style="color:red">a</p>', '<p>a</p>'],
    ['<img src=x onerror=alert(1)>', '<img src="x">'],
    ['<a href="javascript:alert(1)">a</a>', '<a>a</a>'],
    ['<a href=" jAva\nscript&colon;alert(1)">a</a>', '<a>a</a>'],
    ['<a href="&#106;avascript:alert(1)">a</a>', '<a>a</a>'],
    ['<a href="data:text/html,x">a</a>', '<a>a</a>'],
    [
      '<a href="https://a.example/?b=1&amp;c=%22" target="_blank">a</a>',
      '<a href="https://a.example/?b=1&amp;c=%22" target="_blank">a</a>',
    ],
    ['<a href="/deal/1:2" title=\'"><script>\'>a</a>', '<a href="/deal/1:2" title="&quot;&gt;&lt;script&gt;">a</a>'],
    ['<svg><a href="javascript:1"><b>x</b></a></svg>y', 'y'],
    ['<article><u>x', '<u>x</u>'],
    ['<!-- a --><?php ?>b', 'b'],
    ['</p></div>x', '<p></p>x'],
    ['<p>a<a href=', '<p>a</p>'],
  ])('%s', (html, clean) => expect(sanitize(html)).toBe(clean));

  it('leaves nothing that runs', () => {
    const parts = fc.constantFrom(
      ...['<', '>', '"', "'", '/', '=', ' ', 'script', 'svg', 'p', 'a', 'b', '<p>', '</p>', '<a href=', 'javascript:'],
      ...[
        'onclick=',
        '<img src=',
        '<script>',
        '</script>',
        '<!--',
        '-->',
        '&lt;',
        '&#106;',
        '\n',
        'x',
        '<style>',
        '<br/>',
      ],
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (pieces) => {
        const clean = sanitize(pieces.join(''));
        new Parser({
          onopentag(name, { href = '', src = '', ...rest }) {
            expect(['a', 'b', 'br', 'img', 'p']).toContain(name);
            expect(Object.keys(rest)).toEqual([]);
            for (const url of [href, src]) {
              if (URL.canParse(url, 'https://a.example'))
                expect(new URL(url, 'https://a.example').protocol).toBe('https:');
            }
          },
        }).end(clean);
      }),
      { numRuns: 2000 },
    );
  });
});
