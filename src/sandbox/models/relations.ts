import { z } from 'zod/v3';

const id = z.number().int();
const stamp = z.string();

/** What stands between records: participants of deals, relationships of organizations, what was merged into what. */
export const relations = {
  /** A deal's own person is one of them. */
  participants: z.object({ id, deal_id: id, person_id: id, added_by_user_id: id, add_time: stamp }),
  participantChanges: z.object({
    id,
    deal_id: id,
    person_id: id,
    actor_user_id: id,
    action: z.enum(['added', 'removed']),
    time: stamp,
  }),
  organizationRelationships: z.object({
    id,
    type: z.enum(['parent', 'related']),
    /** The parent, where the type is `parent`; the other is its daughter. */
    rel_owner_org_id: id,
    rel_linked_org_id: id,
    add_time: stamp,
    update_time: stamp,
  }),
  /** Written before anything else of a merge, so that who hears of its changes knows what they belong to. */
  merges: z.object({
    id,
    entity: z.enum(['deal', 'person', 'organization']),
    from_id: id,
    to_id: id,
    time: stamp,
  }),
} as const;
