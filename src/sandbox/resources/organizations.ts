import { z } from 'zod/v3';
import { address } from '../address.ts';
import type { JsonObject } from '../json.ts';
import type { Organization, Person } from '../model.ts';
import { field } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { deletion, live, type World } from '../world.ts';
import {
  contactBody,
  contactChanges,
  contactExtras,
  contactIncludes,
  contactList,
  type Includes,
  listQuery,
  newContact,
  type ViewOptions,
  viewQuery,
} from './contacts.ts';

const whole = z.number().int();

const body = z
  .object({
    ...contactBody,
    name: field.line.trim().min(1, 'The value must not be empty'),
    address: address.nullish(),
    website: field.line.nullish(),
    linkedin: field.line.nullish(),
    industry: whole.nullish(),
    annual_revenue: whole.nullish(),
    employee_count: whole.nullish(),
  })
  .strict();

export const includes: Includes<Organization> = {
  ...contactIncludes('organization', (world, row) =>
    people(world, row).flatMap(({ id }) =>
      world.db.deals.where('person_id', id).filter((deal) => deal.org_id !== row.id),
    ),
  ),
  people_count: (world, row) => people(world, row).length,
};

export const routes: Route[] = [
  route('GET /v2/organizations', {
    cost: 10,
    query: listQuery(includes),
    handle: (world, { query }) =>
      contactList(world, 'org', world.db.organizations.all(), query, (row) => organizationV2(world, row, query)),
  }),
  route('GET /v2/organizations/{id}', {
    cost: 1,
    query: viewQuery(includes),
    handle: (world, call) => ok(organizationV2(world, liveOrganization(world, call.int('id')), call.query)),
  }),
  route('POST /v2/organizations', {
    cost: 5,
    body: body.extend({ add_time: field.dateTime.optional() }),
    handle(world, { body: { add_time, ...given } }) {
      const { organizations } = world.db;
      const blank = {
        ...newContact(world, 'organization', add_time),
        name: given.name,
        address: null,
        website: null,
        linkedin: null,
        industry: null,
        annual_revenue: null,
        employee_count: null,
      };
      const changes = { ...given, ...contactChanges(world, 'organization', {}, given) };
      const organization = organizations.patch(organizations.insert({ id: organizations.nextId(), ...blank }), changes);
      return ok(organizationV2(world, organization, {}));
    },
  }),
  route('PATCH /v2/organizations/{id}', {
    cost: 5,
    body: body.partial(),
    handle(world, call) {
      const organization = liveOrganization(world, call.int('id'));
      const changes = contactChanges(world, 'organization', organization.custom_fields, call.body);
      world.db.organizations.patch(organization, { ...call.body, ...changes });
      return ok(organizationV2(world, organization, {}));
    },
  }),
  route('DELETE /v2/organizations/{id}', {
    cost: 3,
    handle(world, call) {
      const organization = liveOrganization(world, call.int('id'));
      world.db.organizations.patch(organization, deletion(world));
      return ok({ id: organization.id });
    },
  }),
];

/** The organization of that id, 404 where it is unknown or deleted. */
export function liveOrganization({ db }: World, id: number): Organization {
  return live(db.organizations, id, 'Organization');
}

function organizationV2(world: World, organization: Organization, options: ViewOptions): JsonObject {
  const { delete_time: _, ...row } = organization;
  return { ...row, ...contactExtras(world, 'organization', organization, includes, options) };
}

function people({ db }: World, { id }: Organization): Person[] {
  return db.persons.where('org_id', id).filter((person) => !person.is_deleted);
}
