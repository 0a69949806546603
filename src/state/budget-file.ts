import { z } from 'zod/v3';
import type { BudgetStore } from '../pipedrive/budget.ts';
import type { StateDirectory } from './directory.ts';

const FILE = 'budget.json';
const form = z.object({
  day: z.string(),
  spent: z.number(),
  limit: z.number().optional(),
  left: z.number().optional(),
});

/** The daily budget as a file. What can't be read or written is told to `failed` and does without: it is an estimate. */
export function budgetFile(directory: StateDirectory, failed: (error: unknown) => void): BudgetStore {
  return {
    async read() {
      try {
        const text = await directory.read(FILE);
        return text === undefined ? undefined : form.parse(JSON.parse(text));
      } catch (error) {
        failed(error);
        return undefined;
      }
    },
    write: (kept) => directory.write(FILE, JSON.stringify(kept)).catch(failed),
  };
}
