import type { StoredFile } from '../model.ts';
import { blankFile, fileType, storageName } from '../resources/files.ts';
import type { World } from '../world.ts';
import { DAY, date, HOUR, officeTimeWithin, stamp } from './calendar.ts';
import { pdf, png } from './documents.ts';
import { type Catalogue, type Contacts, type Filling, type LeadStory, type Story, stream } from './filling.ts';
import type { Random } from './random.ts';

type Links = Partial<
  Pick<
    StoredFile,
    'deal_id' | 'person_id' | 'org_id' | 'product_id' | 'activity_id' | 'lead_id' | 'mail_message_id' | 'description'
  >
>;
type Where = Links & { user_id: number; time: number };

const types: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  csv: 'text/csv',
  txt: 'text/plain; charset=utf-8',
  img: 'image/png',
};

/** Offers, plans and lists on some deals, data sheets of some products, and a few pictures of people. */
export function insertFiles(
  filling: Filling,
  { customers }: Contacts,
  stories: readonly Story[],
  leads: readonly LeadStory[],
  catalogue: Catalogue,
): void {
  const { world, now } = filling;
  const random = stream(filling, 'files');
  const drafts: { name: string; content: Buffer; where: Where }[] = [];
  const add = (name: string, content: Buffer, where: Where) => drafts.push({ name, content, where });
  const live = stories.filter(({ deal }) => !deal.is_deleted);
  for (const [index, { deal, customer, added, until, zone }] of random
    .some(live, Math.ceil(live.length / 9))
    .entries()) {
    const time = officeTimeWithin(random, added, until, zone);
    const where = { deal_id: deal.id, user_id: deal.owner_id, time };
    const org = customer?.organization.name ?? 'customer';
    const number = `${date(time).slice(0, 4)}-${String(deal.id).padStart(4, '0')}`;
    if (index % 3 === 0)
      add(`Offer ${number}.pdf`, pdf([`Offer ${number}`, deal.title, `${deal.value} ${deal.currency}`]), where);
    if (index % 3 === 1) add(`Measuring points ${org}.csv`, points(random), where);
    if (index % 3 === 2) {
      const minutes = `Kick-off ${org}\n\n- Two measuring points without mains power\n- Access through gate 3 only\n`;
      add('Minutes kick-off.txt', Buffer.from(minutes), { ...where, description: 'Not yet agreed with the customer' });
    }
  }
  for (const product of catalogue.slice(0, 4)) {
    const time = Date.parse(product.add_time);
    const sheet = pdf([product.name, `Code ${product.code ?? ''}`, 'Ranges, materials and wiring on request.']);
    add(`Data sheet ${product.name.replaceAll('/', '-')}.pdf`, sheet, {
      product_id: product.id,
      user_id: product.owner_id,
      time,
    });
  }
  for (const { organization } of random.some(customers, 3)) {
    const { id: org_id, name, owner_id: user_id } = organization;
    const time = officeTimeWithin(random, Date.parse(organization.add_time), now, 'Europe/Berlin');
    add(`NDA ${name}.pdf`, pdf([`Mutual non-disclosure agreement`, `Varsa Instruments and ${name}`]), {
      org_id,
      user_id,
      time,
    });
  }
  for (const { lead } of leads.filter((one) => !one.lead.is_archived).slice(0, 2)) {
    const time = Date.parse(lead.add_time) + HOUR;
    add(
      'Pump house.png',
      png(96, 64, (x, y) => (x * 2 + y) % 256),
      { lead_id: lead.id, user_id: lead.owner_id, time },
    );
  }
  drafts.sort((a, b) => a.where.time - b.where.time);
  for (const { name, content, where } of drafts) insertFile(random, world, name, content, where);
  for (const person of random.some(
    customers.flatMap(({ persons }) => persons),
    4,
  )) {
    const time = officeTimeWithin(random, Date.parse(person.add_time), now - DAY, 'Europe/Berlin');
    const portrait = face(random.int(90, 160));
    const blob_id = insertBlob(random, world, 'portrait.png', 'image/png', portrait);
    const picture = { added_by_user_id: person.owner_id, blob_id, file_size: portrait.length, add_time: stamp(time) };
    const { id } = world.db.pictures.insert({ id: world.db.pictures.nextId(), ...picture });
    world.db.persons.patch(person, { picture_id: id });
  }
}

export function insertFile(random: Random, world: World, name: string, content: Buffer, where: Where): StoredFile {
  const { time, user_id, ...links } = where;
  const { files } = world.db;
  const file_type = fileType(name);
  const file_name = storageName(name, random.hex(32));
  const type = types[file_type] ?? 'application/octet-stream';
  return files.insert({
    id: files.nextId(),
    user_id,
    ...blankFile,
    ...links,
    name,
    file_name,
    file_type,
    file_size: content.length,
    remote_id: file_name,
    blob_id: insertBlob(random, world, name, type, content),
    add_time: stamp(time),
    update_time: stamp(time),
  });
}

/** As world.store, under an id that is the same for one seed. */
export function insertBlob(random: Random, { db }: World, name: string, type: string, content: Buffer): string {
  return db.blobs.insert({ id: random.uuid(), name, type, content: content.toString('base64') }).id;
}

function points(random: Random): Buffer {
  const rows = ['Inlet', 'Basin 1', 'Basin 2', 'Outlet'].map(
    (point) => `${point},${random.int(10, 80)},${random.chance(0.5) ? 'mains' : 'battery'}`,
  );
  return Buffer.from(`${['Point,Depth cm,Power', ...rows].join('\r\n')}\r\n`);
}

/** A head and shoulders, as a stand-in for a photo. */
function face(grey: number): Buffer {
  const inside = (x: number, y: number, cx: number, cy: number, rx: number, ry: number) =>
    ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;
  return png(128, 128, (x, y) => (inside(x, y, 64, 50, 26, 30) || inside(x, y, 64, 134, 52, 46) ? grey : 225));
}
