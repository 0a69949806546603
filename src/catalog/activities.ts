import { z } from 'zod/v3';
import {
  changed,
  clock,
  date,
  duration,
  flag,
  id,
  ids,
  input,
  owner,
  page,
  place,
  saved,
  sort,
  text,
  textOffset,
} from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

export const activity = entity({
  name: 'activity',
  plural: 'activities',
  columns: [
    'id',
    'done',
    'due_date',
    'due_time',
    'duration',
    'type',
    'subject',
    'deal_id',
    'lead_id',
    'person_id',
    'org_id',
    'owner_id',
  ],
  rich: ['note'],
  hidden: ['conference_meeting_id'],
});

/** All that can be set. Pipedrive keeps one of deal, lead and project, and takes the person from the participants. */
const fields = {
  subject: text.describe('What to do').optional(),
  type: text.describe('key_string: call, meeting…').optional(),
  due_date: date.describe('YYYY-MM-DD').optional(),
  due_time: clock.describe('HH:MM').optional(),
  duration: duration.describe('HH:MM').optional(),
  done: flag.describe('Already done').optional(),
  ...owner,
  deal_id: id.describe('Deal, lead or project, not two').optional(),
  lead_id: text.describe('Lead').optional(),
  project_id: id.describe('Project').optional(),
  org_id: id.describe('Organization').optional(),
  participants: z
    .array(z.object({ person_id: id, primary: flag.optional() }).strict())
    .describe('Replaces all')
    .optional(),
  note: text.describe('Text or markdown').optional(),
  location: place.describe('On one line').optional(),
  public_description: text.describe('Seen by attendees').optional(),
  attendees: z
    .array(z.object({ email: text, name: text.optional() }).strict())
    .describe('Invited; replaces all')
    .optional(),
  busy: flag.describe('Busy').optional(),
  priority: id.describe('Option id').optional(),
};

export const activities = [
  operation({
    name: 'list_activities',
    title: 'List activities',
    summary: 'Calls, meetings and tasks by owner, deal, lead, person or organization; open ones by due date.',
    kind: 'read',
    toolset: 'activities',
    core: true,
    endpoint: 'GET /api/v2/activities',
    cost: 10,
    input: input({
      ...saved,
      ...ids,
      ...owner,
      deal_id: id.describe('Deal').optional(),
      lead_id: text.describe('Lead').optional(),
      person_id: id.describe('Primary participant').optional(),
      org_id: id.describe('Organization').optional(),
      // `any` sends nothing: the API then answers both.
      done: z.enum(['false', 'true', 'any']).describe('Done').default('false'),
      ...changed,
      ...sort(['id', 'update_time', 'add_time', 'due_date'], 'due_date', 'asc'),
      ...page(),
    }),
    paging: 'cursor',
    scope: 'deleted ones left out',
    entity: activity,
  }),
  operation({
    name: 'get_activity',
    title: 'Get activity',
    summary: 'One activity with its note, participants and attendees.',
    kind: 'read',
    toolset: 'activities',
    core: true,
    endpoint: 'GET /api/v2/activities/{id}',
    cost: 1,
    input: input({ id: id.describe('Activity id'), ...textOffset }),
    always: { include_fields: 'attendees' },
    entity: activity,
  }),
  operation({
    name: 'create_activity',
    title: 'Create activity',
    summary: 'Plan a call, meeting or task, or log one that is done. Without due_time it is all-day.',
    kind: 'create',
    toolset: 'activities',
    core: true,
    endpoint: 'POST /api/v2/activities',
    cost: 5,
    input: input(fields),
    rich: ['note'],
    entity: activity,
  }),
  operation({
    name: 'update_activity',
    title: 'Update activity',
    summary: 'Change, reschedule or complete one activity.',
    kind: 'update',
    toolset: 'activities',
    core: true,
    endpoint: 'PATCH /api/v2/activities/{id}',
    cost: 5,
    input: input({ id: id.describe('Activity id'), ...fields }),
    rich: ['note'],
    entity: activity,
  }),
  operation({
    name: 'delete_activity',
    title: 'Delete activity',
    summary: 'Delete an activity; Pipedrive keeps it for 30 days.',
    kind: 'delete',
    toolset: 'activities',
    endpoint: 'DELETE /api/v2/activities/{id}',
    cost: 3,
    input: input({ id: id.describe('Activity id') }),
    entity: activity,
  }),
];
