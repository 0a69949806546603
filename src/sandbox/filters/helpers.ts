import { addressParts } from '../address.ts';
import type { Field } from '../model.ts';
import type { FilterObject, FilterType } from '../models/filters.ts';

/** Whose records a filter of each type lists. */
export const filterTypes: Readonly<Record<FilterType, FilterObject>> = {
  deals: 'deal',
  leads: 'lead',
  org: 'organization',
  people: 'person',
  products: 'product',
  activity: 'activity',
  projects: 'project',
};

const equality = { '=': 'is', '!=': 'is not' } as const;
const emptiness = { 'IS NULL': 'is empty', 'IS NOT NULL': 'is not empty' } as const;
const identity = { ...equality, ...emptiness } as const;
const numeric = {
  ...equality,
  '>': 'is more than',
  '<': 'is less than',
  '>=': 'is more or equal to',
  '<=': 'is less or equal to',
  ...emptiness,
} as const;
const dated = {
  ...equality,
  '>': 'is later than',
  '<': 'is earlier than',
  '>=': 'is exactly or later than',
  '<=': 'is exactly or earlier than',
} as const;
const ranged = {
  '=': 'starts at',
  '!=': 'does not start at',
  ends_at: 'ends at',
  does_not_end_at: 'does not end at',
  '<': 'starts before',
  '<=': 'starts exactly on or before',
  ends_before: 'ends before',
  ends_e_before: 'ends exactly on or before',
  '>': 'starts after',
  ends_after: 'ends after',
  '>=': 'starts exactly or after',
  ends_e_after: 'ends exactly or after',
  includes: 'does include',
  ...emptiness,
} as const;
const patterns = {
  "LIKE '%$%'": 'contains',
  "LIKE '$%'": 'starts with',
  "NOT LIKE '$%'": 'does not start with',
} as const;

/** What a field of each kind can be asked, as GET /filters/helpers tells it. */
export const operators = {
  int: numeric,
  double: numeric,
  monetary: numeric,
  time: {
    ...equality,
    '<': 'is before',
    '>': 'is after',
    '>=': 'is exactly or after than',
    '<=': 'is exactly or before than',
    ...emptiness,
  },
  date: { ...dated, ...emptiness },
  entered_stage: dated,
  timerange: ranged,
  daterange: ranged,
  varchar: { ...identity, ...patterns },
  stage: { ...equality, has_been: 'has been' },
  title: { '=': 'is', ...patterns },
  set: { ...equality, contains: 'contains', not_contains: 'does not contain', ...emptiness },
  enum: identity,
  deal: identity,
  product: identity,
  user: { ...identity, belongs_to_team: 'belongs to team' },
  status: equality,
  visible_to: equality,
  currency: equality,
  pipeline: equality,
  person: identity,
  organization: identity,
} as const;
export type FieldKind = keyof typeof operators;

const kinds: Readonly<Record<string, FieldKind>> = {
  int: 'int',
  double: 'double',
  monetary: 'monetary',
  date: 'date',
  time: 'time',
  timerange: 'timerange',
  daterange: 'daterange',
  set: 'set',
  stage: 'stage',
  status: 'status',
  user: 'user',
  visible_to: 'visible_to',
  people: 'person',
  org: 'organization',
  varchar: 'varchar',
  varchar_auto: 'varchar',
  varchar_options: 'varchar',
  text: 'varchar',
  phone: 'varchar',
  address: 'varchar',
  deal: 'deal',
  deals: 'deal',
  activity: 'deal',
  lead: 'deal',
  project: 'deal',
  product: 'product',
};

/** The kind by which a field is asked; what has no operators of its own is one of a closed list. */
export function kindOf({ field_code, field_type }: Pick<Field, 'field_code' | 'field_type'>): FieldKind {
  if (field_code === 'title' || field_code === 'currency') return field_code;
  if (field_code === 'pipeline_id') return 'pipeline';
  return kinds[field_type] ?? 'enum';
}

/** What the app has dropped (2023-08-21): told by the helpers, refused in new filters. */
const deprecated = {
  "NOT LIKE '%$%'": 'does not contain',
  "LIKE '%$'": 'ends with',
  "NOT LIKE '%$'": 'does not end with',
};

const intervals = {
  last_quarter: 'last quarter',
  this_quarter: 'this quarter',
  last_month: 'last month',
  this_month: 'this month',
  last_week: 'last week',
  this_week: 'this week',
  next_week: 'next week',
  next_month: 'next month',
};
const days = {
  '6_months_ago': '6 months ago',
  '5_months_ago': '5 months ago',
  '4_months_ago': '4 months ago',
  '3_months_ago': '3 months ago',
  '2_months_ago': '2 months ago',
  '1_months_ago': '1 month ago',
  '3_weeks_ago': '3 weeks ago',
  '2_weeks_ago': '2 weeks ago',
  '1_week_ago': '1 week ago',
  yesterday: 'yesterday',
  before_today: 'before today',
  today: 'today',
  now: 'now',
  later_or_today: 'today or later',
  before_tomorrow: 'before tomorrow',
  tomorrow: 'tomorrow',
  later_or_tomorrow: 'tomorrow or later',
  in_1_week: 'in 1 week',
  in_2_weeks: 'in 2 weeks',
  in_3_weeks: 'in 3 weeks',
  in_1_month: 'in 1 month',
  in_2_months: 'in 2 months',
  in_3_months: 'in 3 months',
  in_4_months: 'in 4 months',
  in_5_months: 'in 5 months',
  in_6_months: 'in 6 months',
};

/** The answer of GET /filters/helpers; of all kinds `enum` alone is told as a list. */
export const helpers = {
  operators: {
    ...operators,
    enum: Object.entries(operators.enum).map(([operator, label]) => ({ [operator]: label })),
  },
  deprecated_operators: deprecated,
  relative_dates: {
    'Relative date intervals': intervals,
    'Relative dates': days,
    'Deal specific': { rotten_time: 'Rotten time' },
  },
  address_field_components: addressParts,
};
