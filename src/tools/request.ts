import { z } from 'zod/v3';
import type { Operation } from '../catalog/operation.ts';
import type { ApiRequest, QueryValue } from '../pipedrive/client.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import { Problem } from '../vocabulary/problem.ts';
import { withoutUpload } from './files.ts';

export type Arguments = Readonly<JsonObject>;

/** A JSON object that came from outside. */
export const jsonObject = z.record(z.custom<Json>((value) => value !== undefined));

/**
 * The request of an operation with these arguments, which are checked and in the API's own terms: UTC times, HTML, ids.
 * Path parameters go into the path; the rest into the query of a GET or DELETE and into the body of anything else. `at`
 * is where a list goes on.
 */
export function buildRequest(operation: Operation, args: Arguments, at?: string): ApiRequest {
  const { method, path: template, isV1 } = target(operation);
  const left = new Map(Object.entries(operation.upload ? withoutUpload(args) : args));
  const path = template.replaceAll(/\{(\w+)\}/g, (_, placeholder: string) => {
    const name = operation.path?.[placeholder] ?? placeholder;
    const value = left.get(name);
    if (value === '' || (typeof value !== 'string' && typeof value !== 'number')) {
      throw new Problem(`${operation.name}: "${name}" is empty.`, 'It tells which record is meant.', 'Give the id.');
    }
    left.delete(name);
    // Half of a pair of code units is no character, and an address has no way to say it.
    return encodeURIComponent(String(value).replaceAll(/\p{Surrogate}/gu, '\ufffd'));
  });
  for (const { add, remove } of operation.edits ?? []) {
    left.delete(add);
    left.delete(remove);
  }
  for (const name of operation.flags ?? []) {
    const value = left.get(name);
    if (typeof value === 'boolean') left.set(name, value ? 1 : 0);
  }
  for (const name of operation.texts ?? []) {
    const value = left.get(name);
    if (typeof value === 'number') left.set(name, String(value));
  }
  left.delete('cursor');
  if (operation.paging && operation.entity.fields) for (const name of SHAPE) left.delete(name);
  left.delete(TEXT_OFFSET);
  if (operation.download) left.delete('save');
  if (at !== undefined && operation.paging === 'cursor') left.set('cursor', at);
  if (at !== undefined && operation.paging === 'start') left.set('start', Number(at));

  const inQuery = method === 'GET' || method === 'DELETE';
  const query: Record<string, QueryValue> = { ...operation.always };
  const body: JsonObject = {};
  for (const [name, value] of left) {
    // Leads have them among their own keys, as all of v1.
    if (isV1 && name === 'custom_fields' && isObject(value)) Object.assign(body, value);
    else if (!inQuery) body[name] = value;
    else if (!isUnsaid(operation, name, value)) query[name] = queryValue(value, isV1);
  }
  return {
    method,
    path,
    query,
    ...(Object.keys(body).length > 0 ? { body } : {}),
    ...(operation.form ? { form: true } : {}),
    cost: operation.cost,
    search: operation.search ?? false,
  };
}

/** Arguments of a list that say how its answer looks and what it is looked through for; they never reach the API. */
const SHAPE = ['fields', 'detail', 'where'];

/** The argument of a `get_` tool that says where long text goes on; it never reaches the API. */
export const TEXT_OFFSET = 'text_offset';

const endpointForm = z.string().transform((endpoint) => {
  const [method, path] = endpoint.split(' ');
  return { method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).parse(method), path: z.string().parse(path) };
});

export function target(operation: Operation) {
  const { method, path } = endpointForm.parse(operation.endpoint);
  return { method, path, isV1: path.startsWith('/api/v1/') };
}

/** `any` in an enum means that the parameter is not sent. */
function isUnsaid(operation: Operation, name: string, value: Json): boolean {
  if (value === null) return true;
  const schema = plain(operation.input.shape[name]);
  return value === 'any' && schema instanceof z.ZodEnum && schema.options.includes('any');
}

/** The schema without what makes it optional, nullable or give a default. */
export function plain(schema: z.ZodTypeAny | undefined): z.ZodTypeAny | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return plain(schema.unwrap());
  if (schema instanceof z.ZodDefault) return plain(schema.removeDefault());
  return schema;
}

function queryValue(value: Json, isV1: boolean): QueryValue {
  if (Array.isArray(value)) return value.map((part) => String(part)).join(',');
  if (isObject(value)) return JSON.stringify(value);
  if (typeof value === 'boolean') return isV1 ? Number(value) : value;
  return value ?? '';
}
