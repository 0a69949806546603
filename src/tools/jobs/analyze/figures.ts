import { isObject, type Json, type JsonObject } from '../../../pipedrive/json.ts';
import { dueText } from '../../names/lexicon.ts';
import { amounts, inOne, type Rates } from './money.ts';
import type { Stages } from './stages.ts';
import { type Part, rounded, type Tally } from './tally.ts';

/** What records are measured against. */
export type Setting = {
  /** Epoch milliseconds, by Pipedrive's clock. */
  readonly now: number;
  /** `2026-11-20 11:00`, in `zone`. */
  readonly local: string;
  readonly zone: string;
  /** The currency that comes first and that others are converted to. */
  readonly currency: string;
  readonly stages: Stages | undefined;
};

export type Cell = string | number;
export type Show = { readonly tally: Tally; readonly currency: string; readonly rates: Rates | undefined };
/** A column, the figure that it belongs to, and what it shows of sums: "" where there is nothing to show. */
export type Figure = {
  readonly name: string;
  readonly of: string;
  readonly show: (of: Show) => Cell;
  /** A number of records: said only where it is neither none nor all of them. */
  readonly isPart?: boolean;
};

/** What is summed of one kind of record, and what is shown of the sums. */
export type Measure = {
  readonly list: string;
  /** The list's own defaults that leave records out. */
  readonly all: JsonObject;
  readonly parts: (record: JsonObject, setting: Setting) => readonly Part[];
  readonly columns: readonly Figure[];
};

const DAY_MS = 86_400_000;

export const deals: Measure = {
  list: 'list_deals',
  all: {},
  parts(record, { now, stages }) {
    const { status, value, currency } = record;
    const isOpen = status === 'open';
    const added = instant(record['add_time']);
    const closed = instant(record['close_time'] ?? record['won_time'] ?? record['lost_time']);
    const moved = instant(record['stage_change_time']) ?? added;
    return [
      ['count', 1],
      [String(status), 1],
      ...money('value', value, currency),
      ...(isOpen && stages && typeof value === 'number'
        ? money('weighted', (value * stages.chance(record)) / 100, currency)
        : []),
      ...span('age', added, isOpen ? now : closed),
      ...(isOpen ? span('stay', moved, now) : []),
    ];
  },
  columns: [
    counted('count', 'count'),
    counted('open', 'win_rate'),
    counted('won', 'win_rate'),
    counted('lost', 'win_rate'),
    { name: 'win_rate_percent', of: 'win_rate', show: ({ tally }) => winRate(tally) },
    ...amountOf('value', 'value', 'value'),
    ...amountOf('weighted_open_value', 'weighted', 'weighted'),
    average('average_age_days', 'age', 'age'),
    average('average_days_in_stage', 'in_stage', 'stay'),
  ],
};

export const leads: Measure = {
  list: 'list_leads',
  all: {},
  parts(record, { now }) {
    const value = isObject(record['value']) ? record['value'] : {};
    return [
      ['count', 1],
      ...(record['was_seen'] === false ? [['unseen', 1] as const] : []),
      ...money('value', value['amount'], value['currency']),
      ...span('age', instant(record['add_time']), now),
    ];
  },
  columns: [
    counted('count', 'count'),
    counted('unseen', 'count'),
    ...amountOf('value', 'value', 'value'),
    average('average_age_days', 'age', 'age'),
  ],
};

export const activities: Measure = {
  list: 'list_activities',
  // The list has only open ones unless it is told otherwise.
  all: { done: 'any' },
  parts(record, { now, local, zone }) {
    const isDone = record['done'] === true;
    const due = dueText(record, zone);
    const isOverdue = !isDone && due !== '' && due < local.slice(0, due.length);
    const added = instant(record['add_time']);
    return [
      ['count', 1],
      [isDone ? 'done' : 'open', 1],
      ...(isOverdue ? [['overdue', 1] as const] : []),
      ...(typeof record['duration'] === 'string' ? [['minutes', minutes(record['duration'])] as const] : []),
      ...span('age', added, isDone ? instant(record['marked_as_done_time']) : now),
    ];
  },
  columns: [
    counted('count', 'count'),
    counted('open', 'count'),
    counted('done', 'count'),
    counted('overdue', 'count'),
    { name: 'hours', of: 'count', show: ({ tally }) => rounded((tally.get('minutes') ?? 0) / 60, 1) || '' },
    average('average_age_days', 'count', 'age'),
  ],
};

function counted(name: string, of: string): Figure {
  return { name, of, show: ({ tally }) => tally.get(name) ?? 0, isPart: name !== 'count' };
}

/** The mean of spans in days; of none there is no mean. */
function average(name: string, of: string, what: string): Figure {
  const show = ({ tally }: Show) => {
    const count = tally.get(`${what} count`);
    return count === undefined ? '' : rounded((tally.get(`${what} ms`) ?? 0) / count / DAY_MS, 1);
  };
  return { name, of, show };
}

function amountOf(name: string, of: string, what: string): Figure[] {
  return [
    { name, of, show: ({ tally, currency }) => amounts(tally, what, currency) },
    { name: `${name}_converted`, of, show: ({ tally, rates }) => (rates ? inOne(tally, what, rates) : '') },
  ];
}

function winRate(tally: Tally): Cell {
  const won = tally.get('won') ?? 0;
  const closed = won + (tally.get('lost') ?? 0);
  return closed === 0 ? '' : rounded((100 * won) / closed, 1);
}

function money(what: string, amount: Json | undefined, currency: Json | undefined): Part[] {
  return typeof amount === 'number' && typeof currency === 'string' ? [[`${what} ${currency}`, amount]] : [];
}

function span(what: string, from: number | undefined, to: number | undefined): Part[] {
  if (from === undefined || to === undefined) return [];
  // What was imported may be closed before it was added: that tells nothing of how long it took.
  if (to < from) return [[`${what} backwards`, 1]];
  return [
    [`${what} ms`, to - from],
    [`${what} count`, 1],
  ];
}

/** Epoch milliseconds of a time of the API; v1's are in UTC and don't say so. */
function instant(value: Json | undefined): number | undefined {
  if (typeof value !== 'string') return undefined;
  const at = Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(value) ? value : `${value.replace(' ', 'T')}Z`);
  return Number.isNaN(at) ? undefined : at;
}

function minutes(duration: string): number {
  const [hours = 0, rest = 0] = duration.split(':').map(Number);
  return hours * 60 + rest;
}
