import { DateTime } from 'luxon';
import { z } from 'zod/v3';
import { catalog } from '../../catalog/index.ts';
import type { Operation } from '../../catalog/operation.ts';
import { type ErrorCode, PipedriveError } from '../../pipedrive/errors.ts';
import type { JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { cut } from './text.ts';

type Advice = { why: string; next: string };

/** For each way a call can fail: the likely cause in this account and what to do next. */
const advice: Readonly<Record<ErrorCode, Advice>> = {
  no_token: {
    why: 'This server needs an API token of a Pipedrive user.',
    next: "Set PIPEDRIVE_API_TOKEN (Pipedrive: Settings > Personal preferences > API) and PIPEDRIVE_COMPANY_DOMAIN in the host's configuration and restart it; or start the server with --sandbox to try it without an account.",
  },
  unauthorized: {
    why: 'The token is mistyped, was regenerated, or belongs to another company.',
    next: 'Have the user check PIPEDRIVE_API_TOKEN and PIPEDRIVE_COMPANY_DOMAIN. Repeating the call will not help.',
  },
  payment_required: {
    why: "The company's plan lacks this feature, or its account is not paid for.",
    next: 'Tell the user; it cannot be mended from here.',
  },
  forbidden: {
    why: "The token's user lacks the permission, the record is hidden from them, or a limit of the plan is reached.",
    next: 'Tell the user what Pipedrive said; an administrator of the account can change permissions.',
  },
  not_found: {
    why: 'The id is wrong, or the record was deleted, merged into another or hidden from this user.',
    next: 'Look it up with search_items or a list tool and use the id found there.',
  },
  gone: { why: 'Pipedrive no longer offers it.', next: 'Use another tool for this.' },
  conflict: { why: 'It exists already, or changed meanwhile.', next: 'Read the record again before the next try.' },
  invalid: {
    why: 'A value does not fit this account: an unknown id, a wrong type, or a rule of the record.',
    next: 'Correct the value that Pipedrive names and call again.',
  },
  rate_limited: {
    why: 'The burst limit of the plan is used up, maybe by other programs with the same token.',
    next: 'Wait until the time said, then call again; ask for fewer things at once.',
  },
  budget_exhausted: {
    why: "All users and programs of the company share it. It is filled up again at midnight of Pipedrive's server time.",
    next: 'Call again tomorrow, or have the user buy more or stop what spends it.',
  },
  blocked: {
    why: 'It comes from the gateway, not from the account.',
    next: 'Stop all calls for some minutes, then try one.',
  },
  unavailable: {
    why: 'A passing fault on the side of Pipedrive.',
    next: 'Call again in a minute.',
  },
  unreachable: {
    why: 'The network, a proxy or the company domain is wrong, or Pipedrive is down.',
    next: 'Have the user check PIPEDRIVE_COMPANY_DOMAIN and the network; the `doctor` command of this server tests both.',
  },
  connection_lost: { why: 'A passing fault of the network.', next: 'Call again.' },
  deadline: {
    why: 'Pipedrive or the network is slow, or many calls are waiting.',
    next: 'Call again, asking for less; PIPEDRIVE_DEADLINE sets the time allowed.',
  },
  cancelled: { why: 'The host cancelled it.', next: 'Call again if it is still wanted.' },
  redirected: {
    why: 'The company domain is wrong, or something between here and Pipedrive answers in its place.',
    next: 'Have the user check PIPEDRIVE_COMPANY_DOMAIN, PIPEDRIVE_BASE_URL and the proxy.',
  },
  bad_response: {
    why: 'Something other than the Pipedrive API answered, such as a proxy or a login page.',
    next: 'Call again once; if it stays, have the user check PIPEDRIVE_BASE_URL and the proxy.',
  },
};

/** Of each part of an error, in characters: what was given may be quoted in it. */
const LONGEST_PART = 2_000;

const UNSURE =
  'It may have happened all the same: look at the record before doing it again, so that nothing is written twice.';

/**
 * An error as an answer: what went wrong, why, what next, and for a write whether it may have happened. One that nobody
 * can mend by calling differently is thrown on. `zone` is the user's.
 */
export function explain(error: unknown, operation: Operation, zone: string): JsonObject {
  if (error instanceof Problem) {
    return { ...say(operation, error.message, error.why, error.next, error.written), ...error.facts };
  }
  if (error instanceof PipedriveError) {
    const { why, next } = adviceOn(error, operation);
    const wait = error.retryAt === undefined ? '' : ` Not before ${until(error.retryAt, zone)}.`;
    const remedy = error.applied === 'unknown' ? UNSURE : `${next}${wait}`;
    return { ...say(operation, `${operation.title}: ${error.message}`, why, remedy, error.applied), code: error.code };
  }
  if (error instanceof z.ZodError) {
    const where = error.issues[0]?.path.join('.') ?? '';
    const what = `${operation.title}: Pipedrive's answer has an unexpected form${where ? ` (${where})` : ''}.`;
    const next = operation.kind === 'read' ? 'Report it to the maintainers of this server.' : UNSURE;
    return say(operation, what, 'The API changed, or something else answered in its place.', next, 'unknown');
  }
  throw error;
}

/** A time that may be seconds away, in the user's zone. */
function until(at: number, zone: string): string {
  return `${DateTime.fromMillis(at, { zone }).toFormat('yyyy-MM-dd HH:mm:ss')} ${zone}`;
}

/** Where Pipedrive says itself what is wrong, its words tell where to look further. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/\balready\b/i, 'It may be as it was wanted: look before changing anything else.'],
  [/built-in/i, 'list_fields shows which fields are custom.'],
  [/filter/i, 'list_filters shows the saved filters there are.'],
  [/archived/i, 'Un-archive it first with is_archived: false, if that is wanted.'],
  [/stage|pipeline/i, 'list_pipelines shows the stages and pipelines there are.'],
  [/label|option|custom|unknown key/i, 'list_fields shows the fields and options there are.'],
  [/user(?!_provider)|owner/i, 'list_users shows the users there are.'],
  [/currency/i, 'The resource pipedrive://currencies lists the codes.'],
];

function adviceOn(error: PipedriveError, operation: Operation): Advice {
  const { detail, code } = error;
  if (code === 'not_found' && /filter/i.test(detail ?? '')) {
    const why = 'The id is wrong, or the filter was deleted or is private to another user.';
    return { why, next: 'Look for it with list_filters and use the name or id found there.' };
  }
  if (code === 'not_found') return absent(operation);
  if (code !== 'invalid' || detail === undefined) return advice[code];
  const remedy = remedies.find(([form]) => form.test(detail))?.[1] ?? 'Correct what Pipedrive names.';
  // Its words stand in the error already; to guess at another cause beside them would mislead.
  return {
    why: 'A value breaks a rule of Pipedrive or of this account, as it says.',
    next: `${remedy} Then call again.`,
  };
}

/** A picture or a follower is told by the record it belongs to, so that it may be missing where every id is right. */
function absent({ name, toolset, entity, paging, input }: Operation): Advice {
  const { why, next } = advice.not_found;
  const noun = name.replace(/^[a-z]+_/, '');
  const lists = [`list_${entity.plural}`, `list_${noun}s`].filter((list) => list !== name);
  const list = catalog.find((other) => other.toolset === toolset && lists.includes(other.name));
  const isOwn = 'id' in input.shape || paging !== undefined;
  return {
    why: isOwn ? why : why.replace('The id', 'There is none, the id'),
    next: list ? next.replace('a list tool', list.name).replace(entity.link ? '' : 'search_items or ', '') : next,
  };
}

function say(operation: Operation, error: string, why: string, next: string, written: 'no' | 'unknown'): JsonObject {
  const [what, cause, remedy] = [error, why, next].map((text) => cut(text, LONGEST_PART));
  return { error: what ?? '', why: cause ?? '', next: remedy ?? '', ...(operation.kind === 'read' ? {} : { written }) };
}
