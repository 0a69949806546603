import { Parser } from 'htmlparser2';

/** Elements that stay, each with the attributes that stay on it. Of any other element only what it encloses stays. */
const kept: ReadonlyMap<string, readonly string[]> = new Map([
  ...'abbr b blockquote br code del div em h1 h2 h3 h4 h5 h6 hr i ins li mark ol p pre s small span strike strong sub sup'
    .split(' ')
    .map((name): [string, string[]] => [name, []]),
  ...'table tbody tfoot thead tr u ul'.split(' ').map((name): [string, string[]] => [name, []]),
  ['a', ['href', 'target', 'title']],
  ['img', ['src', 'alt', 'title', 'width', 'height']],
  ['td', ['colspan', 'rowspan']],
  ['th', ['colspan', 'rowspan']],
]);

/** Elements that go with all they enclose: it is code, or text that browsers do not show. */
const dropped = new Set(
  'applet embed frameset iframe math noembed noframes noscript object plaintext script select style svg template textarea title xmp'.split(
    ' ',
  ),
);

const empty = new Set(['br', 'hr', 'img']);
const schemes = new Set(['http', 'https', 'mailto', 'tel']);

/** HTML as Pipedrive keeps that of notes and comments: no scripts, event handlers or links that run code. */
export function sanitize(html: string): string {
  let clean = '';
  const open: { name: string; isDropped: boolean }[] = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      const isDropped = open.at(-1)?.isDropped || dropped.has(name);
      open.push({ name, isDropped });
      const names = kept.get(name);
      if (isDropped || !names) return;
      clean += `<${name}`;
      for (const key of names) {
        const value = attributes[key];
        if (value === undefined || ((key === 'href' || key === 'src') && !isSafe(value, name))) continue;
        clean += ` ${key}="${escaped(value).replaceAll('"', '&quot;')}"`;
      }
      clean += '>';
    },
    ontext(text) {
      if (!open.at(-1)?.isDropped) clean += escaped(text);
    },
    onclosetag(name) {
      // The parser also closes a tag that the text broke off in, which it never opened.
      if (open.at(-1)?.name !== name) return;
      const isDropped = open.pop()?.isDropped;
      if (!isDropped && kept.has(name) && !empty.has(name)) clean += `</${name}>`;
    },
  });
  parser.end(html);
  return clean;
}

function isSafe(url: string, element: string): boolean {
  // Browsers skip spaces and control characters, so `java\nscript:` is a scheme to them.
  const compact = [...url].filter((character) => character > ' ').join('');
  if (element === 'img' && /^data:image\/(gif|jpeg|png|webp);base64,/i.test(compact)) return true;
  const scheme = /^([^/?#]*?):/.exec(compact)?.[1];
  return scheme === undefined || schemes.has(scheme.toLowerCase());
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\u00a0', '&nbsp;');
}
