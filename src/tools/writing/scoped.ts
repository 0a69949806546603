import { isDeepStrictEqual } from 'node:util';
import type { Operation } from '../../catalog/operation.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { lookUp } from '../../vocabulary/lookup.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { type Naming, userId } from '../names/named.ts';
import { api } from './api.ts';
import { keys, kindNamed, type Pinned, pathOf, type Scope, type ScopedKind, scopingOf } from './scope.ts';

const SETTING = 'PIPEDRIVE_SCOPE';

function pins(scope: Scope): { pinned: Pinned; value: string }[] {
  return (['owner', 'pipeline'] as const).flatMap((pinned) => {
    const value = scope[pinned];
    return value === undefined ? [] : [{ pinned, value }];
  });
}

/** The arguments with what the scope fills in. Throws Problem for one that the scope has taken away. */
export function fillScope(operation: Operation, given: JsonObject, scope: Scope): JsonObject {
  const filled: JsonObject = {};
  for (const { pinned, value } of pins(scope)) {
    const scoping = scopingOf(operation, pinned);
    if (!scoping) throw outside(operation, `The tool cannot be kept to ${pinned} ${value}.`);
    const taken = scoping.drops.find((name) => given[name] !== undefined);
    if (taken !== undefined) throw outside(operation, `"${taken}" is fixed: ${pinned} is ${value}.`);
    // With a cursor, too: what it holds must be the same.
    if (scoping.fills !== undefined) filled[scoping.fills] = value;
  }
  return { ...given, ...filled };
}

/**
 * Anybody can write a cursor: what it asks for must be what the scope fills in, and nothing that it takes away. `args` are
 * those of the call, `before` those of the cursor. Throws Problem.
 */
export function refuseForged({ operation, args }: Naming, before: JsonObject | undefined, scope: Scope): void {
  if (!before) return;
  for (const { pinned, value } of pins(scope)) {
    const { drops = [], fills } = scopingOf(operation, pinned) ?? {};
    const other = drops.find((name) => !isDeepStrictEqual(before[name], name === fills ? args[name] : undefined));
    if (other !== undefined) throw outside(operation, `The cursor is of another list: ${pinned} is ${value}.`);
  }
}

/** Reads every record that the arguments name, and throws a Problem where one lies outside. */
export async function refuseOutside(run: Naming, scope: Scope): Promise<void> {
  for (const { pinned, value } of pins(scope)) {
    const scoping = scopingOf(run.operation, pinned);
    if (!scoping) continue;
    const allowed = await idOf(run, pinned, value);
    const named = Object.entries(scoping.checks).flatMap(([argument, kind]) =>
      [run.args[argument]].flat().map((id) => ({ argument, kind, id })),
    );
    if (pinned === 'owner') named.push(...namedInside(run.args));
    await Promise.all(named.map((one) => check(run, pinned, value, allowed, one)));
    if (pinned === 'pipeline') await checkStage(run, value, allowed);
  }
}

/** The records that entries of lists name: participants, lines of products. */
function namedInside(args: JsonObject): Named[] {
  return Object.entries(args).flatMap(([argument, list]) =>
    (Array.isArray(list) ? list : []).filter(isObject).flatMap((entry) =>
      Object.entries(entry).flatMap(([key, id]): Named[] => {
        const kind = kindNamed(key);
        return kind ? [{ argument, kind, id }] : [];
      }),
    ),
  );
}

type Named = { readonly argument: string; readonly kind: ScopedKind; readonly id: Json | undefined };

async function check(run: Naming, pinned: Pinned, value: string, allowed: Json, { argument, kind, id }: Named) {
  if (typeof id !== 'number' && typeof id !== 'string') return;
  const path = pathOf(kind, String(id));
  const { data } = await run.client.request({ method: 'GET', path, cost: api.readCost(path) ?? 1 }, run.options);
  const record = isObject(data) ? data : {};
  if (record[keys[pinned]] === allowed) return;
  throw outside(run.operation, `${argument}: ${kind} ${id} is not of ${pinned} ${value}.`);
}

async function checkStage({ operation, args, vocabulary, options }: Naming, value: string, allowed: Json) {
  const { stage_id: stage } = args;
  if (typeof stage !== 'number') return;
  const found = (await vocabulary.names('stage').get(options)).byId(stage);
  if (found?.within?.id !== allowed) throw outside(operation, `stage_id: the stage is not in pipeline ${value}.`);
}

function idOf(run: Naming, pinned: Pinned, value: string): Promise<Json> {
  if (pinned === 'owner') return userId(run, value, SETTING);
  return lookUp(run.vocabulary.names('pipeline'), value, { argument: SETTING, noun: 'pipeline' }, run.options);
}

function outside({ title }: Operation, why: string): Problem {
  return new Problem(
    `${title}: that lies outside of what this server is kept to, so nothing was done.`,
    why,
    `The user set ${SETTING}; stay within it.`,
    'no',
  );
}
