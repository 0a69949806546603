import { z } from 'zod/v3';
import { invalid } from '../error.ts';
import type { FilterCondition, FilterConditions, FilterType } from '../models/filters.ts';
import type { World } from '../world.ts';
import { testOf } from './comparisons.ts';
import { ENTERED_STAGE, fieldOf, reachable } from './filter.ts';
import { kindOf, operators } from './helpers.ts';

const MOST_CONDITIONS = 16;

/** Values come as text, numbers or yes and no, and are kept as text. */
const scalar = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) =>
    value === null || value === undefined ? null : String(typeof value === 'boolean' ? Number(value) : value),
  );
const group = z.object({
  glue: z.enum(['and', 'or']),
  conditions: z.array(
    z.object({
      object: z.string(),
      field_id: z.union([z.string(), z.number()]).transform(String),
      operator: z.string(),
      value: scalar,
      extra_value: scalar,
    }),
  ),
});
export const conditionsBody = z.object({ glue: z.literal('and'), conditions: z.array(group) });

/**
 * The condition tree of a filter as it is kept: one group of which all must hold, one of which any must. 400 for another
 * shape, more than 16 conditions or none, and an object, field, operator or value that the type doesn't have.
 */
export function checkConditions(
  world: World,
  type: FilterType,
  given: z.output<typeof conditionsBody>,
): FilterConditions {
  const [first, second, ...more] = given.conditions;
  if (!first || !second || more.length > 0 || first.glue === second.glue) {
    throw invalid('Filter conditions must have two groups, one glued with and, the other with or');
  }
  const all = [...first.conditions, ...second.conditions];
  if (all.length === 0) throw invalid('Filter must have at least one condition');
  if (all.length > MOST_CONDITIONS) throw invalid(`Filter is allowed to have at most ${MOST_CONDITIONS} conditions`);
  const checked = (conditions: typeof all) => conditions.map((one) => checkCondition(world, type, one));
  const [and, or] = first.glue === 'and' ? [first, second] : [second, first];
  return {
    glue: 'and',
    conditions: [
      { glue: 'and', conditions: checked(and.conditions) },
      { glue: 'or', conditions: checked(or.conditions) },
    ],
  };
}

type GivenCondition = z.output<typeof group>['conditions'][number];

function checkCondition(world: World, type: FilterType, given: GivenCondition): FilterCondition {
  const object = reachable[type].find((one) => one === given.object);
  if (!object) throw invalid(`Filter condition has an invalid object '${given.object}'`);
  const condition = { ...given, object };
  const entered = given.field_id === ENTERED_STAGE && object === 'deal';
  const field = fieldOf(world, condition);
  if (!field && !entered) throw invalid(`Filter condition has an invalid field_id '${given.field_id}'`);
  const kind = field ? kindOf(field) : 'entered_stage';
  if (!Object.hasOwn(operators[kind], given.operator)) {
    throw invalid(`Filter condition has an invalid operator '${given.operator}' for a field of type ${kind}`);
  }
  if (given.operator !== 'has_been') testOf(world, kind, condition, field?.field_type === 'address');
  return condition;
}
