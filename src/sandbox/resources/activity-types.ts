import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { invalid, notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { ActivityType } from '../model.ts';
import { field, loose } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';

const icons =
  'task email meeting deadline call lunch calendar downarrow document smartphone camera scissors cogs bubble uparrow checkbox signpost shuffle addressbook linegraph picture car world search clip sound brush key padlock pricetag suitcase finish plane loop wifi truck cart bulb bell presentation'.split(
    ' ',
  );

const body = z.object({
  name: field.name,
  icon_key: z.string().refine((key) => icons.includes(key), `Must be one of: ${icons.join(', ')}`),
  color: z
    .string()
    .regex(/^[0-9a-f]{6}$/i, 'The value is not a colour of six hexadecimal digits')
    .optional(),
});

export const routes: Route[] = [
  route('GET /v1/activityTypes', {
    cost: 20,
    handle: ({ db }) => ok(inOrder(db.activityTypes.all()).map(activityTypeV1)),
  }),
  route('POST /v1/activityTypes', {
    cost: 10,
    body,
    handle({ db, clock }, { body: { name, icon_key, color = 'FFFFFF' } }) {
      const now = clock.stamp();
      const all = db.activityTypes.all();
      return ok(
        activityTypeV1(
          db.activityTypes.insert({
            id: db.activityTypes.nextId(),
            order_nr: Math.max(0, ...all.map((type) => type.order_nr)) + 1,
            name,
            key_string: newKey(
              name,
              all.map((type) => type.key_string),
            ),
            icon_key,
            color,
            is_custom_flag: true,
            active_flag: true,
            add_time: now,
            update_time: now,
          }),
        ),
      );
    },
  }),
  route('PUT /v1/activityTypes/{id}', {
    cost: 10,
    body: body.partial().extend({ order_nr: loose.int.optional() }),
    handle(world, { int, body }) {
      const type = activeType(world, int('id'));
      return ok(activityTypeV1(world.db.activityTypes.patch(type, { ...body, update_time: world.clock.stamp() })));
    },
  }),
  route('DELETE /v1/activityTypes/{id}', {
    cost: 6,
    handle(world, { int }) {
      const { db, clock } = world;
      const type = activeType(world, int('id'));
      if (db.activityTypes.where('active_flag', true).length === 1) {
        throw invalid('The last activity type cannot be deleted');
      }
      return ok(activityTypeV1(db.activityTypes.patch(type, { active_flag: false, update_time: clock.stamp() })));
    },
  }),
];

/** The type that new activities have unless told: the first one in order. */
export function firstType({ db }: World): ActivityType {
  const [first] = inOrder(db.activityTypes.where('active_flag', true));
  if (!first) throw new Error('an account keeps at least one activity type');
  return first;
}

/** The type of that key_string; 400 where there is none or it is deleted. */
export function typeOfKey({ db }: World, key: string): ActivityType {
  const type = db.activityTypes.where('key_string', key).find((one) => one.active_flag);
  if (!type) throw invalid(`Activity type '${key}' not found`);
  return type;
}

function activeType({ db }: World, id: number): ActivityType {
  const type = db.activityTypes.get(id);
  if (!type?.active_flag) throw notFound('Activity type');
  return type;
}

function inOrder(types: readonly ActivityType[]): ActivityType[] {
  return [...types].sort((a, b) => a.order_nr - b.order_nr || a.id - b.id);
}

/** `Video call` becomes `video_call`; a key that is taken, by a deleted type too, gets a number. */
function newKey(name: string, taken: readonly string[]): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['activity'];
  const base = words.join('_');
  let key = base;
  for (let number = 2; taken.includes(key); number += 1) key = `${base}_${number}`;
  return key;
}

/** An activity type as v1 shows it. */
export function activityTypeV1(type: ActivityType): JsonObject {
  return { ...type, add_time: v1Time(type.add_time), update_time: v1Time(type.update_time) };
}
