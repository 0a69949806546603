import { z } from 'zod/v3';
import { json } from './json.ts';
import { adminModel } from './models/admin.ts';
import { filesModel } from './models/files.ts';
import { filterModel } from './models/filters.ts';
import { goalModel } from './models/goals.ts';
import { projects } from './models/projects.ts';
import { relations } from './models/relations.ts';

/**
 * What the sandbox keeps, one schema a kind of record. Times are RFC 3339 in UTC, custom fields have v2's form keyed by
 * field_code; how v1 and v2 show a record is the business of its resource.
 */
const id = z.number().int();
const link = id.nullable();
const stamp = z.string();
const stampOrNull = stamp.nullable();
const customFields = z.record(json);
const address = z.record(json).nullable();
const contact = z.array(z.object({ value: z.string(), primary: z.boolean(), label: z.string() }));

/** One a currency. */
const prices = z.array(
  z.object({
    currency: z.string(),
    price: z.number(),
    cost: z.number(),
    direct_cost: z.number().nullable(),
    notes: z.string(),
  }),
);

const dated = { add_time: stamp, update_time: stamp };
/** `delete_time` says since when a soft-deleted record waits for its purge. */
const deletable = { is_deleted: z.boolean(), delete_time: stampOrNull };

const fieldOption = z.object({
  id: z.union([z.number(), z.string()]),
  label: z.string(),
  color: z.string().nullable().optional(),
  add_time: stamp.optional(),
  update_time: stamp.optional(),
});

const entityName = z.enum(['deal', 'person', 'organization', 'product', 'activity', 'lead', 'note', 'project', 'user']);
export type EntityName = z.infer<typeof entityName>;

export const model = {
  users: z.object({
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
  pipelines: z.object({
    id,
    name: z.string(),
    order_nr: z.number(),
    is_deal_probability_enabled: z.boolean(),
    ...deletable,
    ...dated,
  }),
  stages: z.object({
    id,
    name: z.string(),
    order_nr: z.number(),
    pipeline_id: id,
    deal_probability: z.number(),
    is_deal_rot_enabled: z.boolean(),
    days_to_rotten: z.number().nullable(),
    ...deletable,
    ...dated,
  }),
  deals: z.object({
    id,
    title: z.string(),
    creator_user_id: id,
    owner_id: id,
    value: z.number(),
    currency: z.string(),
    person_id: link,
    org_id: link,
    pipeline_id: id,
    stage_id: id,
    status: z.enum(['open', 'won', 'lost']),
    stage_change_time: stampOrNull,
    is_archived: z.boolean(),
    archive_time: stampOrNull,
    probability: z.number().nullable(),
    lost_reason: z.string().nullable(),
    visible_to: z.number(),
    close_time: stampOrNull,
    won_time: stampOrNull,
    lost_time: stampOrNull,
    first_won_time: stampOrNull,
    expected_close_date: z.string().nullable(),
    label_ids: z.array(id),
    origin: z.string(),
    origin_id: z.string().nullable(),
    channel: z.number().nullable(),
    channel_id: z.string().nullable(),
    source_lead_id: z.string().nullable(),
    acv: z.number().nullable(),
    arr: z.number().nullable(),
    mrr: z.number().nullable(),
    custom_fields: customFields,
    ...deletable,
    ...dated,
  }),
  persons: z.object({
    id,
    name: z.string(),
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    owner_id: id,
    org_id: link,
    emails: contact,
    phones: contact,
    visible_to: z.number(),
    label_ids: z.array(id),
    picture_id: link,
    marketing_status: z.string(),
    custom_fields: customFields,
    ...deletable,
    ...dated,
  }),
  organizations: z.object({
    id,
    name: z.string(),
    owner_id: id,
    address,
    visible_to: z.number(),
    label_ids: z.array(id),
    website: z.string().nullable(),
    linkedin: z.string().nullable(),
    industry: z.number().nullable(),
    annual_revenue: z.number().nullable(),
    employee_count: z.number().nullable(),
    custom_fields: customFields,
    ...deletable,
    ...dated,
  }),
  activities: z.object({
    id,
    subject: z.string(),
    type: z.string(),
    owner_id: id,
    creator_user_id: id,
    deal_id: link,
    lead_id: z.string().nullable(),
    project_id: link,
    person_id: link,
    org_id: link,
    due_date: z.string().nullable(),
    due_time: z.string().nullable(),
    duration: z.string().nullable(),
    busy: z.boolean(),
    done: z.boolean(),
    marked_as_done_time: stampOrNull,
    location: address,
    participants: z.array(z.object({ person_id: id, primary: z.boolean() })),
    attendees: z.array(z.record(json)),
    conference_meeting_client: z.string().nullable(),
    conference_meeting_url: z.string().nullable(),
    conference_meeting_id: z.string().nullable(),
    public_description: z.string().nullable(),
    priority: z.number().nullable(),
    outcome: z.number().nullable(),
    note: z.string().nullable(),
    ...deletable,
    ...dated,
  }),
  activityTypes: z.object({
    id,
    order_nr: z.number(),
    name: z.string(),
    key_string: z.string(),
    icon_key: z.string(),
    color: z.string().nullable(),
    is_custom_flag: z.boolean(),
    active_flag: z.boolean(),
    ...dated,
  }),
  leads: z.object({
    id: z.string(),
    title: z.string(),
    owner_id: id,
    creator_id: id,
    label_ids: z.array(z.string()),
    person_id: link,
    organization_id: link,
    source_name: z.string(),
    origin: z.string(),
    origin_id: z.string().nullable(),
    channel: z.number().nullable(),
    channel_id: z.string().nullable(),
    source_deal_id: link,
    is_archived: z.boolean(),
    archive_time: stampOrNull,
    was_seen: z.boolean(),
    value: z.object({ amount: z.number(), currency: z.string() }).nullable(),
    expected_close_date: z.string().nullable(),
    visible_to: z.number(),
    /** As deals': v2's form, keyed by field_code. */
    custom_fields: customFields,
    ...deletable,
    ...dated,
  }),
  leadLabels: z.object({ id: z.string(), name: z.string(), color: z.string(), ...dated }),
  notes: z.object({
    id,
    content: z.string(),
    user_id: id,
    last_update_user_id: id.nullable(),
    deal_id: link,
    person_id: link,
    org_id: link,
    lead_id: z.string().nullable(),
    project_id: link,
    task_id: link,
    pinned_to_deal_flag: z.boolean(),
    pinned_to_person_flag: z.boolean(),
    pinned_to_organization_flag: z.boolean(),
    pinned_to_lead_flag: z.boolean(),
    pinned_to_project_flag: z.boolean(),
    pinned_to_task_flag: z.boolean(),
    active_flag: z.boolean(),
    ...dated,
  }),
  comments: z.object({
    /** The uuid of the API's answers. */
    id: z.string(),
    note_id: id,
    content: z.string(),
    user_id: id,
    updater_id: id.nullable(),
    active_flag: z.boolean(),
    ...dated,
  }),
  products: z.object({
    id,
    name: z.string(),
    code: z.string().nullable(),
    unit: z.string().nullable(),
    tax: z.number(),
    description: z.string().nullable(),
    category: z.number().nullable(),
    is_linkable: z.boolean(),
    owner_id: id,
    visible_to: z.number(),
    billing_frequency: z.string(),
    billing_frequency_cycles: z.number().nullable(),
    prices,
    custom_fields: customFields,
    ...deletable,
    ...dated,
  }),
  productVariations: z.object({ id, product_id: id, name: z.string(), prices }),
  productImages: z.object({ id, product_id: id, blob_id: z.string(), add_time: stamp }),
  dealProducts: z.object({
    id,
    deal_id: id,
    product_id: id,
    product_variation_id: link,
    order_nr: z.number(),
    item_price: z.number(),
    quantity: z.number(),
    tax: z.number(),
    tax_method: z.enum(['exclusive', 'inclusive', 'none']),
    discount: z.number(),
    discount_type: z.enum(['percentage', 'amount']),
    comments: z.string(),
    is_enabled: z.boolean(),
    billing_frequency: z.enum(['one-time', 'annually', 'semi-annually', 'quarterly', 'monthly', 'weekly']),
    billing_frequency_cycles: z.number().nullable(),
    billing_start_date: z.string().nullable(),
    ...dated,
  }),
  discounts: z.object({
    id: z.string(),
    deal_id: id,
    description: z.string(),
    amount: z.number(),
    type: z.enum(['percentage', 'amount']),
    created_at: stamp,
    created_by: id,
    updated_at: stamp,
    updated_by: id,
  }),
  installments: z.object({
    id,
    deal_id: id,
    description: z.string(),
    amount: z.number(),
    billing_date: z.string(),
  }),
  conversions: z.object({
    id: z.string(),
    from: z.enum(['deal', 'lead']),
    source_id: z.string(),
    status: z.enum(['running', 'completed', 'failed', 'rejected']),
    /** When the job was asked for and when it ends, with milliseconds. */
    start_time: stamp,
    done_time: stamp,
    stage_id: link,
    result_id: z.string().nullable(),
  }),
  followers: z.object({
    id,
    entity: entityName,
    record_id: id,
    user_id: id,
    add_time: stamp,
  }),
  /** Who followed once, for the changelog; the id is the follower's. */
  formerFollowers: z.object({
    id,
    entity: entityName,
    record_id: id,
    user_id: id,
    add_time: stamp,
    remove_time: stamp,
  }),
  /** A field that was changed, as changelogs tell it: the key is v1's, the values are in v1's form. */
  changes: z.object({
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
  /** What was uploaded, in base64: pictures, images, recordings and files. Read without a token, by who knows the id. */
  blobs: z.object({ id: z.string(), name: z.string(), type: z.string(), content: z.string() }),
  fields: z.object({
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
  ...goalModel,
  ...projects,
  ...relations,
  ...adminModel,
  ...filesModel,
  ...filterModel,
} as const;

export type Model = { [K in keyof typeof model]: z.infer<(typeof model)[K]> };
export type User = Model['users'];
export type Pipeline = Model['pipelines'];
export type Stage = Model['stages'];
export type Deal = Model['deals'];
export type Person = Model['persons'];
export type Organization = Model['organizations'];
export type Activity = Model['activities'];
export type Lead = Model['leads'];
export type Note = Model['notes'];
export type Product = Model['products'];
export type ProductVariation = Model['productVariations'];
export type ProductImage = Model['productImages'];
export type DealProduct = Model['dealProducts'];
export type Field = Model['fields'];
export type FieldOption = z.infer<typeof fieldOption>;
export type Project = Model['projects'];
export type Task = Model['tasks'];

export const company = z.object({
  id,
  name: z.string(),
  domain: z.string(),
  country: z.string(),
  industry: z.string(),
  /** Rates to the company's default currency, for converted totals: 1 unit of the key = n units of the default. */
  rates: z.record(z.number()),
  /** false on Lite and Growth, where visible_to is 1 or 3; true on Premium and Ultimate: 1, 3, 5, 7. */
  has_visibility_groups: z.boolean(),
});
export type Company = z.infer<typeof company>;
