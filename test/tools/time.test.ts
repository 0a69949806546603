import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dueToLocal, dueToUtc, rfc3339, toLocal, toUtc } from '../../src/tools/time.ts';
import { Problem } from '../../src/vocabulary/problem.ts';

const zones = ['UTC', 'Europe/Tallinn', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland', 'America/St_Johns'];
const pad = (value: number) => String(value).padStart(2, '0');

test('what was said as 14:30 is 14:30 in what comes back, in every zone and season', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 28 }),
      // 02:00 to 03:59 may not exist, or exist twice, on the day the clocks change.
      fc.integer({ min: 4, max: 25 }).map((hour) => hour % 24),
      fc.integer({ min: 0, max: 59 }),
      (zone, month, day, hour, minute) => {
        const due = { due_date: `2026-${pad(month)}-${pad(day)}`, due_time: `${pad(hour)}:${pad(minute)}` };
        expect(dueToLocal(dueToUtc(due, zone), zone)).toEqual(due);
        const said = `${due.due_date} ${due.due_time}`;
        expect(toLocal(rfc3339(toUtc(said, zone, 'x')), zone)).toBe(said);
      },
    ),
  );
});

test('a date is the start of that day, an offset counts, both forms of the API are read', () => {
  expect(rfc3339(toUtc('2026-07-01', 'Europe/Tallinn', 'x'))).toBe('2026-06-30T21:00:00Z');
  expect(rfc3339(toUtc('2026-07-01T12:00:00+02:00', 'America/New_York', 'x'))).toBe('2026-07-01T10:00:00Z');
  expect(toLocal('2026-12-01 22:30:00', 'Europe/Tallinn')).toBe('2026-12-02 00:30');
  expect(toLocal('2026-12-01T22:30:00.551Z', 'Europe/Tallinn')).toBe('2026-12-02 00:30');
  expect(toLocal('not a time', 'Europe/Tallinn')).toBe('not a time');
});

test.each(['yesterday', '2026-02-30', '25:00', '', '2026-1-1'])('"%s" is no time', (text) => {
  expect(() => toUtc(text, 'UTC', 'x')).toThrow(Problem);
});
