import type { Goal } from '../model.ts';
import { stamp } from './calendar.ts';
import { type Filling, stream } from './filling.ts';

/** Whom the company has set goals: itself for the year, its first salesperson, and the owner. */
export function insertGoals(filling: Filling): void {
  const { world, now, deals } = filling;
  const { db, company } = world;
  const random = stream(filling, 'goals');
  const year = new Date(now).getUTCFullYear();
  const [owner, seller] = db.users.all();
  const calls = db.activityTypes.all().find(({ key_string }) => key_string === 'call');
  const [pipeline] = db.pipelines.all();
  if (!owner || !seller || !calls || !pipeline) throw new Error('goals need users, activity types and pipelines');
  const thisYear = { start: `${year}-01-01`, end: `${year}-12-31` };
  const add_time = stamp(Math.max(filling.since, Date.UTC(year, 0, 4, 9)));
  const insert = (goal: Pick<Goal, 'title' | 'type' | 'assignee' | 'interval' | 'duration' | 'expected_outcome'>) =>
    db.goals.insert({
      id: random.hex(32),
      owner_id: owner.id,
      ...goal,
      report_ids: [random.hex(32)],
      is_deleted: false,
      add_time,
      update_time: add_time,
    });
  insert({
    title: `Revenue ${year}`,
    type: { name: 'deals_won', params: { pipeline_id: null } },
    assignee: { type: 'company', id: company.id },
    interval: 'yearly',
    duration: thisYear,
    expected_outcome: { target: deals * 6_000, tracking_metric: 'sum', currency_id: 1 },
  });
  insert({
    title: `New customers of ${seller.name}`,
    type: { name: 'deals_won', params: { pipeline_id: [pipeline.id] } },
    assignee: { type: 'person', id: seller.id },
    interval: 'quarterly',
    duration: { start: thisYear.start, end: null },
    expected_outcome: { target: Math.max(1, Math.round(deals / 50)), tracking_metric: 'quantity' },
  });
  insert({
    title: 'Calls every month',
    type: { name: 'activities_completed', params: { pipeline_id: null, activity_type_id: [calls.id] } },
    assignee: { type: 'person', id: owner.id },
    interval: 'monthly',
    duration: thisYear,
    expected_outcome: { target: Math.max(1, Math.round(deals / 40)), tracking_metric: 'quantity' },
  });
}
