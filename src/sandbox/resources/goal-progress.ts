import type { Deal, Goal } from '../model.ts';
import { currencyOf, probability, rate } from '../money.ts';
import type { World } from '../world.ts';

/** A period by its days, both included, and by its times: from the first up to, not including, the second. */
type Period = { readonly start: string; readonly end: string; readonly from: string; readonly until: string };

/** How far a goal got in a period: a count, or a sum in the goal's currency, unrounded. */
export function progressOf(world: World, goal: Goal, period: Period): number {
  const { db } = world;
  const { name, params } = goal.type;
  const within = (time: string | null) => time !== null && time >= period.from && time < period.until;
  const isAssigned = assignedTo(world, goal);
  if (name === 'activities_completed' || name === 'activities_added') {
    const types = params.activity_type_id?.map((id) => db.activityTypes.get(id)?.key_string);
    return db.activities.all().filter((activity) => {
      if (activity.is_deleted || !isAssigned(activity.owner_id)) return false;
      if (types && !types.includes(activity.type)) return false;
      const deal = activity.deal_id === null ? undefined : db.deals.get(activity.deal_id);
      if (params.pipeline_id && (!deal || !params.pipeline_id.includes(deal.pipeline_id))) return false;
      return within(
        name === 'activities_added' ? activity.add_time : activity.done ? activity.marked_as_done_time : null,
      );
    }).length;
  }
  const progressed = name === 'deals_progressed' ? movedDeals(world, goal, within) : undefined;
  const counts = (deal: Deal): boolean => {
    switch (name) {
      case 'deals_won':
        return deal.status === 'won' && within(deal.won_time);
      case 'deals_started':
        return within(deal.add_time);
      case 'deals_progressed':
        return progressed?.has(deal.id) ?? false;
      case 'revenue_forecast':
        if (deal.status === 'won') return within(deal.won_time);
        return deal.status === 'open' && isDayWithin(deal.expected_close_date, period);
    }
  };
  const deals = db.deals
    .all()
    .filter(
      (deal) =>
        !deal.is_deleted &&
        isAssigned(deal.owner_id) &&
        (!params.pipeline_id || params.pipeline_id.includes(deal.pipeline_id)) &&
        counts(deal),
    );
  const { tracking_metric, currency_id } = goal.expected_outcome;
  const currency = currency_id === undefined ? undefined : currencyOf(currency_id);
  if (tracking_metric === 'quantity' || currency === undefined) return deals.length;
  // A forecast takes open deals at what they are likely to bring.
  const share = (deal: Deal) =>
    deal.status === 'open' && name === 'revenue_forecast' ? probability(world, deal) / 100 : 1;
  return deals.reduce((sum, deal) => sum + deal.value * share(deal) * rate(world, deal.currency, currency), 0);
}

/** The deals that came into the goal's stage, or into any other than before, as their changelogs tell. */
function movedDeals({ db }: World, { type }: Goal, within: (time: string) => boolean): Set<number> {
  const { stage_id } = type.params;
  const moves = db.changes.all().filter(({ entity, field_key, new_value, time }) => {
    const isMove = entity === 'deal' && field_key === 'stage_id' && within(time);
    return isMove && (stage_id === undefined || Number(new_value) === stage_id);
  });
  return new Set(moves.map(({ record_id }) => record_id));
}

function assignedTo({ db }: World, { assignee }: Goal): (userId: number) => boolean {
  if (assignee.type === 'company') return () => true;
  const users = assignee.type === 'person' ? [assignee.id] : (db.teams.get(assignee.id)?.users ?? []);
  return (userId) => users.includes(userId);
}

function isDayWithin(day: string | null, { start, end }: Period): boolean {
  return day !== null && day >= start && day <= end;
}
