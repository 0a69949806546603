import { z } from 'zod/v3';
import { flag, id, input, page, rest, text, textOffset } from './arguments.ts';
import { deal } from './deals.ts';
import { type Entity, entity } from './entity.ts';
import { type Operation, operation } from './operation.ts';
import { organization } from './organizations.ts';
import { person } from './persons.ts';

/** What mailboxes are synchronized by, and flags that say the same as others. */
const technical = [
  ...['account_id', 'version', 'synced_flag', 'external_deleted_flag', 'mail_link_tracking_enabled_flag'],
  ...['smart_bcc_flag', 'has_real_attachments_flag', 'has_inline_attachments_flag', 'deleted_flag'],
];

const thread = entity({
  name: 'mail_thread',
  plural: 'mail_threads',
  columns: [
    'id',
    { name: 'last', from: 'last_message_timestamp' },
    { name: 'from', from: 'parties.from', as: 'parties' },
    { name: 'to', from: 'parties.to', as: 'parties' },
    'subject',
    { name: 'snippet', as: 'text' },
    { name: 'messages', from: 'message_count' },
    { name: 'read', from: 'read_flag', as: 'flag' },
    { name: 'attachments', from: 'has_attachments_flag', as: 'flag' },
    { name: 'deal', from: 'deal_id' },
    { name: 'lead', from: 'lead_id' },
  ],
  prose: ['snippet'],
  outside: ['from', 'to', 'subject'],
  times: [
    'last_message_timestamp',
    'first_message_timestamp',
    'last_message_sent_timestamp',
    'last_message_received_timestamp',
  ],
  parties: ['from', 'to'],
  quiet: ['has_attachments_flag', 'has_draft_flag', 'archived_flag', 'shared_flag'],
  note: 'list_mail_messages shows its messages.',
  hidden: [
    ...technical,
    'drafts_parties',
    'snippet_sent',
    'has_sent_flag',
    'first_message_to_me_flag',
    'all_messages_sent_flag',
  ],
});

const message = entity({
  name: 'mail_message',
  plural: 'mail_messages',
  columns: [
    'id',
    { name: 'time', from: 'message_time' },
    { name: 'from', as: 'parties' },
    { name: 'to', as: 'parties' },
    'subject',
    { name: 'snippet', as: 'text' },
    { name: 'attachments', from: 'has_attachments_flag', as: 'flag' },
    { name: 'draft', from: 'draft_flag', as: 'flag' },
  ],
  rich: ['body'],
  prose: ['snippet'],
  outside: ['from', 'to', 'cc', 'bcc', 'subject'],
  parties: ['from', 'to', 'cc', 'bcc'],
  quiet: ['has_attachments_flag', 'draft_flag', 'sent_from_pipedrive_flag'],
  // The snippet is how the body begins.
  hidden: [...technical, 'body_url', 'has_body_flag', 'draft', 'snippet', 'add_time', 'update_time'],
});

/** In a record's list each message is wrapped. */
const listed = entity({
  ...message,
  columns: [
    { name: 'id', from: 'data.id' },
    { name: 'time', from: 'data.message_time' },
    { name: 'from', from: 'data.from', as: 'parties' },
    { name: 'to', from: 'data.to', as: 'parties' },
    { name: 'subject', from: 'data.subject' },
    { name: 'snippet', from: 'data.snippet', as: 'text' },
    { name: 'mail_thread_id', from: 'data.mail_thread_id' },
  ],
});

const which = { id: id.describe('Thread id') };

/** The mail of a record; alike for every entity that has some. */
function mailOf(of: Entity, what: string): Operation {
  return operation({
    name: `list_${of.name}_mail_messages`,
    title: `List ${of.name} mail messages`,
    summary: what,
    kind: 'read',
    toolset: 'mail',
    endpoint: `GET /api/v1/${of.plural}/{id}/mailMessages`,
    cost: 20,
    input: input({ [`${of.name}_id`]: id.describe(`The ${of.name}`), ...page() }),
    path: { id: `${of.name}_id` },
    paging: 'start',
    entity: listed,
  });
}

export const mail = [
  operation({
    name: 'list_mail_threads',
    title: 'List mail threads',
    summary: "Threads in a folder of the user's own mailbox, latest first.",
    kind: 'read',
    toolset: 'mail',
    endpoint: 'GET /api/v1/mailbox/mailThreads',
    cost: 20,
    input: input({ folder: z.enum(['inbox', 'drafts', 'sent', 'archive']).describe('Folder'), ...page() }),
    paging: 'start',
    entity: thread,
  }),
  operation({
    name: 'get_mail_thread',
    title: 'Get mail thread',
    summary: 'One mail thread: who takes part, when, what it is linked to.',
    kind: 'read',
    toolset: 'mail',
    endpoint: 'GET /api/v1/mailbox/mailThreads/{id}',
    cost: 20,
    input: input(which),
    entity: thread,
  }),
  operation({
    name: 'update_mail_thread',
    title: 'Update mail thread',
    summary: 'Link a mail thread to a deal or lead, share it, mark it as read, or archive it.',
    details: 'Only threads in the inbox can be archived.',
    kind: 'update',
    toolset: 'mail',
    endpoint: 'PUT /api/v1/mailbox/mailThreads/{id}',
    cost: 10,
    input: input({
      ...which,
      deal_id: id.describe('Deal, or lead').optional(),
      lead_id: text.describe('Lead').optional(),
      shared_flag: flag.describe('Colleagues see it').optional(),
      read_flag: flag.describe('Read').optional(),
      archived_flag: flag.describe('Archived').optional(),
    }),
    form: true,
    flags: ['shared_flag', 'read_flag', 'archived_flag'],
    entity: thread,
  }),
  operation({
    name: 'delete_mail_thread',
    title: 'Delete mail thread',
    summary: 'Delete a mail thread with its messages.',
    kind: 'delete',
    toolset: 'mail',
    endpoint: 'DELETE /api/v1/mailbox/mailThreads/{id}',
    cost: 6,
    input: input(which),
    entity: thread,
  }),
  operation({
    name: 'list_mail_messages',
    title: 'List mail messages',
    summary: 'The messages of a mail thread, without their text.',
    kind: 'read',
    toolset: 'mail',
    endpoint: 'GET /api/v1/mailbox/mailThreads/{id}/mailMessages',
    cost: 20,
    input: input({ mail_thread_id: id.describe('The thread'), ...rest }),
    path: { id: 'mail_thread_id' },
    paging: 'whole',
    entity: message,
  }),
  operation({
    name: 'get_mail_message',
    title: 'Get mail message',
    summary: 'One mail message with its text.',
    kind: 'read',
    toolset: 'mail',
    endpoint: 'GET /api/v1/mailbox/mailMessages/{id}',
    cost: 2,
    input: input({ id: id.describe('Message id'), ...textOffset }),
    always: { include_body: '1' },
    entity: message,
  }),
  mailOf(deal, 'Mail linked to a deal.'),
  mailOf(person, 'Mail from and to a person.'),
  mailOf(organization, "Mail from and to an organization's people."),
];
