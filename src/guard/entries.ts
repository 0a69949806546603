import { z } from 'zod/v3';
import type { Json } from '../pipedrive/json.ts';

const json = z.custom<Json>((value) => value !== undefined);
export const object = z.record(json);
const method = z.enum(['POST', 'PUT', 'PATCH', 'DELETE']);

/** One write as it was asked for, before it is sent. */
const intent = z.object({
  event: z.literal('intent'),
  id: z.string(),
  at: z.number(),
  /** The process that sends it. */
  pid: z.number(),
  /** When its call ends: it is not sent after that. Epoch ms. */
  until: z.number().optional(),
  /** The tool's call, which may take several writes. */
  call: z.string(),
  tool: z.string(),
  account: z.string(),
  /** Of a job of many writes: which of them it is, the same each time the job goes on. */
  item: z.string().optional(),
  method,
  path: z.string(),
  body: json.optional(),
  /** The record as it was; left out where it could not be read. */
  before: object.optional(),
  /** The write that this one undoes. */
  undoes: z.string().optional(),
  /** Given by the caller: the same key gives the first one's answer. */
  key: z.string().optional(),
  /** With a key: a digest of what was asked, so that the same key is not taken for something else. */
  asked: z.string().optional(),
});
/** How it ended: `unknown` where it may have happened all the same. */
const outcome = z.object({
  event: z.enum(['done', 'failed', 'unknown']),
  id: z.string(),
  at: z.number(),
  /** The record as the answer shows it. */
  after: json.optional(),
  error: z.string().optional(),
  /** Pipedrive had ended with it: one that is not there then was not done. */
  ended: z.boolean().optional(),
});
export const form = z.discriminatedUnion('event', [
  intent,
  outcome.extend({ event: z.literal('done') }),
  outcome.extend({ event: z.literal('failed') }),
  outcome.extend({ event: z.literal('unknown') }),
]);

export type Line = z.infer<typeof form>;
export type Intent = z.infer<typeof intent>;
/** A write and how it ended; `open` where nobody knows, since the process ended first. */
export type Entry = Intent & {
  readonly state: 'open' | 'done' | 'failed' | 'unknown';
  after?: Json;
  error?: string;
  /** When a write that is not done yet is so for good, in epoch ms: until then it may be under way. */
  readonly overAt: number;
};

/**
 * How long Pipedrive may be at work on a request after nobody waits for its answer. Pipedrive says none; Cloudflare, behind
 * which it stands, gives a server up after 100 to 120 seconds by default (its error 524), and other gateways wait less.
 */
export const UNDER_WAY_MS = 120_000;

/** One that its process left open may have been sent as late as its call's time was up. */
export function opened(intent: Intent): Entry {
  return { ...intent, state: 'open', overAt: (intent.until ?? intent.at) + UNDER_WAY_MS };
}

/** Which writes undo which: found once for each reading of the journal, since a job asks for thousands. */
const undoings = new WeakMap<readonly Entry[], ReadonlyMap<string, readonly Entry[]>>();

/** The writes that undo this one. */
export function undoesOf({ id }: Entry, entries: readonly Entry[]): readonly Entry[] {
  let known = undoings.get(entries);
  if (!known) {
    const found = new Map<string, Entry[]>();
    for (const entry of entries) {
      if (entry.undoes === undefined) continue;
      found.set(entry.undoes, [...(found.get(entry.undoes) ?? []), entry]);
    }
    known = found;
    undoings.set(entries, known);
  }
  return known.get(id) ?? [];
}
