import type { Account } from '../vocabulary/account.ts';
import { Problem } from '../vocabulary/problem.ts';
import type { Arguments } from './request.ts';

/** Where the web app shows each kind of record. */
const pages: Readonly<Record<string, RegExp>> = {
  deal: /^\/deal\/(\d+)(?:\/|$)/,
  person: /^\/person\/(\d+)(?:\/|$)/,
  organization: /^\/organization\/(\d+)(?:\/|$)/,
  lead: /^\/leads\/inbox\/([0-9a-f-]{36})(?:\/|$)/i,
  project: /^\/projects\/(\d+)(?:\/|$)/,
  product: /^\/product\/(\d+)(?:\/|$)/,
  pipeline: /^\/pipeline\/(\d+)(?:\/|$)/,
};

/** The id in a link that was copied from Pipedrive's web app; a Problem where it shows another kind of record. */
export function readLink(link: string, kind: string): string | number {
  const path = isPipedriveLink(link) ? new URL(link).pathname : '';
  const id = pages[kind]?.exec(path)?.[1];
  if (id !== undefined) return /^\d+$/.test(id) ? Number(id) : id;
  const other = Object.entries(pages).find(([, form]) => form.test(path))?.[0];
  throw new Problem(
    `This link does not show a ${kind}: ${link.slice(0, 200)}`,
    other ? `It shows a ${other}.` : 'It is not the page of a record in Pipedrive.',
    `Give the ${kind}'s id, or the link of its page.`,
  );
}

/** Refuses a link of another company: its id would name an unrelated record here. */
export function refuseOtherCompany(given: Arguments, account: Account): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string' || !/^(id|.*_id)$/.test(name) || !isPipedriveLink(value)) continue;
    if (new URL(value).hostname === `${account.domain}.pipedrive.com`) continue;
    throw new Problem(
      `${name}: this link is of another company: ${value.slice(0, 200)}`,
      `This server works in ${account.company} (${account.domain}.pipedrive.com).`,
      'Nothing was sent. Give an id or a link of this company.',
    );
  }
}

function isPipedriveLink(text: string): boolean {
  return /^https:\/\/[^/]*\.pipedrive\.com\//i.test(text) && URL.canParse(text);
}
