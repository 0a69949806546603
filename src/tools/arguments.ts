import { z } from 'zod/v3';
import type { Operation } from '../catalog/operation.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../pipedrive/json.ts';
import { didYouMean, Problem } from '../vocabulary/problem.ts';
import { isListed } from '../vocabulary/records.ts';
import { readLink, recordKind, shown } from './names/link.ts';
import { jsonObject, plain } from './request.ts';

/**
 * The arguments of a call as the operation's schema wants them. What a model plainly meant is repaired first ("42" for
 * 42, one value for a list of one, JSON in a string, a pasted link for its id, null for what was left out); anything
 * else is a Problem that names the argument, what is expected and, for a misspelt one, the nearest.
 */
export function checkArguments(operation: Operation, given: JsonObject): JsonObject {
  const shape = operation.input.shape;
  const repaired: Record<string, Json> = {};
  for (const [name, value] of Object.entries(given)) {
    // `constructor` and its like are properties of every object, but arguments of none.
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (!schema) throw unknownArgument(operation, name);
    if (value === null && operation.kind !== 'update' && schema.isOptional()) continue;
    repaired[name] = repair(schema, value, operation, name);
  }
  const result = operation.input.safeParse(repaired);
  if (!result.success) throw wrongArgument(operation, result.error);
  return jsonObject.parse(result.data);
}

function repair(schema: z.ZodTypeAny, value: Json, operation: Operation, name: string): Json {
  const inner = plain(schema);
  if (inner instanceof z.ZodArray) {
    const list = typeof value === 'string' && value.trim().startsWith('[') ? (parseJson(value) ?? value) : value;
    const items = Array.isArray(list) || list === null ? list : [list];
    return items === null ? null : items.map((item) => repair(inner.element, item, operation, name));
  }
  if (
    inner instanceof z.ZodObject &&
    (typeof value === 'number' || (typeof value === 'string' && !value.trim().startsWith('{')))
  ) {
    const required = Object.entries(inner.shape).filter(([, part]) => part instanceof z.ZodType && !part.isOptional());
    const [only, second] = required;
    return only && !second ? repairObject(inner.shape, { [only[0]]: value }, operation) : value;
  }
  if (inner instanceof z.ZodObject || inner instanceof z.ZodRecord) {
    if (typeof value === 'string' && value.trim().startsWith('{')) {
      const parsed = parseJson(value);
      return parsed === undefined ? value : repair(schema, parsed, operation, name);
    }
    if (inner instanceof z.ZodObject && isObject(value)) return repairObject(inner.shape, value, operation);
    return value;
  }
  const record = typeof value === 'string' ? recordKind(operation, name) : undefined;
  if (typeof value === 'string' && record && /^https?:\/\//i.test(value)) return readLink(value, record);
  if (typeof value === 'string' && record && isListed(record) && inner instanceof z.ZodNumber) {
    const known = shown(value);
    if (known) return known.id;
  }
  if (inner instanceof z.ZodNumber && typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value)) {
    return Number(value);
  }
  if (inner instanceof z.ZodBoolean && typeof value === 'string' && /^(true|false)$/i.test(value)) {
    return value.toLowerCase() === 'true';
  }
  if (inner instanceof z.ZodEnum) {
    const word = String(value).toLowerCase();
    return (
      z
        .array(z.string())
        .parse(inner.options)
        .find((option) => option.toLowerCase() === word) ?? value
    );
  }
  if (inner instanceof z.ZodString && typeof value === 'number') return String(value);
  return value;
}

function repairObject(shape: z.ZodRawShape, value: JsonObject, operation: Operation): JsonObject {
  const repaired: JsonObject = {};
  for (const [name, part] of Object.entries(value)) {
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
    repaired[name] = schema ? repair(schema, part, operation, name) : part;
  }
  return repaired;
}

function unknownArgument(operation: Operation, name: string): Problem {
  const known = Object.keys(operation.input.shape);
  const near = alias(name, known) ?? didYouMean(name, known);
  const edit = operation.edits?.find(({ list }) => didYouMean(name, [list]) !== undefined);
  if (edit) {
    return new Problem(
      `${operation.name} has no argument "${name.slice(0, 100)}".`,
      `A whole list would replace what is there: "${edit.add}" and "${edit.remove}" keep the others.`,
      'Call again with these.',
    );
  }
  if (operation.paging && !known.includes('term') && WORDS.has(name)) {
    return new Problem(
      `${operation.name} has no argument "${name}".`,
      'Lists are filtered by ids, not by words.',
      'To find by words call search_items with "term" and "item_types".',
    );
  }
  return new Problem(
    `${operation.name} has no argument "${name.slice(0, 100)}".`,
    near ? `Did you mean "${near}"?` : unknownWhy(known),
    known.length > 0 ? `Call again with these only: ${known.join(', ')}.` : 'Call again without arguments.',
  );
}

function unknownWhy(known: readonly string[]): string {
  return known.includes('where')
    ? 'What a list has no argument for is a condition: where: ["type = Call", "value > 50000"].'
    : 'Arguments are checked by name, so that a misspelt one is never ignored.';
}

/** What a model calls words to look for. */
const WORDS = new Set(['name', 'title', 'query', 'q', 'search', 'term', 'text', 'keyword', 'email', 'phone']);

/** Pipedrive itself calls these things by two names. */
function alias(name: string, known: readonly string[]): string | undefined {
  const pairs = [
    ['org_id', 'organization_id'],
    ['owner_id', 'user_id'],
    ['title', 'name'],
    ['title', 'subject'],
    ['content', 'note'],
  ];
  return pairs
    .flatMap(([a = '', b = '']) => (name === a ? [b] : name === b ? [a] : []))
    .find((other) => known.includes(other));
}

/** A list of a thousand wrong values is wrong in a thousand ways; the first few tell enough. */
const MOST_ISSUES = 5;

function wrongArgument(operation: Operation, error: z.ZodError): Problem {
  const said = error.issues.slice(0, MOST_ISSUES).map((issue) => {
    const where = issue.path.join('.') || 'arguments';
    if (issue.code === 'invalid_type' && issue.received === 'undefined') return `"${where}" is missing`;
    if (issue.code === 'invalid_type') {
      if (issue.received === 'null') return `"${where}" cannot be cleared with null: Pipedrive's API has no way to`;
      if (issue.expected.startsWith("'"))
        return `"${where}" must be one of ${issue.expected.replaceAll("'", '').replaceAll(' | ', ', ')}`;
      return `"${where}" must be ${article(issue.expected)}, not ${article(issue.received)}`;
    }
    if (issue.code === 'invalid_union') return `"${where}" must be an id or a name`;
    if (issue.code === 'invalid_enum_value') return `"${where}" must be one of ${issue.options.join(', ')}`;
    if (issue.code === 'unrecognized_keys')
      return `"${where}" has no ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    return `"${where}": ${issue.message}`;
  });
  const described = Object.entries(operation.input.shape)
    .filter(([name]) => error.issues.some((issue) => issue.path[0] === name))
    .map(([name, schema]) => `${name}: ${schema.description ?? plain(schema)?.description ?? 'see the schema'}`);
  const isName = error.issues.some(
    (issue) =>
      issue.code === 'invalid_type' && issue.received === 'string' && recordKind(operation, String(issue.path[0])),
  );
  const isOrder = error.issues.some(({ path }) => path[0] === 'sort_by' || path[0] === 'sort');
  const next = isName
    ? 'search_items finds ids by names.'
    : isOrder && 'where' in operation.input.shape
      ? `Pipedrive sorts by nothing else: narrow the list with ${example(operation)} or the like, or read it whole with a high limit.`
      : 'Correct the arguments and call again.';
  return new Problem(
    `${operation.name}: ${said.join('; ')}.`,
    described.length > 0 ? `Expected: ${described.join('; ')}.` : 'The arguments do not fit the tool.',
    `Nothing was sent to Pipedrive. ${next}`,
  );
}

/** The example that the operation's own schema has of a condition. */
function example({ input }: Operation): string {
  return `where: ["${input.shape['where']?.description ?? ''}"]`;
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
