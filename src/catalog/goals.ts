import { z } from 'zod/v3';
import { amount, date, flag, input, named, orNull, pipeline, rest, stage, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A goal with its nested parts beside each other. */
const goal = entity({
  name: 'goal',
  plural: 'goals',
  columns: [
    'id',
    'title',
    'type',
    'assignee_type',
    'assignee_id',
    'team_id',
    'target',
    'tracking_metric',
    'currency',
    'interval',
    'start',
    'end',
    'pipeline_id',
    'stage_id',
    'activity_type_id',
    'is_active',
  ],
  hidden: ['report_ids'],
});

const types = ['deals_won', 'deals_progressed', 'activities_completed', 'activities_added', 'deals_started'] as const;
const assigneeTypes = ['person', 'company', 'team'] as const;
const metrics = ['quantity', 'sum'] as const;
const assignee_id = named.describe('User or team: id or name');
const own = { id: text.describe('Goal') };
const title = text.describe('Title').optional();
const pipelines = z.array(named).describe('Pipelines; none: all');
const into = named.describe('Of deals_progressed: into this stage');
const activityTypes = z.array(named).describe('Of activities; none: all');
const type = z.enum([...types, 'revenue_forecast']).describe('What counts');
const assignee_type = z.enum(assigneeTypes).describe('Whose goal');
const target = amount.describe('To reach in each interval');
const tracking_metric = z.enum(metrics).describe('Count, or sum of values');
const interval = z.enum(['weekly', 'monthly', 'quarterly', 'yearly']).describe('Interval');
const start = date.describe('First day, YYYY-MM-DD');
const end = date.describe('Last day; none: for good');

export const goals = [
  operation({
    name: 'list_goals',
    title: 'List goals',
    summary: 'Goals with their targets; get_goal_results tells how far they got.',
    details:
      'Goals of everyone come with a filter by type, assignee, metric, target, pipeline, stage or activity type.',
    kind: 'read',
    toolset: 'goals',
    endpoint: 'GET /api/v1/goals/find',
    cost: 20,
    input: input({
      type: z.enum(types).describe('What counts').optional(),
      title: text.describe('Whole title').optional(),
      is_active: flag.describe('false: those that ended').optional(),
      assignee_type: assignee_type.optional(),
      assignee_id: assignee_id.optional(),
      target: amount.describe('Target').optional(),
      tracking_metric: tracking_metric.optional(),
      currency: text.describe('Of a sum').optional(),
      pipeline_id: pipeline.optional(),
      stage_id: stage.optional(),
      activity_type_id: named.describe('Activity type').optional(),
      period_start: date.describe('With period_end').optional(),
      period_end: date.describe('YYYY-MM-DD').optional(),
      ...rest,
    }),
    paging: 'whole',
    scope: 'your own active ones',
    entity: goal,
  }),
  operation({
    name: 'get_goal_results',
    title: 'Get goal results',
    summary: 'How far a goal got in a period that lies within its duration.',
    kind: 'read',
    toolset: 'goals',
    endpoint: 'GET /api/v1/goals/{id}/results',
    cost: 20,
    input: input({
      ...own,
      period_start: date.describe('First day, YYYY-MM-DD'),
      period_end: date.describe('Last day'),
    }),
    entity: goal,
  }),
  operation({
    name: 'create_goal',
    title: 'Create goal',
    summary: 'Set a person, a team or the company a goal; Pipedrive makes a report of it.',
    kind: 'create',
    toolset: 'goals',
    endpoint: 'POST /api/v1/goals',
    cost: 10,
    input: input({
      title,
      type,
      pipeline_id: pipelines.optional(),
      stage_id: into.optional(),
      activity_type_id: activityTypes.optional(),
      assignee_type,
      assignee_id: assignee_id.optional(),
      target,
      tracking_metric,
      currency: text.describe('Of a sum; yours unless given').optional(),
      interval,
      start,
      end: end.optional(),
    }),
    entity: goal,
  }),
  operation({
    name: 'update_goal',
    title: 'Update goal',
    summary: 'Change a goal.',
    details:
      'Give together: type, pipelines, stage or activity types; target, metric, currency; start, end; assignee. null: none.',
    kind: 'update',
    toolset: 'goals',
    endpoint: 'PUT /api/v1/goals/{id}',
    cost: 10,
    input: input({
      ...own,
      title,
      type: type.optional(),
      pipeline_id: orNull(pipelines),
      stage_id: orNull(into),
      activity_type_id: orNull(activityTypes),
      assignee_type: assignee_type.optional(),
      assignee_id: assignee_id.optional(),
      target: target.optional(),
      tracking_metric: tracking_metric.optional(),
      currency: text.describe('Of a sum').optional(),
      interval: interval.optional(),
      start: start.optional(),
      end: orNull(end),
    }),
    entity: goal,
  }),
  operation({
    name: 'delete_goal',
    title: 'Delete goal',
    summary: 'Delete a goal.',
    kind: 'delete',
    toolset: 'goals',
    endpoint: 'DELETE /api/v1/goals/{id}',
    cost: 6,
    input: input(own),
    entity: goal,
  }),
];
