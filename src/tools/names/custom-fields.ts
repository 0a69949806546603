import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import type { Field, Fields } from '../../vocabulary/fields.ts';
import { listing } from '../../vocabulary/lookup.ts';
import { didYouMean, Problem } from '../../vocabulary/problem.ts';
import { encodeV1, encodeV2, type WriteContext } from '../../vocabulary/values.ts';
import { readRecord } from '../prepare.ts';
import { target } from '../request.ts';
import { type Naming, recordId, userId } from './named.ts';

/**
 * Values of custom fields, given by label as a person writes them, as the API wants them: under their codes, for v1 with
 * a key for each part. A label or an option that is not known is looked for once more among freshly loaded fields.
 */
export async function encodeCustomFields(run: Naming, given: JsonObject): Promise<JsonObject> {
  const { operation, account, vocabulary, options } = run;
  const entries = Object.entries(given);
  // Leads have the custom fields of deals.
  const entity = operation.entity.fields === 'lead' ? 'deal' : operation.entity.fields;
  if (entries.length === 0 || entity === undefined) return given;
  const kept = vocabulary.fields(entity);
  const before = kept.loadedAt;
  let fields = await kept.get(options);
  let isFresh = before === undefined || kept.loadedAt !== before;
  async function renewed(): Promise<boolean> {
    if (isFresh) return false;
    fields = await kept.refresh(options);
    isFresh = true;
    return true;
  }

  const look: WriteContext['look'] = (kind, value, field) => {
    if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`${field.code} was not checked`);
    return kind === 'user' ? userId(run, value, `"${field.label}"`) : recordId(run, kind, value, `"${field.label}"`);
  };
  async function encode(field: Field, value: Json): Promise<JsonObject> {
    const currency = field.type === 'monetary' && namesNoCurrency(value) ? await currencyOf(run) : account.currency;
    const context = { currency, zone: account.zone, look };
    return target(operation).isV1
      ? encodeV1(field, value, context)
      : { [field.code]: await encodeV2(field, value, context) };
  }

  const encoded: JsonObject = {};
  const labels = new Map<string, string>();
  for (const [label, value] of entries) {
    const found = customField(fields, label);
    const field = found ?? ((await renewed()) ? customField(fields, label) : undefined);
    if (!field) throw unknownField(run, fields, label);
    const other = labels.get(field.code);
    if (other !== undefined) {
      throw new Problem(
        `custom_fields: "${other}" and "${label}" are the same field.`,
        'One of the two values would be lost.',
        'Give it once.',
      );
    }
    labels.set(field.code, label);
    try {
      Object.assign(encoded, await encode(field, value));
    } catch (error) {
      if (!(error instanceof Problem) || !field.options || !(await renewed())) throw error;
      Object.assign(encoded, await encode(fields.byCode(field.code) ?? field, value));
    }
  }
  return encoded;
}

/** The custom field of this label or code, or `Label (a1b2c3)` as answers show one that isn't alone. */
function customField(fields: Fields, label: string): Field | undefined {
  const named = fields.find(label).filter((field) => field.isCustom);
  const [only, ...others] = named;
  if (others.length > 0) {
    throw new Problem(
      `custom_fields: ${named.length} fields are called "${label}".`,
      `They are ${named.map((field) => `"${fields.labelOf(field)}" (${field.type}, code ${field.code})`).join(', ')}.`,
      'Name the one that is meant as shown here, or by its code.',
    );
  }
  if (only) return only;
  const byCode = fields.byCode(label.trim());
  const field = byCode?.isCustom ? byCode : fields.byShown(label);
  return field?.isCustom ? field : undefined;
}

function unknownField({ operation }: Naming, fields: Fields, label: string): Problem {
  const builtIn = fields.byCode(label.trim()) ?? fields.find(label)[0];
  if (builtIn) {
    const isArgument = Object.hasOwn(operation.input.shape, builtIn.code);
    return new Problem(
      `custom_fields: "${label}" is a built-in field of Pipedrive, not a custom one.`,
      isArgument ? `It is set by the argument ${builtIn.code}.` : `${operation.name} cannot set it.`,
      isArgument ? `Give it as ${builtIn.code}, outside custom_fields.` : 'Leave it out; nothing was changed.',
    );
  }
  const labels = fields.custom.map((field) => fields.labelOf(field));
  const near = didYouMean(label, labels);
  return new Problem(
    `custom_fields: there is no field "${label.slice(0, 100)}".`,
    near ? `Did you mean "${near}"?` : 'No label fits, case and accents aside.',
    labels.length > 0 ? `The custom fields are: ${listing(labels)}.` : 'The account has no custom fields here.',
  );
}

function namesNoCurrency(value: Json): boolean {
  if (isObject(value)) return !value['currency'];
  return value !== null && !/[a-z]{3}/i.test(String(value));
}

/** The currency of the record that is written: the one given with it, else its own, else the user's. */
async function currencyOf({ operation, args, account, client, options }: Naming): Promise<string> {
  const given = own(args);
  if (given !== undefined || operation.kind !== 'update' || !('value' in operation.input.shape)) {
    return given ?? account.currency;
  }
  return own(await readRecord(operation, args, client, options)) ?? account.currency;
}

/** A deal has its currency beside its value, a lead within. */
function own({ currency, value }: Readonly<JsonObject>): string | undefined {
  const found = isObject(value) ? value['currency'] : currency;
  return typeof found === 'string' ? found : undefined;
}
