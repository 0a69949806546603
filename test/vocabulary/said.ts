import fc from 'fast-check';
import type { Json } from '../../src/pipedrive/json.ts';
import { visible } from '../../src/tools/answers/visible.ts';
import type { Field } from '../../src/vocabulary/fields.ts';

/** A value as a person gives it, and what answers must show once it was written. */
export type Said = { readonly said: Json; readonly shown: Json };

/** What the values of an account can name, and how times are read and shown in it. */
export type Account = {
  readonly currency: string;
  readonly zone: string;
  /** Zones that a time can be given in. */
  readonly zones: readonly string[];
  readonly users: ReadonlyMap<number, string>;
  readonly persons: ReadonlyMap<number, string>;
  readonly organizations: ReadonlyMap<number, string>;
};

const two = (value: number) => String(value).padStart(2, '0');
const either = (...forms: Json[]) => fc.constantFrom(...forms);

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '');
const text = fc.oneof(
  words.map((said) => ({ said, shown: visible(said) })),
  fc.integer().map((said) => ({ said, shown: String(said) })),
);

/** Cents and tenths of them, large and small, none of which String writes with an exponent. */
const amount = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom(1, 10, 100, 1000))
  .map(([whole, parts]) => whole / parts + 0)
  // As text these might be thousands, and are refused.
  .filter((number) => !/^-?[1-9]\d{0,2}\.\d{3}$/.test(String(number)));

const day = fc
  .date({ min: new Date('1970-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

type Clock = { readonly said: string; readonly shown: string };
const clock: fc.Arbitrary<Clock> = fc
  .tuple(fc.nat(23), fc.nat(59), fc.constantFrom(0, 0, 59))
  .chain(([hour, minute, second]) => {
    const seconds = second > 0 ? `:${two(second)}` : '';
    const shown = `${two(hour)}:${two(minute)}${seconds}`;
    const half = `${hour % 12 || 12}:${two(minute)}${seconds} ${hour < 12 ? 'am' : 'PM'}`;
    return fc
      .constantFrom(shown, half, `${two(hour)}:${two(minute)}:${two(second)}`, ` ${hour}:${two(minute)}${seconds} `)
      .map((said) => ({ said, shown }));
  });

function money({ currency }: Account): fc.Arbitrary<Said> {
  return fc.tuple(amount, fc.constantFrom('EUR', 'USD', 'JPY', 'KWD')).chain(([value, code]) =>
    fc.oneof(
      either(value, String(value), { value }).map((said) => ({ said, shown: `${value} ${currency}` })),
      either(
        `${value} ${code}`,
        `${code} ${value}`,
        `${value}${code.toLowerCase()}`,
        { value, currency: code },
        { amount: String(value), currency: code },
      ).map((said) => ({ said, shown: `${value} ${code}` })),
    ),
  );
}

function zoned(time: fc.Arbitrary<{ said: string; shown: string; object: Json }>, account: Account) {
  return fc.tuple(time, fc.constantFrom(...account.zones)).chain(([{ said, shown, object }, zone]) => {
    const named = { shown: zone === account.zone ? shown : `${shown} ${zone}` };
    return fc.constantFrom<Said>(
      { said, shown },
      { said: object, shown },
      { said: `${said} ${zone}`, ...named },
      { said: `${said} (${zone})`, ...named },
      { said: { ...Object(object), timezone_name: zone }, ...named },
    );
  });
}

function chosen(field: Field): fc.Arbitrary<{ id: number | string; said: Json; shown: string }> {
  const options = field.options?.entries ?? [];
  return fc.constantFrom(...options).chain(({ id, name }) => {
    const shown = name;
    return either(name, id, name.toUpperCase(), `  ${name.toLowerCase()} `).map((said) => ({ id, said, shown }));
  });
}

function linked(names: ReadonlyMap<number, string>, show: (id: number, name: string) => string): fc.Arbitrary<Said> {
  return fc
    .constantFrom(...names)
    .chain(([id, name]) => either(id, String(id), show(id, name)).map((said) => ({ said, shown: show(id, name) })));
}

/** Values of the field's type in all the forms that a person may give them. */
export function saidOf(field: Field, account: Account): fc.Arbitrary<Said> {
  const withId = (id: number, name: string) => `${name} (${id})`;
  switch (field.type) {
    case 'double':
      return amount.chain((shown) => either(shown, String(shown), ` ${shown} `).map((said) => ({ said, shown })));
    case 'monetary':
      return money(account);
    case 'enum':
      return chosen(field).map(({ said, shown }) => ({ said, shown }));
    case 'set':
      return fc
        .uniqueArray(chosen(field), { minLength: 1, maxLength: 4, selector: ({ id }) => id })
        .map((all) => ({ said: all.map(({ said }) => said), shown: all.map(({ shown }) => shown) }));
    case 'user':
      return linked(account.users, (_, name) => name);
    case 'people':
      return linked(account.persons, withId);
    case 'org':
      return linked(account.organizations, withId);
    case 'date':
      return day.map((said) => ({ said, shown: said }));
    case 'daterange':
      return fc.tuple(day, day).chain((days) => {
        const [from = '', until = ''] = days.sort();
        return either(
          `${from} to ${until}`,
          `${from} - ${until}`,
          `${from}–${until}`,
          { from, until },
          { value: from, until },
          [from, until],
        ).map((said) => ({ said, shown: `${from} to ${until}` }));
      });
    case 'time':
      return zoned(
        clock.map(({ said, shown }) => ({ said, shown, object: { value: said } })),
        account,
      );
    case 'timerange':
      return zoned(
        fc.tuple(clock, clock, fc.constantFrom(' to ', ' - ', '–', ' until ')).map(([from, until, between]) => ({
          said: `${from.said}${between}${until.said}`,
          shown: `${from.shown} to ${until.shown}`,
          object: { from: from.said, until: until.said },
        })),
        account,
      );
    case 'address':
      return words
        .map((line) => line.trim().replaceAll(/[\r\n]/g, ' '))
        .filter((line) => line.trim() !== '')
        .chain((line) =>
          either(line, { value: line }, { value: line, locality: 'Þingeyri', postal_code: 470 }).map((said) => ({
            said,
            shown: line,
          })),
        );
    default:
      return text;
  }
}
