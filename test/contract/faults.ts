/**
 * Where the official OpenAPI files are known to be wrong or too narrow: each entry says why. Everything else in them is
 * held to the letter. Operations are written as `GET /api/v2/deals/{id}`, places in an answer as `/data/*\/picture`,
 * with `*` for any array index or map key.
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

type Excuse = { operations: RegExp; at: RegExp; because: string };

/** Maps keyed by ids, currencies or hashes: an example's keys say nothing, its first value is what each is held to. */
export const maps: readonly Excuse[] = [];

/** Places whose content differs from account to account: neither keys nor types of the example are held. */
export const open: readonly Excuse[] = [
  { operations: /./, at: /\/custom_fields$/, because: 'which fields there are and of which type is up to the account' },
];

/** Keys of an example that an answer may lack. */
export const optional: readonly Excuse[] = [];

/** Keys that an answer may have as null although the example has a value and the schema is silent about null. */
export const nullable: readonly Excuse[] = [];
