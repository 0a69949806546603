import { v1IsoTime } from './clock.ts';
import type { Json, JsonObject } from './json.ts';
import type { MailMessage, MailParty, MailThread } from './models/files.ts';
import type { World } from './world.ts';

/** A mailbox is its user's own; of another's mail only what is shared can be seen. */
export function isVisible(world: World, thread: MailThread): boolean {
  return !thread.is_deleted && (thread.shared_flag || thread.user_id === world.me().id);
}

/** The messages of a thread, the oldest first. */
export function threadMessages({ db }: World, threadId: number): MailMessage[] {
  return db.mailMessages
    .where('mail_thread_id', threadId)
    .sort((a, b) => (a.message_time < b.message_time ? -1 : Number(a.message_time > b.message_time)));
}

/** The messages that can be seen of the threads that are linked to a deal; drafts are nobody else's yet. */
export function dealMessages(world: World, dealId: number): MailMessage[] {
  return mailed(
    world,
    world.db.mailThreads.where('deal_id', dealId).flatMap(({ id }) => threadMessages(world, id)),
  );
}

/** Those that are from or to a person. */
export function personMessages(world: World, personId: number): MailMessage[] {
  const { mailParties, mailMessages } = world.db;
  const ids = new Set(mailParties.where('person_id', personId).map((party) => party.mail_message_id));
  return mailed(
    world,
    [...ids].flatMap((id) => mailMessages.get(id) ?? []),
  );
}

/** Those that are from or to any of an organization's persons. */
export function organizationMessages(world: World, organizationId: number): MailMessage[] {
  const persons = world.db.persons.where('org_id', organizationId).filter((person) => !person.is_deleted);
  return [...new Set(persons.flatMap(({ id }) => personMessages(world, id)))];
}

function mailed(world: World, messages: readonly MailMessage[]): MailMessage[] {
  return messages.filter((message) => {
    const thread = world.db.mailThreads.get(message.mail_thread_id);
    return thread !== undefined && isVisible(world, thread) && !message.draft_flag;
  });
}

/** When the last of these came in or went out; null where none did. */
export function lastMailTime(messages: readonly MailMessage[], way: 'incoming' | 'outgoing'): string | null {
  const times = messages.filter(({ sent_flag }) => sent_flag === (way === 'outgoing')).map((one) => one.message_time);
  return times.reduce<string | null>((last, time) => (last !== null && last > time ? last : time), null);
}

export function parties({ db }: World, messageId: number, role: MailParty['role']): MailParty[] {
  return db.mailParties.where('mail_message_id', messageId).filter((party) => party.role === role);
}

/** The files that came with a message. */
export function hasAttachments({ db }: World, messageId: number): boolean {
  return db.files.where('mail_message_id', messageId).some((file) => !file.is_deleted);
}

/** As v1 shows a flag of a mail. */
export function flag(value: boolean): number {
  return value ? 1 : 0;
}

/** A mail message as v1 shows it. */
export function messageV1(world: World, message: MailMessage, options: { body?: boolean } = {}): JsonObject {
  const { db } = world;
  const attached = flag(hasAttachments(world, message.id));
  const thread = db.mailThreads.get(message.mail_thread_id);
  const blob = db.blobs.get(message.blob_id);
  const to = (role: MailParty['role']) => parties(world, message.id, role).map((party) => partyV1(world, party));
  return {
    id: message.id,
    from: to('from'),
    to: to('to'),
    cc: to('cc'),
    bcc: to('bcc'),
    body_url: world.storageUrl(message.blob_id),
    ...(options.body ? { body: Buffer.from(blob?.content ?? '', 'base64').toString('utf8') } : {}),
    account_id: accountId(message.user_id),
    user_id: message.user_id,
    mail_thread_id: message.mail_thread_id,
    subject: message.subject,
    snippet: message.snippet,
    mail_tracking_status: message.mail_tracking_status,
    mail_link_tracking_enabled_flag: 0,
    read_flag: flag(message.read_flag),
    draft: '',
    draft_flag: flag(message.draft_flag),
    synced_flag: 1,
    deleted_flag: flag(thread?.is_deleted ?? true),
    has_body_flag: 1,
    sent_flag: flag(message.sent_flag),
    sent_from_pipedrive_flag: flag(message.mail_tracking_status !== null),
    smart_bcc_flag: 0,
    message_time: v1IsoTime(message.message_time),
    add_time: v1IsoTime(message.add_time),
    update_time: v1IsoTime(message.update_time),
    has_attachments_flag: attached,
    has_inline_attachments_flag: 0,
    has_real_attachments_flag: attached,
  };
}

/** A message in the lists of what belongs to a record, with what its storage knows of it. */
export function listedMessageV1(world: World, message: MailMessage, options: { body?: boolean }): JsonObject {
  const company_id = world.company.id;
  return {
    ...messageV1(world, message, options),
    nylas_id: `${accountId(message.user_id)}-${message.id}`,
    s3_bucket: 'pipedrive-mail',
    s3_bucket_path: `${company_id}/${message.user_id}/${message.id}/body`,
    external_deleted_flag: false,
    mua_message_id: `${message.blob_id}@mail.${world.company.domain}.example`,
    template_id: null,
    item_type: 'mailMessage',
    timestamp: v1IsoTime(message.message_time),
    company_id,
  };
}

export function accountId(userId: number): string {
  return `mailbox-${userId}`;
}

/** Who a message is from or to; `linked` is the person with that address, while there is one. */
export function partyV1(world: World, party: MailParty): { [key: string]: Json } {
  const person = linkedPerson(world, party);
  return {
    id: party.id,
    email_address: party.email_address,
    name: party.name,
    linked_person_id: person?.id ?? null,
    linked_person_name: person?.name ?? '',
    mail_message_party_id: party.id,
  };
}

export function linkedPerson({ db }: World, { person_id }: MailParty) {
  const person = db.persons.get(person_id ?? 0);
  return person?.is_deleted === false ? person : undefined;
}
