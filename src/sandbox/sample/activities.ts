import { inTime } from '../clock.ts';
import type { Activity, User } from '../model.ts';
import { blankActivity } from '../resources/activities.ts';
import { DAY, date, lunchTime, MINUTE, officeTime, stamp, timeWithin, workday } from './calendar.ts';
import {
  type Contacts,
  type Customer,
  callName,
  type Filling,
  type LeadStory,
  options,
  type Story,
  stream,
} from './filling.ts';
import type { Random } from './random.ts';
import { activitySubject } from './subjects.ts';
import { activityNote } from './texts.ts';

type Trait = { durations: readonly string[]; allDay: number; busy: boolean };

const traits: Record<string, Trait> = {
  call: { durations: ['00:15:00', '00:30:00'], allDay: 0.1, busy: false },
  meeting: { durations: ['00:45:00', '01:00:00', '02:00:00'], allDay: 0.04, busy: true },
  task: { durations: ['00:30:00', '01:00:00'], allDay: 0.5, busy: false },
  deadline: { durations: ['00:00:00'], allDay: 0.85, busy: false },
  email: { durations: ['00:15:00'], allDay: 0.4, busy: false },
  lunch: { durations: ['01:00:00', '01:30:00'], allDay: 0, busy: true },
};
const shares = [
  ['call', 31],
  ['meeting', 20],
  ['task', 20],
  ['email', 16],
  ['deadline', 7],
  ['lunch', 6],
] as const;

/** What an activity is about: a deal, a lead, or a customer as such. */
type About = {
  links: Pick<Activity, 'deal_id' | 'lead_id' | 'person_id' | 'org_id'>;
  customer: Customer | undefined;
  first: string;
  org: string;
  owner: User;
};
/** `timed` where the hour of `due` is one to meet at; else only its day counts. */
type When = { added: number; due: number; done: number | undefined; timed: boolean };

/** Some three activities for two deals: calls made and meetings held, and the next steps of those that have one. */
export function insertActivities(
  filling: Filling,
  contacts: Contacts,
  stories: readonly Story[],
  leads: readonly LeadStory[],
): void {
  const { world, now } = filling;
  const random = stream(filling, 'activities');
  const maker = new Maker(random, filling);
  const alive = stories.filter(({ deal }) => !deal.is_deleted);
  const counts = random.deck(alive.length, [
    [0, 28],
    [1, 42],
    [2, 20],
    [3, 10],
  ]);
  for (const [index, story] of alive.entries()) {
    const about = maker.about(story.deal.owner_id, story.customer, story.person, { deal_id: story.deal.id });
    const { added, until, temper } = story;
    const past = until - added > DAY ? (counts[index] ?? 0) : 0;
    for (let count = 0; count < past; count += 1) maker.past(about, added, until);
    if (temper === 'active') maker.planned(about, until);
    if (temper === 'active' && random.chance(0.15)) maker.planned(about, until);
    if (temper === 'overdue') maker.missed(about, added);
  }
  for (const { lead, customer, person } of leads.filter((story) => !story.lead.is_archived)) {
    const about = maker.about(lead.owner_id, customer, person, { lead_id: lead.id });
    const added = Date.parse(lead.add_time);
    if (now - added > 3 * DAY && random.chance(0.3)) maker.past(about, added, now - 20 * MINUTE);
    if (random.chance(0.4)) maker.planned(about, added);
  }
  for (const customer of random.some(contacts.customers, Math.ceil(filling.deals * 0.05))) {
    const { organization, persons } = customer;
    const added = Date.parse(organization.add_time);
    const about = maker.about(organization.owner_id, customer, persons[0], {});
    if (random.chance(0.6)) maker.past(about, Math.max(added, now - 200 * DAY), now - 20 * MINUTE);
    else maker.planned(about, Math.max(added, now - 5 * DAY));
  }
  const { activities } = world.db;
  const drafts = maker.drafts.sort((a, b) => inTime(a.add_time, b.add_time));
  for (const draft of drafts) activities.insert(Object.assign(draft, { id: activities.nextId() }));
}

class Maker {
  /** Their ids follow when all are there, in order. */
  readonly drafts: Activity[] = [];
  readonly #random: Random;
  readonly #now: number;
  readonly #users: Map<number, User>;
  readonly #priorities: readonly number[];
  #pastTypes: string[] = [];
  #openTypes: string[] = [];

  constructor(random: Random, filling: Filling) {
    this.#random = random;
    this.#now = filling.now;
    this.#users = new Map(filling.world.db.users.all().map((user) => [user.id, user]));
    this.#priorities = options(filling, 'activity', 'priority').map(({ id }) => id);
  }

  about(
    ownerId: number,
    customer: Customer | undefined,
    person: Story['person'],
    links: { deal_id?: number; lead_id?: string },
  ): About {
    const owner = this.#users.get(ownerId);
    if (!owner) throw new Error('every record has an owner');
    const organization = customer?.organization;
    const ids = { person_id: person?.id ?? null, org_id: organization?.id ?? null };
    const org = organization?.name ?? person?.name ?? 'the authority';
    return { links: { deal_id: null, lead_id: null, ...links, ...ids }, customer, first: callName(person), org, owner };
  }

  /** Done some time from `from` to `to`. */
  past(about: About, from: number, to: number): void {
    if (this.#pastTypes.length === 0) this.#pastTypes = this.#random.deck(100, shares);
    const type = this.#pastTypes.pop() ?? 'task';
    const time = timeWithin(this.#random, from, to);
    const slot = this.#slot(type, time, about, 'before');
    const timed = slot >= from && slot <= to;
    const due = timed ? slot : time;
    const added = Math.max(from, due - this.#random.int(0, 9) * DAY);
    const done = Math.min(to, due + this.#random.int(20, 120) * MINUTE);
    this.#push(about, type, { added, due, done, timed });
  }

  /** Due in the coming weeks; somebody planned it at `added`. */
  planned(about: About, added: number): void {
    const type = this.#openType();
    const days = Math.floor(22 * this.#random.next() ** 1.5);
    let due = this.#slot(type, this.#now + days * DAY, about, 'after');
    if (due <= this.#now) due = this.#slot(type, this.#now + DAY, about, 'after');
    this.#push(about, type, { added, due, done: undefined, timed: true });
  }

  /** Due in the past weeks, and not done. */
  missed(about: About, from: number): void {
    const type = this.#openType();
    const due = this.#slot(type, this.#now - this.#random.int(1, 20) * DAY, about, 'before');
    const added = Math.max(from, due - this.#random.int(1, 9) * DAY);
    this.#push(about, type, { added, due, done: undefined, timed: true });
  }

  #openType(): string {
    if (this.#openTypes.length === 0) this.#openTypes = this.#random.deck(50, shares);
    return this.#openTypes.pop() ?? 'task';
  }

  #slot(type: string, time: number, { owner }: About, weekend: 'before' | 'after'): number {
    return (type === 'lunch' ? lunchTime : officeTime)(this.#random, time, owner.timezone_name, weekend);
  }

  #push({ links, customer, first, org, owner }: About, type: string, { added, due, done, ...when }: When): void {
    const random = this.#random;
    const { durations, allDay, busy } = traits[type] ?? { durations: ['00:30:00'], allDay: 0, busy: false };
    const timed = when.timed && !random.chance(allDay);
    const subject = activitySubject(random, type, first, org);
    const video = timed && type === 'meeting' && !subject.includes(' at ') && random.chance(0.7);
    const meeting = video ? `${random.hex(3)}-${random.hex(4)}-${random.hex(3)}` : null;
    const onSite = type === 'lunch' || subject.startsWith('Site visit');
    const addTime = stamp(added);
    const colleagues = customer?.persons.filter((one) => one.id !== links.person_id && one.add_time <= addTime) ?? [];
    const second =
      type === 'meeting' && colleagues.length > 0 && random.chance(0.4) ? random.pick(colleagues).id : null;
    const participants = links.person_id === null ? [] : [{ person_id: links.person_id, primary: true }];
    if (second !== null && participants.length > 0) participants.push({ person_id: second, primary: false });
    this.drafts.push({
      id: 0,
      ...blankActivity,
      ...links,
      subject,
      type,
      owner_id: owner.id,
      creator_user_id: owner.id,
      due_date: date(timed ? due : workday(due, 'before')),
      due_time: timed ? stamp(due).slice(11, 19) : null,
      duration: timed ? random.pick(durations) : null,
      busy: timed && busy,
      done: done !== undefined,
      marked_as_done_time: done === undefined ? null : stamp(done),
      location: onSite ? (customer?.organization.address ?? null) : null,
      participants,
      conference_meeting_client: meeting === null ? null : 'google_meet',
      conference_meeting_url: meeting === null ? null : `https://meet.example/${meeting}`,
      conference_meeting_id: meeting,
      priority:
        done === undefined && this.#priorities.length > 0 && random.chance(0.12) ? random.pick(this.#priorities) : null,
      note: random.chance(0.25) ? activityNote(random, type) : null,
      add_time: addTime,
      update_time: stamp(done ?? added),
    });
  }
}
