import type { Json, JsonObject } from '../../../pipedrive/json.ts';
import { outsidersWrote } from '../../answers/answer.ts';
import type { Run } from '../../run.ts';
import type { Cell, Figure, Measure } from './figures.ts';
import type { Group } from './groups.ts';
import { foreign, type Rates } from './money.ts';
import { isTheirs, namesOf } from './names.ts';
import { inOrder } from './order.ts';
import { type Row, type Sheet, together } from './rows.ts';
import type { Stages } from './stages.ts';
import type { Tally } from './tally.ts';

/** How many groups an answer shows one by one. */
const MOST_ROWS = 100;
/** The figure that takes both outcomes. */
const RATE = 'win_rate_percent';

type Counted = {
  readonly measure: Measure;
  readonly groups: readonly Group[];
  readonly sheet: Sheet;
  readonly total: Tally;
  readonly stages: Stages | undefined;
  readonly rates: Rates | undefined;
  readonly wants: (of: string) => boolean;
};

/** What was counted, as the table of an answer. `run` is of the list. */
export async function tableFor(run: Run, counted: Counted): Promise<{ answer: JsonObject; notes: string[] }> {
  const { measure, groups, sheet, total, rates, wants } = counted;
  const { entity } = run.operation;
  const cellOf = (figure: Figure, tally: Tally): Cell => figure.show({ tally, currency: run.account.currency, rates });
  const all = total.get('count') ?? 0;
  const figures = measure.columns.filter((figure) => {
    const cell = cellOf(figure, total);
    const isPlain = figure.isPart === true && (cell === 0 || cell === all);
    const isOneSided = figure.name === RATE && outcomeOf(total) !== undefined;
    return wants(figure.of) && !isPlain && !isOneSided && cell !== '';
  });
  const cells = (tally: Tally): Cell[] => figures.map((figure) => cellOf(figure, tally));
  const names = figures.map(({ name }) => name);
  if (groups.length === 0) return { answer: { columns: names, rows: [cells(total)] }, notes: notesOn(counted, names) };

  const ordered = inOrder(sheet.rows, groups, (tally) => weight(run, counted, tally), counted.stages);
  const { shown, others } = first(ordered, groups);
  const name = await namesOf(run, groups, shown, counted.stages);
  const rows: Json[] = shown.map(({ values, tally }) => [
    ...groups.map((group, index) => name(group, values[index] ?? null)),
    ...cells(tally),
  ]);
  if (others.length > 0) {
    rows.push([`(${others.length} others)`, ...groups.slice(1).map(() => ''), ...cells(together(others))]);
  }
  const heads = groups.map((group) =>
    measure.columns.some((one) => one.name === group.name) ? `by ${group.name}` : group.name,
  );
  const outside = heads.filter((_, index) => groups[index] && isTheirs(entity, groups[index]));
  return {
    answer: {
      columns: [...heads, ...names],
      rows,
      total: Object.fromEntries(figures.map((figure) => [figure.name, cellOf(figure, total)])),
      ...outsidersWrote(rows.length > 0 ? outside : []),
    },
    notes: notesOn(counted, names),
  };
}

/** The first rows; of days and months the last. */
function first(rows: readonly Row[], [group]: readonly Group[]): { shown: readonly Row[]; others: readonly Row[] } {
  if (rows.length <= MOST_ROWS) return { shown: rows, others: [] };
  const at = group?.unit ? rows.length - MOST_ROWS : MOST_ROWS;
  const [head, tail] = [rows.slice(0, at), rows.slice(at)];
  return group?.unit ? { shown: tail, others: head } : { shown: head, others: tail };
}

/** By what they are worth, where all of it is in one currency or can be, or by how many they are. */
function weight({ account }: Run, { total, rates, wants, measure }: Counted, tally: Tally): number {
  const isWorth = wants('value') && measure.columns.some(({ name }) => name === 'value');
  const into = account.currency;
  if (!isWorth || (!rates && foreign(total, into).length > 0)) return tally.get('count') ?? 0;
  const sums = [...tally].filter(([name]) => name.startsWith('value '));
  return sums.reduce(
    (sum, [name, amount]) => sum + amount * (rates?.by.get(name.slice(6)) ?? (name.endsWith(into) ? 1 : 0)),
    0,
  );
}

/** Won or lost, where all that were counted are: their win rate says nothing but how they were chosen. */
function outcomeOf(total: Tally): 'won' | 'lost' | undefined {
  const all = total.get('count') ?? 0;
  return (['won', 'lost'] as const).find((outcome) => all > 0 && total.get(outcome) === all);
}

function notesOn({ groups, sheet, total, measure, wants }: Counted, names: readonly string[]): string[] {
  const notes: string[] = [];
  if (sheet.isManifold) {
    notes.push(
      `What has several values of ${groups.map(({ name }) => name).join(' or ')} counts in the group of each; the total counts it once.`,
    );
  }
  const isClosed = ['won', 'lost', 'done'].some((outcome) => (total.get(outcome) ?? 0) > 0);
  if (names.includes('average_age_days') && isClosed)
    notes.push('Age: days from added to now, or to won, lost or done.');
  const backwards = total.get('age backwards') ?? 0;
  if (backwards > 0 && measure.columns.some(({ name, of }) => name === 'average_age_days' && wants(of))) {
    notes.push(`${backwards} ended before they were added, as imports may: left out of the average age.`);
  }
  const outcome = outcomeOf(total);
  if (outcome !== undefined && wants('win_rate') && measure.columns.some(({ name }) => name === RATE)) {
    notes.push(`All are ${outcome}: for a win rate choose by close time, as in "closed = this year", without status.`);
  }
  return notes;
}
