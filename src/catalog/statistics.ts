import { z } from 'zod/v3';
import { date, id, input, named, owner, pipeline, rest, stage, text } from './arguments.ts';
import { summary, summaryNote } from './deals.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A stretch of time and what the deals in it are worth, per currency. */
const period = entity({
  name: 'period',
  plural: 'periods',
  columns: [
    'period_start',
    'deals',
    'open',
    'open_value',
    'weighted_open_value',
    'won',
    'won_value',
    'open_converted',
    'weighted_open_converted',
    'won_converted',
  ],
});

const archivedSummary = entity({
  ...summary,
  note: `Archived deals only. ${summaryNote}`,
});

const timeline = {
  start_date: date.describe('First period, YYYY-MM-DD'),
  interval: z.enum(['day', 'week', 'month', 'quarter']).describe('Length of a period'),
  amount: id.min(1).max(1000).describe('How many periods'),
  field_key: text.describe('Date field of deals: key or label'),
  user_id: owner.owner_id,
  pipeline_id: pipeline.optional(),
  filter_id: named.describe('Saved filter').optional(),
  totals_convert_currency: text.describe('Also as one amount: EUR or default_currency').optional(),
  ...rest,
};

/** Statistics of the deals of one user, with what their numbers are. */
function ofPipeline(numbers: string) {
  return entity({
    name: 'statistics',
    plural: 'statistics',
    columns: [],
    note: `Of the deals of one user: your own unless user_id says otherwise. ${numbers}`,
    hidden: ['formatted_values'],
  });
}

const span = {
  pipeline_id: pipeline,
  start_date: date.describe('YYYY-MM-DD'),
  end_date: date.describe('YYYY-MM-DD'),
  user_id: named.describe('User; default: you').optional(),
};

export const statistics = [
  operation({
    name: 'get_deals_timeline',
    title: 'Get deals timeline',
    summary: 'Count and value of open and won deals per day, week, month or quarter of a date field.',
    details: 'Lost and archived deals are left out.',
    kind: 'read',
    toolset: 'reports',
    endpoint: 'GET /api/v1/deals/timeline',
    cost: 20,
    input: input(timeline),
    always: { exclude_deals: '1' },
    paging: 'whole',
    scope: 'open and won deals; archived left out',
    entity: period,
  }),
  operation({
    name: 'get_archived_deals_timeline',
    title: 'Get archived deals timeline',
    summary: 'As get_deals_timeline, of archived deals.',
    kind: 'read',
    toolset: 'reports',
    endpoint: 'GET /api/v1/deals/timeline/archived',
    cost: 40,
    input: input(timeline),
    always: { exclude_deals: '1' },
    paging: 'whole',
    scope: 'open and won deals that are archived',
    entity: period,
  }),
  operation({
    name: 'get_archived_deals_summary',
    title: 'Get archived deals summary',
    summary: 'Count and value of archived deals per currency, also weighted and converted.',
    kind: 'read',
    toolset: 'reports',
    endpoint: 'GET /api/v1/deals/summary/archived',
    cost: 80,
    input: input({
      status: z.enum(['open', 'won', 'lost']).describe('Status').optional(),
      filter_id: named.describe('Saved filter; overrides user_id').optional(),
      user_id: owner.owner_id,
      pipeline_id: pipeline.optional(),
      stage_id: stage.optional(),
    }),
    entity: archivedSummary,
  }),
  operation({
    name: 'get_pipeline_conversion_statistics',
    title: 'Get pipeline conversion statistics',
    summary: 'Rates at which deals go from stage to stage, are won or lost; of your own deals by default.',
    kind: 'read',
    toolset: 'reports',
    endpoint: 'GET /api/v1/pipelines/{id}/conversion_statistics',
    cost: 40,
    input: input(span),
    path: { id: 'pipeline_id' },
    entity: ofPipeline('Rates are percent.'),
  }),
  operation({
    name: 'get_pipeline_movement_statistics',
    title: 'Get pipeline movement statistics',
    summary: 'Deals new, moved, won, lost, left open, and days per stage; of your own deals by default.',
    kind: 'read',
    toolset: 'reports',
    endpoint: 'GET /api/v1/pipelines/{id}/movement_statistics',
    cost: 40,
    input: input(span),
    path: { id: 'pipeline_id' },
    entity: ofPipeline('list_deals takes deals_ids as ids; ages are days.'),
  }),
];
