import { z } from 'zod/v3';
import { Table } from '../table.ts';
import { dated, id } from './parts.ts';

export const filterType = z.enum(['deals', 'leads', 'org', 'people', 'products', 'activity', 'projects']);
const filterObject = z.enum(['deal', 'lead', 'organization', 'person', 'product', 'activity', 'project']);

const condition = z.object({
  object: filterObject,
  /** v1's id of the field as text, or `entered_stage`. */
  field_id: z.string(),
  operator: z.string(),
  value: z.string().nullable(),
  extra_value: z.string().nullable(),
});
const group = <G extends 'and' | 'or'>(glue: G) => z.object({ glue: z.literal(glue), conditions: z.array(condition) });
const conditions = z.object({ glue: z.literal('and'), conditions: z.tuple([group('and'), group('or')]) });

/** Saved filters: all conditions of the first group must hold, and any of the second where it has some. */
export const filterTables = () => ({
  filters: new Table(
    z.object({
      id,
      name: z.string(),
      type: filterType,
      conditions,
      user_id: id,
      /** `1` is its owner's alone. */
      visible_to: z.enum(['1', '3', '5', '7']),
      active_flag: z.boolean(),
      ...dated,
    }),
  ),
});

export type FilterType = z.infer<typeof filterType>;
export type FilterObject = z.infer<typeof filterObject>;
export type FilterCondition = z.infer<typeof condition>;
export type FilterConditions = z.infer<typeof conditions>;
