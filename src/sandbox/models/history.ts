import { z } from 'zod/v3';
import { json } from '../json.ts';
import { Table } from '../table.ts';
import { entityName, id, stamp } from './parts.ts';

const follower = z.object({ id, entity: entityName, record_id: id, user_id: id, add_time: stamp });

/** What happened to records, and who follows them. */
export const historyTables = () => ({
  /** A field that was changed, as changelogs tell it: the key is v1's, the values are in v1's form. */
  changes: new Table(
    z.object({
      id,
      entity: entityName,
      record_id: id,
      user_id: id,
      time: stamp,
      field_key: z.string(),
      old_value: json,
      new_value: json,
      change_source: z.enum(['app', 'api']),
    }),
    ['record_id'],
  ),
  /** Written before anything else of a merge, so that who hears of its changes knows what they belong to. */
  merges: new Table(
    z.object({ id, entity: z.enum(['deal', 'person', 'organization']), from_id: id, to_id: id, time: stamp }),
    ['from_id'],
  ),
  followers: new Table(follower, ['record_id']),
  /** Who followed once, for the changelog; the id is the follower's. */
  formerFollowers: new Table(follower.extend({ remove_time: stamp }), ['record_id']),
});
