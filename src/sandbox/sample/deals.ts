import type { Deal, Stage, User } from '../model.ts';
import { LEFT_DAYS_AGO } from './account.ts';
import { DAY, date, HOUR, MINUTE, officeTime, officeTimeWithin, stamp, workday } from './calendar.ts';
import { countries } from './countries.ts';
import {
  type Catalogue,
  type Contacts,
  type Customer,
  type Filling,
  type Individual,
  options,
  type Story,
  salespeople,
  stream,
  type Temper,
} from './filling.ts';
import { insertDealProducts } from './products.ts';
import type { Random } from './random.ts';
import { saleSubject } from './subjects.ts';
import { lostReasons } from './texts.ts';

type Fate = 'live' | 'archived' | 'deleted';
type Draft = { status: Deal['status']; fate: Fate; temper: Temper | undefined; added: number };

const NEW_BUSINESS = 0;
const RENEWALS = 1;
const PARTNERSHIPS = 2;

/** Deals in every state and of every age, the oldest first. */
export function insertDeals(filling: Filling, contacts: Contacts, catalogue: Catalogue): Story[] {
  const { world, deals: count } = filling;
  const random = stream(filling, 'deals');
  const pipelines = world.db.pipelines.all();
  const stages = pipelines.map(({ id }) => world.db.stages.where('pipeline_id', id));
  const places = random.deck(count, [
    [NEW_BUSINESS, 62],
    [RENEWALS, 26],
    [PARTNERSHIPS, 12],
  ]);
  const contactKinds = random.deck(count, [
    ['both', 82],
    ['organization', 7],
    ['person', 7],
    ['none', 4],
  ]);
  const known = new Known(contacts);
  const titles = new Set<string>();
  let turns = 0;
  return drafts(random, filling).map((draft, index) => {
    known.upTo(draft.added);
    const opened = Date.parse(pipelines[PARTNERSHIPS]?.add_time ?? '');
    const wanted = places[index] ?? NEW_BUSINESS;
    const contact = contactKinds[index] ?? 'both';
    const noCompany = contact === 'person' || contact === 'none';
    const tooEarly = wanted === PARTNERSHIPS && (draft.added < opened || !known.hasPartners);
    const place = noCompany || tooEarly ? NEW_BUSINESS : wanted;
    const individual = contact === 'person' ? known.individual(random) : undefined;
    const customer = individual || contact === 'none' ? undefined : known.customer(random, draft.status, place);
    const titled = (subject: string) => {
      const name = customer?.organization.name ?? individual?.person.name;
      return name === undefined ? `Tender: ${subject}` : `${name} – ${subject}`;
    };
    const sector =
      customer?.sector ?? (individual ? random.pick(['science', 'fish']) : random.pick(['utility', 'pool']));
    let title = titled(saleSubject(random, sector, place === RENEWALS));
    for (let tries = 0; tries < 5 && titles.has(title); tries += 1) {
      title = titled(saleSubject(random, sector, place === RENEWALS));
    }
    titles.add(title);
    const withPerson = contact === 'both';
    const story = insertDeal(random, filling, draft, {
      title,
      place,
      stages: stages[place] ?? [],
      customer,
      individual,
      withPerson,
    });
    const priced = place !== PARTNERSHIPS && story.deal.currency !== 'GBP';
    if (priced && !story.deal.is_deleted && random.chance(0.34)) {
      const { update_time } = story.deal;
      const turn = place === RENEWALS ? undefined : turns;
      insertDealProducts(random, filling, story.deal, catalogue, sector, turn);
      world.db.deals.patch(story.deal, { update_time });
      if (turn !== undefined) turns += 1;
    }
    return story;
  });
}

function drafts(random: Random, { now, since, deals: count }: Filling): Draft[] {
  const statuses = random.deck<Deal['status']>(count, [
    ['open', 60],
    ['won', 25],
    ['lost', 15],
  ]);
  const fates = random.deck<Fate>(count, [
    ['live', 94],
    ['archived', 4],
    ['deleted', 2],
  ]);
  const tempers = random.deck<Temper>(count, [
    ['active', 46],
    ['overdue', 20],
    ['idle', 20],
    ['unplanned', 14],
  ]);
  const made = statuses.map((status, index): Draft => {
    const temper = status === 'open' ? tempers[index] : undefined;
    const [youngest, oldest, skew] = temper ? openAges[temper] : closedAges;
    const age = youngest + (oldest - youngest) * random.next() ** skew;
    const added = Math.max(since + 12 * DAY, officeTime(random, now - age * DAY, 'Europe/Berlin'));
    return { status, fate: fates[index] ?? 'live', temper, added };
  });
  return made.sort((a, b) => a.added - b.added);
}

/** Days since a deal was added: from, to, and how much the young ones outnumber the old. */
const closedAges = [25, 860, 1.7] as const;
const openAges: Record<Temper, readonly [number, number, number]> = {
  active: [2, 190, 1.6],
  overdue: [28, 240, 1.5],
  idle: [21, 400, 1.4],
  unplanned: [2, 120, 1.5],
};
/** Days since somebody last did something with it. */
const untouched: Record<Temper, readonly [number, number]> = {
  active: [0, 12],
  overdue: [1, 24],
  idle: [15, 75],
  unplanned: [0, 9],
};

/** Customers and prospects as they become known: a deal is of one that was there before it. */
class Known {
  readonly #bought: Customer[] = [];
  readonly #prospects: Customer[] = [];
  readonly #partners: Customer[] = [];
  readonly #individuals: Individual[] = [];
  readonly #contacts: Contacts;
  #customers = 0;
  #alone = 0;

  constructor(contacts: Contacts) {
    this.#contacts = contacts;
  }

  /** Both lists are in order of their add times. */
  upTo(time: number): void {
    const limit = stamp(time);
    const { customers, individuals } = this.#contacts;
    for (let next = customers[this.#customers]; next && next.organization.add_time <= limit; ) {
      const { bought, sector } = next;
      (sector === 'partner' ? this.#partners : bought ? this.#bought : this.#prospects).push(next);
      this.#customers += 1;
      next = customers[this.#customers];
    }
    for (let next = individuals[this.#alone]; next && next.person.add_time <= limit; ) {
      this.#individuals.push(next);
      this.#alone += 1;
      next = individuals[this.#alone];
    }
  }

  get hasPartners(): boolean {
    return this.#partners.length > 0;
  }

  customer(random: Random, status: Deal['status'], place: number): Customer | undefined {
    if (place === PARTNERSHIPS) return random.pick(this.#partners);
    const old = status === 'won' || place === RENEWALS || random.chance(0.22);
    const [first, second] = old ? [this.#bought, this.#prospects] : [this.#prospects, this.#bought];
    const from = first.length > 0 ? first : second;
    return from.length > 0 ? random.pick(from) : undefined;
  }

  individual(random: Random): Individual | undefined {
    return this.#individuals.length > 0 ? random.pick(this.#individuals) : undefined;
  }
}

type Frame = {
  title: string;
  place: number;
  stages: readonly Stage[];
  customer: Customer | undefined;
  individual: Individual | undefined;
  withPerson: boolean;
};

function insertDeal(random: Random, filling: Filling, draft: Draft, frame: Frame): Story {
  const { title, place, stages, customer, individual, withPerson } = frame;
  const { world, now } = filling;
  const { status, added, temper, fate } = draft;
  const country = customer?.country ?? individual?.country ?? random.pick(countries)[0];
  const there = customer?.persons.filter(({ add_time }) => add_time <= stamp(added)) ?? [];
  const person = individual?.person ?? (withPerson && there.length > 0 ? random.pick(there) : undefined);
  const until = lastTouch(random, filling, draft);
  const closed = status === 'open' ? null : stamp(until);
  const owner = ownerOf(random, filling, salespeople(filling, country), status === 'open' ? now : until);
  const step = stepOf(random, status, stages.length);
  const [stage] = stages.slice(step, step + 1);
  if (!stage) throw new Error('a pipeline has stages');
  const gone =
    fate === 'live' ? null : stamp(officeTimeWithin(random, Math.max(until, now - 25 * DAY), now, owner.timezone_name));
  const channels = options(filling, 'deal', 'channel');
  const channel = random.chance(0.25) && channels.length > 0 ? random.pick(channels) : null;
  const labels = status === 'open' && random.chance(0.4) ? options(filling, 'deal', 'label_ids') : [];
  const deal = world.db.deals.insert({
    id: world.db.deals.nextId(),
    title,
    creator_user_id: owner.created <= stamp(added) ? owner.id : world.me().id,
    owner_id: owner.id,
    value: worth(random, place),
    currency: country.currency,
    person_id: person?.id ?? null,
    org_id: customer?.organization.id ?? null,
    pipeline_id: stage.pipeline_id,
    stage_id: stage.id,
    status,
    stage_change_time: step === 0 ? null : stamp(officeTimeWithin(random, added, until, owner.timezone_name)),
    is_archived: fate === 'archived',
    archive_time: fate === 'archived' ? gone : null,
    probability: status === 'open' && random.chance(0.25) ? random.int(1, 19) * 5 : null,
    lost_reason: status === 'lost' ? random.pick(lostReasons) : null,
    visible_to: random.chance(0.96) ? 7 : 3,
    close_time: closed,
    won_time: status === 'won' ? closed : null,
    lost_time: status === 'lost' ? closed : null,
    first_won_time: status === 'won' ? closed : null,
    expected_close_date: expectedClose(random, status, until, now),
    label_ids: labels.length > 0 ? [random.pick(labels).id] : [],
    origin: random.chance(0.9) ? 'ManuallyCreated' : random.pick(['API', 'Import']),
    origin_id: null,
    channel: channel?.id ?? null,
    channel_id: channel?.label === 'Event' ? 'Water technology fair' : null,
    source_lead_id: null,
    acv: null,
    arr: null,
    mrr: null,
    custom_fields: {},
    is_deleted: fate === 'deleted',
    delete_time: fate === 'deleted' ? gone : null,
    add_time: stamp(added),
    update_time: gone ?? stamp(until),
  });
  return {
    deal,
    customer,
    person,
    temper: fate === 'live' ? temper : undefined,
    added,
    until,
    zone: owner.timezone_name,
  };
}

/** When the deal was closed, or, while it is open, last touched. */
function lastTouch(random: Random, { now }: Filling, { temper, added }: Draft): number {
  if (temper === undefined) {
    const age = Math.floor((now - added) / DAY);
    const closed = added + random.int(8, Math.min(130, age - 1)) * DAY;
    return officeTimeWithin(
      random,
      Math.min(closed, now - 3 * DAY),
      Math.min(closed + 4 * DAY, now - HOUR),
      'Europe/Berlin',
    );
  }
  const [latest, earliest] = untouched[temper];
  const to = Math.min(now - 20 * MINUTE, now - latest * DAY);
  return officeTimeWithin(random, Math.max(added, now - earliest * DAY), to, 'Europe/Berlin');
}

/** Somebody of that half of the world; of the old closed deals some belong to the colleague who left. */
function ownerOf(random: Random, { world, now }: Filling, team: readonly User[], closed: number): User {
  const left = world.db.users.all().find((user) => !user.active_flag && user.timezone_name === team[0]?.timezone_name);
  if (left && closed < now - LEFT_DAYS_AGO * DAY && random.chance(0.3)) return left;
  return random.pick(team);
}

/** Open deals stand early more often than late, won ones ended late, lost ones anywhere. */
function stepOf(random: Random, status: Deal['status'], stages: number): number {
  if (status === 'won') return stages - random.int(1, 2);
  return Math.floor(stages * random.next() ** (status === 'open' ? 1.3 : 1));
}

function worth(random: Random, place: number): number {
  if (place === PARTNERSHIPS) return random.chance(0.4) ? 0 : random.int(20, 150) * 1000;
  if (place === RENEWALS) return 900 + Math.round(240 * random.next() ** 2) * 100;
  return 2800 + Math.round(880 * random.next() ** 2.6) * 100;
}

function expectedClose(random: Random, status: Deal['status'], until: number, now: number): string | null {
  if (status !== 'open') return random.chance(0.8) ? date(workday(until + random.int(-20, 15) * DAY, 'after')) : null;
  if (random.chance(0.12)) return null;
  const days = random.chance(0.2) ? random.int(-30, -3) : random.int(3, 120);
  return date(workday(now + days * DAY, 'before'));
}
