import { z } from 'zod/v3';
import type { Json, JsonObject } from './json.ts';
import { field } from './parameters.ts';

/** The parts of an address, and how filters call them. */
export const addressParts = {
  subpremise: 'Apartment/suite no',
  street_number: 'House number',
  route: 'Street/road name',
  sublocality: 'District/sublocality',
  locality: 'City/town/village/locality',
  admin_area_level_1: 'State/county',
  admin_area_level_2: 'Region',
  country: 'Country',
  postal_code: 'ZIP/Postal code',
  formatted_address: 'Full/combined address',
} as const;

const { formatted_address: _, ...written } = addressParts;
const part = field.line.nullish().transform((value) => value ?? null);

/** An address in a body replaces the one before: what is left out of it becomes null. */
export const address = z
  .object(Object.fromEntries(['value', ...Object.keys(written)].map((key) => [key, part])))
  .strict();

/** The parts of an address as v1 shows them, each by a key of its own. */
export function addressV1(prefix: 'address' | 'location', stored: Readonly<Record<string, Json>> | null): JsonObject {
  return Object.fromEntries(Object.keys(addressParts).map((key) => [`${prefix}_${key}`, stored?.[key] ?? null]));
}
