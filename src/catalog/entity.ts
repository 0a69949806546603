/** How a cell is shown. Without one a value is shown as it is, and a key that ends in `_time` as a local time. */
export type Format = 'money' | 'contacts' | 'address' | 'time' | 'text' | 'whole';

/**
 * A column of a list. `from` is a path into the record (`person.name`), or
 * several of which the first that is set counts (`item.title|item.name`); `name` unless told. `money` takes the record's
 * `currency` along; `contacts` shows values of e-mails or phones, the primary one first; `text` is HTML shown as plain
 * text, cut; `whole` is never cut.
 */
export type Column = string | { readonly name: string; readonly from?: string; readonly as?: Format };

/** One kind of thing that answers hold. */
export type Entity = {
  /** `deal`; the key of a record in an answer. */
  readonly name: string;
  readonly plural: string;
  /** Its page in the web app, with `{id}`. */
  readonly link?: string;
  /** The columns of a list, most important first. */
  readonly columns: readonly Column[];
  /** Keys that hold HTML. */
  readonly rich?: readonly string[];
  /** Keys that hold a UTC time although they don't end in `_time`. */
  readonly times?: readonly string[];
  /** The fields it has, custom ones among them, under this name in the account's field schemas. */
  readonly fields?: 'deal' | 'person' | 'organization' | 'product' | 'activity' | 'lead' | 'note';
  /** Flags that answers show only when they are true. */
  readonly quiet?: readonly string[];
  /** What must be known to read an answer right. */
  readonly note?: string;
  /** Keys that no answer shows: technical ones, or copies of others. */
  readonly hidden?: readonly string[];
};

export function entity(declaration: Entity): Entity {
  return declaration;
}
