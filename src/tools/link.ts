import { Problem } from './problem.ts';

/** Where the web app shows each kind of record: the path's beginning, before the id. */
const pages: Readonly<Record<string, RegExp>> = {
  deal: /^\/deal\/(\d+)/,
  person: /^\/person\/(\d+)/,
  organization: /^\/organization\/(\d+)/,
  lead: /^\/leads\/inbox\/([0-9a-f-]{36})/i,
  project: /^\/projects\/(\d+)/,
  product: /^\/product\/(\d+)/,
  pipeline: /^\/pipeline\/(\d+)/,
};

/** The id in a link that was copied from Pipedrive's web app; a Problem where it shows another kind of record. */
export function readLink(link: string, kind: string): string | number {
  const path = URL.canParse(link) ? new URL(link).pathname : '';
  const id = pages[kind]?.exec(path)?.[1];
  if (id !== undefined) return /^\d+$/.test(id) ? Number(id) : id;
  const other = Object.entries(pages).find(([, form]) => form.test(path))?.[0];
  throw new Problem(
    `This link does not show a ${kind}: ${link.slice(0, 200)}`,
    other ? `It shows a ${other}.` : 'It is not the page of a record in Pipedrive.',
    `Give the ${kind}'s id, or the link of its page.`,
  );
}
