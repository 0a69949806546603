import { z } from 'zod/v3';
import { json } from '../json.ts';

/** What rows of several kinds have in common. */
export const id = z.number().int();
export const ids = z.array(id);
/** To a record that there may not be. */
export const link = id.nullable();
export const leadLink = z.string().nullable();
/** RFC 3339 in UTC. */
export const stamp = z.string();
export const stampOrNull = stamp.nullable();
/** YYYY-MM-DD. */
export const day = z.string().nullable();
/** v2's form, keyed by field_code. */
export const customFields = z.record(json);
export const address = z.record(json).nullable();

export const dated = { add_time: stamp, update_time: stamp };
/** `delete_time` says since when a soft-deleted record waits for its purge. */
export const deletable = { is_deleted: z.boolean(), delete_time: stampOrNull };

export const entityName = z.enum([
  'deal',
  'person',
  'organization',
  'product',
  'activity',
  'lead',
  'note',
  'project',
  'user',
]);
