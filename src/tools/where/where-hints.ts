import { Problem } from '../../vocabulary/problem.ts';
import type { Subject } from './where.ts';
import { readOperator, unquoted } from './where-words.ts';

const ARCHIVED =
  'Archived records have lists of their own: list_archived_deals, list_archived_leads, list_archived_projects.';
const DELETED = 'Lists leave out what is deleted; only list_deals has it, with status deleted.';

/** What people ask for that is no column, and what to ask in its place: where there is the subject that this takes. */
const inPlace: readonly (readonly [RegExp, string, string])[] = [
  [/^(days|time|how long|age) in (the )?stage\b/, 'stage_change_time', 'Ask "stage changed < 60 days ago".'],
  [
    /^(age(?=\s*([<>=!]|(is|over|more|at|above|below)\b))|(days open|days old|open for|older than)\b)/,
    'add_time',
    'Ask "added < 90 days ago".',
  ],
  [/^(days )?(since|last) (changed?|update|updated)\b/, 'update_time', 'Ask "updated < 14 days ago".'],
  [/^(idle|stale|inactive|untouched|rotten|rotting)\b/, 'update_time', 'Ask "updated < 14 days ago".'],
  [/^overdue\b/, 'due_date', 'Ask "due < today".'],
];

/** What to ask in the place of a text that begins with no known name; undefined where nothing comes to mind. */
export function hintFor(text: string, subjects: readonly Pick<Subject, 'key'>[]): string | undefined {
  const said = text
    .toLowerCase()
    .replaceAll('_', ' ')
    .replace(/^["'“«]/, '')
    .trim();
  if (/^(is )?archived?\b/.test(said)) return ARCHIVED;
  if (/^(is )?deleted\b/.test(said)) return DELETED;
  return inPlace.find(([form, key]) => form.test(said) && subjects.some((one) => one.key === key))?.[2];
}

/** Lists have these records' ids and nothing else of them. */
const linked: Readonly<Record<string, string>> = {
  next_activity_id: 'For when it is due call list_activities with where ["due < today"].',
  last_activity_id:
    'Ask "updated < 14 days ago", or call list_activities with done true and where ["marked as done < 14 days ago"].',
  org_id: 'search_items finds organizations by a part of the name: give the id found there.',
  organization_id: 'search_items finds organizations by a part of the name: give the id found there.',
  person_id: 'search_items finds persons by a part of the name: give the id found there.',
  deal_id: 'search_items finds deals by a part of the title: give the id found there.',
  lead_id: 'search_items finds leads by a part of the title: give the id found there.',
};

/** What to do where a linked record is asked for more than which it is. */
export function linkedHint({ key, type }: Subject): string | undefined {
  return type === 'name' && Object.hasOwn(linked, key) ? linked[key] : undefined;
}

/** What to write in the place of a value that is none for its subject. */
export function valueHint({ key, names: [name = key], type }: Subject, plain: string): string | undefined {
  if (key === 'archive_time' && /^(yes|no|true|false)$/.test(plain)) return ARCHIVED;
  const [span] = /^\d{1,5} (?:day|week|month|year)s?$/.exec(plain) ?? [];
  if (span === undefined || (type !== 'date' && type !== 'time')) return undefined;
  return `Write "${name} < ${span} ago" for what is longer ago, "${name} <= in ${span}" for what is ahead.`;
}

/**
 * Refuses a value that goes on as another condition begins, which as a part of the value would find nothing. In quotes
 * it is what it is. `afterName`: what follows the names that a text begins with.
 */
export function refuseJoined(
  text: string,
  value: string,
  { type }: Subject,
  afterName: (text: string) => readonly string[],
): void {
  const bare = value.replaceAll(/"(?:[^"]|"")*"|“[^”]*”|«[^»]*»/g, (quoted) => '_'.repeat(quoted.length));
  if (unquoted(value) !== value || /^(?:\([^()]*\)|\[[^[\]]*\])$/.test(bare)) return;
  for (const { 0: glue, 1: word = '', index } of bare.matchAll(/\s+(and|or)\s+/gi)) {
    const rest = value.slice(index + glue.length);
    const begins = afterName(rest).some((after) => readOperator(after, true) !== undefined);
    if (!begins && !(type === 'text' && word === word.toUpperCase())) continue;
    const first = text.slice(0, text.length - rest.length - glue.length);
    throw new Problem(
      `where: "${text.slice(0, 80)}" is more than one condition.`,
      'Conditions are given one by one in the list; all must hold.',
      `${/^and$/i.test(word) ? `Give ${JSON.stringify([first, rest])}.` : 'For any of several values write "in (a, b)"; otherwise call once for each.'}${
        type === 'text' ? ` If it is one text, put it in quotes.` : ''
      }`,
    );
  }
}
