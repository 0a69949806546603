import type { Argument, Prompt, RecordKind } from './prompt.ts';
import {
  byStage,
  call,
  counts,
  dealContext,
  deals,
  leadContext,
  main,
  organizationContext,
  own,
  personContext,
  planned,
  spokenTo,
  step,
  totals,
  unlessGiven,
} from './steps.ts';

const owner: Argument = { name: 'owner', description: 'Whose: a user, or me', kind: 'user' };
const mine: Argument = { ...owner, description: 'Whose: a user; me where left out', otherwise: 'me' };
const pipeline: Argument = { name: 'pipeline', description: 'Only this pipeline', kind: 'pipeline' };
const record = (kind: RecordKind, description: string): Argument => ({
  name: kind,
  description: `${description}: name, id or link`,
  kind,
});
const period = (otherwise: string): Argument => ({
  name: 'period',
  description: `Such as this month; ${otherwise} where left out`,
  kind: 'period',
  otherwise,
});

export const prompts: readonly Prompt[] = [
  {
    name: 'daily_brief',
    title: 'Daily brief',
    description: 'What is due today, what is late, and what needs attention first',
    arguments: [mine],
    goal: 'Brief me for today: what is due, what is late, what comes first.',
    steps: [
      main(step('Due today or overdue.', [call('list_activities', { ...own, where: ['due <= today'], limit: 50 })])),
      step('Open deals with nothing planned, and those past their close date.', [
        deals(['next activity is empty']),
        deals(['expected close < today']),
      ]),
      step('Deals whose customer wrote since yesterday.', [deals(['last email received >= yesterday'])]),
      step('Leads that nobody has opened yet.', [call('list_leads', { ...own, where: ['seen = no'], limit: 10 })]),
    ],
    writes: [
      step('Offer to plan what is missing, and to mark as done what is.', [
        call('create_activity', { ...planned, deal_id: '<id of the deal>' }),
        call('update_activity', { id: '<id of the activity>', done: true, plan: 'preview' }),
      ]),
    ],
    answer:
      'at most 20 lines. First the three things to begin with, each with its reason. Then a table of today by time: time, what, with whom, deal. Then what is late, oldest first, with the days. Then deals that need a next step. Leave out what is empty.',
  },
  {
    name: 'meeting_preparation',
    title: 'Meeting preparation',
    description: 'One page on a deal, person or organization before you meet them',
    arguments: [
      record('deal', 'The deal it is about'),
      record('person', 'Whom you meet'),
      record('organization', 'Or their organization'),
    ],
    goal: 'Prepare me for a meeting: one page that I can read on the way.',
    steps: [
      unlessGiven(
        step('My next activities: take the first meeting, or the one that I name, and its deal.', [
          call('list_activities', { owner_id: 'me', where: ['due >= today'], limit: 10 }),
        ]),
      ),
      main(unlessGiven(step('Catch up on its deal.', ...dealContext()))),
      main(step('Catch up on the deal.', ...dealContext('deal'))),
      main(step('Catch up on the person.', ...personContext)),
      main(step('Catch up on the organization.', ...organizationContext)),
    ],
    answer:
      'one page. Who they are and who decides; where it stands (stage, value, expected close, next activity); the last three contacts with their dates; what either side promised and what of it is open; what they wrote last, quoted as theirs; what could go wrong; three questions to ask. What is not in Pipedrive is "not known", never a guess.',
  },
  {
    name: 'pipeline_review',
    title: 'Pipeline review',
    description: 'Open deals by stage, and those that are stuck, unplanned or past their date',
    arguments: [pipeline, owner],
    goal: 'Review the pipeline with me: where it stands, and which deals need a decision.',
    steps: [
      main(step('Count and value by stage.', ...byStage)),
      main(
        step('Deals that nobody touched for 14 days, longest first.', [
          call('list_deals', { ...deals(['updated < 14 days ago'], 15).args, sort_direction: 'asc' }),
        ]),
      ),
      step('Deals with nothing planned, and those past their close date.', [
        deals(['next activity is empty'], 15),
        deals(['expected close < today'], 15),
      ]),
      step('Deals closing within 30 days.', [deals(['expected close >= today', 'expected close <= in 30 days'], 15)]),
    ],
    writes: [
      step('Offer to plan what is missing.', [call('create_activity', { ...planned, deal_id: '<id of the deal>' })]),
    ],
    answer:
      'first the totals as a table, weighted value too where it is given. Then at most ten deals that need a decision, worst first: deal (id), owner, stage, value, what is wrong, what you suggest. A deal with several faults is one row. Close with three questions for the team.',
  },
  {
    name: 'forecast',
    title: 'Forecast',
    description: 'What is won and what will probably close in a period',
    arguments: [period('this quarter'), pipeline, owner],
    goal: 'Forecast what we close in this period, and say how sure it is.',
    steps: [
      main(step('Open deals that are expected to close.', ...totals('open', ['expected close = {period}'], 'stage'))),
      step('Won already.', ...totals('won', ['won time = {period}'], 'owner')),
      step('At risk: nothing is planned.', [deals(['expected close = {period}', 'next activity is empty'], 15)]),
      step(
        'Left out: open deals without a close date, or with one before the period. In it without a probability.',
        ...counts(
          ['expected close is empty'],
          ['expected close < {period}'],
          ['expected close = {period}', 'probability is empty'],
        ),
      ),
    ],
    answer:
      'a table, one row a currency: won, open, open weighted by probability, each with its count. Then by stage. Then the deals at risk: deal (id), owner, value, date, why. Name what the figures rest on: how many deals lack a date or a probability. Weighted figures are those of the tools.',
  },
  {
    name: 'log_call',
    title: 'Log a call',
    description: 'Keep what was said in a call, and plan what comes next',
    arguments: [
      { ...record('person', 'Whom you spoke to'), required: true },
      record('deal', 'The deal it was about'),
      { name: 'said', description: 'What was said and agreed', kind: 'text' },
    ],
    goal: 'Log a call that I had, and plan what comes next. Ask me what was said and agreed, unless I have told you.',
    steps: [
      step(
        'See where it stands, and whether this call was planned.',
        [call('get_context', { person_id: '{person}' })],
        [
          call('list_deals', { person_id: '{person}', status: ['open'], limit: 10 }),
          call('list_activities', { person_id: '{person}', limit: 10 }),
        ],
      ),
    ],
    writes: [
      step('If it was planned, complete that activity.', [
        call('update_activity', { id: '<id of the activity>', done: true, note: '<what was said>', plan: 'preview' }),
      ]),
      main(
        step('If not, log it; without deal_id where it is about no deal.', [
          call('create_activity', {
            subject: '<what it was about>',
            type: 'call',
            done: true,
            due_date: '<today>',
            deal_id: '{deal}',
            ...spokenTo,
            note: '<what was said>',
            plan: 'preview',
          }),
        ]),
      ),
      step('Plan what was agreed.', [call('create_activity', { ...planned, deal_id: '{deal}', ...spokenTo })]),
      step('Where it changed the deal, and I say so, change that too.', [
        call('update_deal', { id: '{deal}', expected_close_date: '<day>', plan: 'preview' }),
      ]),
    ],
    answer:
      'before writing, one short table of what you would write: what, type, day, deal, person, note. The note keeps to my words and adds nothing. Afterwards one line a record with its id.',
  },
  {
    name: 'qualify_lead',
    title: 'Qualify a lead',
    description: 'What is known of a lead, what is missing, and whether to convert it',
    arguments: [record('lead', 'The lead; of the newest where left out')],
    goal: 'Help me to qualify a lead: convert it, work on it, or drop it.',
    steps: [
      unlessGiven(
        step('My newest leads; ask me which one.', [
          call('list_leads', { owner_id: 'me', where: ['added >= 30 days ago'], sort: 'add_time DESC', limit: 10 }),
        ]),
      ),
      main(step('All that is known of it.', ...leadContext)),
      step(
        'Whether we know its person and its organization already.',
        [
          call('search_items', {
            term: '<name or e-mail>',
            item_types: ['deal', 'person', 'organization'],
            limit: 10,
          }),
        ],
        [call('search_deals', { term: '<name or e-mail>', limit: 10 })],
      ),
    ],
    writes: [
      step('When I have decided: convert it, plan the next step, or archive it.', [
        call('convert_lead_to_deal', { id: '{lead}', plan: 'preview' }),
        call('create_activity', { ...planned, lead_id: '{lead}' }),
        call('update_lead', { id: '{lead}', is_archived: true, plan: 'preview' }),
      ]),
    ],
    answer:
      'a table of need, budget, who decides, timing and source: what is known, and where it says so; else "not known". Then your verdict in one sentence with its reason, what we already have with them (deals, with ids), and up to five questions that would settle it.',
  },
  {
    name: 'clean_up',
    title: 'Clean up',
    description: 'Past close dates, unplanned and untouched deals, gaps, overdue activities, duplicates',
    arguments: [pipeline, owner],
    goal: 'Help me to clean up: find what is out of date, incomplete or there twice.',
    steps: [
      main(step('Close dates in the past.', [deals(['expected close < today'])])),
      step('Nothing planned, or untouched for 60 days.', [
        deals(['next activity is empty']),
        deals(['updated < 60 days ago']),
      ]),
      step('Without a value, without a contact.', [
        deals(['value = 0']),
        deals(['person is empty', 'organization is empty']),
      ]),
      step('Activities that are overdue by more than 30 days.', [
        call('list_activities', { ...own, where: ['due < 30 days ago'], limit: 10 }),
      ]),
      step('Records that are there twice.', [
        call('find_duplicates', { entity: 'person' }),
        call('find_duplicates', { entity: 'organization' }),
      ]),
    ],
    writes: [
      step(
        'Mend what I choose, one kind after the other; show every record that would change.',
        [call('update_many', { entity: 'deal', ids: ['<id of the deal>'], set: { expected_close_date: '<day>' } })],
        [call('update_deal', { id: '<id of the deal>', expected_close_date: '<day>', plan: 'preview' })],
      ),
      step('Merge what I say is the same; that cannot be undone.', [
        call('merge_persons', {
          id: '<id of the person to remove>',
          merge_with_id: '<id of the person to keep>',
          plan: 'preview',
        }),
      ]),
    ],
    answer:
      'a table: what is wrong, how many ("matched"), the worst three with name, id and owner, how to mend it; what is most first. Then ask which to begin with.',
  },
  {
    name: 'weekly_report',
    title: 'Weekly report',
    description: 'Won, lost and new deals, activities done, and where the pipeline stands',
    arguments: [period('last week'), pipeline, owner],
    goal: 'Write the report of this period, ready to be sent to the team.',
    steps: [
      main(step('Won.', totals('won', ['won time = {period}'], 'owner').flat())),
      step('Lost, and why.', totals('lost', ['lost time = {period}'], 'lost reason').flat()),
      step('New and still open.', ...totals('open', ['added = {period}'], 'owner')),
      step(
        'Activities done, by person; of a list, count the rows by owner.',
        [call('analyze_activities', { ...own, done: true, where: ['marked as done = {period}'], group_by: ['owner'] })],
        [
          call('list_activities', {
            ...own,
            done: 'true',
            where: ['marked as done = {period}'],
            fields: ['owner'],
            limit: 500,
          }),
        ],
      ),
      step(
        'New leads.',
        [call('analyze_leads', { ...own, where: ['added = {period}'], group_by: ['source'] })],
        [call('list_leads', { ...own, where: ['added = {period}'], limit: 25 })],
      ),
      step('Open now, by stage.', ...byStage),
    ],
    answer:
      'one page with a headline that says the most important thing. A table of won, lost and new: count and value, one row a currency. Then by person: won, activities done. Then why deals were lost, the largest won and lost by name, the state of the pipeline, and what to watch next week. No praise, no guesses.',
  },
];
