import { Parser } from 'htmlparser2';
import { marked } from 'marked';

/** Plain text or markdown as the HTML that Pipedrive keeps. A single line break stays one. */
export function toHtml(text: string): string {
  return marked.parse(text, { async: false, breaks: true, gfm: true }).trim();
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
const UNSEEN = new Set(['script', 'style', 'head', 'title']);
const MARKS: Readonly<Record<string, string>> = {
  b: '**',
  strong: '**',
  i: '*',
  em: '*',
  code: '`',
  s: '~~',
  del: '~~',
};

/** HTML as the plain text, with a little markdown, that a person would read. */
export function toText(html: string): string {
  let text = '';
  let unseen = 0;
  const links: { href: string; from: number }[] = [];
  const newline = () => {
    if (text !== '' && !text.endsWith('\n')) text += '\n';
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      if (UNSEEN.has(name)) unseen += 1;
      else if (name === 'br') text += '\n';
      else if (name === 'li') {
        newline();
        text += '- ';
      } else if (name === 'td' || name === 'th') text += text.endsWith('\n') || text === '' ? '' : ' | ';
      else if (name === 'a') links.push({ href: attributes['href'] ?? '', from: text.length });
      else if (BLOCKS.has(name)) newline();
      if (/^h[1-6]$/.test(name)) text += `${'#'.repeat(Number(name[1]))} `;
      text += MARKS[name] ?? '';
    },
    ontext(part) {
      if (unseen > 0) return;
      const folded = part.replaceAll(/\s+/g, ' ');
      text += text === '' || text.endsWith('\n') ? folded.trimStart() : folded;
    },
    onclosetag(name) {
      if (UNSEEN.has(name)) unseen -= 1;
      text += MARKS[name] ?? '';
      if (name === 'a') {
        const link = links.pop();
        const shown = link ? text.slice(link.from) : '';
        if (link && /^(https?|mailto):/i.test(link.href) && !link.href.includes(shown.trim()))
          text += ` (${link.href})`;
      } else if (name === 'li' || BLOCKS.has(name)) newline();
      if (name === 'p') text += '\n';
    },
  });
  parser.end(html);
  return text
    .replaceAll(/[ \t]+\n/g, '\n')
    .replaceAll(/\n /g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

/** At most `most` characters, a cut one ending in an ellipsis and never in half a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\uD800-\uDBFF]$/.test(text.slice(0, most - 1)) ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}
