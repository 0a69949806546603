import { isObject, type Json } from '../../pipedrive/json.ts';
import { fold } from '../../vocabulary/fold.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { linkedHint, refuseJoined } from './where-hints.ts';
import { findSubject, type Name, namesAt, namesOf } from './where-subject.ts';
import { ANY_CURRENCY, type Clock, forms, kinds, readValue, type Span, type Value, type Word } from './where-value.ts';
import { isPlain, noOperator, quoted, readOperator, split, unquoted } from './where-words.ts';

/** What a condition can be about: a column of a list or a custom field, by the words people use. */
export type Subject = {
  /** `value`, or a custom field's code. A name too. */
  readonly key: string;
  /** Every word for it, the one that answers show first: label, column title, synonyms. */
  readonly names: readonly string[];
  /**
   * What its values are: `time` an instant, `clock` a time of day, `option` one of a closed list, `name` a user, stage
   * or the like, `list` several options or labels.
   */
  readonly type: 'text' | 'number' | 'money' | 'date' | 'time' | 'clock' | 'flag' | 'option' | 'name' | 'list';
  /**
   * What a record has for a word of the account: the canonical name or the id; of money, the currency's code. Throws
   * Problem for a word that it doesn't know. Without it a word stands for itself.
   */
  readonly resolve?: (word: string) => string | number;
};

export type Operator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'contains'
  | 'not contains'
  | 'starts with'
  | 'not starts with'
  | 'is empty'
  | 'is not empty';

export type Condition = {
  /** As given. */
  readonly text: string;
  readonly subject: Subject;
  /** The name by which no other subject is meant, quoted where it needs to be. */
  readonly name: string;
  readonly operator: Operator;
  readonly value?: Value;
};

const equality = ['=', '!='] as const;
const emptiness = ['is empty', 'is not empty'] as const;
const order = [...equality, '<', '<=', '>', '>=', ...emptiness] as const;
const part = ['contains', 'not contains'] as const;
const start = ['starts with', 'not starts with'] as const;
/** What each type can be asked. */
const operators: Readonly<Record<Subject['type'], readonly Operator[]>> = {
  text: [...equality, ...part, ...start, ...emptiness],
  number: order,
  money: order,
  date: order,
  time: order,
  clock: order,
  flag: [...equality, ...emptiness],
  option: [...equality, ...emptiness],
  name: [...equality, ...emptiness],
  list: [...part, ...emptiness],
};

const MOST_CONDITIONS = 10;
const MOST_VALUES = 100;
const LONGEST = 2000;

/**
 * Conditions, all of which must hold: `<subject> <operator> <value>`, as in `value > 50k`, `Lead source is empty`,
 * `owner in (Ann, me)`, `"A: label" != "some text"`. The subject is the longest name that the text begins with, case and
 * accents aside. Throws Problem for anything that is not understood.
 */
export function parseWhere(
  conditions: readonly string[],
  subjects: readonly Subject[],
  clock: Clock,
  most = MOST_CONDITIONS,
): readonly Condition[] {
  if (conditions.length > most) {
    throw new Problem(
      `where: ${conditions.length} conditions are too many.`,
      `At most ${most} are taken, and all must hold.`,
      'Give the most telling ones; several values of one subject go into one condition: stage in (A, B).',
    );
  }
  const names = namesOf(subjects);
  return conditions.map((text) => parse(text, names, clock));
}

function parse(given: string, names: readonly Name[], clock: Clock): Condition {
  const text = given.normalize('NFC').trim();
  if (text === '' || text.length > LONGEST) {
    throw new Problem(
      text === '' ? 'where: a condition is empty.' : `where: a condition has ${text.length} characters.`,
      `A condition is a subject, an operator and a value, in at most ${LONGEST} characters.`,
      'Write it as "value > 50000" or "owner is empty".',
    );
  }
  const { subject, name, rest } = findSubject(text, names);
  const { type } = subject;
  const found = readOperator(rest, operators[type] === order);
  if (!found) throw noOperator(text, name, operators[type], meant(text, rest, subject, clock), linkedHint(subject));
  refuseJoined(text, found.value, subject, (after) => namesAt(after, names).map((one) => one.rest));
  const written = found.several ? split(found.value) : [unquoted(found.value)];
  // `= ""` asks for nothing, and of a list what it is, is what it has.
  const isNothing = !found.several && found.value !== '' && written[0] === '';
  const others = isNothing ? nothing : type === 'list' ? had : none;
  const operator = others.get(found.operator) ?? found.operator;
  if (!operators[type].includes(operator)) {
    const hint = linkedHint(subject);
    throw new Problem(
      `where: "${name}" cannot be asked with "${found.operator}".`,
      `Its values are ${kinds[type]}: it takes ${operators[type].join(', ')}.`,
      hint ?? `Use one of these in "${text.slice(0, 80)}".`,
    );
  }
  const condition = { text: given, subject, name, operator };
  if (operator === 'is empty' || operator === 'is not empty') return condition;
  if (written.includes('') || written.length > MOST_VALUES) {
    throw new Problem(
      written.includes('')
        ? `where: a value is missing in "${text.slice(0, 80)}".`
        : `where: ${written.length} values in one condition are too many.`,
      `After the operator comes ${forms[type]}${found.several ? `; up to ${MOST_VALUES} of them with commas between` : ''}.`,
      `Give it, or write "${name} is empty".`,
    );
  }
  return { ...condition, value: written.map((word) => readValue(subject, operator, word, clock)) };
}

/** What lacks nothing but an operator, with one: `expected close = this quarter`. */
function meant(text: string, rest: string, subject: Subject, clock: Clock): string | undefined {
  const value = rest.trim();
  if (value === '' || operators[subject.type] !== order) return undefined;
  try {
    readValue(subject, '=', value, clock);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
  return `${text.slice(0, text.length - rest.length).trim()} = ${value}`;
}

const nothing: ReadonlyMap<Operator, Operator> = new Map([
  ['=', 'is empty'],
  ['!=', 'is not empty'],
]);
const had: ReadonlyMap<Operator, Operator> = new Map([
  ['=', 'contains'],
  ['!=', 'not contains'],
]);
const none: ReadonlyMap<Operator, Operator> = new Map();

/**
 * Whether the condition holds for a value as its record has it: an amount may be `{amount, currency}`, a date is
 * `YYYY-MM-DD`, an instant RFC 3339; of several values (e-mails, labels) one must do. What is not set, null, "" or [],
 * is unequal to everything and neither before nor after anything. An amount in another currency than the one asked for
 * is likewise.
 */
export function matches({ subject, operator, value = [] }: Condition, found: Json | undefined): boolean {
  const items = (Array.isArray(found) ? found : [found]).filter(isSet);
  if (operator === 'is empty') return items.length === 0;
  if (operator === 'is not empty') return items.length > 0;
  const test = negations.get(operator) ?? operator;
  const some = items.some((item) =>
    value.some((meant) =>
      meant.kind === 'span' ? inSpan(meant, test, item, subject) : isWord(meant, test, item, subject),
    ),
  );
  return test === operator ? some : !some;
}

const negations: ReadonlyMap<Operator, Operator> = new Map([
  ['!=', '='],
  ['not contains', 'contains'],
  ['not starts with', 'starts with'],
]);

function isSet(item: Json | undefined): item is Exclude<Json, null> {
  if (isObject(item) && 'amount' in item) return isSet(item['amount']);
  return item !== undefined && item !== null && item !== '';
}

function isWord({ folded }: Word, operator: Operator, item: Json, { type }: Subject): boolean {
  if (typeof item === 'object') return false;
  const own = fold(String(item));
  if (operator === 'starts with') return own.startsWith(folded);
  return operator === 'contains' && type === 'text' ? own.includes(folded) : own === folded;
}

function inSpan(span: Span, operator: Operator, item: Json, subject: Subject): boolean {
  const at = onLine(item, subject.type, span.currency);
  if (at === undefined) return false;
  if (operator === '<') return at < span.from;
  if (operator === '<=') return at <= span.to;
  if (operator === '>') return at > span.to;
  if (operator === '>=') return at >= span.from;
  return at >= span.from && at <= span.to;
}

/** Where a value of a record is on the line of its type (see Span); undefined for what isn't on it. */
function onLine(item: Json, type: Subject['type'], currency: string | undefined): number | undefined {
  if (type === 'money') {
    if (isObject(item)) {
      const own = item['currency'];
      const comparable = currency === undefined || (typeof own === 'string' && own.toUpperCase() === currency);
      return comparable ? numeric(item['amount']) : undefined;
    }
    return currency === undefined ? numeric(item) : undefined;
  }
  if (type === 'number') return numeric(item);
  if (typeof item !== 'string') return undefined;
  if (type === 'clock') {
    const [, hour, minute, second = '0'] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(item) ?? [];
    return hour === undefined ? undefined : Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  }
  if (type === 'date' && !/^\d{4}-\d{2}-\d{2}$/.test(item)) return undefined;
  // v1's instants are in UTC and don't say so.
  const at = Date.parse(type === 'date' || /(Z|[+-]\d{2}:\d{2})$/.test(item) ? item : `${item.replace(' ', 'T')}Z`);
  return Number.isNaN(at) ? undefined : at;
}

function numeric(item: Json | undefined): number | undefined {
  if (typeof item !== 'number' && typeof item !== 'string') return undefined;
  const number = String(item).trim() === '' ? Number.NaN : Number(item);
  return Number.isNaN(number) ? undefined : number;
}

/** What was applied, dates as dates, in a form that means the same when it is given back: `expected close < 2026-11-20`. */
export function describe({ subject, name, operator, value = [] }: Condition): string {
  const [said = '', ...more] = value.map((one) => {
    if (one.kind === 'word') return subject.type === 'text' || !isPlain(one.said) ? quoted(one.said) : one.said;
    if (operator === '<' || operator === '>=') return inCurrency(one.first, one, subject);
    if (operator === '>' || operator === '<=') return inCurrency(one.last, one, subject);
    return inCurrency(one.first === one.last ? one.first : `${one.first} to ${one.last}`, one, subject);
  });
  if (value.length === 0) return `${name} ${operator}`;
  if (more.length === 0) return `${name} ${operator} ${said}`;
  const among = operator === '!=' || operator === 'not contains' ? 'not in' : 'in';
  return `${name} ${among} (${[said, ...more].join(', ')})`;
}

function inCurrency(said: string, { currency }: Span, { type }: Subject): string {
  return type === 'money' && currency === undefined ? `${said} ${ANY_CURRENCY}` : said;
}
