import { z } from 'zod/v3';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Far deeper than any value of Pipedrive's, and far less than what the stack holds. */
const DEEPEST = 50;

/** Any JSON value, for the parts of a record whose shape Pipedrive leaves open. */
export const json = z.custom<Json>((value) => isJson(value, DEEPEST), 'The value is not valid or nested too deeply');

/** 1e999 is JSON as well, but no number that could be given back. */
function isJson(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return value !== undefined;
  return depth > 0 && Object.values(value).every((one) => isJson(one, depth - 1));
}
