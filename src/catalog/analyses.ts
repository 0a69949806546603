import { z } from 'zod/v3';
import { activity } from './activities.ts';
import { conditions, flag, id, input, owner, pipeline, saved, text } from './arguments.ts';
import { deal } from './deals.ts';
import { lead } from './leads.ts';
import { operation } from './operation.ts';

/** What is told of deals and leads; the count is always. */
const dealFigures = ['count', 'win_rate', 'value', 'weighted', 'age', 'in_stage'] as const;
const leadFigures = ['count', 'value', 'age'] as const;

const group = (examples: string) => ({
  group_by: z.array(text).max(2).describe(`Up to 2: ${examples}`).optional(),
});
const rest = { continue_at: text.describe('To go on').optional() };

/** Totals over all records that filters and conditions choose. */
export const analyses = [
  operation({
    name: 'analyze_deals',
    title: 'Analyze deals',
    summary: 'Totals over all deals: count, value, weighted, win rate, age, days in stage; in groups.',
    kind: 'read',
    toolset: 'reports',
    core: true,
    job: true,
    endpoint: 'GET /api/v2/deals',
    also: ['GET /api/v2/pipelines', 'GET /api/v2/stages', 'GET /api/v1/deals/summary'],
    cost: 10,
    input: input({
      ...group('stage, owner, month of won time'),
      ...saved,
      ...owner,
      pipeline_id: pipeline.optional(),
      status: z
        .array(z.enum(['open', 'won', 'lost']))
        .describe('Default: all')
        .optional(),
      ...conditions('closed = last month'),
      figures: z.array(z.enum(dealFigures)).describe('Only these').optional(),
      ...rest,
    }),
    entity: deal,
  }),
  operation({
    name: 'analyze_activities',
    title: 'Analyze activities',
    summary: 'Totals of activities: count, open, done, overdue, hours, age; in groups.',
    details: 'Looks through all pages, 10 API tokens per 500.',
    kind: 'read',
    toolset: 'reports',
    job: true,
    endpoint: 'GET /api/v2/activities',
    cost: 10,
    input: input({
      ...group('type, owner, week of due date'),
      ...saved,
      ...owner,
      deal_id: id.describe('Deal').optional(),
      lead_id: text.describe('Lead').optional(),
      person_id: id.describe('Primary participant').optional(),
      org_id: id.describe('Organization').optional(),
      done: flag.describe('Default: both').optional(),
      ...conditions('due = last week'),
      ...rest,
    }),
    entity: activity,
  }),
  operation({
    name: 'analyze_leads',
    title: 'Analyze leads',
    summary: 'Totals of leads: count, value, age, not seen yet; in groups.',
    details: 'Looks through all pages, 20 API tokens per 500.',
    kind: 'read',
    toolset: 'reports',
    job: true,
    endpoint: 'GET /api/v1/leads',
    also: ['GET /api/v1/deals/summary'],
    cost: 20,
    input: input({
      ...group('label, source, owner, month of added'),
      ...saved,
      ...owner,
      person_id: id.describe('Person').optional(),
      organization_id: id.describe('Organization').optional(),
      ...conditions('added = last month'),
      figures: z.array(z.enum(leadFigures)).describe('Only these').optional(),
      ...rest,
    }),
    entity: lead,
  }),
];
