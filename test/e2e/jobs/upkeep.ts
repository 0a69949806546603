import { expect } from 'vitest';
import type { Loose } from '../host.ts';
import { agree, openDeals, today } from './facts.ts';
import type { Job } from './work.ts';

/** Finding who and what, keeping records in order, handing over. */
export const upkeep: readonly Job[] = [
  {
    ask: 'Who called from +49 40 66969 462, and what is open with them?',
    run: async (work) => {
      const term = '+49 40 66969 462';
      const [person] = await work.rows('search_items', { term, fields: ['phone'], item_types: ['person'] });
      const found = await work.rows('list_deals', { person_id: person?.['id'], status: ['open'] });
      return async () => {
        const phones = (await work.get(`/api/v2/persons/${person?.['id']}`))['phones'];
        expect(phones.map((phone: Loose) => phone['value'])).toContain(term);
        agree(found, await work.all(`/api/v2/deals?status=open&person_id=${person?.['id']}`));
      };
    },
  },
  {
    ask: 'Which open deals have a close date in the past?',
    run: async (work) => {
      const found = await work.rows('list_deals', { status: ['open'], where: ['expected close < today'] });
      return async () =>
        agree(
          found,
          (await openDeals(work)).filter(({ expected_close_date: date }) => date !== null && date < today),
        );
    },
  },
  {
    ask: 'Which persons are there twice? Merge Julia Pohl.',
    toolsets: ['contacts'],
    before: async (work) => {
      const { id } = await work.add('/api/v2/persons', { name: 'julia pohl', org_id: 3 });
      await work.add('/api/v2/deals', { title: 'Third lot', person_id: id });
    },
    run: async (work) => {
      const { groups } = await work.call('find_duplicates', { entity: 'person' });
      const same: Loose = groups.find(({ rows: [[, name]] }: Loose) => /Julia Pohl/i.test(name));
      const [keep, gone] = same['rows'].map(([id]: number[]) => id).sort((a: number, b: number) => a - b);
      await work.confirmed('merge_persons', { id: gone, merge_with_id: keep });
      return async () => {
        expect(keep).toBe(3);
        const all = await work.all('/api/v2/persons');
        expect(all.filter(({ name }) => /^julia pohl$/i.test(name)).map(({ id }) => id)).toEqual([3]);
        const titles = (await work.all('/api/v2/deals?person_id=3')).map(({ title }) => title);
        expect(titles).toContain('Third lot');
        expect(titles.length).toBeGreaterThan(1);
      };
    },
  },
  {
    ask: 'Which open deals lack a value, and which a lead source?',
    run: async (work) => {
      const worthless = await work.rows('list_deals', { status: ['open'], where: ['value = 0'] });
      const sourceless = await work.call('list_deals', {
        status: ['open'],
        where: ['Lead source is empty'],
        limit: 10,
      });
      return async () => {
        const deals = await openDeals(work);
        agree(
          worthless,
          deals.filter((deal) => deal['value'] === 0),
        );
        const fields = await work.all('/api/v2/dealFields');
        const code = fields.find((field) => field['field_name'] === 'Lead source')?.['field_code'];
        const without = deals.filter((deal) => deal['custom_fields'][code] === null);
        expect(without.length).toBeGreaterThan(0);
        expect(sourceless).toMatchObject({ matched: without.length, complete: true });
      };
    },
  },
  {
    ask: 'Mikael and Katrin hand over: give all their deals, more than sixty, to Priya.',
    run: async (work) => {
      const where = ['owner in (Mikael Sand, Katrin Vogel)'];
      await work.confirmed('update_many', { entity: 'deal', where, set: { owner_id: 'Priya Raman' } });
      return async () => {
        const users = await work.all('/api/v1/users');
        const [priya, ...gave] = ['Priya Raman', 'Mikael Sand', 'Katrin Vogel'].map(
          (name) => users.find((user) => user['name'] === name)?.['id'],
        );
        const owners = (await work.all('/api/v2/deals')).map((deal) => deal['owner_id']);
        for (const owner of gave) expect(owners).not.toContain(owner);
        expect(owners.filter((owner) => owner === priya).length).toBeGreaterThan(60);
      };
    },
  },
  {
    ask: 'What did the customer of deal 56 write last?',
    run: async (work) => {
      const found = await work.rows('list_deal_updates', { deal_id: 56, items: ['mailMessage'], limit: 5 });
      return async () => {
        const mails = (await work.all('/api/v1/deals/56/mailMessages')).map((one) => one['data']);
        const [last] = mails.sort((a, b) => (a['message_time'] < b['message_time'] ? 1 : -1));
        expect(found[0]).toMatchObject({ id: last?.['id'] });
        expect(found[0]?.['summary']).toContain(last?.['snippet']);
      };
    },
  },
  {
    ask: 'Show my filter "Big open deals".',
    run: async (work) => {
      const found = await work.rows('list_deals', { filter_id: 'Big open deals' });
      return async () => {
        const filter = (await work.all('/api/v1/filters')).find(({ name }) => name === 'Big open deals');
        agree(found, await work.all(`/api/v2/deals?filter_id=${filter?.['id']}`));
      };
    },
  },
  {
    ask: 'Who changed deal 56 lately? Take back what you did to it.',
    before: async (work) => {
      await work.call('update_deal', { id: 56, value: 9900, stage_id: 'New business / Negotiation' });
    },
    run: async (work) => {
      const found = await work.rows('list_deal_updates', { deal_id: 56, items: ['change'], limit: 5 });
      const [change] = await work.rows('list_changes');
      await work.call('undo_changes', { last: 1 });
      return async () => {
        expect(found[0]).toMatchObject({ what: 'deal change', by: 'Katrin Vogel' });
        expect(change).toMatchObject({ tool: 'update_deal', state: 'done' });
        const deal = await work.get('/api/v2/deals/56');
        expect(deal).toMatchObject({ value: 7020 });
        expect(await work.get(`/api/v2/stages/${deal['stage_id']}`)).toMatchObject({ name: 'Contact made' });
      };
    },
  },
];
