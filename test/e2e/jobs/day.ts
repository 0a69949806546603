import { DateTime } from 'luxon';
import { expect } from 'vitest';
import { rows } from '../host.ts';
import { agree, dueDay, ids, now, openDeals, today, ZONE } from './facts.ts';
import type { Job } from './work.ts';

/** What comes up in a day: activities, calls, meetings, leads. */
export const day: readonly Job[] = [
  {
    ask: 'Which open deals have no next activity?',
    run: async (work) => {
      const found = await work.rows('list_deals', { status: ['open'], where: ['next activity is empty'] });
      return async () =>
        agree(
          found,
          (await openDeals(work)).filter((deal) => deal['next_activity_id'] === null),
        );
    },
  },
  {
    ask: 'What is overdue for me, and what is due today?',
    run: async (work) => {
      const found = await work.rows('list_activities', { owner_id: 'me', where: ['due <= today'] });
      return async () => {
        const me = (await work.get('/api/v1/users/me'))['id'];
        const mine = (await work.all('/api/v2/activities?done=false')).filter(({ owner_id }) => owner_id === me);
        agree(
          found,
          mine.filter((one) => dueDay(one) !== null && dueDay(one) <= today),
        );
      };
    },
  },
  {
    ask: 'Catch me up on deal 56 before the meeting.',
    run: async (work) => {
      const found = await work.call('get_context', { deal_id: 56 });
      return async () => {
        const deal = await work.get('/api/v2/deals/56');
        expect(found['deal']).toMatchObject({ title: deal['title'], status: deal['status'] });
        expect(found['deal'].value).toBe(`${deal['value']} ${deal['currency']}`);
        const planned = await work.all('/api/v2/activities?deal_id=56&done=false');
        agree(rows(found['planned']), planned);
        expect(rows(found['people']).map(({ id }) => id)).toContain(deal['person_id']);
        const notes = await work.all('/api/v1/notes?deal_id=56');
        const mails = await work.all('/api/v1/deals/56/mailMessages');
        const of = (what: string) => rows(found['history']).filter((row) => row['what'] === what);
        expect(ids(of('note'))).toEqual(ids(notes));
        expect(ids(of('mail message'))).toEqual(ids(mails.map((mail) => mail['data'])));
      };
    },
  },
  {
    ask: 'I just called Molkerei Pohl: they want the second lot too. Log it, and remind me to send the offer on Monday.',
    run: async (work) => {
      const [deal] = await work.rows('search_items', { term: 'Molkerei Pohl', item_types: ['deal'] });
      const about = { deal_id: deal?.['id'], participants: [{ person_id: 3, primary: true }] };
      const note = 'They want the second lot too.';
      await work.call('create_activity', { subject: 'Second lot', type: 'Call', done: true, ...about, note });
      const due_date = '2026-11-23';
      await work.call('create_activity', { subject: 'Send the offer', type: 'Task', due_date, ...about });
      return async () => {
        const made = (await work.all(`/api/v2/activities?deal_id=${deal?.['id']}`)).slice(-2);
        expect(made).toMatchObject([
          { subject: 'Second lot', type: 'call', done: true, person_id: 3, note: expect.stringContaining(note) },
          { subject: 'Send the offer', type: 'task', done: false, person_id: 3, due_date },
        ]);
      };
    },
  },
  {
    ask: 'Move the deal with Molkerei Pohl to Negotiation; 149 is won; 82 is lost on price.',
    run: async (work) => {
      await work.call('update_deal', { id: 56, stage_id: 'New business / Negotiation' });
      await work.call('update_deal', { id: 149, status: 'won' });
      await work.call('update_deal', { id: 82, status: 'lost', lost_reason: 'Price' });
      return async () => {
        const { stage_id } = await work.get('/api/v2/deals/56');
        expect(await work.get(`/api/v2/stages/${stage_id}`)).toMatchObject({ name: 'Negotiation' });
        expect(await work.get('/api/v2/deals/149')).toMatchObject({ status: 'won' });
        expect(await work.get('/api/v2/deals/82')).toMatchObject({ status: 'lost', lost_reason: 'Price' });
      };
    },
  },
  {
    ask: 'Put these meeting notes on person 3, her organization and deal 56, and make a task of the next step.',
    run: async (work) => {
      const content = 'Two lots. **Budget** of this year covers the first.';
      await work.call('create_note', { content, deal_id: 56, person_id: 3, org_id: 3 });
      const task = { subject: 'Split the offer into two lots', type: 'Task', due_date: '2026-11-24' };
      await work.call('create_activity', { ...task, deal_id: 56, participants: [{ person_id: 3, primary: true }] });
      return async () => {
        for (const of of ['deal_id=56', 'person_id=3', 'org_id=3']) {
          const contents = (await work.all(`/api/v1/notes?${of}`)).map((note) => note['content']);
          expect(contents.filter((one) => one.includes('<strong>Budget</strong>'))).toHaveLength(1);
        }
        const last = (await work.all('/api/v2/activities?deal_id=56')).at(-1);
        expect(last).toMatchObject({ subject: task.subject, type: 'task', done: false, due_date: task.due_date });
      };
    },
  },
  {
    ask: 'Which leads are new this week? Convert the one of Química Domínguez.',
    run: async (work) => {
      const found = await work.rows('list_leads', { where: ['added = this week'] });
      const before = (await work.all('/api/v1/leads')).filter(
        (lead) => DateTime.fromISO(lead['add_time']).setZone(ZONE) >= now.startOf('week'),
      );
      const made = await work.confirmed('convert_lead_to_deal', { id: found[0]?.['id'], pipeline_id: 'New business' });
      return async () => {
        agree(found, before);
        expect(await work.get(`/api/v2/deals/${made['deal_id']}`)).toMatchObject({
          title: found[0]?.['title'],
          status: 'open',
        });
        expect(ids(await work.all('/api/v1/leads'))).not.toContain(found[0]?.['id']);
      };
    },
  },
];
