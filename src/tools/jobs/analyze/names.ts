import type { Entity } from '../../../catalog/entity.ts';
import type { LinkKind } from '../../../catalog/links.ts';
import type { Json } from '../../../pipedrive/json.ts';
import { isMarked, isOutside } from '../../answers/outside.ts';
import { cut, cutName, toText } from '../../answers/text.ts';
import { lexiconFor, linkOf } from '../../names/lexicon.ts';
import type { Run } from '../../run.ts';
import type { Group, Value } from './groups.ts';
import type { Row } from './rows.ts';
import type { Stages } from './stages.ts';

export const NONE = '(none)';
const LONGEST_NAME = 80;

/** How answers call what a group has; loads the names of those that these rows have. `run` is of the list. */
export async function namesOf(
  run: Run,
  groups: readonly Group[],
  rows: readonly Row[],
  stages: Stages | undefined,
): Promise<(group: Group, value: Value) => string | number> {
  const { entity } = run.operation;
  const own = { stage: stages?.stages, pipeline: stages?.pipelines };
  const also = groups.flatMap((group, index): [LinkKind, Json][] => {
    const kind = kindOf(entity, group);
    if (kind === undefined || (stages && kind in own)) return [];
    return rows.map(({ values }) => [kind, values[index] ?? null]);
  });
  const lexicon = await lexiconFor(run, [], {
    keys: [],
    also,
    mode: 'load',
    fields: groups.some(({ field }) => field),
  });
  return (group, value) => {
    if (value === null) return NONE;
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    const kind = kindOf(entity, group);
    if (kind !== undefined) {
      const listed = kind === 'stage' || kind === 'pipeline' ? own[kind]?.label(value) : undefined;
      return cutName(listed ?? lexicon.name(kind, value, group.subject.key) ?? String(value), LONGEST_NAME);
    }
    if (typeof value === 'number') return value;
    const text = cut(toText(value).replaceAll(/\s+/g, ' '), LONGEST_NAME);
    return isMarked(entity, group.subject.key, text, group.field) ? lexicon.marks.cell(text) : text;
  };
}

/** Can outsiders write what the group goes by? */
export function isTheirs(entity: Entity, { subject, field, unit }: Group): boolean {
  return unit === undefined && isOutside(entity, subject.key, field);
}

/** What its values are the ids of; undefined where they stand for themselves. */
function kindOf(entity: Entity, { subject, field, unit }: Group): LinkKind | undefined {
  if (unit) return undefined;
  return field ? subject.words : linkOf(entity, subject.key)?.kind;
}
