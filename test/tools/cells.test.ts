import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/pipedrive/json.ts';
import type { Source } from '../../src/tools/files.ts';
import * as read from '../../src/tools/transfer/cells.ts';
import { BOM, csvLine, defused, undefused } from '../../src/tools/transfer/csv.ts';
import { asChecked, written } from '../../src/tools/transfer/decisions.ts';
import { rowsIn } from '../../src/tools/transfer/rows.ts';
import { textOf } from '../../src/tools/transfer/values.ts';
import { Problem } from '../../src/vocabulary/problem.ts';

const reads = (reader: read.Reader, cell: Json) => {
  try {
    return reader(cell);
  } catch (error) {
    if (error instanceof Problem) return `no: ${error.message} ${error.next}`;
    throw error;
  }
};

describe('a number', () => {
  test.each([
    ['1500', 1500],
    ['-12.5', -12.5],
    ['1.234,56', 1234.56],
    ['1,234.56', 1234.56],
    ['1.234.567', 1234567],
    ['1,234,567.8', 1234567.8],
    ['1 234,5', 1234.5],
    ["1'234.50", 1234.5],
    ['1 234 567', 1234567],
    ['12,5', 12.5],
    ['0.125', 0.125],
    ['1234.567', 1234.567],
    [7.125, 7.125],
  ])('is read from %s', (cell, number) => {
    expect(read.number(cell)).toBe(number);
  });

  test.each(['1.234', '50,000', '1,234,56', '1.23.456', 'abc', '12a', '1500 EUR', '', '--5', '1e5'])(
    'is not read from "%s", and the remedy is told',
    (cell) => {
      expect(reads(read.number, cell)).toMatch(/^no: .*Write it as 1234\.56/);
    },
  );

  test('that a file is written with is read as it was', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (number) => {
        fc.pre(!String(number).includes('e'));
        expect(read.number(textOf(number))).toBe(number + 0);
      }),
    );
  });
});

describe('a date', () => {
  test.each<[Json, string]>([
    ['2026-12-31', '2026-12-31'],
    ['2026-12-31T00:00:00Z', '2026-12-31'],
    ['31.12.2026', '2026-12-31'],
    ['1.2.2026', '2026-02-01'],
    ['12/31/2026', '2026-12-31'],
    ['31/12/2026', '2026-12-31'],
    ['05/05/2026', '2026-05-05'],
    ['46387', '2026-12-31'],
    [46387, '2026-12-31'],
    ['46387,5', '2026-12-31'],
  ])('is read from %s', (cell, day) => {
    expect(read.date(cell)).toBe(day);
  });

  test.each(['02/03/2026', '03-02-2026'])('that may be two days is refused: %s', (cell) => {
    expect(reads(read.date, cell)).toMatch(/it may be 2026-0[23]-0[23] or 2026-0[23]-0[23]\. Write it as 2026-12-31/);
  });

  test.each(['30.02.2026', '2026-13-01', '31/31/2026', 'tomorrow', '12', '999999'])('is not read from %s', (cell) => {
    expect(reads(read.date, cell)).toMatch(/^no: .*Write it as 2026-12-31/);
  });

  test('with a time keeps it', () => {
    expect(read.instant('31.12.2026 9:30')).toBe('2026-12-31 09:30');
    expect(read.instant(46387.5)).toBe('2026-12-31 12:00');
    expect(read.clock('9:30')).toBe('09:30');
    expect(read.clock(0.5)).toBe('12:00');
    expect(reads(read.clock, '9 o’clock')).toContain('14:30');
  });
});

test('yes and no are read as people and spreadsheets write them', () => {
  for (const yes of ['yes', 'TRUE', '1', 'Ja', 'WAHR', true]) expect(read.flag(yes)).toBe(true);
  for (const no of ['no', 'false', '0', 'nein', 'FAUX', false]) expect(read.flag(no)).toBe(false);
  expect(reads(read.flag, 'perhaps')).toBe('no: "perhaps" is not yes or no. Write yes or no.');
});

test('prices have their currencies', () => {
  const prices = read.prices('EUR');
  expect(prices('1890 EUR, 2050.50 USD')).toEqual([
    { price: 1890, currency: 'EUR' },
    { price: 2050.5, currency: 'USD' },
  ]);
  expect(prices('12,50')).toEqual([{ price: 12.5, currency: 'EUR' }]);
});

test('amounts that a file is written with are read as they were', () => {
  const cents = fc.integer({ min: -1e9, max: 1e9 }).map((thousandths) => thousandths / 1000 + 0);
  const numbers = fc.oneof(cents, fc.constantFrom(12.345, -1.5, 1e-7, 999.999, 1e15));
  fc.assert(
    fc.property(numbers, (price) => {
      const text = read.priceText({ price, currency: 'EUR' });
      expect(read.prices('USD')(text)).toEqual([{ price, currency: 'EUR' }]);
      // A custom field reads it in its turn.
      expect(read.customReader('monetary')(text)).toBe(text);
    }),
  );
});

describe('a formula', () => {
  test.each(['=1+1', '+49 30 1', '-2+3', '@SUM(A1)', '\tx', '\r=1', "'=1", "''=x"])('%j is defused', (text) => {
    expect(defused(text)).toMatch(/^'/);
    expect(undefused(defused(text))).toBe(text);
  });

  test.each(['-12.5', '-3', 'a=b', "it's", "'quoted'", ''])('is none of %j', (text) => {
    expect(defused(text)).toBe(text);
    expect(undefused(text)).toBe(text);
  });
});

function fileOf(bytes: Uint8Array, piece = 7): Source {
  return {
    name: 'x.csv',
    path: '/x.csv',
    size: bytes.length,
    async *chunks() {
      for (let at = 0; at < bytes.length; at += piece) yield Buffer.from(bytes.subarray(at, at + piece));
    },
  };
}

async function tableIn(source: Source) {
  const file = await rowsIn(source);
  const rows: Json[][] = [];
  const lines: number[] = [];
  for await (const { line, cells } of file.rows()) {
    rows.push(cells.map((cell) => cell ?? ''));
    lines.push(line);
  }
  return { titles: file.titles, rows, lines };
}

describe('a file', () => {
  test('of any table of texts comes back as it was, however it is cut into pieces', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('=1', "'=1", '-5', 'a"b', 'a,b', 'a;b', 'a\nb', 'a\r\nb', ' x ', '"', '\r', '\t'),
    );
    const table = fc
      .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 40 }))
      .chain(([width, piece]) =>
        fc.tuple(
          fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 6 }),
          fc.constant(width),
          fc.constant(piece),
        ),
      );
    await fc.assert(
      fc.asyncProperty(table, async ([rows, width, piece]) => {
        const titles = Array.from({ length: width }, (_, index) => `Column ${index}`);
        const kept = rows.filter((cells) => cells.some((one) => one.trim() !== ''));
        const text = BOM + [titles, ...kept].map((cells) => csvLine(cells.map(defused))).join('');
        const back = await tableIn(fileOf(new TextEncoder().encode(text), piece));
        // Text is text: half a character is written as the sign for what is none.
        const whole = kept.map((cells) => cells.map((one) => Buffer.from(one).toString()));
        expect(back.titles).toEqual(titles);
        expect(back.rows).toEqual(whole);
      }),
    );
  });

  test.each([
    ['with a BOM and CRLF', '\ufeffa,b\r\n1,2\r\n'],
    ['without one', 'a,b\n1,2'],
    ['with semicolons', 'a;b\n1;2\n'],
    ['with semicolons and a comma in a quoted title', '"a";b\n1;2\n'],
    ['with tabs', 'a\tb\n1\t2\n'],
    ['with empty lines and rows of nothing', 'a,b\n\n,\n1,2\n\n'],
  ])('%s is read', async (_, text) => {
    expect(await tableIn(fileOf(new TextEncoder().encode(text)))).toMatchObject({
      titles: ['a', 'b'],
      rows: [['1', '2']],
    });
  });

  test('in UTF-16, as Excel calls Unicode, is read; one in neither is refused by line', async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Name\tOrt\nÖzil\tMünster\n', 'utf16le')]);
    expect(await tableIn(fileOf(utf16))).toMatchObject({ titles: ['Name', 'Ort'], rows: [['Özil', 'Münster']] });
    const latin = Buffer.concat([Buffer.from('Name,Ort\nA,B\nM'), Buffer.from([0xfc]), Buffer.from('ller,X\n')]);
    await expect(tableIn(fileOf(latin))).rejects.toMatchObject({ why: expect.stringMatching(/line 3 .* no UTF-8/) });
  });

  test('tells the line that each row begins on', async () => {
    const text = 'a,b\n"x\ny",2\n\n3,"4\r\n5"\n6,7\n';
    expect((await tableIn(fileOf(new TextEncoder().encode(text)))).lines).toEqual([2, 5, 7]);
  });

  test.each([
    ['as it was', 'a,b\n1,2\n3,4\n5,6\n', ['1', '5'], ''],
    ['changed where nothing is written', 'a,b\n1,2\n0,0\n5,6\n', ['1', '5'], ''],
    ['with another row', 'a,b\n1,2\n3,4\n5,7\n', ['1'], 'The row on line 4 is not the one that was checked.'],
    ['with a row put off by a line', 'a,b\n1,2\n3,4\n\n5,6\n', ['1'], 'The row on line 5 is not the one'],
    ['cut off', 'a,b\n1,2\n3,4\n', ['1'], 'It ends after 2 of 3 rows.'],
    ['broken', 'a,b\n1,2\n3,4\n"5,6\n', [], 'has a quote that is never closed'],
  ])('%s since its check yields the rows that were checked alone', async (_, text, yielded, why) => {
    let now = 'a,b\n1,2\n3,4\n5,6\n';
    const file = await rowsIn({
      ...fileOf(new Uint8Array()),
      chunks: () => fileOf(new TextEncoder().encode(now)).chunks(),
    });
    const decisions: string[] = [];
    for await (const row of file.rows())
      decisions.push(written(row.line === 3 ? { is: 'same' } : { is: 'create', links: {} }, row));
    now = text;
    const rows: Json[] = [];
    let said = '';
    try {
      for await (const { row } of asChecked(file, decisions)) rows.push(row.cells[0] ?? null);
    } catch (error) {
      said = error instanceof Problem ? `${error.message} ${error.why}` : String(error);
    }
    expect(rows).toEqual(yielded);
    expect(said).toMatch(why === '' ? /^$/ : /changed since the check/);
    expect(said).toContain(why);
  });

  test.each([
    ['a,b\n1,2\n3,"4\n5,6\n', /line 3 has a quote that is never closed/],
    ['a,b\n1,2\n3,4"x\n', /line 3 has a quote in the middle/],
    ['a,b\n1,2\n"3"x,4\n', /line 3 has a quote in the middle/],
    ['a,b,a\n1,2,3\n', /"a" is there 2 times, as column 1 and 3/],
    ['', /empty/],
    ['[{"a":1}]', /one JSON list/],
    ['{"a":1}\n{"a":\n', /Line 2 is not a JSON object/],
    ['PK\u0003\u0004xx', /workbook/],
  ])('that is broken says where: %j', async (text, why) => {
    const said = await tableIn(fileOf(new TextEncoder().encode(text))).then(
      () => 'it was read',
      (error: unknown) => (error instanceof Problem ? error.why : String(error)),
    );
    expect(said).toMatch(why);
  });
});
