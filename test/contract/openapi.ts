import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { load } from 'js-yaml';
import {
  alone,
  commaSeparated,
  customFieldKey,
  type Excuse,
  freeText,
  loose,
  maps,
  nullable,
  open,
  optional,
  unheld,
  wider,
} from './faults.ts';

type Json = Record<string, unknown>;

export type Sent = {
  method: string;
  path: string;
  query?: Readonly<Record<string, unknown>> | undefined;
  body?: unknown;
  contentType?: string | undefined;
};
export type Answered = {
  method: string;
  path: string;
  query?: Readonly<Record<string, unknown>> | undefined;
  status: number;
  body: unknown;
};

/** One answer being checked: its operation and the keys that `include_fields` could have added but was not asked to. */
type Case = { operation: Operation; unasked: ReadonlySet<string> };

export type Operation = {
  /** `GET /api/v2/deals/{id}`. */
  readonly name: string;
  /** `x-token-cost`. */
  readonly cost: number;
  readonly declaration: Json;
};

export type Contract = {
  readonly operations: readonly Operation[];
  /** The operation of a concrete path (`/api/v2/deals/12`, `/v1/users/me`): fixed segments win over parameters. */
  findOperation(method: string, path: string): Operation | undefined;
  /** What a request breaks of the official files; empty where it keeps to them. */
  checkRequest(sent: Sent): string[];
  /** What an answer breaks of them: status, schema, and the keys and types of the official example. */
  checkResponse(answered: Answered): string[];
};

/** Reads openapi-v1.yaml and openapi-v2.yaml, the files that developers.pipedrive.com serves. Throws without them. */
export function loadContract(folder: string): Contract {
  const operations = [...read(folder, 'v1'), ...read(folder, 'v2')];
  const bySegments = operations.map((operation) => ({ operation, segments: operation.name.split(/[ /]/).slice(2) }));
  const ajv = new Ajv({ allErrors: true, strict: false, logger: false, validateFormats: true });
  for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format);
  const compiled = new Map<unknown, ValidateFunction>();

  function errorsOf(schema: unknown, value: unknown): ErrorObject[] {
    const validate = compiled.get(schema) ?? ajv.compile(toJsonSchema(schema) as Json);
    compiled.set(schema, validate);
    validate(value);
    return [...(validate.errors ?? [])];
  }

  function findOperation(method: string, path: string): Operation | undefined {
    const wanted = `/api/${path.replace(/^\/(api\/)?/, '')}`.split('/').slice(1);
    let best: { operation: Operation; fixed: number } | undefined;
    for (const { operation, segments } of bySegments) {
      if (!operation.name.startsWith(`${method} `) || segments.length !== wanted.length) continue;
      if (!segments.every((segment, i) => segment === wanted[i] || (segment.startsWith('{') && wanted[i] !== '')))
        continue;
      const fixed = segments.filter((segment) => !segment.startsWith('{')).length;
      if (!best || fixed > best.fixed) best = { operation, fixed };
    }
    return best?.operation;
  }

  function checkRequest({ method, path, query = {}, body, contentType = 'application/json' }: Sent): string[] {
    const operation = findOperation(method, path);
    if (!operation) return [`${method} ${path}: no such operation`];
    const found: string[] = [];
    const parameters = list(operation.declaration['parameters']).map(object);
    const inPath = new Map(pathParameters(operation, path));
    for (const parameter of parameters) {
      const name = String(parameter['name']);
      const value = parameter['in'] === 'path' ? inPath.get(name) : query[name];
      if (value === undefined) {
        if (parameter['required'] === true) found.push(`query ${name}: required`);
        continue;
      }
      for (const error of parameterErrors(parameter, String(value))) found.push(`${parameter['in']} ${name}: ${error}`);
    }
    const declared = new Set(parameters.filter((one) => one['in'] === 'query').map((one) => one['name']));
    for (const name of Object.keys(query)) if (!declared.has(name)) found.push(`query ${name}: undeclared`);
    found.push(...bodyErrors(operation, body, contentType));
    return found.map((violation) => `${operation.name}: ${violation}`);
  }

  function parameterErrors(parameter: Json, value: string): string[] {
    const schema = object(parameter['schema']);
    const free = freeText.find((one) => one.parameter === parameter['name']);
    if (free) return free.pattern.test(value) ? [] : [`'${value}' is not ${free.pattern}`];
    const isList = schema['type'] === 'array';
    const values = isList || commaSeparated.has(String(parameter['name'])) ? value.split(',') : [value];
    const one = isList ? schema['items'] : schema;
    return values.flatMap((text) => {
      const typed = fromText(text, object(one)['type']);
      return errorsOf(one, typed).map((error) => `'${text}' ${error.message} ${JSON.stringify(error.params)}`);
    });
  }

  function bodyErrors(operation: Operation, body: unknown, contentType: string): string[] {
    const declaration = operation.declaration['requestBody'];
    if (declaration === undefined) return body === undefined ? [] : ['body: undeclared'];
    const { content, required } = object(declaration);
    if (body === undefined) return required === true ? ['body: required'] : [];
    const media = object(content)[contentType.replace(/;.*/, '')];
    if (media === undefined) return [`body: ${contentType} is not one of ${Object.keys(object(content)).join(', ')}`];
    const { schema } = object(media);
    if (!contentType.startsWith('application/json')) return bodyFieldErrors(object(schema), object(body));
    return [
      ...errorsOf(schema, body)
        .filter((error) => error.keyword !== 'enum' || !excused(wider, operation, starred(error)))
        .map((error) => `body${error.instancePath}: ${describe(error)}`),
      ...undeclaredKeys([schema], body, 'body'),
    ];
  }

  /** The fields of a form are text, and mean what their schema says. */
  function bodyFieldErrors(schema: Json, body: Json): string[] {
    const properties = object(schema['properties']);
    const typed = Object.entries(body).map(([name, value]) => [
      name,
      fromText(String(value), flatten([properties[name]]).find((one) => 'type' in one)?.['type']),
    ]);
    return [
      ...errorsOf(schema, Object.fromEntries(typed)).map((error) => `body${error.instancePath}: ${describe(error)}`),
      ...undeclaredKeys([schema], body, 'body'),
    ];
  }

  function checkResponse({ method, path, query = {}, status, body }: Answered): string[] {
    const operation = findOperation(method, path);
    if (!operation) return [`${method} ${path}: no such operation`];
    if (status >= 400) {
      const { success, error } = object(body);
      const isEnvelope = success === false && typeof error === 'string' && error !== '';
      return isEnvelope ? [] : [`${operation.name}: ${status} without {success: false, error: text}`];
    }
    const { data } = object(body);
    if (Array.isArray(data) && alone.some(({ operations }) => operations.test(operation.name))) {
      const each = data.map((row) => ({ ...object(body), data: row }));
      return [...new Set(each.flatMap((row) => checkResponse({ method, path, query, status, body: row })))];
    }
    const responses = object(operation.declaration['responses']);
    // Files come from a storage of their own, which the official file doesn't tell.
    if ('application/octet-stream' in object(object(responses[200])['content'])) {
      return [200, 302].includes(status) ? [] : [`${operation.name}: status ${status} for a file`];
    }
    const response = responses[status];
    if (response === undefined) {
      return [`${operation.name}: status ${status}, documented are ${Object.keys(responses).join(', ')}`];
    }
    const content = object(object(response)['content']);
    const media = object(content['application/json']);
    const { schema } = media;
    const example = media['example'];
    // Where the file's own example breaks its own schema, the schema can't be held against an answer.
    const broken = new Set(example === undefined ? [] : errorsOf(schema, example).map(place));
    const schemaErrors = errorsOf(schema ?? {}, body)
      .filter((error) => !broken.has(place(error)) && !isExcused(error, operation, body))
      .map((error) => `answer${starred(error)}: ${describe(error)}`);
    const one = { operation, unasked: unasked(operation, query) };
    const exampleErrors = example === undefined ? [] : differences(one, '', [schema], [example], body);
    return [...new Set([...schemaErrors, ...exampleErrors])].map((violation) => `${operation.name}: ${violation}`);
  }

  return { operations, findOperation, checkRequest, checkResponse };
}

/**
 * What `value` lacks of the keys and types of the example, recursively. A place that the example shows several times,
 * in the rows of a list, has the keys that all of them have and the type of any.
 */
function differences(one: Case, at: string, from: unknown[], examples: unknown[], value: unknown): string[] {
  const kinds = new Set(examples.map(kind).filter((each) => each !== 'null'));
  const schemas = flatten(from);
  if (kinds.size === 0 || excused(open, one.operation, at)) return [];
  if (value === null && (examples.includes(null) || schemas.some(allowsNull) || excused(nullable, one.operation, at)))
    return [];
  if (!kinds.has(kind(value))) {
    // A schema that names several types for one place wins over the one that its example happens to show.
    if (excused(loose, one.operation, at)) return [];
    const types = new Set(schemas.map((schema) => schema['type']).filter((type) => type !== undefined));
    if (types.size > 1 && [...types].some((type) => matches(type, value))) return [];
    return [`answer${at}: ${kind(value)} ${short(value)} where the example has ${[...kinds]} ${short(examples[0])}`];
  }
  if (Array.isArray(value)) {
    const rows = examples.flatMap(list);
    const items = schemas.map((schema) => schema['items']);
    if (rows.length === 0) return [];
    return value.slice(0, 20).flatMap((row) => differences(one, `${at}/*`, items, alike(rows, row), row));
  }
  if (kind(value) !== 'object') return [];
  const given = object(value);
  const shown = examples.filter((example) => kind(example) === 'object').map(object);
  if (excused(maps, one.operation, at)) {
    const values = schemas.map((schema) => schema['additionalProperties']);
    const entries = shown.flatMap((example) => Object.values(example));
    return Object.values(given).flatMap((each) => differences(one, `${at}/*`, values, entries, each));
  }
  const keys = Object.keys(shown[0] ?? {}).filter((key) => shown.every((example) => key in example));
  return keys.flatMap((key) => {
    const below = `${at}/${key}`;
    if (customFieldKey.test(key) || (one.unasked.has(key) && !(key in given))) return [];
    if (!(key in given))
      return excused(optional, one.operation, below) ? [] : [`answer${below}: missing, the example has it`];
    const inner = schemas.map((schema) => object(schema['properties'])[key]);
    const expected = shown.map((example) => example[key]);
    return differences(one, below, inner, expected, given[key]);
  });
}

/** The rows of an example that a row is held to: in a mixed list those of its own kind, none where it says its kind. */
function alike(rows: unknown[], row: unknown): unknown[] {
  const said = (one: unknown) => [object(one)['item'], object(one)['object']].find((name) => typeof name === 'string');
  const typeOf = (one: unknown) => said(one) ?? object(object(one)['item'])['type'] ?? object(one)['type'];
  const same = rows.filter((one) => typeOf(one) === typeOf(row));
  return same.length > 0 || said(row) !== undefined ? same : rows;
}

/** Keys of a body that no alternative of its schema declares, also where the schema would let them through. */
function undeclaredKeys(schemas: unknown[], value: unknown, at: string): string[] {
  const flat = flatten(schemas);
  if (Array.isArray(value)) {
    const items = flat.map((schema) => schema['items']);
    return value.flatMap((one, i) => undeclaredKeys(items, one, `${at}/${i}`));
  }
  if (kind(value) !== 'object') return [];
  const properties = flat.map((schema) => object(schema['properties']));
  if (properties.every((declared) => Object.keys(declared).length === 0)) return [];
  return Object.entries(object(value)).flatMap(([key, one]) => {
    const declared = properties.map((each) => each[key]).filter((each) => each !== undefined);
    if (declared.length > 0) return undeclaredKeys(declared, one, `${at}/${key}`);
    return customFieldKey.test(key) ? [] : [`${at}/${key}: undeclared`];
  });
}

function read(folder: string, version: 'v1' | 'v2'): Operation[] {
  const file = object(load(readFileSync(join(folder, `openapi-${version}.yaml`), 'utf8')));
  const resolve = resolver(file);
  return Object.entries(object(file['paths'])).flatMap(([path, item]) =>
    Object.entries(object(item)).map(([method, declaration]) => ({
      name: `${method.toUpperCase()} /api/${version}${path}`,
      cost: Number(object(declaration)['x-token-cost']),
      declaration: object(resolve(declaration)),
    })),
  );
}

/** Puts what local references name in their place. */
function resolver(file: Json): (node: unknown) => unknown {
  const resolve = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(resolve);
    if (kind(node) !== 'object') return node;
    const { $ref } = object(node);
    if (typeof $ref !== 'string')
      return Object.fromEntries(Object.entries(object(node)).map(([k, v]) => [k, resolve(v)]));
    return resolve(
      $ref
        .split('/')
        .slice(1)
        .reduce<unknown>((at, key) => object(at)[key], file),
    );
  };
  return resolve;
}

const KEPT = ['type', 'enum', 'required', 'format', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern'];
const KEPT_TOO = ['minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'multipleOf'];

/** OpenAPI 3.0's dialect as JSON Schema: `nullable` becomes a type, boolean exclusive bounds numbers, the rest goes. */
function toJsonSchema(node: unknown): unknown {
  if (kind(node) !== 'object') return node;
  const schema = object(node);
  const result: Json = {};
  for (const key of [...KEPT, ...KEPT_TOO]) if (key in schema) result[key] = schema[key];
  for (const bound of ['inimum', 'aximum']) {
    if (schema[`exclusiveM${bound}`] !== true) continue;
    result[`exclusiveM${bound}`] = schema[`m${bound}`];
    delete result[`m${bound}`];
  }
  for (const key of ['items', 'additionalProperties', 'not'])
    if (key in schema) result[key] = toJsonSchema(schema[key]);
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    // The files' alternatives overlap (a year is also a number), so one that fits is enough.
    if (key in schema) result[key === 'oneOf' ? 'anyOf' : key] = list(schema[key]).map(toJsonSchema);
  }
  if ('properties' in schema) {
    const entries = Object.entries(object(schema['properties']));
    result['properties'] = Object.fromEntries(entries.map(([key, value]) => [key, toJsonSchema(value)]));
  }
  return schema['nullable'] === true ? { anyOf: [result, { type: 'null' }] } : result;
}

const formats = {
  date: /^\d{4}-\d{2}-\d{2}$/,
  /** v1 writes `2024-01-01 10:00:00` and calls it a date-time. */
  'date-time': /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  url: /^https?:\/\//,
};

/** A schema and all the alternatives and parts it is made of. */
function flatten(schemas: unknown[]): Json[] {
  return schemas
    .filter((schema) => kind(schema) === 'object')
    .map(object)
    .flatMap((schema) => [schema, ...flatten(['allOf', 'anyOf', 'oneOf'].flatMap((key) => list(schema[key])))]);
}

function pathParameters(operation: Operation, path: string): [string, string][] {
  const template = operation.name.split(/[ /]/).slice(2);
  const given = `/api/${path.replace(/^\/(api\/)?/, '')}`.split('/').slice(1);
  return template.flatMap((segment, i): [string, string][] =>
    segment.startsWith('{') ? [[segment.slice(1, -1), decodeURIComponent(given[i] ?? '')]] : [],
  );
}

/** A query parameter as its declared type; text that is none of it stays text, for the schema to refuse. */
function fromText(text: string, type: unknown): unknown {
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

/** What the excuses let stand is no error of the schema either. */
function isExcused(error: ErrorObject, operation: Operation, body: unknown): boolean {
  const steps = error.instancePath.split('/').slice(1);
  const value = steps.reduce<unknown>((at, key) => (Array.isArray(at) ? at[Number(key)] : object(at)[key]), body);
  if (excused(unheld, operation, starred(error))) return true;
  const isKind = error.keyword === 'enum' || error.keyword === 'type';
  if (isKind && excused(loose, operation, starred(error))) return true;
  return value === null && excused(nullable, operation, starred(error));
}

function starred(error: ErrorObject): string {
  return error.instancePath.replace(/\/\d+(?=\/|$)/g, '/*');
}

function place(error: ErrorObject): string {
  return `${starred(error)} ${error.keyword}`;
}

/** Optional keys that the request did not ask for by `include_fields`. */
function unasked(operation: Operation, query: Readonly<Record<string, unknown>>): Set<string> {
  const parameter = list(operation.declaration['parameters'])
    .map(object)
    .find(({ name }) => name === 'include_fields');
  const names = list(object(parameter?.['schema'])['enum']).flatMap((name) => String(name).split(','));
  const asked = String(query['include_fields'] ?? '').split(',');
  return new Set(names.filter((name) => !asked.includes(name)).map((name) => name.replace(/^.*\./, '')));
}

function describe(error: ErrorObject): string {
  const { allowedValues, missingProperty } = error.params;
  return [error.message, allowedValues && JSON.stringify(allowedValues), missingProperty].filter(Boolean).join(' ');
}

function excused(table: readonly Excuse[], operation: Operation, at: string): boolean {
  return table.some((one) => one.operations.test(operation.name) && one.at.test(at));
}

function allowsNull(schema: Json): boolean {
  return schema['nullable'] === true || list(schema['enum']).includes(null);
}

function kind(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function matches(type: unknown, value: unknown): boolean {
  return type === kind(value) || (type === 'integer' && Number.isInteger(value));
}

function short(value: unknown): string {
  return JSON.stringify(value).slice(0, 60);
}

function object(value: unknown): Json {
  return kind(value) === 'object' ? (value as Json) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
