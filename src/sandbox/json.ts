import { z } from 'zod/v3';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Far deeper than any value of Pipedrive's, and far less than what the stack holds. */
const DEEPEST = 50;

/** Any JSON value, for the parts of a record whose shape Pipedrive leaves open. */
export const json = z.custom<Json>((value) => isJson(value, DEEPEST), 'The value is not valid or nested too deeply');

/** A value that is JSON already, by its type; throws where it is none. */
export function asJson(value: unknown): Json {
  if (!isJson(value, DEEPEST)) throw new Error('not a JSON value');
  return value;
}

/** 1e999 is JSON as well, but no number that could be given back. */
function isJson(value: unknown, depth: number): value is Json {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return value !== undefined;
  return depth > 0 && Object.values(value).every((one) => isJson(one, depth - 1));
}
