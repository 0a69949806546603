import type { Sector } from './countries.ts';
import type { Random } from './random.ts';

/** What deals and activities are called. `{n}` is a small number, `{first}` the contact, `{org}` the customer. */
const newBusiness: Record<Sector, readonly string[]> = {
  utility: [
    'Turbidity probes for the river intake',
    'Network chlorine monitoring, phase {n}',
    'Online monitoring of {n} boreholes',
    'Replacement of the old intake analysers',
    'Reservoir monitoring with alarm service',
  ],
  brewery: [
    'Brewing water line monitoring',
    'Rinse water probes for {n} bottling lines',
    'Pilot: oxygen in deaerated water',
    'Effluent pre-treatment monitoring',
  ],
  dairy: [
    'CIP rinse monitoring, {n} lines',
    'Effluent monitoring for the new whey plant',
    'Conductivity probes for the evaporators',
    'Cooling water monitoring',
  ],
  fish: [
    'Oxygen monitoring for {n} ponds',
    'Hatchery probes with night alarm',
    'Recirculation system, {n} probes and gateway',
    'Smolt tanks: ammonia and oxygen',
  ],
  chemistry: [
    'Effluent pH and COD monitoring',
    'Cooling tower monitoring, unit {n}',
    'Stormwater basin probes',
    'Replacement of lab sampling by online probes',
  ],
  paper: ['Effluent monitoring, mill {n}', 'White water loop probes', 'River discharge permit monitoring'],
  science: [
    'Field probe set for the spring campaign',
    'Buoy with {n} probes',
    'Calibration bench and reference probes',
    'Rental of {n} loggers for a lake survey',
  ],
  partner: [
    'Reseller agreement',
    'Integration with their SCADA',
    'Joint tender for regional utilities',
    'Installation partner',
    'Distribution in neighbouring markets',
    'Calibration on our behalf',
  ],
  pool: ['Chlorine and pH probes for {n} pools', 'Monitoring for the new wave pool', 'Legionella prevention package'],
};

const renewals: readonly string[] = [
  'Cloud subscription renewal',
  'Cloud renewal and {n} more probes',
  'Service contract renewal',
  'Calibration contract, next two years',
  'Extended warranty renewal',
];

/** What is to be sold to a customer of that sector, or renewed. */
export function saleSubject(random: Random, sector: Sector, renewal = false): string {
  const subject = random.pick(renewal ? renewals : newBusiness[sector]);
  return subject.replace('{n}', String(random.int(2, 6)));
}

const activities: Record<string, readonly string[]> = {
  call: [
    'Call {first} about the offer',
    'Intro call with {first}',
    'Check in with {first} before the budget round',
    'Call back about delivery dates',
    'Short call: who signs at {org}?',
  ],
  meeting: [
    'Demo for {first} and the operations team',
    'Site visit at {org}',
    'Video meeting: review of the proposal',
    'Kick-off with {org}',
    'Usage review with {first}',
  ],
  task: [
    'Prepare the offer for {org}',
    'Ask service for an installation date',
    'Send reference list to {first}',
    'Update the price sheet after the discount talk',
    'Check delivery time of the probes with production',
  ],
  deadline: ['Tender documents due', 'Offer to {org} expires', 'Last day for the volume discount', 'Permit report due'],
  email: [
    'Send the datasheets to {first}',
    'Follow up on the proposal',
    'Thank {first} for the visit and send the minutes',
    'Send the revised offer',
  ],
  lunch: ['Lunch with {first}', 'Lunch at the trade fair with {org}', 'Lunch with {first} after the site visit'],
};

export function activitySubject(random: Random, type: string, first: string, org: string): string {
  return random
    .pick(activities[type] ?? ['Follow up'])
    .replace('{first}', first)
    .replace('{org}', org);
}
