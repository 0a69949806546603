import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Aliases } from '../../src/guard/aliases.ts';
import type { Undone } from '../../src/guard/undo.ts';
import { account } from './account.ts';
import { type Dump, dumpOf, excuses, own, today } from './dump.ts';
import { type Step, step, take } from './steps.ts';

/** Does the steps on the sample company, undoes them all, and gives what differs without having been said. */
async function undoneAll(steps: readonly Step[]): Promise<{ undone: Undone[]; differences: string[] }> {
  const of = await account({ deals: 8, seed: 3 });
  try {
    const start = await dumpOf(of);
    for (const one of steps) await take(of, one);
    const undone = await of.undoLast(100);
    const expected = today(start, new Aliases(await of.entries()));
    return { undone, differences: differencesOf(expected, await dumpOf(of), excuses(undone)) };
  } finally {
    await of.close();
  }
}

function differencesOf(was: Dump, is: Dump, isExcused: (key: string, field?: string) => boolean): string[] {
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((key) => {
    const [before, after] = [was.get(key), is.get(key)];
    if (!before || !after) return isExcused(key) ? [] : [`${key}: ${before ? 'missing' : 'too many'}`];
    const [a, b] = [own(before), own(after)];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .filter((field) => !isDeepStrictEqual(a[field], b[field]) && !isExcused(key, field))
      .map((field) => `${key} ${field}: ${JSON.stringify(a[field])} is now ${JSON.stringify(b[field])}`);
  });
}

test('any writes, undone newest first, leave the account as it was, but for what was said', {
  timeout: 300_000,
}, async () => {
  let [all, none] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const { undone, differences } = await undoneAll(steps);
      const said = undone.map(({ entry, ...one }) => ({ write: `${entry.method} ${entry.path}`, ...one }));
      all += said.length;
      none += said.filter((one) => one.is === 'refused' || one.is === 'impossible').length;
      if (process.env['UNDO_SAYS'])
        for (const one of said)
          if (one.is === 'refused' || one.is === 'impossible') process.stderr.write(`${JSON.stringify(one)}\n`);
      expect(differences, JSON.stringify(said)).toEqual([]);
    }),
    { numRuns: Number(process.env['UNDO_RUNS'] ?? 15) },
  );
  // Who refuses everything has nothing to excuse.
  expect(none / all).toBeLessThan(0.05);
});
