import { inTime } from '../clock.ts';
import type { Note } from '../model.ts';
import { blankNote } from '../resources/notes.ts';
import { DAY, officeTimeWithin, stamp } from './calendar.ts';
import { type Contacts, callName, type Filling, type LeadStory, type Story, stream } from './filling.ts';
import type { Random } from './random.ts';
import { closingNote, dealNote, leadNote, noteComment, organizationNote, personNote, type Scene } from './texts.ts';

type Draft = Omit<Note, 'id'>;
type Links = Partial<Pick<Note, 'deal_id' | 'person_id' | 'org_id' | 'lead_id' | 'pinned_to_deal_flag'>>;

/** Notes on about half the deals and on some persons, organizations and leads, a few of them commented. */
export function insertNotes(
  filling: Filling,
  { customers, individuals }: Contacts,
  stories: readonly Story[],
  leads: readonly LeadStory[],
): void {
  const { world, now, deals } = filling;
  const random = stream(filling, 'notes');
  const { users, notes } = world.db;
  const drafts: Draft[] = [];
  const add = (
    user: number,
    links: Links,
    from: number,
    to: number,
    content: (scene: Scene) => string,
    who: Partial<Scene>,
  ) => {
    const zone = users.get(user)?.timezone_name ?? 'UTC';
    const time = stamp(officeTimeWithin(random, from, to, zone));
    const others = users.all().filter((one) => one.active_flag && one.id !== user);
    const colleague = random.pick(others).name.split(' ')[0] ?? '';
    const scene = { first: 'the buyer', colleague, ...who };
    drafts.push({ ...blankNote, ...links, content: content(scene), user_id: user, add_time: time, update_time: time });
  };

  const counts = random.deck(stories.length, [
    [0, 54],
    [1, 34],
    [2, 12],
  ]);
  for (const [index, { deal, person, added, until }] of stories.entries()) {
    if (deal.is_deleted) continue;
    for (let count = 0; count < (counts[index] ?? 0); count += 1) {
      const links = { deal_id: deal.id, pinned_to_deal_flag: count === 0 && random.chance(0.15) };
      const who = { first: callName(person) };
      add(deal.owner_id, links, added, until, (scene) => dealNote(random, scene), who);
    }
    if (deal.status === 'open' || !random.chance(0.4)) continue;
    const who = { first: callName(person) };
    add(
      deal.owner_id,
      { deal_id: deal.id },
      until,
      until,
      (scene) => closingNote(random, deal.lost_reason, scene),
      who,
    );
  }
  for (const { organization } of random.some(customers, Math.ceil(deals * 0.05))) {
    const from = Date.parse(organization.add_time);
    add(organization.owner_id, { org_id: organization.id }, from, now, (scene) => organizationNote(random, scene), {});
  }
  const people = [...customers.flatMap(({ persons }) => persons), ...individuals.map(({ person }) => person)];
  for (const person of random.some(people, Math.ceil(deals * 0.06))) {
    const who = { first: callName(person) };
    const from = Date.parse(person.add_time);
    add(person.owner_id, { person_id: person.id }, from, now, (scene) => personNote(random, scene), who);
  }
  for (const { lead, person } of leads.filter(() => random.chance(0.3))) {
    const who = { first: callName(person) };
    const from = Date.parse(lead.add_time);
    const until = lead.archive_time === null ? now : Date.parse(lead.archive_time);
    add(lead.owner_id, { lead_id: lead.id }, from, until, (scene) => leadNote(random, scene), who);
  }

  drafts.sort((a, b) => inTime(a.add_time, b.add_time));
  const inserted = drafts.map((draft) => notes.insert({ id: notes.nextId(), ...draft }));
  insertComments(random, filling, random.some(inserted, Math.ceil(inserted.length * 0.1)));
}

function insertComments(random: Random, { world, now }: Filling, notes: readonly Note[]): void {
  for (const note of notes) {
    const others = world.db.users.all().filter((user) => user.active_flag && user.id !== note.user_id);
    const from = Date.parse(note.add_time);
    const user = random.pick(others);
    const time = stamp(officeTimeWithin(random, from, Math.min(now, from + 4 * DAY), user.timezone_name));
    world.db.comments.insert({
      id: random.uuid(),
      note_id: note.id,
      content: noteComment(random),
      user_id: user.id,
      updater_id: null,
      active_flag: true,
      add_time: time,
      update_time: time,
    });
  }
}

/** Colleagues who want to hear of records that are not theirs. */
export function insertFollowers(filling: Filling): void {
  const { world, now } = filling;
  const { db } = world;
  const random = stream(filling, 'followers');
  const active = db.users.all().filter((user) => user.active_flag);
  const shares = [
    ['deal', db.deals.where('is_deleted', false), 0.14],
    ['organization', db.organizations.all(), 0.1],
    ['person', db.persons.all(), 0.04],
    ['product', db.products.all(), 0.2],
  ] as const;
  for (const [entity, rows, share] of shares) {
    for (const { id, owner_id, add_time } of rows) {
      if (!random.chance(share)) continue;
      const user = random.pick(active.filter((one) => one.id !== owner_id));
      const time = officeTimeWithin(random, Date.parse(add_time), now, user.timezone_name);
      db.followers.insert({
        id: db.followers.nextId(),
        entity,
        record_id: id,
        user_id: user.id,
        add_time: stamp(time),
      });
    }
  }
}
