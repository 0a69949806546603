import { type ContextPart, contextParts } from '../../../catalog/context.ts';
import type { Spent } from '../../../pipedrive/client.ts';
import { PipedriveError } from '../../../pipedrive/errors.ts';
import type { Json, JsonObject } from '../../../pipedrive/json.ts';
import { about, signature } from '../../answers/answer.ts';
import { operationOf } from '../../nested.ts';
import type { Run } from '../../run.ts';
import { nowIn } from '../../time.ts';
import { history } from './history.ts';
import { missing } from './missing.ts';
import { openDeals, people, plans } from './parts.ts';
import { type Reads, readAll } from './reads.ts';
import { bytes, cutBytes, fitted, type Told } from './room.ts';
import { isGone, standingOf } from './standing.ts';
import { type Subject, type SubjectKind, subjectOf } from './subject.ts';

/** How each part is told. In the order in which they are given room that others leave. */
const tellers: Readonly<Record<ContextPart, (run: Run, subject: Subject, reads: Reads) => Promise<Told[]>>> = {
  missing,
  plans,
  people,
  deals: openDeals,
  history,
};
const order = ['missing', 'plans', 'people', 'deals', 'history'] as const;

/** A deal's deals, and the people of a person, are itself. */
const has: Readonly<Record<SubjectKind, readonly ContextPart[]>> = {
  deal: ['people', 'history', 'plans', 'missing'],
  person: ['deals', 'history', 'plans', 'missing'],
  organization: contextParts,
  lead: ['people', 'history', 'plans', 'missing'],
};

/** Why something is not known is said in so many bytes. */
const LONGEST_WHY = 140;

/** What Pipedrive lists by person. */
const OF_A_PERSON = 'deals and activities: those whose main person this is';

/** All that is to be known of one record before one works on it, within 1,200 tokens. */
export async function getContext(given: Run): Promise<JsonObject> {
  const spent: Spent = { requests: 0, tokens: 0 };
  const run = { ...given, options: { ...given.options, spent } };
  const subject = await subjectOf(run);
  const parts = partsOf(run, subject);
  const reads = await readAll(run, subject, parts);
  const notKnown: Record<string, string> = unfit(run, subject);
  const telling = order
    .filter((part) => parts.has(part))
    .map(async (part) => {
      try {
        return await tellers[part](run, subject, reads);
      } catch (error) {
        if (!(error instanceof PipedriveError) || error.code === 'cancelled') throw error;
        notKnown[part] = cutBytes(error.message, LONGEST_WHY);
        return [];
      }
    });
  const [standing, ...results] = await Promise.all([standingOf(run, subject), ...telling]);
  if (standing.notKnown !== undefined) notKnown['names'] = cutBytes(standing.notKnown, LONGEST_WHY);
  if (subject.kind === 'lead' && parts.has('history')) notKnown['mails'] = 'Pipedrive lists none by lead';
  const { kind, record } = subject;
  const { shown, outside } = standing;
  const frame = {
    head: { [kind]: shown },
    outside,
    tail: {
      ...(Object.keys(notKnown).length > 0 ? { not_known: notKnown } : {}),
      ...(kind === 'person' && !isGone(record) ? { note: OF_A_PERSON } : {}),
      ...about(operationOf(`get_${kind}`), run.account, '00:00', record['id']),
      now: nowIn(run.account.zone, run.client.limits().clockAhead),
      cost: { requests: spent.requests, api_tokens: spent.tokens },
    },
  };
  // The first answer of a process says whose it is.
  return fitted(frame, results.flat(), bytes({ as: signature(run.account) }));
}

/** The parts that are asked for and that such a record has; of what is gone there is nothing to read. */
function partsOf({ args }: Run, { kind, record }: Subject): ReadonlySet<ContextPart> {
  if (isGone(record)) return new Set();
  const asked = askedFor(args);
  return new Set(has[kind].filter((part) => asked === undefined || asked.includes(part)));
}

/** The parts that are named; none are all. */
function askedFor({ parts }: Run['args']): readonly Json[] | undefined {
  return Array.isArray(parts) && parts.length > 0 ? parts : undefined;
}

/** Parts that are named and that no such record has. */
function unfit({ args }: Run, { kind }: Subject): Record<string, string> {
  const other = contextParts.filter((part) => askedFor(args)?.includes(part) && !has[kind].includes(part));
  return Object.fromEntries(other.map((part) => [part, `not a part of a ${kind}`]));
}
