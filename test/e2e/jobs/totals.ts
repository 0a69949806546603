import { DateTime } from 'luxon';
import { expect } from 'vitest';
import { type Loose, type Row, rows } from '../host.ts';
import { grouped, now, openDeals, ZONE } from './facts.ts';
import type { Job, Work } from './work.ts';

/** Rows as `name → [count, amounts]`. */
type Tally = Record<string, [count: number, amounts: string]>;

/** Counts and sums deals by a name, each currency apart; `worth` is what a deal counts for. */
function tally(
  deals: readonly Loose[],
  nameOf: (deal: Loose) => string,
  worth = (deal: Loose) => deal['value'],
): Tally {
  const groups = grouped(deals, nameOf);
  return Object.fromEntries(
    [...groups].map(([name, members]) => {
      const sums = [...grouped(members, (deal) => deal['currency'])].map(
        ([currency, same]) => `${rounded(same.reduce((sum, deal) => sum + worth(deal), 0))} ${currency}`,
      );
      // A currency that comes to nothing is not named beside others.
      const something = sums.filter((sum) => !sum.startsWith('0 '));
      const named = (something.length > 0 ? something : sums).sort((a, b) => (a.slice(-3) < b.slice(-3) ? -1 : 1));
      return [name, [members.length, named.join(', ')]];
    }),
  );
}

function rounded(amount: number): number {
  return Math.round(amount * 100) / 100;
}

function shown(found: Loose, name: string, amounts: string): Tally {
  const all: Row[] = rows(found);
  return Object.fromEntries(
    all.map((row) => [String(row[name]), [Number(row['count']), String(row[amounts])] as [number, string]]),
  );
}

/** The name of what a deal points to, as answers show it. */
async function stageNames(work: Work): Promise<(deal: Loose) => string> {
  const [stages, pipelines] = await Promise.all([work.all('/api/v2/stages'), work.all('/api/v2/pipelines')]);
  const pipeline = new Map(pipelines.map(({ id, name }) => [id, name]));
  const names = new Map(stages.map(({ id, name, pipeline_id: within }) => [id, `${pipeline.get(within)} / ${name}`]));
  return ({ stage_id }) => names.get(stage_id) ?? '';
}

async function ownerNames(work: Work): Promise<(record: Loose) => string> {
  const names = new Map((await work.all('/api/v1/users')).map(({ id, name }) => [id, name]));
  return ({ owner_id }) => names.get(owner_id) ?? '';
}

const local = (time: string) => DateTime.fromISO(time, { zone: ZONE });

/** Counts and sums over all records: what no list tells. */
export const totals: readonly Job[] = [
  {
    ask: 'Which open deals has nobody touched for 14 days, and what are they worth by stage?',
    run: async (work) => {
      const asked = { status: ['open'], where: ['updated < 14 days ago'] };
      const found = await work.rows('list_deals', asked);
      const sums = await work.call('analyze_deals', { ...asked, group_by: ['stage'], figures: ['count', 'value'] });
      return async () => {
        const until = now.minus({ days: 14 });
        const untouched = (await openDeals(work)).filter((deal) => local(deal['update_time']) < until);
        const all = untouched.map(({ id }) => id);
        expect(found.length).toBeGreaterThan(10);
        for (const { id } of found) expect(all).toContain(id);
        expect(shown(sums, 'stage', 'value')).toEqual(tally(untouched, await stageNames(work)));
      };
    },
  },
  {
    ask: 'How many open deals are in each stage, with what value and weighted value?',
    run: async (work) => {
      const found = await work.call('analyze_deals', { status: ['open'], group_by: ['stage'] });
      return async () => {
        const [deals, stageOf, stages] = await Promise.all([
          openDeals(work),
          stageNames(work),
          work.all('/api/v2/stages'),
        ]);
        const chance = new Map(stages.map(({ id, deal_probability }) => [id, deal_probability]));
        const weighted = ({ value, probability, stage_id }: Loose) =>
          (value * (probability ?? chance.get(stage_id))) / 100;
        expect(shown(found, 'stage', 'value')).toEqual(tally(deals, stageOf));
        expect(shown(found, 'stage', 'weighted_open_value')).toEqual(tally(deals, stageOf, weighted));
      };
    },
  },
  {
    ask: 'What closes this quarter, by owner?',
    run: async (work) => {
      const where = ['expected close = this quarter'];
      const found = await work.call('analyze_deals', { status: ['open'], where, group_by: ['owner'] });
      return async () => {
        const [from, to] = [now.startOf('quarter').toISODate() ?? '', now.endOf('quarter').toISODate() ?? ''];
        const closing = (await openDeals(work)).filter(({ expected_close_date: date }) => date >= from && date <= to);
        expect(closing.length).toBeGreaterThan(5);
        expect(shown(found, 'owner', 'value')).toEqual(tally(closing, await ownerNames(work)));
      };
    },
  },
  {
    ask: 'What did we win and lose last month, at what win rate, and why did we lose?',
    run: async (work) => {
      const where = ['closed = last month'];
      const found = await work.call('analyze_deals', { where, group_by: ['status', 'lost reason'] });
      return async () => {
        const month = now.minus({ months: 1 }).toFormat('yyyy-MM');
        const closed = (await work.all('/api/v2/deals')).filter(
          ({ close_time: time }) => time && local(time).toFormat('yyyy-MM') === month,
        );
        const won = closed.filter(({ status }) => status === 'won').length;
        expect(won).toBeGreaterThan(0);
        expect(closed.length).toBeGreaterThan(won);
        expect(found['total']).toMatchObject({
          won,
          lost: closed.length - won,
          win_rate_percent: Math.round((won / closed.length) * 1000) / 10,
        });
        const named = {
          ...found,
          rows: found['rows'].map(([status, why, ...rest]: string[]) => [`${status}: ${why}`, why, ...rest]),
        };
        expect(shown(named, 'status', 'value')).toEqual(
          tally(closed, ({ status, lost_reason: why }) => `${status}: ${why ?? '(none)'}`),
        );
      };
    },
  },
  {
    ask: 'How many activities did each of us do this month?',
    toolsets: ['reports'],
    run: async (work) => {
      const where = ['marked as done = this month'];
      const found = rows(await work.call('analyze_activities', { done: true, where, group_by: ['owner'] }));
      return async () => {
        const done = (await work.all('/api/v2/activities?done=true')).filter(
          ({ marked_as_done_time: time }) => time && local(time) >= now.startOf('month'),
        );
        expect(done.length).toBeGreaterThan(10);
        const counts = [...grouped(done, await ownerNames(work))].map(([owner, all]) => [owner, all.length]);
        expect(Object.fromEntries(found.map(({ owner, count }) => [owner, count]))).toEqual(Object.fromEntries(counts));
      };
    },
  },
];
