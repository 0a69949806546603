import type { Call, Step } from './prompt.ts';

export const own = { owner_id: '{owner}' };
const sales = { pipeline_id: '{pipeline}', owner_id: '{owner}' };
export const call = (tool: string, args: Call['args'], needs?: string): Call => ({
  tool,
  args,
  ...(needs ? { needs } : {}),
});
export const deals = (where: string[], limit = 10): Call =>
  call('list_deals', { ...sales, status: ['open'], where, limit });
export const step = (say: string, ...ways: Call[][]): Step => ({ say, ways });
export const main = (one: Step): Step => ({ ...one, main: true });
export const unlessGiven = (one: Step): Step => ({ ...one, unless: 'given' });

/** Totals of deals, or else the deals themselves. */
export const totals = (status: string, where: string[], group_by: string): Call[][] => [
  [call('analyze_deals', { ...sales, status: [status], where, group_by: [group_by] })],
  [call('list_deals', { ...sales, status: [status], where, limit: 25 })],
];
/** How many open deals there are of each kind, and what they are worth. */
export const counts = (...kinds: string[][]): Call[][] => [
  kinds.map((where) => call('analyze_deals', { ...sales, status: ['open'], where, figures: ['value'] })),
  kinds.map((where) => deals(where, 5)),
];
export const byStage: Call[][] = [
  [call('analyze_deals', { ...sales, status: ['open'], group_by: ['stage'] })],
  [call('get_deals_summary', { status: 'open', pipeline_id: '{pipeline}', user_id: '{owner}' })],
];
export const planned = { subject: '<what to do>', due_date: '<day>', plan: 'preview' };
export const spokenTo = { participants: [{ person_id: '{person}', primary: true }] };

/** What is known of a record, in one answer or in several. */
export const dealContext = (needs?: string): Call[][] => [
  [call('get_context', { deal_id: '{deal}' }, needs)],
  [
    call('get_deal', { id: '{deal}' }, needs),
    call('list_deal_updates', { deal_id: '{deal}', limit: 15 }, needs),
    call('list_notes', { deal_id: '{deal}', limit: 5 }, needs),
  ],
];
export const personContext: Call[][] = [
  [call('get_context', { person_id: '{person}' }, 'person')],
  [
    call('get_person', { id: '{person}' }, 'person'),
    call('list_deals', { person_id: '{person}', limit: 10 }, 'person'),
    call('list_activities', { person_id: '{person}', done: 'any', sort_direction: 'desc', limit: 10 }, 'person'),
    call('list_notes', { person_id: '{person}', limit: 5 }, 'person'),
  ],
];
export const organizationContext: Call[][] = [
  [call('get_context', { org_id: '{organization}' }, 'organization')],
  [
    call('get_organization', { id: '{organization}' }, 'organization'),
    call('list_deals', { org_id: '{organization}', limit: 10 }, 'organization'),
    call('list_persons', { org_id: '{organization}', limit: 10 }, 'organization'),
    call('list_notes', { org_id: '{organization}', limit: 5 }, 'organization'),
  ],
];
export const leadContext: Call[][] = [
  [call('get_context', { lead_id: '{lead}' })],
  [
    call('get_lead', { id: '{lead}' }),
    call('list_notes', { lead_id: '{lead}', limit: 5 }),
    call('list_activities', { lead_id: '{lead}', done: 'any', limit: 10 }),
  ],
];
