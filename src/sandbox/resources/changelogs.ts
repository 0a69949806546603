import { z } from 'zod/v3';
import { v1IsoTime, v1Time } from '../clock.ts';
import { changesOf } from '../history.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ChangedField } from '../model.ts';
import { cursorReply } from '../page.ts';
import { paging } from '../parameters.ts';
import { type Route, route } from '../route.ts';
import { logged } from './linked.ts';
import { liveProject } from './projects.ts';

export const routes: Route[] = [
  ...logged.map(({ entity, path, live }) =>
    route(`GET /v1/${path}/{id}/changelog`, {
      cost: 20,
      query: z.object(paging),
      handle(world, call) {
        const { id } = live(world, call.int('id'));
        const page = { ...call.query, sort_by: 'time', sort_direction: 'desc' } as const;
        return cursorReply(changesOf(world, entity, id), page, (change) => ({
          field_key: change.field_key,
          old_value: text(change.old_value),
          new_value: text(change.new_value),
          actor_user_id: change.user_id,
          time: v1Time(change.time),
          change_source: change.change_source,
          change_source_user_agent: null,
          is_bulk_update_flag: false,
        }));
      },
    }),
  ),
  route('GET /v2/projects/{id}/changelog', {
    cost: 10,
    query: z.object(paging),
    handle(world, { query, int }) {
      const { id } = liveProject(world, int('id'));
      return cursorReply(moments(changesOf(world, 'project', id)), { ...query, sort_direction: 'desc' }, momentV2);
    },
  }),
];

/** v1's changelogs tell every value as text. */
function text(value: Json): Json {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}

/** All that one user changed at one time. */
type Moment = { readonly id: number; readonly changes: ChangedField[] };

function moments(changes: readonly ChangedField[]): Moment[] {
  const found: Moment[] = [];
  for (const change of changes) {
    const last = found.at(-1)?.changes;
    const isSame = last?.every(
      ({ time, user_id, field_key }) =>
        time === change.time && user_id === change.user_id && field_key !== change.field_key,
    );
    if (last && isSame) last.push(change);
    else found.push({ id: change.id, changes: [change] });
  }
  return found;
}

function momentV2({ changes: [first, ...more] }: Moment): JsonObject {
  if (!first) throw new Error('a moment has at least one change');
  const all = [first, ...more];
  const values = (value: (change: ChangedField) => Json) =>
    Object.fromEntries(all.map((change) => [change.field_key, listed(change.field_key, value(change))]));
  return {
    change_source: first.change_source,
    change_source_user_agent: null,
    time: v1IsoTime(first.time),
    new_values: values(({ new_value }) => new_value),
    old_values: values(({ old_value }) => old_value),
    actor_user_id: first.user_id,
  };
}

/** Changelogs keep lists of ids as text. */
function listed(key: string, value: Json): Json {
  if (!/^(deal|person|org|label)_ids$/.test(key)) return value;
  return typeof value === 'string' ? value.split(',').map(Number) : [];
}
