import type { Random } from './random.ts';

/** What people wrote down: short notes of calls and visits, in the HTML that Pipedrive keeps. */
export type Scene = {
  /** First name of the contact, or how people speak of one they don't know. */
  first: string;
  colleague: string;
};

const openings = [
  'Spoke with {first} today.',
  'Call with {first}, about half an hour.',
  'Met {first} on site.',
  '{first} called back after reading the offer.',
  'Video call with {first}; their operations lead joined for the last ten minutes.',
  'Short chat with {first} at the trade fair.',
];

/** One line of a subject: people don't say two things of one budget. */
const findings = [
  [
    'They lose about a day a week on manual sampling.',
    'The old analysers are out of warranty since spring, and spare parts take eight weeks.',
    'They tested a cheaper probe last year and had to clean it every third day.',
    'Lab results come two days late, so nobody can act on them.',
    'The last incident cost them a whole batch. Management wants an alarm, not a report.',
  ],
  [
    'Two measuring points have no mains power, so the battery gateway is a must.',
    'Mobile coverage at the pump house is poor. Bring the external antenna.',
    'They want the data in their own SCADA as well; MQTT is fine.',
    'IT has to sign off the cloud part: who can see the data, and where it is kept.',
    'The probes sit in 80 °C rinse water, so only the conductivity type fits.',
  ],
  [
    'Budget is approved, but has to be ordered before the year ends.',
    'Budget only after the board meeting next month.',
    'There is money for a first step of about half, the rest next year.',
    'Price is fine, the delivery time is not. They need it before the dry season.',
    'Prefers a yearly invoice, in January.',
    'Would sign for three years if the price stays fixed.',
  ],
  [
    'Purchasing wants three quotes. We are the only ones with alarm service so far.',
    'The regulator asks for hourly values from next year on.',
    'Their maintenance team is two people, so calibration by us is a strong argument.',
    'Asked for a reference of about the same size.',
    'A colleague of theirs already works with our probes and is content.',
  ],
] as const;

const steps = [
  'I send the revised offer by Friday.',
  '{colleague} checks whether we can deliver from stock.',
  'Next: demo for the shift leaders.',
  '{first} talks to purchasing and comes back to us.',
  'Agreed to speak again in two weeks.',
  'Send the data sheets and the calibration certificate.',
  'Wait for the site plan before we quote the installation.',
  'Ask {colleague} to join the next call for the technical questions.',
];

/** A note of a meeting or call: what was said, and what follows. */
export function dealNote(random: Random, scene: Scene): string {
  const facts = random.some(findings, random.int(1, 3)).map((lines) => random.pick(lines));
  const said =
    facts.length === 1 ? `<p>${facts[0]}</p>` : `<ul>${facts.map((fact) => `<li>${fact}</li>`).join('')}</ul>`;
  const next = random.chance(0.8) ? `<p><b>Next:</b> ${random.pick(steps).replace(/^Next: d/, 'D')}</p>` : '';
  return filled(`<p>${random.pick(openings)}</p>${said}${next}`, scene);
}

const won = [
  '<p>Signed! {first} sent the order this morning. Handover to service with {colleague} next week.</p>',
  '<p>Order is in. <b>They insist on the delivery date</b>, so please reserve the stock now.</p>',
  '<p>Contract came back countersigned. First invoice after installation.</p>',
  '<p>{first} confirmed by phone, purchase order follows by mail. Good work, {colleague}.</p>',
];

/** What is noted of a lost deal, by its reason. */
const lost: Readonly<Record<string, readonly string[]>> = {
  'Price too high': ['<p>{first} says we were 20 % above the next offer, and they did not need the alarm service.</p>'],
  'Chose a competitor': [
    '<p>They stay with the supplier they know. {first} would like to see us again at the next tender.</p>',
    '<p>Lost to the local integrator who offered installation for free.</p>',
  ],
  'No budget this year': ['<p>Board has cut all projects of this size. <i>Ask again in spring.</i></p>'],
  'Project postponed': [
    '<p>The new building is a year late, and so is everything in it. {first} calls us when it goes on.</p>',
  ],
  'No answer any more': ['<p>Four mails and three calls without an answer. Closing this one.</p>'],
  'Technical requirement not met': [
    '<p>They need ATEX zone 1, which none of our gateways has. Told product management.</p>',
  ],
};

const aboutPersons = [
  '<p>Prefers e-mail, and answers within the day. Never reachable on Mondays before ten.</p>',
  '<p>Was head of the lab before moving to operations, so go straight to the technical part.</p>',
  '<p>On parental leave until the end of the quarter. <i>Ask the switchboard for the deputy.</i></p>',
  '<p>Signs up to 25,000 alone; above that the managing director has to co-sign.</p>',
  '<p>Met at the water technology fair. Very interested in the battery gateway.</p>',
  '<p>Speaks with {colleague} regularly. Please ask before calling.</p>',
  '<p>Wants numbers, not slides. Bring the payback table.</p>',
  '<p>Took over from a colleague in summer and is still finding out who decides what.</p>',
  '<p>Keeps a sailing boat at the same harbour as {colleague}. Good for a first line.</p>',
  '<p>Phone in the mornings only; afternoons are on the plant, without reception.</p>',
  '<p>Asked to get the newsletter in English.</p>',
];

const aboutOrganizations = [
  '<p>Invoices only by the supplier portal, with the PO number. Otherwise they come back.</p>',
  '<p>Three sites, run as separate cost centres. Each one orders for itself.</p>',
  '<p>Framework agreement with a competitor ends next year. <b>Start the talk in spring.</b></p>',
  '<p>New management since summer. All running projects are being looked at again.</p>',
  '<p>Pays after 60 days, always. Agreed with finance.</p>',
  '<p>Merging with the neighbouring district. One purchasing department from next year on.</p>',
  '<p>Our oldest probes in the field are here. Nice for references: they let visitors in.</p>',
  '<p>Everything technical goes to the central engineering office, not to the sites.</p>',
  '<p>Visitors need safety shoes and have to register one day ahead.</p>',
];

const aboutLeads = [
  '<p>Came by the web form. Wants to know whether the probe works in brackish water.</p>',
  '<p>Downloaded the oxygen guide twice. Worth a call.</p>',
  '<p>{colleague} knows them from an earlier job and says they decide quickly.</p>',
  '<p>Asked for a price list only. No answer to the first e-mail yet.</p>',
];

const replies = [
  'Thanks, good to know. I take the technical questions.',
  'Production says four weeks for the probes, gateways are in stock.',
  'I would not go below 8 % here. They bought at list price last time.',
  'Please keep me posted, I see them at the fair next month.',
  'Can you add who else was in the room?',
  'Data sheet sent this morning.',
];

const activityNotes: Record<string, readonly string[]> = {
  call: [
    '<p>Have the last offer at hand.</p>',
    '<p>Ask about the number of measuring points and who does the cleaning.</p>',
    '<p>Mention that prices go up in January.</p>',
  ],
  meeting: [
    '<p>Show the alarm settings first, they asked twice.</p>',
    '<p>Bring the demo probe and the external antenna.</p>',
    '<p>Agenda: site plan, delivery dates, who calibrates.</p>',
  ],
  lunch: ['<p>Table is booked. No shop talk before the coffee.</p>'],
  deadline: ['<p>Hand it in through the portal, mail does not count.</p>'],
};

/** A note of how a deal ended: won, or lost for one of `lostReasons`. */
export function closingNote(random: Random, lostReason: string | null, scene: Scene): string {
  return filled(random.pick(lostReason === null ? won : (lost[lostReason] ?? [])), scene);
}

export const personNote = (random: Random, scene: Scene): string => filled(random.pick(aboutPersons), scene);
export const organizationNote = (random: Random, scene: Scene): string =>
  filled(random.pick(aboutOrganizations), scene);
export const leadNote = (random: Random, scene: Scene): string => filled(random.pick(aboutLeads), scene);
export const noteComment = (random: Random): string => random.pick(replies);

export function activityNote(random: Random, type: string): string {
  return random.pick(activityNotes[type] ?? ['<p>Numbers are in the last note.</p>', '<p>Half an hour at most.</p>']);
}

export const lostReasons = Object.keys(lost);

/** Names go into HTML here, and a name may hold an ampersand. */
function filled(text: string, { first, colleague }: Scene): string {
  const safe = (name: string) => name.replaceAll('&', '&amp;');
  return text
    .replaceAll('{first}', safe(first))
    .replaceAll('{colleague}', safe(colleague))
    .replace(/(^|<p>|<b>Next:<\/b> |\. )the /g, '$1The ');
}
