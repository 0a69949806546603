import { Parser } from 'htmlparser2';
import { Marked } from 'marked';
import type { JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { isSeen, type Look, lookOf, PAGE } from './styles.ts';

/** Pipedrive keeps at most about this many characters of a note. */
const LONGEST_NOTE = 100_000;

// What looks like HTML in plain text (`List<String>`) is text: passed on as HTML, Pipedrive would drop it.
const markdown = new Marked({ breaks: true, gfm: true, renderer: { html: ({ text }) => escapeHtml(text) } });

/** Plain text or markdown as the HTML that Pipedrive keeps. A single line break stays one. Throws a Problem. */
export function toHtml(text: string, argument: string): string {
  if (text.length > LONGEST_NOTE) {
    throw new Problem(
      `"${argument}" has ${text.length} characters; Pipedrive keeps at most ${LONGEST_NOTE}.`,
      'A note, comment or description has a limit.',
      'Nothing was sent. Shorten it, or write it as several notes.',
    );
  }
  try {
    return markdown.parse(text, { async: false }).trim();
  } catch (cause) {
    const problem = new Problem(
      `"${argument}" cannot be read as markdown.`,
      'Its quotes or lists are nested too deeply.',
      'Nothing was sent. Write it with less nesting.',
    );
    throw Object.assign(problem, { cause });
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const BLOCKS = new Set([
  'p',
  'div',
  'ul',
  'ol',
  'table',
  'blockquote',
  'pre',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'tr',
]);
const MARKS: Readonly<Record<string, string>> = {
  b: '**',
  strong: '**',
  i: '*',
  em: '*',
  code: '`',
  s: '~~',
  del: '~~',
};

/** HTML as the plain text, with a little markdown, that a person would read: what is hidden is left out. */
export function toText(html: string): string {
  let text = '';
  const looks: Look[] = [];
  const links: { href: string; from: number }[] = [];
  const lists: { ordered: boolean; count: number }[] = [];
  const newline = () => {
    if (text !== '' && !text.endsWith('\n')) text += '\n';
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      const look = lookOf(looks.at(-1) ?? PAGE, name, attributes);
      looks.push(look);
      if (!isSeen(look)) return;
      if (name === 'br') text += '\n';
      else if (name === 'li') {
        newline();
        const list = lists.at(-1);
        if (list?.ordered) list.count += 1;
        text += `${'  '.repeat(Math.max(0, lists.length - 1))}${list?.ordered ? `${list.count}.` : '-'} `;
      } else if (name === 'td' || name === 'th') text += text.endsWith('\n') || text === '' ? '' : ' | ';
      else if (name === 'a') links.push({ href: attributes['href'] ?? '', from: text.length });
      else if (BLOCKS.has(name) && !text.endsWith('- ') && !(name === 'p' && lists.length > 0)) newline();
      if (name === 'ul') lists.push({ ordered: false, count: 0 });
      if (name === 'ol') lists.push({ ordered: true, count: Number(attributes['start'] ?? 1) - 1 });
      if (/^h[1-6]$/.test(name)) text += `${'#'.repeat(Number(name[1]))} `;
      text += MARKS[name] ?? '';
    },
    ontext(part) {
      if (!isSeen(looks.at(-1) ?? PAGE)) return;
      const folded = part.replaceAll(/\s+/g, ' ');
      text += text === '' || /(\n|[-.] )$/.test(text) ? folded.trimStart() : folded;
    },
    onclosetag(name) {
      const look = looks.pop();
      if (look && !isSeen(look)) return;
      text += MARKS[name] ?? '';
      if (name === 'a') {
        const link = links.pop();
        const shown = link ? text.slice(link.from) : '';
        if (link && /^(https?|mailto):/i.test(link.href) && !link.href.includes(shown.trim()))
          text += ` (${link.href})`;
      } else if (name === 'li' || BLOCKS.has(name)) newline();
      if (name === 'ul' || name === 'ol') lists.pop();
      if (name === 'p' && lists.length === 0) text += '\n';
    },
  });
  parser.end(html);
  return text
    .replaceAll(/[ \t]+\n/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

/** At most `most` characters, a cut one ending in an ellipsis and never in half a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\uD800-\uDBFF]$/.test(text.slice(0, most - 1)) ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}

/** As `cut`, of a name with its id behind it, which stays: `Kevin Lind… (14)`. */
export function cutName(text: string, most: number): string {
  const [id = ''] = / \(\d{1,15}\)(?:, overdue)?$/.exec(text) ?? [];
  if (text.length <= most || id === '') return cut(text, most);
  return cut(text.slice(0, -id.length), Math.max(1, most - id.length)) + id;
}

/** Who a mail is from or to: `Ann Lee <ann@acme.com>, person 12`. */
export function partyText({ name, email_address, linked_person_id: person }: JsonObject): string {
  const address =
    typeof name === 'string' && name !== '' ? `${name} <${String(email_address)}>` : String(email_address);
  return typeof person === 'number' ? `${address}, person ${person}` : address;
}
