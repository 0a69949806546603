import type { LinkKind } from './links.ts';

/** How a cell is shown. Without one a value is shown as it is, and a key that ends in `_time` as a local time. */
export type Format =
  | 'money'
  | 'prices'
  | 'contacts'
  | 'address'
  | 'time'
  | 'text'
  | 'whole'
  | 'due'
  | 'named'
  | 'day'
  | 'flag'
  | 'parties';

/**
 * A column of a list. `from` is a path into the record (`person.name`), or
 * several of which the first that is set counts (`item.title|item.name`); `name` unless told. `money` takes the record's
 * `currency` along; `prices` are those of a product, one a currency; `contacts` shows values of e-mails or phones, the primary one first; `text` is HTML shown as plain
 * text, cut; `whole` is never cut;
 * `due` is an activity's date and time; `named` something that came with its name and id, or an id
 * whose name is in a column beside it;
 * `day` the day of a time; `flag` a 0 or 1; `parties` who a mail is from or to. A key that links to something is shown by its name; `kind` says to what where the
 * key doesn't.
 */
export type Column =
  | string
  | { readonly name: string; readonly from?: string; readonly as?: Format; readonly kind?: LinkKind };

/** One kind of thing that answers hold. */
export type Entity = {
  /** `deal`; the key of a record in an answer. */
  readonly name: string;
  readonly plural: string;
  /** Its page in the web app, with `{id}`. */
  readonly link?: string;
  /** The columns of a list, most important first. */
  readonly columns: readonly Column[];
  /** Keys that hold HTML; it is outsiders' long text, as what `prose` names. */
  readonly rich?: readonly string[];
  /** Keys and columns of long text that people outside the company can write: answers mark it as data. */
  readonly prose?: readonly string[];
  /** Of short text that they can write, besides the names of what is linked: answers say which these are. */
  readonly outside?: readonly string[];
  /** Keys that hold a UTC time although they don't end in `_time`. */
  readonly times?: readonly string[];
  /** The fields it has, custom ones among them, under this name in the account's field schemas. */
  readonly fields?: 'deal' | 'person' | 'organization' | 'product' | 'activity' | 'lead' | 'note' | 'project';
  /** What keys of its own point to, beside those that mean the same everywhere. */
  readonly kinds?: Readonly<Record<string, LinkKind>>;
  /** Flags that answers show only when they are true. */
  readonly quiet?: readonly string[];
  /** Keys that hold those whom a mail is from or to. */
  readonly parties?: readonly string[];
  /** What must be known to read an answer right. */
  readonly note?: string;
  /** Keys that no answer shows: technical ones, or copies of others. */
  readonly hidden?: readonly string[];
};

export function entity(declaration: Entity): Entity {
  return declaration;
}
