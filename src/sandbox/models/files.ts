import { z } from 'zod/v3';
import { Table } from '../table.ts';
import { dated, deletable, id, leadLink, link, stamp } from './parts.ts';

/** Files and mail; their bytes are blobs. */
export const fileTables = () => ({
  /** What was uploaded, in base64: pictures, images, recordings and files. Read without a token, by who knows the id. */
  blobs: new Table(z.object({ id: z.string(), name: z.string(), type: z.string(), content: z.string() })),
  files: new Table(
    z.object({
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
    ['deal_id', 'person_id', 'org_id', 'product_id', 'activity_id', 'lead_id', 'project_id', 'mail_message_id'],
  ),
  mailThreads: new Table(
    z.object({
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
    ['user_id', 'deal_id', 'lead_id'],
  ),
  mailMessages: new Table(
    z.object({
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
    ['mail_thread_id'],
  ),
  /** Who a message is from and to. */
  mailParties: new Table(
    z.object({
      id,
      mail_message_id: id,
      role: z.enum(['from', 'to', 'cc', 'bcc']),
      name: z.string(),
      email_address: z.string(),
      person_id: link,
    }),
    ['mail_message_id', 'person_id'],
  ),
});
