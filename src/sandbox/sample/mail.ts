import type { MailMessage, MailParty, MailThread, Person, User } from '../model.ts';
import { DAY, HOUR, officeTimeWithin, stamp } from './calendar.ts';
import { pdf } from './documents.ts';
import { insertBlob, insertFile } from './files.ts';
import { type Filling, type LeadStory, type Story, stream } from './filling.ts';
import { otherMails, saleThreads, type Turn } from './mail-texts.ts';
import type { Random } from './random.ts';

type Mail = {
  readonly way: Turn[0];
  readonly html: string;
  readonly time: number;
};
type Party = Pick<MailParty, 'name' | 'email_address' | 'person_id'>;
type Links = Partial<Pick<MailThread, 'deal_id' | 'lead_id' | 'shared_flag' | 'archived_flag'>>;

/**
 * Mail between the company's people and their customers, linked to deals; some in the owner's mailbox, some shared by
 * colleagues. And what else is in the owner's: a newsletter, a shipment, a request that talks to machines.
 */
export function insertMail(filling: Filling, stories: readonly Story[], leads: readonly LeadStory[]): void {
  const { world, now } = filling;
  const random = stream(filling, 'mail');
  const me = world.me();
  const maker = new Maker(random, filling);
  const fresh = stories.filter(
    ({ deal, person, until }) =>
      !deal.is_deleted && !deal.is_archived && person && person.emails.length > 0 && until > now - 60 * DAY,
  );
  const mine = fresh.filter(({ deal }) => deal.owner_id === me.id);
  const others = fresh.filter(({ deal }) => deal.owner_id !== me.id);
  const chosen = [...random.some(mine, 7), ...random.some(others, Math.max(4, Math.round(filling.deals / 40)))];
  for (const [index, story] of chosen.entries()) maker.sale(story, index);

  const lead = leads.find((one) => one.lead.owner_id === me.id && !one.lead.is_archived)?.lead ?? leads[0]?.lead;
  maker.arrived(me, otherMails.newsletter, now - 5 * DAY, {});
  maker.arrived(me, otherMails.parcel, now - 9 * DAY, { archived_flag: true });
  maker.arrived(me, otherMails.injection, now - 20 * HOUR, lead ? { lead_id: lead.id } : {});
}

class Maker {
  readonly #random: Random;
  readonly #filling: Filling;

  constructor(random: Random, filling: Filling) {
    this.#random = random;
    this.#filling = filling;
  }

  /** A conversation about a deal: its owner and its person in turns, up to lately. */
  sale({ deal, person, customer, added, zone }: Story, index: number): void {
    const template = saleThreads[index % saleThreads.length];
    const { world, now } = this.#filling;
    const user = world.db.users.get(deal.owner_id);
    if (!template || !user || !person) return;
    const said = {
      first: person.first_name ?? person.name,
      org: customer?.organization.name ?? person.name,
      me: user.name.split(' ')[0] ?? '',
      subject: deal.title.split(' – ').at(-1) ?? deal.title,
      number: String(this.#random.int(10_000, 99_999)),
    };
    const fill = (text: string) =>
      Object.entries(said).reduce((filled, [key, value]) => filled.replaceAll(`{${key}}`, value), text);
    const started = officeTimeWithin(this.#random, Math.max(added, now - (12 + index * 3) * DAY), now - 2 * HOUR, zone);
    let time = started;
    const mails = template.turns.map(([way, ...paragraphs]): Mail => {
      const mail = { way, html: paragraphs.map((paragraph) => `<p>${fill(paragraph)}</p>`).join('\n'), time };
      time = officeTimeWithin(this.#random, time + 600_000, Math.max(time + HOUR, Math.min(now, time + 3 * DAY)), zone);
      return mail;
    });
    const past = mails.filter((mail) => mail.time < now);
    const attachment = template.attachment && fill(template.attachment);
    const links = { deal_id: deal.id, shared_flag: user.id !== world.me().id || index % 2 === 0 };
    this.#thread(user, partyOf(person), fill(template.subject), past, links, index % 3 !== 0, attachment);
  }

  /** One message from somebody whom the account doesn't know. */
  arrived(
    user: User,
    { subject, from, html }: { subject: string; from: Omit<Party, 'person_id'>; html: string },
    time: number,
    links: Links,
  ): void {
    const mail = { way: 'in', html, time } as const;
    this.#thread(user, { ...from, person_id: null }, subject, [mail], links, links.archived_flag === true);
  }

  #thread(
    user: User,
    other: Party,
    subject: string,
    mails: readonly Mail[],
    links: Links,
    isRead: boolean,
    attachment?: string,
  ): void {
    const { db } = this.#filling.world;
    const [first] = mails;
    const last = mails.at(-1);
    if (!first || !last) return;
    const read_flag = isRead || last.way !== 'in';
    const thread = db.mailThreads.insert({
      id: db.mailThreads.nextId(),
      user_id: user.id,
      subject,
      deal_id: null,
      lead_id: null,
      shared_flag: false,
      archived_flag: false,
      ...links,
      read_flag,
      version: mails.length,
      is_deleted: false,
      delete_time: null,
      add_time: stamp(first.time),
      update_time: stamp(last.time),
    });
    const own = { name: user.name, email_address: user.email, person_id: null };
    const came = mails.find(({ way }) => way === 'in');
    for (const mail of mails) {
      const message = this.#message(thread, mail, subject, read_flag || mail !== last);
      const isMine = mail.way !== 'in';
      this.#party(message, 'from', isMine ? own : other);
      this.#party(message, 'to', isMine ? other : own);
      if (attachment === undefined || mail !== came) continue;
      const content = pdf([attachment.split('/').at(-1) ?? attachment, 'Scale 1:500. All measures in metres.']);
      const { deal_id } = thread;
      const where = { user_id: user.id, time: mail.time, mail_message_id: message.id, deal_id };
      insertFile(this.#random, this.#filling.world, attachment, content, where);
    }
  }

  #message(thread: MailThread, { way, html, time }: Mail, subject: string, read_flag: boolean): MailMessage {
    const { world } = this.#filling;
    const isSent = way === 'out';
    const text = html.replace(/<style>.*?<\/style>|<[^>]*>/gs, ' ').replace(/\s+/g, ' ');
    return world.db.mailMessages.insert({
      id: world.db.mailMessages.nextId(),
      mail_thread_id: thread.id,
      user_id: thread.user_id,
      subject,
      snippet: text.trim().slice(0, 120),
      blob_id: insertBlob(this.#random, world, 'body.html', 'text/html; charset=utf-8', Buffer.from(html)),
      draft_flag: way === 'draft',
      sent_flag: isSent,
      read_flag,
      mail_tracking_status: isSent ? this.#random.pick(['opened', 'not opened', null]) : null,
      message_time: stamp(time),
      add_time: stamp(time),
      update_time: stamp(time),
    });
  }

  #party({ id: mail_message_id }: MailMessage, role: MailParty['role'], party: Party): void {
    const { mailParties } = this.#filling.world.db;
    mailParties.insert({ id: mailParties.nextId(), mail_message_id, role, ...party });
  }
}

function partyOf({ id, name, emails }: Person): Party {
  return { name, email_address: emails.find(({ primary }) => primary)?.value ?? '', person_id: id };
}
