/**
 * Where the official OpenAPI files are known to be wrong, too narrow, or an example of one account only: each entry says
 * why. Everything else in them is held to the letter. Operations are named `GET /api/v2/deals/{id}`; a place in an
 * answer is a path with a star for any array index: `/data/*\/org_id`.
 *
 * Two more rules stand in the check itself: where an official example breaks its own schema, that rule of the schema is
 * not held; and a key that `include_fields` adds is expected where it was asked for only.
 */

/** Declared as one enum value although their descriptions say "comma-separated": each part is held to the enum. */
export const commaSeparated: ReadonlySet<string> = new Set([
  'fields',
  'include_fields',
  'item_types',
  'items',
  'status',
]);

/** Query parameters whose declared enum is not what their description says is sent. */
export const freeText: readonly { parameter: string; pattern: RegExp; because: string }[] = [
  {
    parameter: 'sort',
    pattern: /^[a-z_]+( (asc|desc))?(, ?[a-z_]+( (asc|desc))?)*$/i,
    because: 'of leads: declared as a bare field name, described as "field_name_1 ASC, field_name_2 DESC"',
  },
];

/** Keys of bodies and answers that stand for themselves: custom fields are keyed by their 40-character hash. */
export const customFieldKey = /^[0-9a-f]{40}(_|$)/;

export type Excuse = { operations: RegExp; at: RegExp; because: string };

/** Maps keyed by ids or currencies: an example's keys say nothing, its values are what each value is held to. */
export const maps: readonly Excuse[] = [
  {
    operations: /^GET \/api\/v1\/deals\/summary/,
    at: /\/(weighted_)?values_total$/,
    because: 'keyed by the currencies that the deals have',
  },
  {
    operations: /^GET \/api\/v1\/(deals\/timeline|pipelines\/\{id\}\/movement_statistics)/,
    at: /\/((weighted_|open_|weighted_open_|won_)?values|formatted_values)$/,
    because: 'likewise',
  },
  {
    operations: /\/api\/v1\//,
    at: /\/related_objects\/(user|person|organization|deal|stage|pipeline)$/,
    because: 'keyed by the ids of the records that the answer names',
  },
  {
    operations: /^GET \/api\/v1\/persons\/\{id\}\/products$/,
    at: /^\/data\/\*$/,
    because: 'keyed by the id of the deal',
  },
  {
    operations: /^GET \/api\/v1\/products\/\{id\}\/deals$/,
    at: /^\/related_objects\/\w+$/,
    because: 'keyed by the ids of the records',
  },
];

/** Declared and shown as one record where the description tells of several: `data` is a list of such records. */
export const alone: readonly Omit<Excuse, 'at'>[] = [
  {
    operations: /^GET \/api\/v1\/deals\/timeline/,
    because: 'described as "grouped into 3 groups": a group an interval, of which the example shows one',
  },
];

/** Places whose content differs from account to account: neither keys nor types of the example are held. */
export const open: readonly Excuse[] = [
  { operations: /./, at: /\/custom_fields$/, because: 'which fields there are and of which type is up to the account' },
];

/** Keys of an example that an answer may lack. */
export const optional: readonly Excuse[] = [
  {
    operations: /\/callLogs/,
    at: /\/(subject|from_phone_number|person_id|org_id|deal_id|note)$/,
    because: 'what the body may leave out: the second record in the example of the list goes without most of them',
  },
  {
    operations: /\/persons/,
    at: /\/(im|birthday|job_title|postal_address|notes)$/,
    because: 'these fields exist once contact sync is set up, says the description of the operation',
  },
  {
    operations: /\/organizations/,
    at: /\/org_id$/,
    because: 'in the example of the organization alone: no schema has it, and an organization has no organization',
  },
  {
    operations: /Fields/,
    at: /\/options\/\*\/(color|add_time|update_time)$/,
    because: 'of labels; the options of the other examples go without',
  },
  {
    operations: /\/deals\/timeline/,
    at: /^\/data\/deals$/,
    because: 'left out with exclude_deals, says the parameter',
  },
  {
    operations: /^GET \/api\/v1\//,
    at: /\/pagination\/next_start$/,
    because: 'there while more items are in the collection, says the guide to pagination',
  },
  {
    operations: /\/filters/,
    at: /\/field_code$/,
    because: 'there when include_field_code asks for it, says its own description',
  },
  {
    operations: /\/api\/v1\/leads\/search$/,
    at: /^\/additional_data\/(description|type|properties)$/,
    because: 'the example has a piece of the schema in the place of the pagination',
  },
  {
    operations: /\/api\/v1\/productFields(\/\{id\})?$/,
    at: /\/options$/,
    because: 'of a field with options, which the example is; in the example of the list others go without',
  },
  {
    operations: /\/convert\/status\//,
    at: /\/(deal_id|lead_id)$/,
    because: 'the description: when the status is completed',
  },
  {
    operations: /\/goals/,
    at: /\/params\/activity_type_id$/,
    because: 'the description: of goals that count activities',
  },
  {
    operations: /^POST \/api\/v1\/roles\/\{id\}\/settings$/,
    at: /^\/data\/deal_default_visibility$/,
    because: 'the setting that was written, which the example is one of',
  },
  {
    operations: /\/flow$/,
    at: /^\/related_objects\/allOf$/,
    because: 'the example has a word of the schema in the place of what it stands for',
  },
  {
    operations: /^GET \/api\/v1\/persons\/\{id\}\/followers$/,
    at: /\/deal_id$/,
    because: 'the example is that of a deal; adding a follower answers person_id',
  },
  {
    operations: /\/flow$/,
    at: /\/additional_data\/(old|new)_value_formatted$/,
    because: 'there where a value points to something that has a name',
  },
  {
    operations: /^GET \/api\/v1\/recents$/,
    at: /^\/additional_data\/pagination"$/,
    because: 'misspelt in the example, with a quotation mark behind it',
  },
];

/** Values that an answer may have as null although the example has one and the schema does not say "nullable". */
export const nullable: readonly Excuse[] = [
  {
    operations: /\/files(\/|$)/,
    at: /\/(product_id|activity_id)$/,
    because: 'a link that may be unset, as other links',
  },
  {
    operations: /\/(mailThreads|mailMessages)/,
    at: /\/linked_person_id$/,
    because: 'an address that is no person of the account, such as the own one',
  },
  { operations: /\/mailMessages$/, at: /\/template_id$/, because: 'a message that no template was used for' },
  {
    operations: /\/users/,
    at: /\/last_login$/,
    because: 'of a user who was invited and has not come yet, as the guide for webhooks shows one',
  },
  {
    operations: /^GET \/api\/v1\/(products\/\{id\}\/deals|persons\/\{id\}\/products)$/,
    at: /\/(next|last)_activity_(id|date|time|subject|type|duration|note)$|\/(label|person_name|org_name)$/,
    because: 'of a deal without such an activity, label or contact',
  },
  { operations: /./, at: /^\/additional_data\/next_cursor$/, because: 'described as null on the last page' },
  {
    operations: /^GET \/api\/v1\//,
    at: /^\/data$/,
    because: 'v1 answers null for an empty collection',
  },
  {
    operations: /./,
    at: /\/(person_id|org_id|organization_id|deal_id|lead_id|project_id|task_id)$/,
    because: 'a link that may be unset, as the bodies that set it say',
  },
  { operations: /./, at: /\/(person|organization|deal|lead|project|task)$/, because: 'what such a link leads to' },
  {
    operations: /./,
    at: /\/(archive|stage_change|won|lost|close|first_won|marked_as_done|last_incoming_mail|last_outgoing_mail)_time$/,
    because: 'the time of something that may not have happened',
  },
  { operations: /./, at: /\/(local_(won|lost|close)_date|expected_close_date)$/, because: 'likewise' },
  {
    operations: /\/api\/v1\//,
    at: /\/(next|last)_activity_(date|time|subject|type|duration|note)$/,
    because: 'nothing is planned, or was done',
  },
  {
    operations: /\/api\/v1\/(deals|pipelines|stages)/,
    at: /\/(label|person_name|org_name)$/,
    because: 'of a deal without label or contact',
  },
  { operations: /./, at: /\/(address|location)$/, because: 'an address that may not be set' },
  {
    operations: /./,
    at: /\/(street_number|route|(sub)?locality|subpremise|admin_area_level_[12]|country|postal_code|formatted_address)$/,
    because: 'a part that the address does not have',
  },
  { operations: /\/persons/, at: /\/picture_id$/, because: 'a person without a picture' },
  {
    operations: /\/notes/,
    at: /\/(last_update_user_id|user\/icon_url)$/,
    because: 'a note that nobody has changed, a user without a picture',
  },
  {
    operations: /\/activities/,
    at: /\/(due_date|due_time|duration|note|public_description|priority|conference_meeting_(client|url|id))$/,
    because: 'what the body that makes an activity may leave out',
  },
  {
    operations: /\/activities/,
    at: /\/attendees\/\*\/(name|status|user_id|person_id)$/,
    because: 'an attendee may be an e-mail address alone, and has not answered at first',
  },
  { operations: /\/(leads\/search|itemSearch)$/, at: /\/item\/(value|currency)$/, because: 'a lead without a value' },
  {
    operations: /\/goals/,
    at: /\/(duration\/end|params\/(pipeline_id|activity_type_id))$/,
    because: 'the body says: null for an open end, all pipelines, all activities',
  },
  {
    operations: /\/projects/,
    at: /\/(description|board_id|phase_id|start_date|end_date)$/,
    because: 'what the body that makes a project may leave out; board and phase are optional since 2026-03-05',
  },
  { operations: /\/tasks/, at: /\/(description|due_date|parent_task_id|assignee_id)$/, because: 'likewise of a task' },
  { operations: /\/projects\/\{id\}\/plan/, at: /\/(phase_id|group_id)$/, because: 'in no phase or group yet' },
  {
    operations: /\/(flow|recents)$/,
    at: /^\/data\/\*\/data\//,
    because: 'records as they are, shown by one example that has everything set',
  },
];

/** Values of bodies that an enum lacks, though the guides have them. */
export const wider: readonly Excuse[] = [
  {
    operations: /^POST \/api\/v1\/webhooks$/,
    at: /^\/event_object$/,
    because: 'the guide for webhooks 2.0 has deal_product, deal_installment, project, task, board and phase as well',
  },
];

/** Places that the schema cannot hold: only the example does. */
export const unheld: readonly Excuse[] = [
  {
    operations: /\/recents$/,
    at: /^\/data\/\*(\/|$)/,
    because: 'alternatives of whole records, none of which lets anything be null, so that every real record fits none',
  },
];

/** Values that may have another type than in the example, or another one than the enum of the schema has. */
export const loose: readonly Excuse[] = [
  {
    operations: /^GET \/api\/v1\/(products\/\{id\}\/deals|deals\/archived)$/,
    at: /\/has_pic$/,
    because: 'true or false beside the deal and 1 or 0 under related_objects, of one user',
  },
  {
    operations: /\/api\/v2\/products\/search$/,
    at: /\/item\/code$/,
    because: 'declared as a whole number, while the code of a product is text, and may be unset',
  },
  {
    operations: /Fields/,
    at: /\/options\/\*\/id$/,
    because: 'whole numbers of custom fields, text of some built-in ones (statuses, lead labels)',
  },
  {
    operations: /\/api\/v1\/\w+Fields/,
    at: /\/field_type$/,
    because: 'the enum is that of the types that can be created; reading also gives int, status, lead, stage…',
  },
  {
    operations: /\/itemSearch$/,
    at: /\/item\/id$/,
    because: 'the id of a lead is a UUID; the example shows other kinds only',
  },
  {
    operations: /\/(itemSearch|search)$/,
    at: /\/item\/value$/,
    because: 'declared as a whole number; a deal may be worth 99.90',
  },
  {
    operations: /\/flow$/,
    at: /^\/data\/\*\/data\/(old|new)_value$/,
    because: 'of any field, in the type of that field',
  },
  {
    operations: /\/flow$/,
    at: /^\/data\/\*\/data\/additional_data$/,
    because: 'an object with names of what was changed, or an empty list where there is nothing to name',
  },
];
