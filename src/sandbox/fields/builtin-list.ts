import type { EntityName } from '../model.ts';
import type { World } from '../world.ts';

export type Option = { readonly id?: number | string; readonly label: string; readonly color?: string };
type Traits = {
  readonly required?: boolean;
  readonly readonly?: boolean;
  /** Given in records only when asked for by `include_fields`. */
  readonly optional?: boolean;
  readonly searchable?: boolean;
  /** An option without id gets the account's next one. */
  readonly options?: readonly Option[] | ((world: World) => readonly Option[]);
  /** v1's key where it is another one than v2's field_code. */
  readonly v1?: string;
};
type Builtin = readonly [code: string, name: string, type: string, traits?: Traits, description?: string];

const READ: Traits = { readonly: true };
const EXTRA: Traits = { readonly: true, optional: true };

const labels: readonly Option[] = [
  { label: 'Customer', color: 'green' },
  { label: 'Hot lead', color: 'red' },
  { label: 'Warm lead', color: 'yellow' },
  { label: 'Cold lead', color: 'blue' },
];
const dealLabels: readonly Option[] = [
  { label: 'Hot', color: 'red' },
  { label: 'Warm', color: 'yellow' },
  { label: 'Cold', color: 'blue' },
];
const projectLabels: readonly Option[] = [
  { label: 'Key customer', color: 'green' },
  { label: 'Waiting for customer', color: 'yellow' },
  { label: 'Warranty', color: 'blue' },
];
const health: readonly Option[] = [
  { label: 'On track', color: 'green' },
  { label: 'At risk', color: 'yellow' },
  { label: 'Off track', color: 'red' },
];
const texts = (...ids: readonly string[]): Option[] =>
  ids.map((id) => ({ id, label: `${id.charAt(0).toUpperCase()}${id.slice(1).replaceAll('_', ' ')}` }));
const named = (...names: readonly string[]): Option[] => names.map((label) => ({ label }));
const yesNo: readonly Option[] = [
  { id: 1, label: 'Yes' },
  { id: 0, label: 'No' },
];
const channel: Traits = { options: named('Website', 'Referral', 'Advertising', 'Event', 'Partner', 'Prospecting') };

const id: Builtin = ['id', 'ID', 'int', READ];
const owner: Builtin = ['owner_id', 'Owner', 'user', {}, 'The user who owns it'];
const visibility: Builtin = ['visible_to', 'Visible to', 'visible_to', { options: visibleTo }, 'Who can see it'];
const recorded: readonly Builtin[] = [
  ['add_time', 'Created', 'date', READ],
  ['update_time', 'Updated', 'date', READ],
  ['is_deleted', 'Deleted', 'boolean', READ],
];
const linked = (key: string, name: string, type: string, traits: Traits = {}): Builtin => [key, name, type, traits];
const counts = (...keys: readonly string[]): Builtin[] =>
  keys.map((key) => [`${key}_count`, texts(`${key}_count`)[0]?.label ?? key, 'int', EXTRA]);
const nextAndLast: readonly Builtin[] = [
  ['next_activity_id', 'Next activity', 'activity', EXTRA],
  ['last_activity_id', 'Last activity', 'activity', EXTRA],
];
const mailTimes: readonly Builtin[] = [
  ['last_incoming_mail_time', 'Last email received', 'date', EXTRA],
  ['last_outgoing_mail_time', 'Last email sent', 'date', EXTRA],
];
const bcc: Builtin = ['smart_bcc_email', 'Smart BCC email', 'varchar', EXTRA];
const activityCounts = ['activities', 'done_activities', 'undone_activities', 'files', 'notes', 'followers'];
const dealCounts = [
  'open_deals',
  'related_open_deals',
  'closed_deals',
  'related_closed_deals',
  'won_deals',
  'related_won_deals',
  'lost_deals',
  'related_lost_deals',
];

/** The fields every account has, in their order; codes are the keys of the records that v2 (leads and notes: v1) answers. */
export const builtins: Readonly<Partial<Record<EntityName, readonly Builtin[]>>> = {
  deal: [
    ['title', 'Title', 'varchar', { required: true, searchable: true }, 'The title or name of the deal'],
    id,
    ['creator_user_id', 'Creator', 'user', READ, 'The user who created the deal'],
    ['owner_id', 'Owner', 'user', { v1: 'user_id' }, 'The user who owns the deal'],
    ['value', 'Value', 'monetary', {}, 'The monetary value of the deal'],
    ['currency', 'Currency', 'varchar', {}, 'The currency of the value'],
    linked('person_id', 'Contact person', 'people'),
    linked('org_id', 'Organization', 'org'),
    linked('pipeline_id', 'Pipeline', 'int', { v1: 'pipeline' }),
    linked('stage_id', 'Stage', 'stage'),
    ['status', 'Status', 'status', { options: texts('open', 'lost', 'won', 'deleted') }],
    ['label_ids', 'Label', 'set', { options: dealLabels, v1: 'label' }, 'The labels of the deal'],
    ['probability', 'Probability', 'int', {}, 'The likelihood of winning, in percent'],
    ['expected_close_date', 'Expected close date', 'date'],
    ['lost_reason', 'Lost reason', 'varchar_options', {}, 'Why the deal was lost'],
    visibility,
    ['origin', 'Source origin', 'varchar', READ],
    ['origin_id', 'Source origin ID', 'varchar', READ],
    ['channel', 'Source channel', 'enum', channel],
    ['channel_id', 'Source channel ID', 'varchar'],
    ['acv', 'Annual contract value', 'monetary', READ],
    ['arr', 'Annual recurring revenue', 'monetary', READ],
    ['mrr', 'Monthly recurring revenue', 'monetary', READ],
    ['is_archived', 'Archived', 'boolean'],
    ['archive_time', 'Archive time', 'date'],
    ['stage_change_time', 'Last stage change', 'date', READ],
    ['close_time', 'Deal closed on', 'date'],
    ['won_time', 'Won time', 'date'],
    ['lost_time', 'Lost time', 'date'],
    ['local_won_date', 'Won date', 'date', READ],
    ['local_lost_date', 'Lost date', 'date', READ],
    ['local_close_date', 'Close date', 'date', READ],
    ...recorded,
    ...nextAndLast,
    ['first_won_time', 'First won time', 'date', EXTRA],
    ...counts('products', 'email_messages', 'participants', ...activityCounts),
    ...mailTimes,
    bcc,
    ['source_lead_id', 'Source lead', 'lead', EXTRA],
  ],
  person: [
    ['name', 'Name', 'varchar', { required: true, searchable: true }, 'The name of the person'],
    id,
    ['first_name', 'First name', 'varchar'],
    ['last_name', 'Last name', 'varchar'],
    ['emails', 'Email', 'varchar', { searchable: true, v1: 'email' }, 'The e-mail addresses of the person'],
    ['phones', 'Phone', 'phone', { searchable: true, v1: 'phone' }, 'The phone numbers of the person'],
    owner,
    linked('org_id', 'Organization', 'org'),
    ['label_ids', 'Label', 'set', { options: labels, v1: 'label' }, 'The labels of the person'],
    visibility,
    linked('picture_id', 'Profile picture', 'picture', READ),
    ...recorded,
    ...nextAndLast,
    ...counts(...dealCounts, 'participant_open_deals', 'participant_closed_deals', 'email_messages', ...activityCounts),
    ...mailTimes,
    [
      'marketing_status',
      'Marketing status',
      'enum',
      { optional: true, options: texts('no_consent', 'unsubscribed', 'subscribed', 'archived') },
    ],
    ['doi_status', 'Double opt-in', 'varchar', EXTRA],
    bcc,
  ],
  organization: [
    ['name', 'Name', 'varchar', { required: true, searchable: true }, 'The name of the organization'],
    id,
    owner,
    ['address', 'Address', 'address', { searchable: true }],
    ['label_ids', 'Label', 'set', { options: labels, v1: 'label' }, 'The labels of the organization'],
    ['website', 'Website', 'varchar'],
    ['linkedin', 'LinkedIn profile', 'varchar'],
    [
      'industry',
      'Industry',
      'enum',
      {
        options: named(
          'Construction',
          'Consumer goods',
          'Education',
          'Energy',
          'Finance',
          'Health care',
          'Information technology',
          'Logistics',
          'Manufacturing',
          'Media',
          'Professional services',
          'Real estate',
          'Retail',
          'Telecommunications',
          'Travel and hospitality',
        ),
      },
    ],
    ['annual_revenue', 'Annual revenue', 'double'],
    ['employee_count', 'Number of employees', 'int'],
    visibility,
    ...recorded,
    ...nextAndLast,
    ...counts(...dealCounts, 'email_messages', 'people', ...activityCounts),
    bcc,
  ],
  product: [
    ['name', 'Name', 'varchar', { required: true, searchable: true }, 'The name of the product'],
    id,
    ['code', 'Product code', 'varchar', { searchable: true }],
    ['description', 'Description', 'text'],
    ['category', 'Category', 'enum', { options: named('Hardware', 'Software', 'Services') }],
    ['unit', 'Unit', 'varchar'],
    ['tax', 'Tax', 'double', {}, 'The tax percentage'],
    ['prices', 'Unit prices', 'price_list'],
    [
      'billing_frequency',
      'Billing frequency',
      'billing_frequency',
      { options: texts('one-time', 'annually', 'semi-annually', 'quarterly', 'monthly', 'weekly') },
    ],
    ['billing_frequency_cycles', 'Billing frequency cycles', 'int'],
    ['is_linkable', 'Active', 'boolean', { v1: 'selectable' }, 'Whether it can be added to deals'],
    owner,
    visibility,
    ...recorded,
  ],
  activity: [
    ['subject', 'Subject', 'varchar', { searchable: true }, 'The subject or title of the activity'],
    id,
    ['type', 'Type', 'enum', {}, 'The type of the activity'],
    ['owner_id', 'Assigned to user', 'user', { v1: 'user_id' }, 'The user who is to do it'],
    ['creator_user_id', 'Creator', 'user', READ],
    linked('deal_id', 'Deal', 'deal'),
    linked('lead_id', 'Lead', 'lead'),
    linked('project_id', 'Project', 'project'),
    linked('person_id', 'Contact person', 'people', READ),
    linked('org_id', 'Organization', 'org'),
    ['due_date', 'Due date', 'date'],
    ['due_time', 'Due time', 'time', {}, 'In UTC'],
    ['duration', 'Duration', 'time'],
    ['busy', 'Busy', 'boolean', { v1: 'busy_flag' }],
    ['done', 'Done', 'boolean'],
    ['marked_as_done_time', 'Marked as done time', 'date', READ],
    ['location', 'Location', 'address', {}, 'Physical location where the activity takes place'],
    ['participants', 'Participants', 'json'],
    ['attendees', 'Attendees', 'json'],
    ['public_description', 'Public description', 'text'],
    [
      'priority',
      'Priority',
      'enum',
      {
        options: [
          { label: 'Low', color: 'blue' },
          { label: 'Medium', color: 'yellow' },
          { label: 'High', color: 'red' },
        ],
      },
    ],
    ['note', 'Note', 'text'],
    ['conference_meeting_client', 'Conference meeting client', 'varchar', READ],
    ['conference_meeting_url', 'Conference meeting URL', 'varchar', READ],
    ['conference_meeting_id', 'Conference meeting ID', 'varchar', READ],
    ...recorded,
  ],
  lead: [
    ['title', 'Title', 'varchar', { required: true, searchable: true }],
    ['id', 'ID', 'varchar', READ],
    owner,
    ['creator_id', 'Creator', 'user', READ],
    ['value', 'Value', 'monetary'],
    ['label_ids', 'Label', 'set'],
    linked('person_id', 'Contact person', 'people'),
    linked('organization_id', 'Organization', 'org'),
    ['expected_close_date', 'Expected close date', 'date'],
    ['source_name', 'Source', 'varchar', READ],
    ['origin', 'Source origin', 'varchar', READ],
    ['origin_id', 'Source origin ID', 'varchar'],
    ['channel', 'Source channel', 'enum', READ],
    ['channel_id', 'Source channel ID', 'varchar'],
    ['is_archived', 'Archived', 'boolean'],
    ['was_seen', 'Seen', 'boolean'],
    ['next_activity_id', 'Next activity', 'activity', READ],
    visibility,
    ['cc_email', 'Smart BCC email', 'varchar', READ],
    ['add_time', 'Created', 'date', READ],
    ['update_time', 'Updated', 'date', READ],
  ],
  note: [
    ['content', 'Content', 'text', { required: true, searchable: true }],
    id,
    ['user_id', 'User', 'user'],
    linked('deal_id', 'Deal', 'deal'),
    linked('person_id', 'Person', 'people'),
    linked('org_id', 'Organization', 'org'),
    linked('lead_id', 'Lead', 'lead'),
    linked('project_id', 'Project', 'project'),
    ...['deal', 'person', 'organization', 'lead', 'project'].map(
      (entity): Builtin => [`pinned_to_${entity}_flag`, `Note is pinned to ${entity}`, 'enum', { options: yesNo }],
    ),
    ['add_time', 'Created', 'date', READ],
    ['update_time', 'Updated', 'date', READ],
  ],
  project: [
    ['title', 'Title', 'varchar', { required: true, searchable: true }, 'The title of the project'],
    id,
    ['description', 'Description', 'text', { searchable: true }],
    ['status', 'Status', 'status', { options: texts('open', 'completed', 'canceled', 'deleted') }],
    ['board_id', 'Board', 'projects_board'],
    ['phase_id', 'Phase', 'projects_phase'],
    ['owner_id', 'Owner', 'user', {}, 'The user who owns the project'],
    ['start_date', 'Start date', 'date'],
    ['end_date', 'End date', 'date'],
    ['deal_ids', 'Deals', 'deals'],
    ['person_ids', 'Contact persons', 'people'],
    ['org_ids', 'Organizations', 'org'],
    ['label_ids', 'Label', 'set', { options: projectLabels }, 'The labels of the project'],
    ['health_status', 'Health status', 'enum', { options: health }],
    ['add_time', 'Created', 'date', READ],
    ['update_time', 'Updated', 'date', READ],
    ['status_change_time', 'Last status change', 'date', READ],
    ['archive_time', 'Archive time', 'date', READ],
  ],
};

function visibleTo({ company }: World): readonly Option[] {
  return company.has_visibility_groups
    ? [
        { id: 1, label: 'Item owner' },
        { id: 3, label: "Item owner's visibility group" },
        { id: 5, label: "Item owner's visibility group and sub-groups" },
        { id: 7, label: 'All users' },
      ]
    : [
        { id: 1, label: 'Owner & followers' },
        { id: 3, label: 'Entire company' },
      ];
}
