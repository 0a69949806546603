import { addressV1 } from '../address.ts';
import { v1Time } from '../clock.ts';
import { bccAddress, counts, derived, lastActivity, nextActivity, ofOrganization, ofPerson } from '../derived.ts';
import { customFieldsV1 } from '../fields/custom.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Activity, Organization, Person, User } from '../model.ts';
import type { World } from '../world.ts';
import { pictureView } from './picture.ts';

/**
 * Persons, organizations and users as v1 shows them: whole, as an answer to a merge has them, and in the short forms that
 * stand in the place of an id (with the id as `value`) or under `related_objects` (with it as `id`).
 */
export function personV1(world: World, person: Person): JsonObject {
  const { db, company } = world;
  const [primary = null] = person.label_ids;
  const picture = db.pictures.get(person.picture_id ?? 0);
  return {
    id: person.id,
    company_id: company.id,
    owner_id: person.owner_id,
    org_id: person.org_id,
    name: person.name,
    first_name: person.first_name,
    last_name: person.last_name,
    ...counts(ofPerson, world, person),
    active_flag: !person.is_deleted,
    ...contactsV1(person),
    first_char: person.name.slice(0, 1).toLowerCase(),
    update_time: v1Time(person.update_time),
    add_time: v1Time(person.add_time),
    visible_to: String(person.visible_to),
    picture_id: picture
      ? { value: picture.id, ...pictureView(world, person.id, picture), update_time: v1Time(picture.add_time) }
      : null,
    sync_needed: false,
    ...activityDates(nextActivity(world, { person_id: person.id }), lastActivity(world, { person_id: person.id })),
    ...derived(ofPerson, world, person, ['last_incoming_mail_time', 'last_outgoing_mail_time']),
    label: primary,
    label_ids: person.label_ids,
    org_name: db.organizations.get(person.org_id ?? 0)?.name ?? null,
    owner_name: db.users.get(person.owner_id)?.name ?? '',
    cc_email: bccAddress(world),
    ...customFieldsV1(world, 'person', person.custom_fields),
  };
}

export function organizationV1(world: World, organization: Organization): JsonObject {
  const { id, name, owner_id, address } = organization;
  const [primary = null] = organization.label_ids;
  return {
    id,
    company_id: world.company.id,
    owner_id,
    name,
    ...counts(ofOrganization, world, organization),
    active_flag: !organization.is_deleted,
    picture_id: null,
    country_code: null,
    first_char: name.slice(0, 1).toLowerCase(),
    update_time: v1Time(organization.update_time),
    add_time: v1Time(organization.add_time),
    visible_to: String(organization.visible_to),
    ...activityDates(nextActivity(world, { org_id: id }), lastActivity(world, { org_id: id })),
    label: primary,
    label_ids: organization.label_ids,
    address: address?.['value'] ?? null,
    ...addressV1('address', address),
    owner_name: world.db.users.get(owner_id)?.name ?? '',
    cc_email: bccAddress(world),
    ...customFieldsV1(world, 'organization', organization.custom_fields),
  };
}

/** A user in the place of an id: null where the id is none. */
export function userRef({ db }: World, id: number | null): Json {
  const user = db.users.get(id ?? 0);
  return user ? { ...userObject(user), value: user.id } : null;
}

export function personRef({ db }: World, id: number | null): Json {
  const person = db.persons.get(id ?? 0);
  return person ? { ...personBrief(person), value: person.id } : null;
}

export function organizationRef(world: World, id: number | null): Json {
  const organization = world.db.organizations.get(id ?? 0);
  return organization ? { ...organizationBrief(world, organization), value: organization.id } : null;
}

/** What `related_objects` of v1 lists hold of these records, each kind keyed by id. */
export function relatedContacts(
  world: World,
  ids: {
    users?: Iterable<number | null>;
    persons?: Iterable<number | null>;
    organizations?: Iterable<number | null>;
  },
): JsonObject {
  const { db } = world;
  return {
    ...(ids.users ? { user: keyed(ids.users, (id) => db.users.get(id), userObject) } : {}),
    ...(ids.organizations
      ? {
          organization: keyed(
            ids.organizations,
            (id) => db.organizations.get(id),
            (row) => ({ id: row.id, ...organizationBrief(world, row) }),
          ),
        }
      : {}),
    ...(ids.persons
      ? {
          person: keyed(
            ids.persons,
            (id) => db.persons.get(id),
            (row) => ({ id: row.id, ...personBrief(row), owner_id: row.owner_id }),
          ),
        }
      : {}),
  };
}

/** Records by their id, each once; ids of nothing are left out. */
export function keyed<R>(
  ids: Iterable<number | null>,
  get: (id: number) => R | undefined,
  view: (row: R) => JsonObject,
): JsonObject {
  const shown: JsonObject = {};
  for (const id of new Set(ids)) {
    const row = id === null ? undefined : get(id);
    if (id !== null && row) shown[id] = view(row);
  }
  return shown;
}

/** The times and dates of what comes next and what was done last. */
export function activityDates(next: Activity | undefined, last: Activity | undefined): JsonObject {
  return {
    next_activity_date: next?.due_date ?? null,
    next_activity_time: next?.due_time ?? null,
    next_activity_id: next?.id ?? null,
    last_activity_id: last?.id ?? null,
    last_activity_date: (last?.due_date ?? last?.marked_as_done_time)?.slice(0, 10) ?? null,
  };
}

function userObject({ id, name, email, icon_url, active_flag }: User): JsonObject {
  return { id, name, email, has_pic: icon_url === null ? 0 : 1, pic_hash: null, active_flag };
}

function personBrief(person: Person): JsonObject {
  return { active_flag: !person.is_deleted, name: person.name, ...contactsV1(person) };
}

function organizationBrief(world: World, organization: Organization): JsonObject {
  const { name, owner_id, address, is_deleted } = organization;
  return {
    name,
    ...derived(ofOrganization, world, organization, ['people_count']),
    owner_id,
    address: address?.['value'] ?? null,
    active_flag: !is_deleted,
    cc_email: bccAddress(world),
  };
}

/** E-mails and phones under v1's names; a person who has none has one that is empty. */
function contactsV1({ emails, phones }: Person): JsonObject {
  const shown = (values: Person['emails']) =>
    values.length > 0
      ? values.map(({ value, primary, label }) => ({ label, value, primary }))
      : [{ label: 'work', value: '', primary: true }];
  return { phone: shown(phones), email: shown(emails) };
}
