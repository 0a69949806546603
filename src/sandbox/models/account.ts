import { z } from 'zod/v3';
import { json } from '../json.ts';
import { Table } from '../table.ts';
import { dated, entityName, id, stamp, stampOrNull } from './parts.ts';

/** How visible a new record is unless it says so, by its kind. */
export const roleSettings = z.object({
  deal_default_visibility: z.number(),
  lead_default_visibility: z.number(),
  org_default_visibility: z.number(),
  person_default_visibility: z.number(),
  product_default_visibility: z.number(),
});

const fieldOption = z.object({
  id: z.union([z.number(), z.string()]),
  label: z.string(),
  color: z.string().nullable().optional(),
  add_time: stamp.optional(),
  update_time: stamp.optional(),
});
export type FieldOption = z.infer<typeof fieldOption>;

/** People, what they may do, and the fields of all records. Permission sets are the same in every account, so not kept. */
export const accountTables = () => ({
  users: new Table(
    z.object({
      id,
      name: z.string(),
      email: z.string(),
      phone: z.string().nullable(),
      default_currency: z.string(),
      locale: z.string(),
      lang: z.number(),
      timezone_name: z.string(),
      role_id: id,
      active_flag: z.boolean(),
      /** The permission sets that the user has, one an app. */
      access: z.array(z.object({ app: z.string(), permission_set_id: z.string() })),
      icon_url: z.string().nullable(),
      last_login: stampOrNull,
      created: stamp,
      modified: stamp,
    }),
  ),
  roles: new Table(
    z.object({
      id,
      /** null of the default role, where users are who have no other. */
      parent_role_id: id.nullable(),
      name: z.string(),
      active_flag: z.boolean(),
      settings: roleSettings,
      /** A pipeline is visible to a role until it is hidden from it. */
      hidden_pipeline_ids: z.array(id),
    }),
  ),
  teams: new Table(
    z.object({
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
  ),
  fields: new Table(
    z.object({
      /** v1's numeric id. */
      id,
      entity: entityName,
      field_code: z.string(),
      field_name: z.string(),
      field_type: z.string(),
      description: z.string().nullable(),
      options: z.array(fieldOption).nullable(),
      options_deleted: z.array(fieldOption).optional(),
      is_custom_field: z.boolean(),
      is_optional_response_field: z.boolean(),
      is_writable: z.boolean(),
      is_required: z.boolean(),
      is_searchable: z.boolean(),
      order_nr: z.number(),
      ui_visibility: z.record(json),
      important_fields: z.record(json),
      required_fields: z.record(json),
      active_flag: z.boolean(),
      ...dated,
    }),
    ['entity'],
  ),
  webhooks: new Table(
    z.object({
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
      last_delivery_time: stampOrNull,
      last_http_status: z.number().nullable(),
      /** First tries that failed since the last ban, and until when it is banned. */
      failures: z.number(),
      banned_until: stampOrNull,
      /** Since when no delivery came through. */
      failing_since: stampOrNull,
    }),
    ['user_id'],
  ),
  /** Which user a video calling app knows under which id. */
  userProviderLinks: new Table(
    z.object({ id: z.string(), user_id: id, company_id: id, marketplace_client_id: z.string() }),
  ),
});
