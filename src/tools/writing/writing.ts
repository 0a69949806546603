import { randomUUID } from 'node:crypto';
import { JournalingClient } from '../../guard/client.ts';
import { settleCall } from '../../guard/leftovers.ts';
import { seconds } from '../../guard/settle.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import type { JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { signature } from '../answers/answer.ts';
import type { Run } from '../run.ts';
import { api } from './api.ts';
import { codeFor, confirm, isHard, suspicion } from './confirm.ts';
import { lookForLike } from './duplicates.ts';
import { accountOf, type Guard } from './guard.ts';
import { planOf, touched } from './plan.ts';
import { describePlan } from './preview.ts';
import { keyed, once } from './repeated.ts';
import { unlessChanged } from './unchanged.ts';

/**
 * One write: looked at only, or confirmed where it must be, then put down and done. `work` does it with the client it is
 * given.
 */
export function write(run: Run, guard: Guard, work: (run: Run) => Promise<JsonObject>): Promise<JsonObject> {
  // A tool for a job writes by itself, and puts down each of its writes.
  if (run.operation.job) return work(run);
  const unchanged = (one: Run) => work(unlessChanged(one));
  return once(run, guard, accountOf(run), () => writeNew(run, guard, unchanged));
}

async function writeNew(run: Run, guard: Guard, work: (run: Run) => Promise<JsonObject>): Promise<JsonObject> {
  const { operation, guarding } = run;
  const { plan } = guarding;
  const why = suspicion(operation, run.args, guard.taint);
  const needsWord = why !== undefined || (guard.mode === 'guarded' && isHard(operation, run.args));
  const { found, says } = await lookForLike(run);
  if (plan === 'preview') {
    const planned = await planOf(run, work);
    const code = needsWord ? { plan_code: codeFor(run, guard, touched(planned)) } : {};
    const described = await describePlan(run, planned);
    return { nothing_changed: true, ...described, ...found, ...says, ...code, as: signature(run.account) };
  }
  if (found) return { nothing_changed: true, ...found, as: signature(run.account) };
  const asked = Date.now();
  if (needsWord || plan !== undefined) {
    const answer = await confirm(run, guard, work, why);
    if (answer) return answer;
  }
  // The time that a person took to answer is not the call's.
  const options = { ...run.options, deadline: run.options.deadline + Date.now() - asked };
  const key = keyed(run);
  const provenance = { call: randomUUID(), tool: operation.name, account: accountOf(run), ...key };
  // A key that is not put down would be forgotten.
  const rules = { ...guard, isRequired: guard.isRequired || key !== undefined };
  const reading = { client: run.client, api, options };
  const earlier = (await guard.leftovers.look(accountOf(run), reading, rules)).map(({ says: found }) => found);
  const answer = await work({ ...run, options, client: new JournalingClient(run.client, rules, provenance) }).catch(
    (error: unknown) => afterSilence(run, guard, provenance.call, error),
  );
  const hint = [answer['hint'], says.hint].filter((one) => one !== undefined).join(' ');
  return {
    ...answer,
    ...says,
    ...(hint === '' ? {} : { hint }),
    ...(earlier.length > 0 ? { earlier_writes: earlier } : {}),
  };
}

/** A look-up after a write that got no answer has this long, whatever the call's own deadline. */
const LOOK_MS = 8_000;

/** A write may have happened all the same: it is looked up at once, so that nobody has to guess. */
async function afterSilence(run: Run, guard: Guard, call: string, error: unknown): Promise<JsonObject> {
  if (!(error instanceof PipedriveError) || error.applied !== 'unknown' || error.code === 'cancelled') throw error;
  const options = { signal: run.options.signal, deadline: Date.now() + LOOK_MS };
  const settled = await settleCall(call, guard.journal, { client: run.client, api, options });
  const [last] = (settled ?? []).slice(-1);
  const { title } = run.operation;
  if (last?.overAt !== undefined) throw notKnownYet(run, last.overAt, error);
  if (!last || last.state === 'unknown') throw error;
  if (last.state === 'failed') {
    const problem = new Problem(
      `${title}: nothing was changed. Pipedrive gave no answer, and a look shows that it was not done.`,
      error.message,
      'Call again.',
      'no',
    );
    throw Object.assign(problem, { cause: error });
  }
  return {
    done: `${title}: it was done, although Pipedrive gave no answer`,
    looked_up: last.says,
    as: signature(run.account),
  };
}

/** That it is not there proves nothing as long as Pipedrive may be at work on it: to call again could do it twice. */
function notKnownYet({ operation, guarding }: Run, overAt: number, error: PipedriveError): Problem {
  const wait = seconds(Math.max(1, overAt - Date.now()));
  const problem = new Problem(
    `${operation.title}: it is not known yet whether it was done. Pipedrive gave no answer, and a look does not find it so far.`,
    `It may still be under way. ${error.message}`,
    guarding['idempotency_key'] === undefined
      ? `Do not repeat it now. Look in ${wait} whether it is there; the next write after that looks, too, and says so.`
      : `Call again in ${wait} with the same idempotency_key: that looks first, and makes it only if it is not there.`,
    'unknown',
  );
  return Object.assign(problem, { cause: error });
}
