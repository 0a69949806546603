import { z } from 'zod/v3';
import { links } from '../../catalog/links.ts';
import { type Endpoint, endpoints } from '../../catalog/operation.ts';
import type { ApiRequest } from '../../pipedrive/client.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { exampleOf } from '../../vocabulary/field-types.ts';
import { type DescribedEntity, described, type Field, Fields, readField } from '../../vocabulary/fields.ts';
import { lookUp } from '../../vocabulary/lookup.ts';
import type { Names } from '../../vocabulary/names.ts';
import { didYouMean, Problem } from '../../vocabulary/problem.ts';
import { recordAnswer, signature } from '../answers/answer.ts';
import { offsetList } from '../lists/offset-list.ts';
import { optionsOf } from '../names/resolve.ts';
import { target } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';

const describedEntity = z.enum(described);
const entityOf = ({ args }: Run) => describedEntity.parse(args['entity']);

/** `deal` and `GET /api/v2/dealFields` belong together by name. */
function fieldsEndpoint(run: Run): Endpoint {
  const wanted = `${entityOf(run)}Fields`;
  const found = endpoints(run.operation).find((endpoint) => endpoint.split('/')[3] === wanted);
  if (!found) throw new Error(`${run.operation.name} has no endpoint for ${wanted}`);
  return found;
}

/** Sends the entity's own operation of the tool and gives its `data`. */
async function send(run: Run, field?: Field, body?: Json, query: ApiRequest['query'] = {}): Promise<Json> {
  const { operation, client, options } = run;
  const { method, path } = target({ ...operation, endpoint: fieldsEndpoint(run) });
  const request = { method, path: path.replace('{field_code}', encodeURIComponent(field?.code ?? '')) };
  const { data } = await client.request(
    { ...request, query, ...(body === undefined ? {} : { body }), cost: operation.cost },
    options,
  );
  return data;
}

/** The field schema of an entity, loaded anew: asking for it is how the vocabulary is refreshed on demand. */
async function listFields(run: Run): Promise<JsonObject> {
  const { vocabulary, options } = run;
  const fields = await vocabulary.fields(entityOf(run)).refresh(options);
  const types = [...new Set(fields.custom.map(({ type }) => type))];
  const forms = types.flatMap((type) => {
    const form = exampleOf(type);
    return form === undefined ? [] : [[type, form]];
  });
  const stages = fields.all.some(asksByStage) ? await vocabulary.names('stage').get(options) : undefined;
  const list = await offsetList(
    run,
    fields.all.map((field) => fieldRow(fields, field, stages)),
  );
  return { ...list, ...(forms.length > 0 ? { custom_fields_take: Object.fromEntries(forms) } : {}) };
}

/** The field that is given by its code or its label; a label that is not found is looked for once more, since it may be new. */
async function fieldOf(run: Run): Promise<Field> {
  const { operation, args, vocabulary, options } = run;
  const given = String(args['field_code']).trim();
  const kept = vocabulary.fields(entityOf(run));
  const before = kept.loadedAt;
  let fields = await kept.get(options);
  let found = named(fields, given);
  if (found.length === 0 && before !== undefined && kept.loadedAt === before) {
    fields = await kept.refresh(options);
    found = named(fields, given);
  }
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  if (only) {
    throw new Problem(
      `${operation.name}: "${given.slice(0, 100)}" fits ${found.length} fields.`,
      `They are ${found.map((one) => `${one.label} (field_code ${one.code})`).join(', ')}.`,
      'Give the field_code of the one that is meant.',
    );
  }
  const near = didYouMean(
    given,
    fields.all.map(({ label }) => label),
  );
  throw new Problem(
    `${operation.name}: ${entityOf(run)} has no field "${given.slice(0, 100)}".`,
    near ? `Did you mean "${near}"?` : 'No field has that label or code.',
    'list_fields shows the fields there are.',
  );
}

function named(fields: Fields, given: string): readonly Field[] {
  const coded = fields.byCode(given);
  if (coded) return [coded];
  const labelled = fields.find(given);
  const shown = labelled.length > 0 ? undefined : fields.byShown(given);
  return shown ? [shown] : labelled;
}

const settings = 'ui_visibility,important_fields,required_fields';
/** What of a field the API gives only when asked; a project's comes with all. */
const included: Readonly<Partial<Record<DescribedEntity, string>>> = {
  deal: settings,
  person: settings,
  organization: settings,
  product: 'ui_visibility',
  activity: 'ui_visibility',
};

/** One answer's options, in characters. */
const OPTIONS_ROOM = 24_000;

/** The options as `id=label`, as many as fit, and where they go on. */
async function getField(run: Run): Promise<JsonObject> {
  const include = included[entityOf(run)];
  const query = include === undefined ? {} : { include_fields: include };
  const data = await send(run, await fieldOf(run), undefined, query);
  const record = isObject(data) ? data : {};
  const offset = Number(run.args['option_offset'] ?? 0);
  const all = rowsOf(record['options'] ?? null, undefined);
  const left = all.slice(offset).map(({ id, label }) => `${String(id)}=${String(label)}`);
  let room = OPTIONS_ROOM;
  const end = left.findIndex((option) => {
    room -= JSON.stringify(option).length + 1;
    return room < 0;
  });
  const shown = end === -1 ? left : left.slice(0, Math.max(1, end));
  const next = offset + shown.length;
  return {
    ...(await recordAnswer(run, { ...record, options: shown })),
    ...(next < all.length
      ? { options_left: `${all.length - next} of ${all.length}: call again with option_offset ${next}` }
      : {}),
  };
}

/** The options shown in a row; get_field shows all. */
const MOST_OPTIONS = 100;

/** One row of a field schema; what is empty falls away with its column. */
function fieldRow(fields: Fields, field: Field, stages: Names | undefined): JsonObject {
  const { code, label, type, isCustom, isWritable, options, required, requiredToEnd, important } = field;
  // Custom fields, labels and what links call an option are written by name; other built-in options by their id.
  const kind = links[code]?.kind;
  const byName = isCustom || kind === 'label' || kind === 'option';
  const entries = options?.entries ?? [];
  const shown = entries.slice(0, MOST_OPTIONS).map(({ id, name }) => (byName ? name : `${id}=${name}`));
  if (entries.length > MOST_OPTIONS) shown.push(`${entries.length - MOST_OPTIONS} more: get_field of toolset fields`);
  return {
    id: code,
    field: isCustom ? fields.labelOf(field) : label,
    field_code: code,
    type,
    custom: isCustom ? true : null,
    read_only: isCustom && !isWritable ? true : null,
    required: required === true || asked([where(required, stages), ends(requiredToEnd, stages)]),
    important: where(important, stages),
    options: shown.length > 0 ? shown.join('; ') : null,
  };
}

function asked(where: readonly (string | boolean | null)[]): string | null {
  const said = where.filter((one) => typeof one === 'string');
  return said.length > 0 ? said.join('; ') : null;
}

function asksByStage({ required, requiredToEnd, important }: Field): boolean {
  return typeof required !== 'boolean' || typeof important !== 'boolean' || Object.keys(requiredToEnd).length > 0;
}

/** `to be won in Renewals, to be lost in Renewals`; a pipeline is known by its stages. */
function ends(demands: Field['requiredToEnd'], stages: Names | undefined): string | null {
  const said = Object.entries(demands).flatMap(([pipeline, statuses]) => {
    const within = stages?.entries.find((stage) => String(stage.within?.id) === pipeline)?.within;
    return statuses.map((status) => `to be ${status} in ${within?.name ?? `pipeline ${pipeline}`}`);
  });
  return said.length > 0 ? said.join(', ') : null;
}

function where(asked: boolean | readonly number[], stages: Names | undefined): string | boolean | null {
  if (typeof asked === 'boolean') return asked ? true : null;
  return `in ${asked.map((id) => stages?.label(id) ?? `stage ${id}`).join(', ')}`;
}

/** Settings that the API has for the fields of some entities alone. */
const limitedTo: Readonly<Record<string, readonly string[]>> = {
  description: ['deal'],
  required_fields: ['deal', 'person', 'organization', 'project'],
  'required_fields.stage_ids': ['deal'],
  'required_fields.statuses': ['deal'],
  important_fields: ['deal', 'person', 'organization', 'project'],
  'ui_visibility.projects_detail_visible_flag': ['deal'],
  'ui_visibility.show_in_pipelines': ['deal'],
  'ui_visibility.show_in_add_deal_dialog': ['person', 'organization'],
  'ui_visibility.show_in_add_person_dialog': ['organization'],
};

/** The settings of a field among the arguments. Throws Problem for one that fields of the entity have not. */
function settingsOf(run: Run): JsonObject {
  const { entity: _, field_code: __, ...settings } = run.args;
  const entity = entityOf(run);
  const paths = Object.entries(settings).flatMap(([key, value]) => [
    key,
    ...(isObject(value) ? Object.keys(value).map((part) => `${key}.${part}`) : []),
  ]);
  const foreign = paths.find((path) => limitedTo[path]?.includes(entity) === false);
  if (foreign === undefined) return settings;
  throw new Problem(
    `${run.operation.name}: "${foreign}" cannot be set for ${entity} fields.`,
    `Pipedrive has it for fields of ${limitedTo[foreign]?.join(', ')} only.`,
    'Leave it out. Nothing was sent.',
  );
}

async function createField(run: Run): Promise<JsonObject> {
  const { options, ...settings } = settingsOf(run);
  const type = String(settings['field_type']);
  const isChoice = type === 'enum' || type === 'set';
  const labels = Array.isArray(options) ? options : [];
  if (isChoice !== labels.length > 0) {
    throw new Problem(
      `create_field: a field of type ${type} ${isChoice ? 'needs' : 'has no'} options.`,
      'Fields of type enum and set are chosen from options, others are not.',
      `${isChoice ? 'Give their labels in options' : 'Leave options out, or make it an enum or a set'}. Nothing was sent.`,
    );
  }
  const body = isChoice ? { ...settings, options: labels.map((label) => ({ label })) } : settings;
  return changed(run, 'Created', await send(run, undefined, body));
}

async function updateField(run: Run): Promise<JsonObject> {
  const settings = settingsOf(run);
  if (Object.keys(settings).length === 0) {
    throw new Problem(
      'update_field: nothing to change was given.',
      'Only the field was named.',
      'Give what is to change; options have tools of their own, and the type stays as it is.',
    );
  }
  return changed(run, 'Updated', await send(run, await fieldOf(run), settings));
}

async function deleteField(run: Run): Promise<JsonObject> {
  const field = await fieldOf(run);
  if (!field.isCustom) {
    throw new Problem(
      `delete_field: ${field.label} is a built-in field.`,
      'Only custom fields can be deleted.',
      'list_fields shows which are custom. Nothing was sent.',
    );
  }
  await send(run, field);
  return { done: `Deleted ${entityOf(run)} field "${field.label}"`, as: signature(run.account) };
}

/** The field as list_fields shows it. */
function changed(run: Run, verb: string, data: Json): JsonObject {
  const field = readField(isObject(data) ? data : {});
  const { id: _, ...row } = fieldRow(new Fields([field]), field, run.vocabulary.names('stage').known);
  return {
    done: `${verb} ${entityOf(run)} field "${field.label}"`,
    as: signature(run.account),
    field: Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
  };
}

async function addFieldOptions(run: Run): Promise<JsonObject> {
  const field = await fieldOf(run);
  const labels = z.array(z.string()).parse(run.args['options']);
  const body = labels.map((label) => ({ label }));
  return optionsChanged(run, 'Added', 'to', field, await send(run, field, body));
}

async function updateFieldOptions(run: Run): Promise<JsonObject> {
  const field = await fieldOf(run);
  const changes = z.array(z.object({ id: given, label: z.string() })).parse(run.args['options']);
  const ids = await optionIds(
    run,
    field,
    changes.map(({ id }) => id),
  );
  const body = changes.map(({ label }, index) => ({ id: ids[index] ?? null, label }));
  return optionsChanged(run, 'Renamed', 'of', field, await send(run, field, body));
}

async function removeFieldOptions(run: Run): Promise<JsonObject> {
  const field = await fieldOf(run);
  const ids = await optionIds(run, field, z.array(given).parse(run.args['options']));
  const body = ids.map((id) => ({ id }));
  return optionsChanged(run, 'Removed', 'from', field, await send(run, field, body));
}

const given = z.union([z.number(), z.string()]);

/** Ids of options that are given by id or label. Throws Problem. */
async function optionIds(
  run: Run,
  field: Field,
  options: readonly (number | string)[],
): Promise<readonly (number | string)[]> {
  const source = optionsOf(run.vocabulary, entityOf(run), field.code);
  const what = { argument: 'options', noun: `option of ${field.label}` };
  return Promise.all(options.map((option) => lookUp(source, option, what, run.options)));
}

function optionsChanged(run: Run, verb: string, preposition: string, field: Field, data: Json): JsonObject {
  const labels = rowsOf(data, undefined).map(({ label }) => String(label));
  const count = `${labels.length} ${labels.length === 1 ? 'option' : 'options'}`;
  return {
    done: `${verb} ${count} ${preposition} ${entityOf(run)} field "${field.label}"`,
    as: signature(run.account),
    options: labels,
  };
}

/** The tools of fields, each of which has an endpoint for every entity. */
export const fieldTasks: Readonly<Record<string, (run: Run) => Promise<JsonObject>>> = {
  list_fields: listFields,
  get_field: getField,
  create_field: createField,
  update_field: updateField,
  delete_field: deleteField,
  add_field_options: addFieldOptions,
  update_field_options: updateFieldOptions,
  remove_field_options: removeFieldOptions,
};
