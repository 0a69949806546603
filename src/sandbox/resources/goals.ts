import { randomBytes } from 'node:crypto';
import { DateTime } from 'luxon';
import { z } from 'zod/v3';
import { localDate, rfc3339 } from '../clock.ts';
import { ApiError } from '../error.ts';
import { type JsonObject, json } from '../json.ts';
import type { Goal } from '../model.ts';
import { assignees, goalTypes, intervals } from '../models/goals.ts';
import { currencyOf } from '../money.ts';
import { field, loose, param } from '../parameters.ts';
import { type JsonReply, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { progressOf } from './goal-progress.ts';

/** Goals are a service of their own, which says so in every answer. */
const service = { statusCode: 20000, statusText: 'OK', service: 'statistics-goals-api' };

const ids = z.array(loose.id).min(1).nullable();
const body = z.object({
  title: field.line.default(''),
  assignee: z.object({ id: loose.id, type: z.enum(assignees) }),
  type: z.object({
    name: z.enum(goalTypes),
    params: z
      .object({ pipeline_id: ids.default(null), stage_id: loose.id.optional(), activity_type_id: ids.optional() })
      .default({}),
  }),
  expected_outcome: z.object({
    target: loose.number.pipe(field.amount.min(0, 'The value must not be negative')),
    tracking_metric: z.enum(['quantity', 'sum']),
    currency_id: loose.id.optional(),
  }),
  duration: z.object({ start: field.date, end: field.date.nullable().default(null) }),
  interval: z.enum(intervals),
});
/** The parts of a goal are replaced whole: half of one is none. */
const changes = body.partial().extend({ title: field.line.optional() });

const day = field.date.optional();
const query = z.object({
  'type.name': z.enum(goalTypes).optional(),
  title: param.text,
  is_active: param.bool.default('true'),
  'assignee.id': param.int,
  'assignee.type': z.enum(assignees).optional(),
  'expected_outcome.target': param.number,
  'expected_outcome.tracking_metric': z.enum(['quantity', 'sum']).optional(),
  'expected_outcome.currency_id': param.int,
  'type.params.pipeline_id': param.ids,
  'type.params.stage_id': param.int,
  'type.params.activity_type_id': param.ids,
  'period.start': day,
  'period.end': day,
});
type Query = z.output<typeof query>;

export const routes: Route[] = [
  route('GET /v1/goals/find', {
    cost: 20,
    query,
    handle(world, call) {
      const wanted = matcher(world, call.query);
      const goals = world.db.goals.all().filter((goal) => !goal.is_deleted && wanted(goal));
      return reply({ goals: goals.map((goal) => goalV1(world, goal)) });
    },
  }),
  route('POST /v1/goals', {
    cost: 10,
    body,
    handle(world, call) {
      const now = world.clock.stamp();
      const goal = checked(world, {
        id: hash(),
        owner_id: world.me().id,
        ...call.body,
        report_ids: [hash()],
        is_deleted: false,
        add_time: now,
        update_time: now,
      });
      return reply({ goal: goalV1(world, world.db.goals.insert(goal)) });
    },
  }),
  route('PUT /v1/goals/{id}', {
    cost: 10,
    body: changes,
    handle(world, call) {
      const goal = liveGoal(world, call.text('id'));
      const { title = goal.title, interval = goal.interval, ...parts } = call.body;
      const { assignee = goal.assignee, type = goal.type } = parts;
      const { expected_outcome = goal.expected_outcome, duration = goal.duration } = parts;
      const changed = { ...goal, title, interval, assignee, type, expected_outcome, duration };
      world.db.goals.patch(goal, { ...checked(world, changed), update_time: world.clock.stamp() });
      return reply({ goal: goalV1(world, goal) });
    },
  }),
  route('DELETE /v1/goals/{id}', {
    cost: 6,
    handle(world, { text }) {
      const goal = liveGoal(world, text('id'));
      world.db.goals.patch(goal, { is_deleted: true, update_time: world.clock.stamp() });
      return { status: 200, body: { success: true, ...service } };
    },
  }),
  route('GET /v1/goals/{id}/results', {
    cost: 20,
    query: z.object({ 'period.start': field.date, 'period.end': field.date }),
    handle(world, { text, query: { 'period.start': start, 'period.end': end } }) {
      const goal = liveGoal(world, text('id'));
      const { duration } = goal;
      if (end < start) throw invalid('period.end must not be before period.start');
      if (start < duration.start || (duration.end !== null && end > duration.end)) {
        throw invalid(
          `The period must be within the goal's duration, ${duration.start} to ${duration.end ?? 'any day'}`,
        );
      }
      const zone = world.me().timezone_name;
      const from = rfc3339(DateTime.fromISO(start, { zone }).toJSDate());
      const until = rfc3339(DateTime.fromISO(end, { zone }).plus({ days: 1 }).toJSDate());
      const progress = progressOf(world, goal, { start, end, from, until });
      return reply({ progress: Math.round(progress), goal: goalV1(world, goal) });
    },
  }),
];

function reply(data: JsonObject): JsonReply {
  return { status: 200, body: { success: true, ...service, data } };
}

function invalid(message: string): ApiError {
  return new ApiError(400, message, { service: service.service });
}

function hash(): string {
  return randomBytes(16).toString('hex');
}

function liveGoal({ db }: World, id: string): Goal {
  const goal = db.goals.get(id);
  if (!goal || goal.is_deleted) throw new ApiError(404, 'Goal not found', { service: service.service });
  return goal;
}

/** Throws 400 for a goal that names what is not there, or that could not be counted. */
function checked(world: World, goal: Goal): Goal {
  const { db, company } = world;
  const { assignee, type, expected_outcome, duration } = goal;
  const { pipeline_id, stage_id, activity_type_id } = type.params;
  const team = db.teams.get(assignee.id);
  const isThere = {
    person: db.users.get(assignee.id)?.active_flag === true,
    company: assignee.id === company.id,
    team: team?.deleted_flag === false,
  }[assignee.type];
  if (!isThere) throw invalid(`Assignee ${assignee.type} ${assignee.id} not found`);
  for (const id of pipeline_id ?? []) {
    if (db.pipelines.get(id)?.is_deleted !== false) throw invalid(`Pipeline ${id} not found`);
  }
  if (stage_id !== undefined) {
    if (type.name !== 'deals_progressed') throw invalid('stage_id is for goals of type deals_progressed only');
    if (db.stages.get(stage_id)?.is_deleted !== false) throw invalid(`Stage ${stage_id} not found`);
  }
  const ofActivities = type.name.startsWith('activities_');
  if (activity_type_id !== undefined && !ofActivities) {
    throw invalid('activity_type_id is for goals of type activities_completed and activities_added only');
  }
  for (const id of activity_type_id ?? []) {
    if (!db.activityTypes.get(id)) throw invalid(`Activity type ${id} not found`);
  }
  const { tracking_metric, currency_id } = expected_outcome;
  if (tracking_metric === 'sum' && ofActivities) throw invalid('Activities can be tracked by quantity only');
  if (tracking_metric === 'quantity' && currency_id !== undefined) {
    throw invalid('currency_id is for the tracking metric sum only');
  }
  if (tracking_metric === 'sum' && (currency_id === undefined || currencyOf(currency_id) === undefined)) {
    throw invalid(currency_id === undefined ? 'A sum needs a currency_id' : `Currency ${currency_id} not found`);
  }
  if (duration.end !== null && duration.end < duration.start) throw invalid('duration.end is before duration.start');
  return goal;
}

/** Filters of the kind that brings everyone's goals; without any of them only those of the token's user come. */
const everyones = [
  'type.name',
  'assignee.type',
  'expected_outcome.target',
  'expected_outcome.tracking_metric',
  'expected_outcome.currency_id',
  'type.params.pipeline_id',
  'type.params.stage_id',
  'type.params.activity_type_id',
] as const;

function matcher(world: World, query: Query): (goal: Goal) => boolean {
  const { 'period.start': start, 'period.end': end } = query;
  if ((start === undefined) !== (end === undefined)) throw invalid('period.start and period.end go together');
  const isOwn = query['assignee.id'] === undefined && everyones.every((key) => query[key] === undefined);
  const me = world.me().id;
  const same = <T>(wanted: T | undefined, value: T | undefined) => wanted === undefined || wanted === value;
  const has = (wanted: readonly number[] | undefined, ids: readonly number[] | null | undefined) =>
    wanted === undefined || wanted.every((id) => ids?.includes(id) === true);
  return (goal) => {
    const { assignee, type, expected_outcome: outcome, duration } = goal;
    return (
      (!isOwn || (assignee.type === 'person' && assignee.id === me)) &&
      same(query['type.name'], type.name) &&
      same(query.title, goal.title) &&
      query.is_active === isActive(world, goal) &&
      same(query['assignee.id'], assignee.id) &&
      same(query['assignee.type'], assignee.type) &&
      same(query['expected_outcome.target'], outcome.target) &&
      same(query['expected_outcome.tracking_metric'], outcome.tracking_metric) &&
      same(query['expected_outcome.currency_id'], outcome.currency_id) &&
      has(query['type.params.pipeline_id'], type.params.pipeline_id) &&
      same(query['type.params.stage_id'], type.params.stage_id) &&
      has(query['type.params.activity_type_id'], type.params.activity_type_id) &&
      (end === undefined || duration.start <= end) &&
      (start === undefined || duration.end === null || duration.end >= start)
    );
  };
}

/** Until its last day has passed. */
function isActive(world: World, { duration }: Goal): boolean {
  const today = localDate(world.clock.stamp(), world.me().timezone_name);
  return duration.end === null || today === null || duration.end >= today;
}

function goalV1(world: World, goal: Goal): JsonObject {
  const { id, owner_id, title, type, assignee, interval, duration, expected_outcome, report_ids } = goal;
  return {
    id,
    owner_id,
    title,
    type: json.parse(type),
    assignee,
    interval,
    duration,
    expected_outcome: json.parse(expected_outcome),
    is_active: isActive(world, goal),
    report_ids,
  };
}
