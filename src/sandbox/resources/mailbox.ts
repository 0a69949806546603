import { z } from 'zod/v3';
import { inTime, v1IsoTime, v1Time } from '../clock.ts';
import { forbidden, invalid, notFound } from '../error.ts';
import type { Json, JsonObject } from '../json.ts';
import { checkLinks } from '../links.ts';
import { hasAttachments, isVisible, lastMailTime, linkedPerson, messagesOf, parties, threadMessages } from '../mail.ts';
import type { MailMessage, MailThread } from '../model.ts';
import { startReply } from '../page.ts';
import { loose, param, startLimit } from '../parameters.ts';
import { type JsonReply, ok, type Route, route } from '../route.ts';
import { accountId, flag, listedMessageV1, messageV1, partyV1 } from '../views/mail.ts';
import { deletion, type World } from '../world.ts';
import { touchDeal } from './deals.ts';
import { logged } from './linked.ts';

const folders = ['inbox', 'drafts', 'sent', 'archive'] as const;
type Folder = (typeof folders)[number];

/** In a form, what is left empty is taken away. */
const emptied = <T extends z.ZodTypeAny>(value: T) => z.preprocess((given) => (given === '' ? null : given), value);

const threadBody = z
  .object({
    deal_id: emptied(loose.id.nullable()),
    lead_id: emptied(z.string().nullable()),
    shared_flag: loose.flag,
    read_flag: loose.flag,
    archived_flag: loose.flag,
  })
  .partial();

export const routes: Route[] = [
  route('GET /v1/mailbox/mailThreads', {
    cost: 20,
    query: z.object({ ...startLimit, folder: z.enum(folders) }),
    handle(world, { query: { folder, start, limit } }) {
      const mine = world.db.mailThreads.where('user_id', world.me().id).filter((thread) => !thread.is_deleted);
      const found = mine
        .map((thread) => ({ thread, messages: threadMessages(world, thread.id) }))
        .filter(({ thread, messages }) => foldersOf(thread, messages).includes(folder))
        .map((one) => ({ ...one, last: one.messages.at(-1)?.message_time ?? '' }))
        .sort((a, b) => inTime(b.last, a.last));
      return ok(found.slice(start, start + limit).map(({ thread }) => threadV1(world, thread)));
    },
  }),
  route('GET /v1/mailbox/mailThreads/{id}', {
    cost: 20,
    handle: (world, { int }) => ok(threadV1(world, seenThread(world, int('id')))),
  }),
  route('PUT /v1/mailbox/mailThreads/{id}', {
    cost: 10,
    body: threadBody,
    handle(world, { int, body }) {
      const thread = ownThread(world, int('id'));
      checkLinks(world, body);
      if (body.deal_id != null && body.lead_id != null)
        throw invalid('A thread is linked to a deal or a lead, not both');
      const messages = threadMessages(world, thread.id);
      if (body.archived_flag && !thread.archived_flag && !foldersOf(thread, messages).includes('inbox')) {
        throw invalid('Only threads in the inbox can be archived');
      }
      const other = body.deal_id != null ? { lead_id: null } : body.lead_id != null ? { deal_id: null } : {};
      const now = world.clock.stamp();
      world.db.mailThreads.patch(thread, { ...body, ...other, version: thread.version + 1, update_time: now });
      const { read_flag } = body;
      for (const message of messages) {
        if (read_flag !== undefined) world.db.mailMessages.patch(message, { read_flag, update_time: now });
      }
      touchDeal(world, body.deal_id ?? null);
      return ok(threadV1(world, thread));
    },
  }),
  route('DELETE /v1/mailbox/mailThreads/{id}', {
    cost: 6,
    handle(world, { int }) {
      const thread = ownThread(world, int('id'));
      world.db.mailThreads.patch(thread, { ...deletion(world), version: thread.version + 1 });
      return mailed({ id: thread.id });
    },
  }),
  route('GET /v1/mailbox/mailThreads/{id}/mailMessages', {
    cost: 20,
    handle(world, { int }) {
      const { id } = seenThread(world, int('id'));
      return ok(threadMessages(world, id).map((message) => messageV1(world, message)));
    },
  }),
  route('GET /v1/mailbox/mailMessages/{id}', {
    cost: 2,
    query: z.object({ include_body: param.flag }),
    handle(world, { int, query: { include_body } }) {
      const message = world.db.mailMessages.get(int('id'));
      const thread = world.db.mailThreads.get(message?.mail_thread_id ?? 0);
      if (!message || !thread || !isVisible(world, thread)) throw notFound('Mail message');
      return mailed(messageV1(world, message, { body: include_body === true }));
    },
  }),
  // The messages that belong to a record, the newest first.
  ...logged.map(({ entity, path, live }) =>
    route(`GET /v1/${path}/{id}/mailMessages`, {
      cost: 20,
      query: z.object({ ...startLimit, include_body: param.flag }),
      handle(world, { int, query: { include_body, ...paging } }) {
        const messages = messagesOf[entity](world, live(world, int('id')).id);
        messages.sort((a, b) => inTime(b.message_time, a.message_time));
        return startReply(messages, paging, (message) => ({
          object: 'mailMessage',
          timestamp: v1Time(message.message_time),
          data: listedMessageV1(world, message, { body: include_body === true }),
        }));
      },
    }),
  ),
];

/** The envelope of some of mail's answers. */
function mailed(data: JsonObject): JsonReply {
  return { status: 200, body: { success: true, statusCode: 2000, statusText: 'Success', service: 'email-api', data } };
}

function seenThread(world: World, id: number): MailThread {
  const thread = world.db.mailThreads.get(id);
  if (!thread || !isVisible(world, thread)) throw notFound('Mail thread');
  return thread;
}

function ownThread(world: World, id: number): MailThread {
  const thread = seenThread(world, id);
  if (thread.user_id !== world.me().id) throw forbidden('Only its owner can change a mail thread');
  return thread;
}

/** Archiving takes a thread out of the inbox; what was sent or drafted in it stays where it is. */
function foldersOf({ archived_flag }: MailThread, messages: readonly MailMessage[]): Folder[] {
  const has = (test: (message: MailMessage) => boolean) => messages.some(test);
  const found: Folder[] = [];
  if (archived_flag) found.push('archive');
  else if (has(({ sent_flag, draft_flag }) => !sent_flag && !draft_flag)) found.push('inbox');
  if (has(({ draft_flag }) => draft_flag)) found.push('drafts');
  if (has(({ sent_flag }) => sent_flag)) found.push('sent');
  return found;
}

/** A thread as v1 shows it. */
function threadV1(world: World, thread: MailThread): JsonObject {
  const { db } = world;
  const messages = threadMessages(world, thread.id);
  const mails = messages.filter(({ draft_flag }) => !draft_flag);
  const draft = messages.find(({ draft_flag }) => draft_flag);
  const last = mails.at(-1) ?? draft;
  const attached = flag(messages.some(({ id }) => hasAttachments(world, id)));
  const isoTime = (time: string | null = null): Json => time && v1IsoTime(time);
  return {
    id: thread.id,
    parties: { to: threadParties(world, mails, 'to'), from: threadParties(world, mails, 'from') },
    drafts_parties: [],
    folders: foldersOf(thread, messages),
    account_id: accountId(thread.user_id),
    user_id: thread.user_id,
    version: thread.version,
    subject: thread.subject,
    snippet: last?.snippet ?? '',
    snippet_draft: draft?.snippet ?? null,
    snippet_sent: mails.findLast(({ sent_flag }) => sent_flag)?.snippet ?? '',
    message_count: messages.length,
    read_flag: flag(thread.read_flag),
    mail_tracking_status: mails.findLast((one) => one.mail_tracking_status !== null)?.mail_tracking_status ?? null,
    has_attachments_flag: attached,
    has_inline_attachments_flag: 0,
    has_real_attachments_flag: attached,
    has_draft_flag: flag(draft !== undefined),
    has_sent_flag: flag(mails.some(({ sent_flag }) => sent_flag)),
    archived_flag: flag(thread.archived_flag),
    deleted_flag: flag(thread.is_deleted),
    shared_flag: flag(thread.shared_flag),
    synced_flag: 1,
    external_deleted_flag: 0,
    smart_bcc_flag: 0,
    first_message_to_me_flag: flag(mails[0]?.sent_flag === false),
    mail_link_tracking_enabled_flag: 0,
    last_message_timestamp: isoTime(last?.message_time),
    first_message_timestamp: isoTime(messages[0]?.message_time),
    last_message_sent_timestamp: isoTime(lastMailTime(mails, 'outgoing')),
    last_message_received_timestamp: isoTime(lastMailTime(mails, 'incoming')),
    add_time: v1IsoTime(thread.add_time),
    update_time: v1IsoTime(thread.update_time),
    deal_id: thread.deal_id,
    deal_status: db.deals.get(thread.deal_id ?? 0)?.status ?? null,
    lead_id: thread.lead_id,
    all_messages_sent_flag: flag(mails.length > 0 && mails.every(({ sent_flag }) => sent_flag)),
  };
}

/** Everybody whom a thread is from or to, once, as the latest of their messages has them. */
function threadParties(world: World, mails: readonly MailMessage[], role: 'from' | 'to'): JsonObject[] {
  const latest = new Map<string, JsonObject>();
  for (const { id, sent_flag, message_time } of mails) {
    for (const party of parties(world, id, role)) {
      latest.set(party.email_address, {
        ...partyV1(world, party),
        latest_sent: sent_flag,
        message_time: Date.parse(message_time),
        linked_organization_id: linkedPerson(world, party)?.org_id ?? null,
      });
    }
  }
  return [...latest.values()];
}
