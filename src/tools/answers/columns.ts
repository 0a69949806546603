import type { Entity } from '../../catalog/entity.ts';
import { links } from '../../catalog/links.ts';
import type { JsonObject } from '../../pipedrive/json.ts';
import { type DescribedEntity, type Field, type Fields, withCode } from '../../vocabulary/fields.ts';
import { fold } from '../../vocabulary/fold.ts';
import { didYouMean, Problem } from '../../vocabulary/problem.ts';
import { told } from '../jobs/updates.ts';
import { lexiconFor } from '../names/lexicon.ts';
import type { Run } from '../run.ts';
import { outsideIn, showRecord } from './record.ts';
import { defaultColumns, type FullColumn, type Table, tableOf } from './table.ts';

/** Records in the form that the call asks for: default columns, chosen ones, or whole records. */
export async function shapeOf(run: Run, records: readonly JsonObject[]): Promise<Table> {
  const { operation, args } = run;
  const own = Object.hasOwn(told, operation.entity.name) ? told[operation.entity.name] : undefined;
  if (own) return own(run, records);
  if (args['detail'] === 'full') {
    const lexicon = await lexiconFor(run, records, { mode: 'load', fields: true });
    const rows = records.map((record) =>
      showRecord(record, operation.entity, lexicon, 0, 'the get_ tool shows the rest with'),
    );
    const outside = new Set(rows.flatMap((row, at) => outsideIn(records[at] ?? {}, row, operation.entity, lexicon)));
    return { rows, outside: [...outside], leftOut: lexicon.leftOut };
  }
  const chosen = operation.entity.fields === undefined ? undefined : args['fields'];
  return tableOf(run, records, Array.isArray(chosen) ? await chosenColumns(run, chosen.map(String)) : undefined);
}

/** The custom fields of that label, as they are told from a built-in of the same name. */
async function customOf(run: Run, entity: DescribedEntity, label: string): Promise<string[]> {
  const fields = await run.vocabulary.fields(entity).get(run.options);
  return fields
    .find(label)
    .filter(({ isCustom }) => isCustom)
    .map(withCode);
}

/** A built-in field as its own column: HTML as text, everything else as the record's key says. */
function columnOf(entity: Entity, fields: Fields, field: Field): FullColumn {
  if (field.isCustom) return { name: fields.labelOf(field), field };
  const { code, isOnRequest } = field;
  return { name: code, from: code, isOnRequest, ...(entity.rich?.includes(code) ? { as: 'text' as const } : {}) };
}

/** `labels` for `label_ids`: what answers call a key that links to something. */
function linkedColumn(entity: Entity, name: string): FullColumn | undefined {
  if (entity.name === 'note') return undefined;
  const key = Object.keys(links).find(
    (one) => links[one]?.shown === name && links[one].kind !== 'option' && one.startsWith(name.replace(/s$/, '')),
  );
  return key === undefined ? undefined : { name, from: key };
}

/** The keys of chosen columns that the API gives only when they are asked for by `include_fields`. */
export async function chosenOnRequest(run: Run): Promise<readonly string[]> {
  const { fields, detail } = run.args;
  if (Array.isArray(fields) && detail === 'full') {
    throw new Problem(
      `${run.operation.name}: "fields" and detail "full" exclude each other.`,
      'One chooses columns, the other gives whole records.',
      'Leave one of them out.',
    );
  }
  if (run.operation.entity.fields === undefined || !Array.isArray(fields)) return [];
  const columns = await chosenColumns(run, fields.map(String));
  return columns.flatMap(({ from, isOnRequest }) => (from !== undefined && isOnRequest === true ? [from] : []));
}

/** Columns by the title of a default one, a key of the record, or a custom field's label; the id always comes first. */
async function chosenColumns(run: Run, names: readonly string[]): Promise<readonly FullColumn[]> {
  const { entity } = run.operation;
  const own = defaultColumns(entity);
  const described = entity.fields;
  const found: FullColumn[] = own.filter(({ name }) => name === 'id');
  for (const name of names) {
    const wanted = fold(name).replaceAll(' ', '_');
    const key = wanted === 'due_time' ? 'due' : wanted;
    const column = own.find((one) => one.name === key || one.from === key) ?? linkedColumn(entity, wanted);
    // Written as a key is, it is the key; as a label, it may be that of a custom field too.
    const alike = column && name !== key && described ? await customOf(run, described, name) : [];
    if (column && alike.length > 0) {
      throw new Problem(
        `fields: "${name.slice(0, 100)}" may be ${alike.length + 1} things.`,
        `There is a built-in column ${key}, and ${alike.length === 1 ? 'a custom field' : 'custom fields'} of that label.`,
        `Give ${[key, ...alike].join(' or ')}.`,
      );
    }
    if (column) {
      if (!found.includes(column)) found.push(column);
      continue;
    }
    const fields = described && (await run.vocabulary.fields(described).get(run.options));
    const [field, second] = fields ? [fields.byCode(wanted) ?? fields.byShown(name), fields.find(name)[1]] : [];
    if (second && field && fields && fields.labelOf(field) !== name) {
      throw new Problem(
        `fields: two fields are called "${name}".`,
        `They are ${fields
          .find(name)
          .map((one) => fields.labelOf(one))
          .join(' and ')}.`,
        'Give the one that is meant, with the letters in brackets.',
      );
    }
    if (!field || !fields) {
      const known = fields?.all.map((one) => (one.isCustom ? fields.labelOf(one) : one.code)) ?? [];
      const valid = [...new Set([...own.map((one) => one.name), ...known])];
      const near = didYouMean(name, valid);
      throw new Problem(
        `fields: there is no field "${name.slice(0, 100)}".`,
        near ? `Did you mean "${near}"?` : 'No column, key or custom field has that name.',
        `Give some of: ${valid.slice(0, 60).join(', ')}${valid.length > 60 ? `, and ${valid.length - 60} more` : ''}.`,
      );
    }
    found.push(columnOf(entity, fields, field));
  }
  return found;
}
