import { z } from 'zod/v3';
import { invalid } from '../error.ts';
import { activeFields } from '../fields/active.ts';
import { fieldType } from '../fields/types.ts';
import type { EntityName, Field, FieldOption } from '../model.ts';
import { loose, param } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import {
  changeField,
  createField,
  deleteField,
  known,
  label,
  newOptions,
  replaceOptions,
  withOptions,
} from './field-writes.ts';
import { fieldById, v1View } from './fields.ts';

const entities: readonly EntityName[] = ['deal', 'person', 'organization', 'product'];

/** As a list or as JSON in a text: the documents say both. */
const options = z
  .preprocess(parsed, z.array(z.object({ id: loose.int.optional(), label: label.optional() })))
  .optional();
const create = z.object({ name: label, field_type: fieldType, options, add_visible_flag: loose.flag.default(true) });
const update = z.object({ name: label.optional(), options, add_visible_flag: loose.flag.optional() });

export const routes: Route[] = entities.flatMap((entity) => {
  const path = `/v1/${entity}Fields` as const;
  return [
    route(`POST ${path}`, {
      cost: 10,
      body: create,
      handle(world, { body: { name, field_type, options, add_visible_flag } }) {
        const field = createField(
          world,
          { entity, field_name: name, field_type, ui_visibility: { add_visible_flag } },
          options?.map(labelOf),
        );
        const reply = ok(v1View(world, field));
        return entity === 'product' ? { ...reply, status: 201 } : reply;
      },
    }),
    route(`PUT ${path}/{id}`, {
      cost: 10,
      body: update,
      handle(world, { body: { name, options, add_visible_flag }, int }) {
        const field = fieldById(world, entity, int('id'));
        const listed = options && wholeList(world, withOptions(field), options);
        changeField(world, field, {
          ...(name === undefined ? {} : { field_name: name }),
          ...(add_visible_flag === undefined ? {} : { ui_visibility: { add_visible_flag } }),
        });
        if (listed) replaceOptions(world, field, listed);
        return ok(v1View(world, field));
      },
    }),
    route(`DELETE ${path}/{id}`, {
      cost: 6,
      handle(world, { int }) {
        const field = fieldById(world, entity, int('id'));
        deleteField(world, field);
        return ok({ id: field.id });
      },
    }),
    route(`DELETE ${path}`, {
      cost: 10,
      query: z.object({ ids: param.ids.unwrap() }),
      handle(world, { query: { ids } }) {
        const found = activeFields(world, entity).filter(({ id }) => ids.includes(id));
        const builtIn = found.find((field) => !field.is_custom_field);
        if (builtIn) throw invalid(`Field ${builtIn.id} is built-in and cannot be deleted`);
        for (const field of found) deleteField(world, field);
        return ok({ id: found.map(({ id }) => id) });
      },
    }),
  ];
});

/** v1 replaces the list: what has an id stays, under another label where one is given; what has none is new. */
function wholeList(world: World, field: Field, given: z.output<typeof options> & object): FieldOption[] {
  const added = newOptions(
    world,
    given.filter(({ id }) => id === undefined).map((one) => ({ label: labelOf(one) })),
  );
  return given.flatMap(({ id, label }) => {
    if (id === undefined) return added.splice(0, 1);
    return known(field, [id]).map((one) => ({ ...one, label: label ?? one.label }));
  });
}

function labelOf({ label }: { label?: string | undefined }): string {
  if (label === undefined) throw invalid('A new option needs a label');
  return label;
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw Object.assign(invalid('options is not valid JSON'), { cause });
  }
}
