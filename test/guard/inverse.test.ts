import { describe, expect, test } from 'vitest';
import { Aliases } from '../../src/guard/aliases.ts';
import { inverse } from '../../src/guard/inverse.ts';
import type { Entry } from '../../src/guard/journal.ts';
import { api } from '../../src/tools/writing/api.ts';

const entry = (facts: Partial<Entry>): Entry => ({
  event: 'intent',
  id: 'x',
  at: 0,
  pid: 1,
  call: 'c',
  tool: 't',
  account: '1@test',
  method: 'PATCH',
  path: '/api/v2/deals/5',
  state: 'done',
  overAt: 0,
  ...facts,
});

describe('the way back of one write', () => {
  test.each<[string, Partial<Entry>, unknown]>([
    [
      'old values, and null where there were none',
      { body: { title: 'B', person_id: 3 }, before: { title: 'A', person_id: null } },
      {
        request: { method: 'PATCH', path: '/api/v2/deals/5', cost: 5, body: { title: 'A', person_id: null } },
        lost: [],
      },
    ],
    [
      'custom fields one by one, without the parts that are not set',
      {
        body: { custom_fields: { a: 1, b: 2 } },
        before: { custom_fields: { a: { value: 'x', country: null }, b: null, c: 7 } },
      },
      { request: { body: { custom_fields: { a: { value: 'x' }, b: null } } } },
    ],
    [
      'an open deal needs no reason and no times',
      {
        body: { status: 'lost', lost_reason: 'price' },
        before: { status: 'open', lost_reason: null, won_time: null, lost_time: null, close_time: null },
      },
      { request: { body: { status: 'open' } } },
    ],
    [
      'a won deal is won when it was won',
      { body: { status: 'open' }, before: { status: 'won', won_time: 'T', lost_time: null, close_time: 'U' } },
      { request: { body: { status: 'won', won_time: 'T', close_time: 'U' } } },
    ],
    [
      'what is shown under another name',
      {
        path: '/api/v2/tasks/7',
        body: { done: 1, milestone: 0 },
        before: { is_done: false, is_milestone: true },
      },
      { request: { body: { done: 0, milestone: 1 } } },
    ],
    [
      'a date that the API does not empty',
      { body: { title: 'B', expected_close_date: '2026-01-01' }, before: { title: 'A', expected_close_date: null } },
      { lost: ['expected_close_date: it was empty, and the API does not empty it'], request: { body: { title: 'A' } } },
    ],
    [
      'a lead’s own keys of custom fields, with their parts',
      {
        path: '/api/v1/leads/u',
        body: { [`${'a'.repeat(40)}`]: 5, [`${'b'.repeat(40)}`]: 1 },
        before: { [`${'a'.repeat(40)}`]: 4, [`${'a'.repeat(40)}_currency`]: 'EUR' },
      },
      {
        request: {
          body: { [`${'a'.repeat(40)}`]: 4, [`${'a'.repeat(40)}_currency`]: 'EUR', [`${'b'.repeat(40)}`]: null },
        },
      },
    ],
    [
      'a note that was written',
      { method: 'POST', path: '/api/v1/notes', after: { id: 4 } },
      { request: { method: 'DELETE', path: '/api/v1/notes/4' } },
    ],
    [
      'a follower',
      { method: 'POST', path: '/api/v2/deals/5/followers', after: { user_id: 9 } },
      { request: { method: 'DELETE', path: '/api/v2/deals/5/followers/9' } },
    ],
    [
      'a comment',
      { method: 'POST', path: '/api/v1/notes/5/comments', after: { uuid: 'abc' } },
      { request: { method: 'DELETE', path: '/api/v1/notes/5/comments/abc' } },
    ],
    [
      'what v1 duplicates, v2 deletes',
      { method: 'POST', path: '/api/v1/deals/5/duplicate', after: { id: 6 } },
      { request: { method: 'DELETE', path: '/api/v2/deals/6' } },
    ],
    [
      'products put on a deal together',
      { method: 'POST', path: '/api/v2/deals/5/products/bulk', after: [{ id: 1 }, { id: 2 }] },
      { request: { method: 'DELETE', path: '/api/v2/deals/5/products', query: { ids: '1,2' } } },
    ],
    [
      'options',
      {
        method: 'POST',
        path: '/api/v2/dealFields/abc/options',
        body: [{ label: 'X' }],
        after: [{ id: 3, label: 'X' }],
      },
      { request: { method: 'DELETE', path: '/api/v2/dealFields/abc/options', body: [{ id: 3 }] } },
    ],
    ['a merge', { method: 'PUT', path: '/api/v1/deals/5/merge', body: { merge_with_id: 6 } }, { is: 'impossible' }],
    ['a conversion', { method: 'POST', path: '/api/v2/leads/5/convert/deal' }, { is: 'impossible' }],
    [
      'an archived project',
      { method: 'POST', path: '/api/v2/projects/5/archive', after: { id: 5 } },
      { is: 'impossible' },
    ],
    ['an invited user', { method: 'POST', path: '/api/v1/users', after: { id: 5 } }, { is: 'impossible' }],
    [
      'a file that is deleted',
      { method: 'DELETE', path: '/api/v1/files/5', before: { id: 5, name: 'x' } },
      { is: 'impossible' },
    ],
    ['values that could not be read', { body: { title: 'B' } }, { is: 'impossible' }],
    [
      'a webhook comes back without its password',
      {
        method: 'DELETE',
        path: '/api/v1/webhooks/5',
        before: { id: 5, subscription_url: 'https://a.example', event_action: '*', http_auth_password: '[secret]' },
      },
      { request: { body: { subscription_url: 'https://a.example', event_action: '*' } } },
    ],
  ])('%s', (_, facts, expected) => {
    expect(inverse(entry(facts), api)).toMatchObject(expected as object);
  });

  test('ids of records that were made anew take the place of the old ones', () => {
    const deletion = entry({ id: 'd', method: 'DELETE', path: '/api/v2/persons/3' });
    const creation = entry({ id: 'c', method: 'POST', path: '/api/v2/persons', undoes: 'd', after: { id: 30 } });
    const again = entry({ id: 'd2', method: 'DELETE', path: '/api/v2/persons/30' });
    const creation2 = entry({ id: 'c2', method: 'POST', path: '/api/v2/persons', undoes: 'd2', after: { id: 31 } });
    const aliases = new Aliases([deletion, creation, again, creation2]);
    const write = entry({ path: '/api/v2/deals/3', body: { person_id: 3 }, before: { person_id: 4, id: 3 } });
    expect(aliases.entry(write)).toMatchObject({ path: '/api/v2/deals/3', body: { person_id: 31 }, before: { id: 3 } });
    expect(aliases.path('/api/v1/persons/3/picture')).toBe('/api/v1/persons/31/picture');
    expect(aliases.isGone('persons', 3)).toBe(false);
    expect(new Aliases([deletion]).isGone('persons', 3)).toBe(true);
  });
});
