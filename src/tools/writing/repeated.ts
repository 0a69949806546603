import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';
import { catalog } from '../../catalog/index.ts';
import { sealOf } from '../../guard/codes.ts';
import type { Entry } from '../../guard/journal.ts';
import { seconds } from '../../guard/settle.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { changeAnswer, signature } from '../answers/answer.ts';
import { buildRequest } from '../request.ts';
import type { Run } from '../run.ts';
import { api } from './api.ts';
import type { Guard } from './guard.ts';

/** What the journal keeps of a create that carries a key. */
export type Keyed = { readonly key: string; readonly asked: string };

export function keyed({ operation, args, guarding }: Run): Keyed | undefined {
  const { idempotency_key: key } = guarding;
  if (typeof key !== 'string') return undefined;
  if (key.trim() === '') {
    throw new Problem(
      `${operation.title}: nothing was changed, since idempotency_key is empty.`,
      'All creates without a word of their own would be one.',
      'Give a word that is used for this create alone, or leave it out.',
    );
  }
  return { key, asked: sealOf({ tool: operation.name, args: { ...args } }) };
}

/** Calls under way, by account and key: the next of the same key waits for the end of the one before. */
const underWay = new Map<string, Promise<unknown>>();

/** Does a create with a key once, whoever asks for it how often: a repeated one gives the first one's record. */
export async function once(
  run: Run,
  { journal, leftovers }: Guard,
  account: string,
  create: () => Promise<JsonObject>,
): Promise<JsonObject> {
  const given = keyed(run);
  if (!given) return create();
  const name = createHash('sha256')
    .update(JSON.stringify([account, given.key]))
    .digest('hex');
  const attempt = async () => {
    const isOwn = (entry: Entry) => entry.key === given.key && entry.account === account;
    const read = async () => (await journal.read()).entries.filter(isOwn);
    let own = await read();
    if (own.some(isUnsure)) {
      const reading = { client: run.client, api, options: run.options };
      await leftovers.lookAt(account, reading, isOwn).catch((error: unknown) => notLookedUp(run, error));
      own = await read();
    }
    // What failed has made nothing.
    const first = own.find(({ state }) => state !== 'failed');
    return first
      ? repeated(
          run,
          given,
          own.filter(({ call }) => call === first.call),
        )
      : create();
  };
  const before = underWay.get(name);
  const alone = () => journal.alone(`key-${name.slice(0, 24)}`, run.options.deadline - 1_000, attempt);
  const mine = before ? before.then(alone, alone) : alone();
  underWay.set(name, mine);
  try {
    return await mine;
  } finally {
    if (underWay.get(name) === mine) underWay.delete(name);
  }
}

function notLookedUp({ operation }: Run, error: unknown): never {
  if (!(error instanceof PipedriveError)) throw error;
  const problem = new Problem(
    `${operation.title}: this call changed nothing, since the first one with this key could not be looked up.`,
    error.message,
    'Call again with the same key.',
    'unknown',
  );
  throw Object.assign(problem, { cause: error });
}

const isUnsure = ({ state }: Entry) => state === 'open' || state === 'unknown';

/** The answer of a create that was done before, by the writes that it took. */
async function repeated(run: Run, { asked }: Keyed, writes: readonly Entry[]): Promise<JsonObject> {
  const { operation, account } = run;
  const [first] = writes;
  if (!first) throw new Error('a call in the journal has a write');
  const at = DateTime.fromMillis(first.at, { zone: account.zone }).toFormat('yyyy-MM-dd HH:mm:ss');
  if (first.tool !== operation.name || first.asked !== asked) {
    throw new Problem(
      `${operation.title}: nothing was changed, since this idempotency_key was used for something else.`,
      first.tool === operation.name ? `It went with other arguments at ${at}.` : `It went with ${first.tool} at ${at}.`,
      'Give a key of its own to each thing to be created.',
    );
  }
  const wait = Math.max(...writes.filter(isUnsure).map(({ overAt }) => overAt)) - Date.now();
  if (wait > 0) {
    throw new Problem(
      `${operation.title}: this call changed nothing, since the first one with this key may still be under way.`,
      `It was sent at ${at}, no answer came, and a look does not find it so far.`,
      `Call again with the same key in ${seconds(wait)}: then it is certain whether it is there, and it is made if it is not.`,
      'unknown',
    );
  }
  if (!writes.every(({ state }) => state === 'done')) {
    throw new Problem(
      `${operation.title}: this call changed nothing, since how the first one with this key ended is not known.`,
      `It was sent at ${at}, and ${writes.some(({ state }) => state === 'done') ? 'was done in part' : 'no answer came'}.`,
      'Look whether the record is there; if it is not, call again with another key.',
      'unknown',
    );
  }
  const { done, ...shown } = await anew(run, first);
  return {
    repeated: true,
    done: `${String(done)} at ${at}, by the first call with this key; nothing was written now`,
    ...shown,
  };
}

/** The answer of the create with its record as it is now; as it was then where the API has no read of it. */
async function anew(run: Run, { after }: Entry): Promise<JsonObject> {
  const { operation, args, account, client, options } = run;
  const inPath = new Set(
    [...operation.endpoint.matchAll(/\{(\w+)\}/g)].map(([, one = '']) => operation.path?.[one] ?? one),
  );
  const parents = Object.fromEntries(Object.entries(args).filter(([key]) => inPath.has(key)));
  if (!isObject(after)) return { done: operation.title, as: signature(account) };
  const read = readOf(operation.entity.name);
  const id = after['id'] ?? after['uuid'];
  const takes = Object.keys(read?.input.shape ?? {}).filter((key) => key === 'id' || inPath.has(key));
  const isRead = read && id !== undefined && takes.includes('id');
  if (!isRead) return changeAnswer(run, after, parents);
  try {
    const request = buildRequest(read, { ...parents, id });
    const { data } = await client.request(request, options);
    if (isObject(data)) return changeAnswer(run, data, parents);
  } catch (error) {
    if (!(error instanceof PipedriveError) || error.code !== 'not_found') throw error;
  }
  throw new Problem(
    `${operation.title}: nothing was changed, since this idempotency_key has made ${operation.entity.name} ${String(id)}.`,
    'That one has been deleted or merged since.',
    'Call with another key to make a new one.',
  );
}

/** The tool that reads one record of a kind by its id. */
function readOf(entity: string) {
  return catalog.find((one) => one.name === `get_${entity}` && one.entity.name === entity && one.job === undefined);
}
