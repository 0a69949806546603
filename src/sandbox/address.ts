import { z } from 'zod/v3';
import { field } from './parameters.ts';

const part = field.line.nullish().transform((value) => value ?? null);

/** An address replaces the one before: what is left out of it becomes null. */
export const address = z
  .object({
    value: part,
    country: part,
    admin_area_level_1: part,
    admin_area_level_2: part,
    locality: part,
    sublocality: part,
    route: part,
    street_number: part,
    subpremise: part,
    postal_code: part,
  })
  .strict();
