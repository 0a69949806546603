import { z } from 'zod/v3';

const id = z.number().int();
const link = id.nullable();
const leadLink = z.string().nullable();
const stamp = z.string();
const dated = { add_time: stamp, update_time: stamp };
const deletable = { is_deleted: z.boolean(), delete_time: stamp.nullable() };

/** Files, pictures, mail and calls; their bytes are blobs. */
export const filesModel = {
  files: z.object({
    id,
    user_id: id,
    deal_id: link,
    person_id: link,
    org_id: link,
    product_id: link,
    activity_id: link,
    lead_id: leadLink,
    project_id: link,
    /** The message that a file came with. */
    mail_message_id: link,
    name: z.string(),
    description: z.string(),
    /** Its name in the storage, which no other file has. */
    file_name: z.string(),
    file_type: z.string(),
    file_size: z.number(),
    remote_location: z.enum(['s3', 'googledrive']),
    remote_id: z.string(),
    /** null of a file that is kept elsewhere. */
    blob_id: z.string().nullable(),
    ...deletable,
    ...dated,
  }),
  pictures: z.object({
    id,
    added_by_user_id: id,
    blob_id: z.string(),
    file_size: z.number(),
    add_time: stamp,
  }),
  mailThreads: z.object({
    id,
    /** Whose mailbox it is in. */
    user_id: id,
    subject: z.string(),
    deal_id: link,
    lead_id: leadLink,
    /** Colleagues see it too. */
    shared_flag: z.boolean(),
    read_flag: z.boolean(),
    archived_flag: z.boolean(),
    /** Goes up with every change. */
    version: z.number(),
    ...deletable,
    ...dated,
  }),
  mailMessages: z.object({
    id,
    mail_thread_id: id,
    user_id: id,
    subject: z.string(),
    snippet: z.string(),
    /** The body, in HTML. */
    blob_id: z.string(),
    draft_flag: z.boolean(),
    /** Sent by the user; else it came in. */
    sent_flag: z.boolean(),
    read_flag: z.boolean(),
    mail_tracking_status: z.enum(['opened', 'not opened']).nullable(),
    message_time: stamp,
    ...dated,
  }),
  /** Who a message is from and to. */
  mailParties: z.object({
    id,
    mail_message_id: id,
    role: z.enum(['from', 'to', 'cc', 'bcc']),
    name: z.string(),
    email_address: z.string(),
    person_id: link,
  }),
  callLogs: z.object({
    id: z.string(),
    user_id: id,
    activity_id: link,
    person_id: link,
    org_id: link,
    deal_id: link,
    lead_id: leadLink,
    subject: z.string().nullable(),
    /** In seconds, as text. */
    duration: z.string(),
    outcome: z.enum(['connected', 'no_answer', 'left_message', 'left_voicemail', 'wrong_number', 'busy']),
    from_phone_number: z.string().nullable(),
    to_phone_number: z.string(),
    start_time: stamp,
    end_time: stamp,
    note: z.string().nullable(),
    /** Its recording. */
    blob_id: z.string().nullable(),
    ...deletable,
  }),
  /** Which user a video calling app knows under which id. */
  userProviderLinks: z.object({
    id: z.string(),
    user_id: id,
    company_id: id,
    marketplace_client_id: z.string(),
  }),
} as const;

export type StoredFile = z.infer<typeof filesModel.files>;
export type MailThread = z.infer<typeof filesModel.mailThreads>;
export type MailMessage = z.infer<typeof filesModel.mailMessages>;
export type MailParty = z.infer<typeof filesModel.mailParties>;
export type CallLog = z.infer<typeof filesModel.callLogs>;
