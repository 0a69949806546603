import { z } from 'zod/v3';
import { Table } from '../table.ts';
import { dated, id } from './parts.ts';

export const goalTypes = [
  'deals_won',
  'deals_progressed',
  'deals_started',
  'activities_completed',
  'activities_added',
  'revenue_forecast',
] as const;
export const intervals = ['weekly', 'monthly', 'quarterly', 'yearly'] as const;
export const assignees = ['person', 'company', 'team'] as const;

export const goalTables = () => ({
  goals: new Table(
    z.object({
      /** 32 hexadecimal digits, as those of reports. */
      id: z.string(),
      owner_id: id,
      title: z.string(),
      type: z.object({
        name: z.enum(goalTypes),
        /** null: all pipelines, all activities. */
        params: z.object({
          pipeline_id: z.array(id).nullable(),
          stage_id: id.optional(),
          activity_type_id: z.array(id).nullable().optional(),
        }),
      }),
      assignee: z.object({ type: z.enum(assignees), id }),
      interval: z.enum(intervals),
      /** Days, both included; without an end for good. */
      duration: z.object({ start: z.string(), end: z.string().nullable() }),
      expected_outcome: z.object({
        target: z.number(),
        tracking_metric: z.enum(['quantity', 'sum']),
        currency_id: id.optional(),
      }),
      report_ids: z.array(z.string()),
      is_deleted: z.boolean(),
      ...dated,
    }),
  ),
});
