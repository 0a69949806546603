type Colour = readonly [red: number, green: number, blue: number];

/** How an element of HTML looks, as far as it decides whether its text is seen. */
export type Look = {
  /** It takes no place, nor does anything in it. */
  readonly isGone: boolean;
  readonly isInvisible: boolean;
  readonly isTiny: boolean;
  /** undefined where a name or a picture says it that is not known here: then it is taken for seen. */
  readonly colour: Colour | undefined;
  readonly background: Colour | undefined;
};

export const PAGE: Look = {
  isGone: false,
  isInvisible: false,
  isTiny: false,
  colour: [0, 0, 0],
  background: [255, 255, 255],
};

export function isSeen({ isGone, isInvisible, isTiny, colour, background }: Look): boolean {
  const isAlike = colour && background && colour.every((part, index) => Math.abs(part - (background[index] ?? 0)) < 16);
  return !isGone && !isInvisible && !isTiny && isAlike !== true;
}

const NEVER = new Set(['script', 'style', 'head', 'title', 'template', 'noscript', 'iframe', 'object', 'svg', 'math']);
const AWAY = /^-\d{3,}/;

/** The look of an element in one that looks like `parent`, by its own style and attributes; style sheets are not known. */
export function lookOf(parent: Look, name: string, attributes: Readonly<Record<string, string>>): Look {
  const style = declarations(attributes['style'] ?? '');
  const is = (property: string, form: RegExp) => {
    const value = style.get(property);
    return value !== undefined && form.test(value);
  };
  const isFlat = ['height', 'max-height', 'width', 'max-width'].some((side) => is(side, /^0(\D|$)/));
  const isGone =
    NEVER.has(name) ||
    'hidden' in attributes ||
    is('display', /^none/) ||
    is('mso-hide', /^all/) ||
    is('opacity', /^0*(\.0*)?%?$/) ||
    (isFlat && is('overflow', /^(hidden|clip)/)) ||
    is('clip', /^rect\((0|1)(px)?[ ,]/) ||
    is('clip-path', /^(inset\((50|100)%|circle\(0)/) ||
    is('transform', /scale\(0/) ||
    ['text-indent', 'left', 'top', 'right', 'margin-left', 'margin-top'].some((side) => is(side, AWAY));
  const visibility = style.get('visibility');
  const size = style.get('font-size') ?? /^(\S+)/.exec(style.get('font')?.replace(/^[a-z ]*/, '') ?? '')?.[1];
  const painted = style.get('background-color') ?? style.get('background') ?? attributes['bgcolor'];
  const colour = style.get('color') ?? (name === 'font' ? attributes['color'] : undefined);
  return {
    isGone: parent.isGone || isGone,
    isInvisible: visibility === undefined ? parent.isInvisible : /^(hidden|collapse)/.test(visibility),
    isTiny: size === undefined ? parent.isTiny : isTinySize(size, parent),
    colour: colour === undefined || /^inherit/.test(colour) ? parent.colour : colourOf(colour),
    background: 'background' in attributes ? undefined : backgroundOf(painted, parent),
  };
}

function backgroundOf(painted: string | undefined, { background }: Look): Colour | undefined {
  if (painted === undefined || /^(transparent|none|inherit)/.test(painted)) return background;
  return /url\(|gradient/.test(painted) ? undefined : colourOf(painted);
}

function isTinySize(size: string, parent: Look): boolean {
  const [, number, unit = ''] = /^([\d.]+)([a-z%]*)/.exec(size) ?? [];
  if (number === undefined) return false;
  if (Number(number) === 0) return true;
  return unit === 'em' || unit === '%' ? parent.isTiny : (unit === 'px' || unit === 'pt') && Number(number) <= 1;
}

/** Of an inline style, by property; comments and escapes are read as a browser reads them. */
function declarations(style: string): ReadonlyMap<string, string> {
  const plain = style
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\\([0-9a-f]{1,6})\s?/gi, (_, code: string) =>
      String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff)),
    )
    .toLowerCase();
  return new Map(
    plain.split(';').map((part) => {
      const [, property = '', value = ''] = /^\s*([\w-]+)\s*:\s*(.*?)\s*(?:!important)?\s*$/s.exec(part) ?? [];
      return [property, value];
    }),
  );
}

const names: Readonly<Record<string, Colour>> = {
  white: [255, 255, 255],
  snow: [255, 250, 250],
  ivory: [255, 255, 240],
  ghostwhite: [248, 248, 255],
  whitesmoke: [245, 245, 245],
  black: [0, 0, 0],
};

function colourOf(text: string): Colour | undefined {
  const [, hex] = /^#?([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b/.exec(text) ?? [];
  if (hex) {
    const full = hex.length < 6 ? hex.replace(/./g, '$&$&') : hex;
    const part = (from: number) => Number.parseInt(full.slice(from, from + 2), 16);
    return [part(0), part(2), part(4)];
  }
  const [, red, green, blue] = /^rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)/.exec(text) ?? [];
  if (red !== undefined) return [Number(red), Number(green), Number(blue)];
  const [word = ''] = /^[a-z]+/.exec(text) ?? [];
  return Object.hasOwn(names, word) ? names[word] : undefined;
}
