import type { Company, Stage, User } from '../model.ts';
import { standardAccess } from '../resources/permission-sets.ts';
import type { World } from '../world.ts';
import { DAY, stamp } from './calendar.ts';
import { Random } from './random.ts';

/** The company whose account this is: it makes and sells water-quality probes and the service that reads them. */
export const sampleCompany: Company = {
  id: 8_127_340,
  name: 'Varsa Instruments',
  domain: 'varsa-instruments',
  country: 'DE',
  industry: 'Manufacturing',
  rates: {
    ...{
      EUR: 1,
      USD: 0.86,
      GBP: 1.14,
      CHF: 1.07,
      SEK: 0.091,
      NOK: 0.085,
      DKK: 0.134,
      PLN: 0.236,
      CZK: 0.041,
      HUF: 0.0026,
    },
    ...{ BGN: 0.511, RON: 0.197, TRY: 0.0205, UAH: 0.0204, CAD: 0.61, AUD: 0.56, NZD: 0.49, JPY: 0.0055, KRW: 0.00059 },
    ...{
      CNY: 0.121,
      HKD: 0.11,
      SGD: 0.66,
      INR: 0.0097,
      ILS: 0.26,
      AED: 0.234,
      KWD: 2.8,
      ZAR: 0.05,
      BRL: 0.16,
      MXN: 0.047,
    },
    ...{ ARS: 0.0006, CLP: 0.00092, COP: 0.00022 },
  },
  has_visibility_groups: true,
};

const europe = 'Europe/Berlin';
const america = 'America/New_York';
/** When the colleague who has left did so, in days before now. */
export const LEFT_DAYS_AGO = 140;

/** The minute at which an account is filled: an even one, so that two fillings of one clock agree. */
export function fillTime(world: World): number {
  return Math.floor(world.clock.now().getTime() / 60_000) * 60_000;
}

export function insertOwner(world: World, since: number): User {
  return insertUser(world, since, { name: 'Katrin Vogel', zone: europe, locale: 'de_DE', phone: '+49 30 23125 101' });
}

/** The owner's colleagues: sales and service in Europe, sales in America, and one who has left. */
export function insertColleagues(world: World, since: number): void {
  insertUser(world, since, { name: 'Mikael Sand', zone: europe, locale: 'en_GB', phone: '+49 30 23125 118' });
  insertUser(world, since, { name: 'Oliver Grant', zone: europe, locale: 'en_GB', phone: null, left: true });
  insertUser(world, since + 20 * DAY, { name: 'Camille Rousseau', zone: europe, locale: 'fr_FR', phone: null });
  const dollars = { zone: america, locale: 'en_US', currency: 'USD' };
  insertUser(world, since + 25 * DAY, { name: 'Marcus Hale', phone: '+1 212 555 0164', ...dollars });
  insertUser(world, since + 210 * DAY, { name: 'Priya Raman', phone: '+1 617 555 0119', ...dollars });
}

type Newcomer = { name: string; zone: string; locale: string; phone: string | null; currency?: string; left?: boolean };

function insertUser(world: World, since: number, who: Newcomer): User {
  const { db } = world;
  const now = fillTime(world);
  const left = who.left === true;
  const id = db.users.nextId();
  return db.users.insert({
    id,
    name: who.name,
    email: `${who.name.toLowerCase().replace(' ', '.')}@varsa.example`,
    phone: who.phone,
    default_currency: who.currency ?? 'EUR',
    locale: who.locale,
    lang: 1,
    timezone_name: who.zone,
    role_id: 1,
    active_flag: !left,
    access: standardAccess(id === 1),
    icon_url: null,
    last_login: stamp(left ? now - LEFT_DAYS_AGO * DAY : Math.max(since, now - id * 37 * 60_000)),
    created: stamp(since),
    modified: stamp(left ? now - LEFT_DAYS_AGO * DAY : since),
  });
}

const activityTypes = ['Call', 'Meeting', 'Task', 'Deadline', 'Email', 'Lunch'];
const leadLabels = [
  { name: 'Hot', color: 'red' },
  { name: 'Warm', color: 'yellow' },
  { name: 'Cold', color: 'blue' },
];

/** The activity types and lead labels that Pipedrive gives to every new account. */
export function insertDefaults(world: World, seed: number, since: number): void {
  const { db } = world;
  const random = new Random(seed, 'defaults');
  const time = stamp(since);
  for (const [index, name] of activityTypes.entries()) {
    db.activityTypes.insert({
      id: db.activityTypes.nextId(),
      order_nr: index + 1,
      name,
      key_string: name.toLowerCase(),
      icon_key: name.toLowerCase(),
      color: 'FFFFFF',
      is_custom_flag: false,
      active_flag: true,
      add_time: time,
      update_time: time,
    });
  }
  for (const label of leadLabels) {
    db.leadLabels.insert({ id: random.uuid(), ...label, add_time: time, update_time: time });
  }
}

type StagePlan = readonly [name: string, probability: number, rotsAfterDays?: number];

const standardStages: readonly StagePlan[] = [
  ['Qualified', 100],
  ['Contact Made', 100],
  ['Demo Scheduled', 100],
  ['Proposal Made', 100],
  ['Negotiations Started', 100],
];

/** Pipedrive's own first pipeline. */
export function insertStandardPipeline(world: World, since: number): void {
  insertPipeline(world, since, 'Pipeline', false, standardStages);
}

/** Two pipelines have a stage 'Negotiation', as happens in real accounts; deals of the first one rot. */
export function insertPipelines(world: World, since: number): void {
  insertPipeline(world, since, 'New business', true, [
    ['Qualified', 10, 30],
    ['Contact made', 20, 21],
    ['Site survey', 35, 21],
    ['Proposal sent', 55, 14],
    ['Negotiation', 75, 10],
    ['Contract out', 90, 7],
  ]);
  insertPipeline(world, since, 'Renewals', true, [
    ['Up for renewal', 60],
    ['Usage review', 70],
    ['Offer sent', 80],
    ['Negotiation', 85],
    ['Verbal yes', 95],
  ]);
  insertPipeline(world, since + 120 * DAY, 'Partnerships', false, [
    ['Identified', 100],
    ['First call', 100],
    ['Mutual fit', 100],
    ['Terms drafted', 100],
    ['Onboarding', 100],
  ]);
}

function insertPipeline(
  world: World,
  since: number,
  name: string,
  enabled: boolean,
  stages: readonly StagePlan[],
): void {
  const { db } = world;
  const time = stamp(since);
  const common = { is_deleted: false, delete_time: null, add_time: time, update_time: time };
  const pipeline = db.pipelines.insert({
    id: db.pipelines.nextId(),
    name,
    order_nr: db.pipelines.size + 1,
    is_deal_probability_enabled: enabled,
    ...common,
  });
  for (const [index, [stage, probability, days]] of stages.entries()) {
    const row: Stage = {
      id: db.stages.nextId(),
      name: stage,
      order_nr: index + 1,
      pipeline_id: pipeline.id,
      deal_probability: probability,
      is_deal_rot_enabled: days !== undefined,
      days_to_rotten: days ?? null,
      ...common,
    };
    db.stages.insert(row);
  }
}
