import { inTime } from './clock.ts';
import type { MailMessage, MailParty, MailThread } from './model.ts';
import type { World } from './world.ts';

/** A mailbox is its user's own; of another's mail only what is shared can be seen. */
export function isVisible(world: World, thread: MailThread): boolean {
  return !thread.is_deleted && (thread.shared_flag || thread.user_id === world.me().id);
}

/** The messages of a thread, the oldest first. */
export function threadMessages({ db }: World, threadId: number): MailMessage[] {
  return db.mailMessages.where('mail_thread_id', threadId).sort((a, b) => inTime(a.message_time, b.message_time));
}

/** The messages that can be seen of the threads that are linked to a deal; drafts are nobody else's yet. */
function dealMessages(world: World, dealId: number): MailMessage[] {
  return mailed(
    world,
    world.db.mailThreads.where('deal_id', dealId).flatMap(({ id }) => threadMessages(world, id)),
  );
}

/** Those that are from or to a person. */
function personMessages(world: World, personId: number): MailMessage[] {
  const { mailParties, mailMessages } = world.db;
  const ids = new Set(mailParties.where('person_id', personId).map((party) => party.mail_message_id));
  return mailed(
    world,
    [...ids].flatMap((id) => mailMessages.get(id) ?? []),
  );
}

/** Those that are from or to any of an organization's persons. */
function organizationMessages(world: World, organizationId: number): MailMessage[] {
  const persons = world.db.persons.where('org_id', organizationId).filter((person) => !person.is_deleted);
  return [...new Set(persons.flatMap(({ id }) => personMessages(world, id)))];
}

function mailed(world: World, messages: readonly MailMessage[]): MailMessage[] {
  return messages.filter((message) => {
    const thread = world.db.mailThreads.get(message.mail_thread_id);
    return thread !== undefined && isVisible(world, thread) && !message.draft_flag;
  });
}

/** The messages that belong to a record, by its kind. */
export const messagesOf = { deal: dealMessages, person: personMessages, organization: organizationMessages } as const;

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

/** The person with that address, while there is one. */
export function linkedPerson({ db }: World, { person_id }: MailParty) {
  const person = db.persons.get(person_id ?? 0);
  return person?.is_deleted === false ? person : undefined;
}
