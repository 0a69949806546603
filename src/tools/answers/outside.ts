import { randomBytes } from 'node:crypto';
import type { Entity } from '../../catalog/entity.ts';
import type { LinkKind } from '../../catalog/links.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import type { Field } from '../../vocabulary/fields.ts';
import type { Attachment } from '../files.ts';
import { linkOf } from '../names/lexicon.ts';
import { cutName } from './text.ts';
import { visible } from './visible.ts';

/** What a name, a title or an address is rarely longer than: a value that is, is treated as a text. */
const LONGEST_NAME = 100;

/** Records whose names come from web forms, mails and imports. */
const OUTSIDERS: readonly LinkKind[] = ['person', 'organization', 'deal', 'lead', 'activity', 'project'];

/**
 * Marks, in the answer of one call, the texts that outsiders wrote: `⟦data 7f3a9c⟧ … ⟦/data 7f3a9c⟧`, and in a cell of a
 * table `⟦7f3a9c …⟧`. The token is another one in each call, and no such bracket is left in what stands between.
 */
export class Marks {
  /** Has a text been marked that the caller did not send? */
  used = false;
  readonly #sent: readonly string[];
  readonly #token: string;

  /** `sent`: what the caller sent, in which any text may stand; `token` is for tests. */
  constructor(sent: JsonObject = {}, token: string = randomBytes(3).toString('hex')) {
    this.#sent = textsIn(sent).map(letters);
    this.#token = token;
  }

  text(text: string): string {
    this.#note(text);
    return `⟦data ${this.#token}⟧ ${withoutBrackets(visible(text))} ⟦/data ${this.#token}⟧`;
  }

  cell(text: string): string {
    this.#note(text);
    return `⟦${this.#token} ${withoutBrackets(visible(text))}⟧`;
  }

  /** What is written comes back in another form: by its letters and digits it is known. */
  #note(text: string): void {
    const known = letters(text);
    if (!this.#sent.some((one) => one.includes(known))) this.used = true;
  }

  /** A file beside an answer: whatever it holds is theirs. */
  file(content: Attachment): Attachment {
    this.used = true;
    if (content.type !== 'resource' || !('text' in content.resource)) return content;
    return { ...content, resource: { ...content.resource, text: this.text(content.resource.text) } };
  }

  /** An answer of which every key and text is visible, and every bracket one of these marks. */
  tidy(answer: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(answer).map(([key, part]) => [this.#tidyText(key), this.#tidyValue(part)]),
    );
  }

  #tidyValue(value: Json): Json {
    if (typeof value === 'string') return this.#tidyText(value);
    if (Array.isArray(value)) return value.map((one) => this.#tidyValue(one));
    return isObject(value) ? this.tidy(value) : value;
  }

  #tidyText(text: string): string {
    const seen = visible(text);
    if (!/[⟦⟧]/.test(seen)) return seen;
    const token = this.#token;
    if (new RegExp(`^⟦${token} [^⟦⟧]*⟧$`).test(seen)) return seen;
    const ours = new RegExp(`^⟦/?data ${token}⟧$`);
    return seen
      .split(new RegExp(`(⟦/?data ${token}⟧)`))
      .map((part) => (ours.test(part) ? part : withoutBrackets(part)))
      .join('');
  }
}

function letters(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();
}

/** Every text in a value. */
function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function withoutBrackets(text: string): string {
  return text.replaceAll('⟦', '[').replaceAll('⟧', ']');
}

/** A value as it was before an answer marked it, whichever it was: what is read is written back with its marks. */
export function unmarked(value: Json): Json {
  if (typeof value === 'string') {
    return value.replace(/^⟦[0-9a-f]{6} ([^⟦⟧]*)⟧$/, '$1').replace(/⟦data [0-9a-f]{6}⟧ ?| ?⟦\/data [0-9a-f]{6}⟧/g, '');
  }
  if (Array.isArray(value)) return value.map(unmarked);
  return isObject(value) ? unmarkedIn(value) : value;
}

export function unmarkedIn(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([key, part]) => [key, unmarked(part)]));
}

/** A text cut to `most` characters, with the end of its mark and the id behind a name. */
export function cutMarked(text: string, most: number): string {
  const [end = ''] = (text.startsWith('⟦') && / ?⟦\/data [0-9a-f]{6}⟧.*$|⟧$/s.exec(text)) || [];
  return text.length <= most
    ? text
    : cutName(text.slice(0, -end.length || undefined), Math.max(1, most - end.length)) + end;
}

/** Custom fields that a web form can fill: a text, or what is short. */
const customShort = ['varchar', 'varchar_auto', 'phone', 'address', 'people', 'org'];

/** Is it long text that outsiders can write? */
function isProse({ rich = [], prose = [] }: Entity, key: string, field?: Field): boolean {
  return field ? field.isCustom && field.type === 'text' : rich.includes(key) || prose.includes(key);
}

/** Is what stands under a key theirs, long or short? */
export function isOutside(entity: Entity, key: string, field?: Field): boolean {
  if (field) return isProse(entity, key, field) || customShort.includes(field.type);
  const kind = linkOf(entity, key)?.kind;
  return (
    isProse(entity, key) || entity.outside?.includes(key) === true || (kind !== undefined && OUTSIDERS.includes(kind))
  );
}

/** Is this value of theirs put between boundaries: a long text, or one that is too long, or of too many lines, for a name? */
export function isMarked(entity: Entity, key: string, text: string, field?: Field): boolean {
  const isLong = text.length > LONGEST_NAME || /[\n\r]/.test(text.trim());
  return text !== '' && (isProse(entity, key, field) || (isLong && isOutside(entity, key, field)));
}
