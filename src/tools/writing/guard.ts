import type { JournalRules } from '../../guard/client.ts';
import type { PlanCodes } from '../../guard/codes.ts';
import type { Jobs } from '../../guard/jobs.ts';
import type { Leftovers } from '../../guard/leftovers.ts';
import type { Taint } from '../../guard/taint.ts';
import type { Run } from '../run.ts';

/** How a person answers a question; `silent` is one that did not in time. */
export type Reply = 'accept' | 'decline' | 'cancel' | 'silent';
/** Asks the person behind the host; undefined where the host cannot. */
export type Ask = (question: string) => Promise<Reply>;

export type Mode = 'guarded' | 'open';

/** What guards the writes of one process. */
export type Guard = JournalRules & {
  readonly mode: Mode;
  readonly codes: PlanCodes;
  readonly taint: Taint;
  readonly leftovers: Leftovers;
  readonly jobs: Jobs;
  /** A question was not answered in time: from then on codes take its place. */
  isSilent: boolean;
};

/** Whose account a write is of: a journal may hold several users' of one token's life. */
export function accountOf({ account }: Pick<Run, 'account'>): string {
  return `${account.userId}@${account.domain}`;
}
