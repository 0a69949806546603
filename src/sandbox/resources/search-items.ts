import { inTime } from '../clock.ts';
import { bccAddress } from '../derived.ts';
import { customFieldsOf } from '../fields/active.ts';
import { searchable } from '../fields/types.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Deal, Lead, Organization, Person, Product, Project, StoredFile } from '../model.ts';
import { pictureUrls } from '../views/picture.ts';
import { seesPipeline, visibleDeals } from '../visibility.ts';
import type { World } from '../world.ts';

export const itemTypes = [
  'deal',
  'person',
  'organization',
  'product',
  'lead',
  'file',
  'mail_attachment',
  'project',
] as const;
export type ItemType = (typeof itemTypes)[number];

/** The fields that a search of each type of item may look in. */
export const fieldsOf: Readonly<Record<ItemType, readonly string[]>> = {
  deal: ['title', 'notes', 'custom_fields'],
  person: ['name', 'email', 'phone', 'notes', 'custom_fields'],
  organization: ['name', 'address', 'notes', 'custom_fields'],
  product: ['name', 'code', 'custom_fields'],
  lead: ['title', 'notes', 'custom_fields'],
  file: ['name'],
  mail_attachment: ['name'],
  project: ['title', 'description', 'notes', 'custom_fields'],
};

/** One record that a search may find. */
export type Item = {
  readonly type: ItemType;
  readonly id: number | string;
  /** Its name or title. */
  readonly name: string;
  /** What a search may be narrowed by; a key that is not there narrows nothing. */
  readonly links: {
    person_id?: number | null | readonly number[];
    organization_id?: number | null | readonly number[];
    status?: string;
  };
  readonly stored: Readonly<Record<string, Json>>;
  /** The values of one of the fields to search in. */
  texts(field: string): string[];
  /** As an answer shows it, with the optional `deal.cc_email` and its like that are in `include`. */
  view(include: readonly string[]): JsonObject;
};

/** Every record of a type that is not deleted. */
export function items(world: World, type: ItemType): Item[] {
  const { db } = world;
  const custom = customTexts(world, type);
  switch (type) {
    case 'deal':
      return alive(visibleDeals(world, db.deals.all())).map((row) => dealItem(world, row, custom));
    case 'person':
      return alive(db.persons.all()).map((row) => personItem(world, row, custom));
    case 'organization':
      return alive(db.organizations.all()).map((row) => organizationItem(world, row, custom));
    case 'product':
      return alive(db.products.all()).map((row) => productItem(row, custom));
    case 'lead':
      return alive(db.leads.all()).map((row) => leadItem(world, row, custom));
    case 'project':
      return alive(db.projects.all()).map((row) => projectItem(world, row, custom));
    case 'file':
    case 'mail_attachment':
      return alive(db.files.all())
        .filter((row) => (row.mail_message_id === null) === (type === 'file'))
        .map((row) => fileItem(world, type, row));
  }
}

const MOST_RELATED = 100;

/** The newest leads and deals of a found person or organization, and the newest persons of a found organization. */
export function relatedItems(world: World, found: Item): Item[] {
  if (found.type !== 'person' && found.type !== 'organization') return [];
  const { db } = world;
  const id = Number(found.id);
  const person = found.type === 'person';
  const deals = person ? db.deals.where('person_id', id) : db.deals.where('org_id', id);
  const leads = person ? db.leads.where('person_id', id) : db.leads.where('organization_id', id);
  const persons = person ? [] : db.persons.where('org_id', id);
  const dealTexts = customTexts(world, 'deal');
  const personTexts = customTexts(world, 'person');
  return [
    ...newest(leads).map((row) => leadItem(world, row, dealTexts)),
    ...newest(visibleDeals(world, deals)).map((row) => dealItem(world, row, dealTexts)),
    ...newest(persons).map((row) => personItem(world, row, personTexts)),
  ];
}

/** The field codes of a type's custom fields that a search looks in. */
export function searchableCodes(world: World, type: ItemType): string[] {
  if (type === 'file' || type === 'mail_attachment') return [];
  return customFieldsOf(world, type).flatMap((field) => (searchable.has(field.field_type) ? [field.field_code] : []));
}

/** The words of a custom field's value: a text, a number, or the main part of an address or an amount. */
export function textsOf(value: Json | undefined): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return textsOf(value['value']);
}

type CustomTexts = (stored: Readonly<Record<string, Json>>) => string[];

function customTexts(world: World, type: ItemType): CustomTexts {
  const codes = searchableCodes(world, type);
  return (stored) => codes.flatMap((code) => textsOf(stored[code]));
}

function alive<R extends { is_deleted: boolean }>(rows: readonly R[]): R[] {
  return rows.filter((row) => !row.is_deleted);
}

function newest<R extends { is_deleted: boolean; add_time: string }>(rows: readonly R[]): R[] {
  return alive(rows)
    .sort((a, b) => inTime(b.add_time, a.add_time))
    .slice(0, MOST_RELATED);
}

function item(
  head: Pick<Item, 'type' | 'id' | 'name' | 'links' | 'stored'>,
  texts: Readonly<Record<string, () => string[]>>,
  view: Item['view'],
): Item {
  return { ...head, texts: (field) => texts[field]?.() ?? [], view };
}

function dealItem(world: World, deal: Deal, custom: CustomTexts): Item {
  const { id, title, status, visible_to, currency, value, is_archived, custom_fields: stored } = deal;
  const notes = () => noteTexts(world, 'deal_id', id);
  const links = { person_id: deal.person_id, organization_id: deal.org_id, status };
  const texts = { title: () => [title], notes, custom_fields: () => custom(stored) };
  return item({ type: 'deal', id, name: title, links, stored }, texts, (include) => {
    const stage = world.db.stages.get(deal.stage_id);
    return {
      id,
      type: 'deal',
      title,
      value,
      currency,
      status,
      visible_to,
      owner: { id: deal.owner_id },
      stage: stage ? { id: stage.id, name: stage.name } : null,
      person: personLink(world, deal.person_id),
      organization: organizationLink(world, deal.org_id),
      custom_fields: custom(stored),
      notes: notes(),
      is_archived,
      ...(include.includes('deal.cc_email') ? { cc_email: bccAddress(world, id) } : {}),
    };
  });
}

function personItem(world: World, person: Person, custom: CustomTexts): Item {
  const { id, name, visible_to, org_id, picture_id, custom_fields: stored } = person;
  const notes = () => noteTexts(world, 'person_id', id);
  const email = () => valuesOf(person.emails);
  const phone = () => valuesOf(person.phones);
  const texts = {
    name: () => [name],
    first_name: () => textsOf(person.first_name),
    last_name: () => textsOf(person.last_name),
    email,
    phone,
    notes,
    custom_fields: () => custom(stored),
  };
  return item({ type: 'person', id, name, links: { organization_id: org_id }, stored }, texts, (include) => ({
    id,
    type: 'person',
    name,
    phones: phone(),
    emails: email(),
    visible_to,
    owner: { id: person.owner_id },
    organization: organizationLink(world, org_id),
    custom_fields: custom(stored),
    notes: notes(),
    ...(include.includes('person.picture')
      ? { picture: picture_id === null ? null : { id: picture_id, pictures: pictureUrls(world, picture_id) } }
      : {}),
  }));
}

function organizationItem(world: World, organization: Organization, custom: CustomTexts): Item {
  const { id, name, visible_to, owner_id, custom_fields: stored } = organization;
  const address = addressText(organization);
  const notes = () => noteTexts(world, 'org_id', id);
  const texts = { name: () => [name], address: () => textsOf(address), notes, custom_fields: () => custom(stored) };
  return item({ type: 'organization', id, name, links: {}, stored }, texts, () => ({
    id,
    type: 'organization',
    name,
    address,
    visible_to,
    owner: { id: owner_id },
    custom_fields: custom(stored),
    notes: notes(),
  }));
}

function productItem(product: Product, custom: CustomTexts): Item {
  const { id, name, code, visible_to, owner_id, prices, custom_fields: stored } = product;
  const texts = { name: () => [name], code: () => textsOf(code), custom_fields: () => custom(stored) };
  return item({ type: 'product', id, name, links: {}, stored }, texts, (include) => ({
    id,
    type: 'product',
    name,
    code,
    visible_to,
    owner: { id: owner_id },
    custom_fields: custom(stored),
    ...(include.includes('product.price') ? { price: prices } : {}),
  }));
}

function leadItem(world: World, lead: Lead, custom: CustomTexts): Item {
  const { id, title, value, visible_to, is_archived, was_seen, custom_fields: stored } = lead;
  const notes = () => noteTexts(world, 'lead_id', id);
  const links = { person_id: lead.person_id, organization_id: lead.organization_id };
  const texts = { title: () => [title], notes, custom_fields: () => custom(stored) };
  return item({ type: 'lead', id, name: title, links, stored }, texts, (include) => {
    const person = lead.person_id === null ? undefined : world.db.persons.get(lead.person_id);
    return {
      id,
      type: 'lead',
      title,
      owner: { id: lead.owner_id },
      person: personLink(world, lead.person_id),
      organization: organizationLink(world, lead.organization_id),
      phones: valuesOf(person?.phones ?? []),
      emails: valuesOf(person?.emails ?? []),
      custom_fields: custom(stored),
      notes: notes(),
      value: value?.amount ?? null,
      currency: value?.currency ?? null,
      visible_to,
      is_archived,
      ...(include.includes('lead.was_seen') ? { was_seen } : {}),
    };
  });
}

function projectItem(world: World, project: Project, custom: CustomTexts): Item {
  const { id, title, description, custom_fields: stored, deal_ids, person_ids, org_ids } = project;
  const { db } = world;
  const notes = () => noteTexts(world, 'project_id', id);
  const texts = {
    title: () => [title],
    description: () => textsOf(description),
    notes,
    custom_fields: () => custom(stored),
  };
  const links = { person_id: person_ids, organization_id: org_ids };
  return item({ type: 'project', id, name: title, links, stored }, texts, () => {
    const phase = db.phases.get(project.phase_id ?? 0);
    return {
      id,
      type: 'project',
      title,
      status: project.status,
      owner: { id: project.owner_id },
      board_id: project.board_id,
      phase: phase ? { id: phase.id, name: phase.name } : null,
      person: personLink(world, person_ids[0] ?? null),
      organization: organizationLink(world, org_ids[0] ?? null),
      deal: dealLink(world, deal_ids[0] ?? null),
      deal_count: deal_ids.length,
      description,
      end_date: project.end_date,
      custom_fields: custom(stored),
      notes: notes(),
    };
  });
}

function fileItem(world: World, type: 'file' | 'mail_attachment', file: StoredFile): Item {
  const { id, name, deal_id, person_id, org_id } = file;
  const links = { person_id, organization_id: org_id };
  return item({ type, id, name, links, stored: {} }, { name: () => [name] }, () => {
    const deal = dealLink(world, deal_id);
    const person = personLink(world, person_id);
    const organization = organizationLink(world, org_id);
    return {
      id,
      type,
      name,
      url: `/files/${id}/download`,
      ...(deal ? { deal } : {}),
      ...(person ? { person } : {}),
      ...(organization ? { organization } : {}),
    };
  });
}

function dealLink(world: World, id: number | null): JsonObject | null {
  const deal = world.db.deals.get(id ?? 0);
  return deal && seesPipeline(world, deal.pipeline_id) ? { id: deal.id, title: deal.title } : null;
}

function personLink({ db }: World, id: number | null): JsonObject | null {
  const person = db.persons.get(id ?? 0);
  return person ? { id: person.id, name: person.name } : null;
}

function organizationLink({ db }: World, id: number | null): JsonObject | null {
  const organization = db.organizations.get(id ?? 0);
  return organization ? { id: organization.id, name: organization.name, address: addressText(organization) } : null;
}

function addressText({ address }: Organization): string | null {
  return textsOf(address)[0] ?? null;
}

function valuesOf(entries: Person['emails']): string[] {
  return entries.map((entry) => entry.value);
}

/** The notes of a record, without their HTML. */
function noteTexts(
  { db }: World,
  key: 'deal_id' | 'person_id' | 'org_id' | 'project_id' | 'lead_id',
  id: number | string,
): string[] {
  const notes = key === 'lead_id' ? db.notes.where(key, String(id)) : db.notes.where(key, Number(id));
  return notes.filter((note) => note.active_flag).map((note) => plain(note.content));
}

function plain(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
