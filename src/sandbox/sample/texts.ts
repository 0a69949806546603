import type { Random } from './random.ts';

/** What people wrote down: short notes of calls and visits, in the HTML that Pipedrive keeps. */
export type Scene = {
  /** First name of the contact, or how people speak of one they don't know. */
  first: string;
  org: string;
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

const findings = [
  'They lose about a day a week on manual sampling.',
  'The old analysers are out of warranty since spring, and spare parts take eight weeks.',
  'Two measuring points have no mains power, so the battery gateway is a must.',
  'They want the data in their own SCADA as well; MQTT is fine.',
  'The regulator asks for hourly values from next year on.',
  'Purchasing wants three quotes. We are the only ones with alarm service so far.',
  'Budget is approved for this year, but has to be ordered before mid-December.',
  'Budget only after the board meeting next month.',
  'They tested a cheaper probe last year and had to clean it every third day.',
  'IT has to sign off the cloud part: data must stay in the EU.',
  'Price is fine, the delivery time is not. They need it before the dry season.',
  'Happy with the pilot: no false alarm in six weeks.',
  'Prefers a yearly invoice, in January.',
  'Mobile coverage at the pump house is poor. Bring the external antenna.',
  'Their maintenance team is two people, so calibration by us is a strong argument.',
  'Asked for a reference of about the same size.',
];

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
  const facts = random.some(findings, random.int(1, 3));
  const said =
    facts.length === 1 ? `<p>${facts[0]}</p>` : `<ul>${facts.map((fact) => `<li>${fact}</li>`).join('')}</ul>`;
  const next = random.chance(0.8) ? `<p><b>Next:</b> ${random.pick(steps).replace(/^Next: d/, 'D')}</p>` : '';
  return filled(`<p>${random.pick(openings)}</p>${said}${next}`, scene);
}

const aboutPersons = [
  '<p>Prefers e-mail, and answers within the day. Never reachable on Mondays before ten.</p>',
  '<p>Was head of the lab before moving to operations, so go straight to the technical part.</p>',
  '<p>On parental leave until the end of the quarter. <i>Ask the switchboard for the deputy.</i></p>',
  '<p>Signs up to 25,000 alone; above that the managing director has to co-sign.</p>',
  '<p>Met at the water technology fair. Very interested in the battery gateway.</p>',
  '<p>Speaks with {colleague} regularly. Please ask before calling.</p>',
];

const aboutOrganizations = [
  '<p>Invoices only by the supplier portal, with the PO number. Otherwise they come back.</p>',
  '<p>Three sites, run as separate cost centres. Each one orders for itself.</p>',
  '<p>Framework agreement with a competitor ends next year. <b>Start the talk in spring.</b></p>',
  '<p>New management since summer. All running projects are being looked at again.</p>',
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

const activityNotes = [
  '<p>Have the last offer at hand.</p>',
  '<p>Ask about the number of measuring points and who does the cleaning.</p>',
  '<p>Dial-in is in the invitation. Show the alarm settings first.</p>',
  '<p>Bring the demo probe and the external antenna.</p>',
  '<p>Mention that prices go up in January.</p>',
];

export const personNote = (random: Random, scene: Scene): string => filled(random.pick(aboutPersons), scene);
export const organizationNote = (random: Random, scene: Scene): string =>
  filled(random.pick(aboutOrganizations), scene);
export const leadNote = (random: Random, scene: Scene): string => filled(random.pick(aboutLeads), scene);
export const noteComment = (random: Random): string => random.pick(replies);
export const activityNote = (random: Random): string => random.pick(activityNotes);

export const lostReasons = [
  'Price too high',
  'Chose a competitor',
  'No budget this year',
  'Project postponed',
  'No answer any more',
  'Technical requirement not met',
];

/** Names go into HTML here, and a name may hold an ampersand. */
function filled(text: string, { first, org, colleague }: Scene): string {
  const safe = (name: string) => name.replaceAll('&', '&amp;');
  return text
    .replaceAll('{first}', safe(first))
    .replaceAll('{org}', safe(org))
    .replaceAll('{colleague}', safe(colleague))
    .replace(/(^|<p>|<b>Next:<\/b> )the /g, '$1The ');
}
