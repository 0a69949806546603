import { z } from 'zod/v3';

const id = z.number().int();
const stamp = z.string();

/** How visible a new record is unless it says so, by its kind. */
export const roleSettings = z.object({
  deal_default_visibility: z.number(),
  lead_default_visibility: z.number(),
  org_default_visibility: z.number(),
  person_default_visibility: z.number(),
  product_default_visibility: z.number(),
});

/** Roles, teams and webhooks. Permission sets are the same in every account, so they are not kept. */
export const adminModel = {
  roles: z.object({
    id,
    /** null of the default role, where users are who have no other. */
    parent_role_id: id.nullable(),
    name: z.string(),
    active_flag: z.boolean(),
    settings: roleSettings,
    /** A pipeline is visible to a role until it is hidden from it. */
    hidden_pipeline_ids: z.array(id),
  }),
  teams: z.object({
    id,
    name: z.string(),
    description: z.string(),
    manager_id: id,
    users: z.array(id),
    active_flag: z.boolean(),
    deleted_flag: z.boolean(),
    add_time: stamp,
    created_by_user_id: id,
  }),
  webhooks: z.object({
    id,
    name: z.string(),
    /** Who made it, and with whose permissions each event is checked. */
    owner_id: id,
    user_id: id,
    event_action: z.string(),
    event_object: z.string(),
    subscription_url: z.string(),
    http_auth_user: z.string().nullable(),
    http_auth_password: z.string().nullable(),
    add_time: stamp,
    last_delivery_time: stamp.nullable(),
    last_http_status: z.number().nullable(),
    /** First tries that failed since the last ban, and until when it is banned. */
    failures: z.number(),
    banned_until: stamp.nullable(),
    /** Since when no delivery came through. */
    failing_since: stamp.nullable(),
  }),
} as const;

export type Role = z.infer<typeof adminModel.roles>;
export type Team = z.infer<typeof adminModel.teams>;
export type Webhook = z.infer<typeof adminModel.webhooks>;
