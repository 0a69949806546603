import { z } from 'zod/v3';
import { ofPerson } from '../derived.ts';
import { forbidden, schemaError } from '../error.ts';
import { listed } from '../filters/filter.ts';
import type { JsonObject } from '../json.ts';
import { checkLinks } from '../links.ts';
import type { Person } from '../model.ts';
import { cursorReply } from '../page.ts';
import { field, param } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { deletion, live, type World } from '../world.ts';
import {
  listQuery,
  newRecord,
  recordBody,
  recordChanges,
  recordCustomFields,
  recordExtras,
  viewQuery,
} from './records.ts';

/** E-mails or phones: exactly one is primary, the first where the body marks none. */
const values = z
  .array(
    z.object({ value: field.line, primary: z.boolean().default(false), label: field.line.default('work') }).strict(),
  )
  .max(50, 'At most 50 values are allowed')
  .transform((entries) => {
    const primary = Math.max(
      0,
      entries.findIndex((entry) => entry.primary),
    );
    return entries.map((entry, index) => ({ ...entry, primary: index === primary }));
  });

/** These fields exist only in an account that has set up contact sync, which the sandbox's has not. */
const contactSync = ['postal_address', 'notes', 'im', 'birthday', 'job_title'] as const;

const body = z
  .object({
    ...recordBody,
    name: field.name.optional(),
    first_name: field.line.trim().nullish(),
    last_name: field.line.trim().nullish(),
    org_id: field.id.nullish(),
    emails: values.optional(),
    phones: values.optional(),
    marketing_status: z.enum(['no_consent', 'unsubscribed', 'subscribed', 'archived']).optional(),
    postal_address: z.unknown(),
    notes: z.unknown(),
    im: z.unknown(),
    birthday: z.unknown(),
    job_title: z.unknown(),
  })
  .strict();
type Body = z.output<typeof body>;

const view = viewQuery(ofPerson);

export const routes: Route[] = [
  route('GET /v2/persons', {
    cost: 10,
    query: listQuery(ofPerson).extend({ org_id: param.int, deal_id: param.int }),
    handle(world, { query }) {
      const { db } = world;
      const { filter_id, deal_id, owner_id, org_id } = query;
      const found = listed(world, 'people', db.persons, query, { is_deleted: false }, { owner_id, org_id });
      const participants = new Set(db.participants.where('deal_id', deal_id ?? 0).map((row) => row.person_id));
      const isAsked = (row: Person) => filter_id !== undefined || deal_id === undefined || participants.has(row.id);
      return cursorReply(found.filter(isAsked), query, (row) => personV2(world, row, query));
    },
  }),
  route('GET /v2/persons/{id}', {
    cost: 1,
    query: view,
    handle: (world, call) => ok(personV2(world, livePerson(world, call.int('id')), call.query)),
  }),
  route('POST /v2/persons', {
    cost: 5,
    body: body.extend({ add_time: field.dateTime.optional() }),
    handle(world, { body: { add_time, ...given } }) {
      const { db } = world;
      const blank = {
        ...newRecord(world, 'person', add_time),
        name: '',
        first_name: null,
        last_name: null,
        org_id: null,
        emails: [],
        phones: [],
        picture_id: null,
        marketing_status: 'no_consent',
      };
      const changes = personChanges(world, blank, given);
      if (!changes.name) throw schemaError('name', 'Field is required');
      const person = db.persons.patch(db.persons.insert({ id: db.persons.nextId(), ...blank }), changes);
      return ok(personV2(world, person, { include_fields: ['marketing_status'] }));
    },
  }),
  route('PATCH /v2/persons/{id}', {
    cost: 5,
    body,
    handle(world, call) {
      const person = livePerson(world, call.int('id'));
      world.db.persons.patch(person, personChanges(world, person, call.body));
      return ok(personV2(world, person, { include_fields: ['marketing_status'] }));
    },
  }),
  route('DELETE /v2/persons/{id}', {
    cost: 3,
    handle(world, call) {
      const person = livePerson(world, call.int('id'));
      world.db.persons.patch(person, deletion(world));
      return ok({ id: person.id });
    },
  }),
];

/** The person of that id, 404 where it is unknown or deleted. */
export function livePerson({ db }: World, id: number): Person {
  return live(db.persons, id, 'Person');
}

type Current = Pick<Person, 'name' | 'first_name' | 'last_name' | 'emails' | 'marketing_status' | 'custom_fields'>;

function personChanges(world: World, current: Current, given: Body) {
  const synced = contactSync.find((key) => given[key] !== undefined);
  if (synced) throw forbidden(`The field '${synced}' is not available: contact sync is not set up for this company`);
  const { org_id, emails, phones } = given;
  checkLinks(world, { org_id });
  return {
    ...recordChanges(world, 'person', current.custom_fields, given),
    ...names(current, given),
    org_id,
    emails,
    phones,
    marketing_status: marketingStatus(current, given),
  };
}

/** A name is split at its first space, and first and last name make one, as the API's answers show both. */
function names(current: Current, { name, first_name, last_name }: Body) {
  if (name !== undefined) {
    const [first = '', ...rest] = name.split(/\s+/);
    return {
      name,
      first_name: first_name === undefined ? first : first_name,
      last_name: last_name === undefined ? rest.join(' ') || null : last_name,
    };
  }
  if (first_name === undefined && last_name === undefined) return {};
  const first = first_name === undefined ? current.first_name : first_name;
  const last = last_name === undefined ? current.last_name : last_name;
  const full = [first, last].filter(Boolean).join(' ');
  if (!full) throw schemaError('name', 'The value must not be empty');
  return { name: full, first_name: first, last_name: last };
}

/** A forbidden change leaves the status as it is: one change away from no_consent, then only subscribed to archived. */
function marketingStatus(current: Current, { marketing_status: wanted, emails = current.emails }: Body): string {
  const allowed =
    current.marketing_status === 'no_consent' || (current.marketing_status === 'subscribed' && wanted === 'archived');
  const reachable = emails.some(({ value }) => /^\S+@\S+$/.test(value));
  return wanted !== undefined && allowed && reachable ? wanted : current.marketing_status;
}

function personV2(world: World, person: Person, options: z.output<typeof view>): JsonObject {
  const { delete_time: _, marketing_status: __, ...row } = person;
  const custom_fields = recordCustomFields(world, 'person', person, options);
  return { ...row, custom_fields, ...recordExtras(world, 'person', person, ofPerson, options) };
}
