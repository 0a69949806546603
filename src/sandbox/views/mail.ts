import { v1IsoTime } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import { hasAttachments, linkedPerson, parties } from '../mail.ts';
import type { MailMessage, MailParty } from '../model.ts';
import type { World } from '../world.ts';

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
export function partyV1(world: World, party: MailParty): JsonObject {
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
