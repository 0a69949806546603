import { GUARDING } from '../catalog/arguments.ts';
import { catalog } from '../catalog/index.ts';
import type { Operation } from '../catalog/operation.ts';
import type { JsonObject } from '../pipedrive/json.ts';
import { Problem } from '../vocabulary/problem.ts';
import { checkArguments } from './arguments.ts';
import { refuseOtherCompany } from './names/link.ts';
import { resolveNames } from './names/resolve.ts';
import type { Run } from './run.ts';

/** The operation of that name. Throws for a name that the catalogue has not. */
export function operationOf(name: string): Operation {
  const found = catalog.find((operation) => operation.name === name);
  if (!found) throw new Error(`there is no operation ${name}`);
  return found;
}

/**
 * One operation within the call of another: its arguments checked and resolved as if it were called itself. Throws
 * Problem, as that call would.
 */
export async function nested(run: Run, name: string, given: JsonObject): Promise<Run> {
  const operation = operationOf(name);
  const guarding = Object.keys(given).find((key) => GUARDING.includes(key));
  if (guarding !== undefined) {
    throw new Problem(
      `${run.operation.name}: ${guarding} stands among the values of a record.`,
      'It says how a call is to be done, and not what a record is to hold.',
      'Leave it out there.',
    );
  }
  const args = checkArguments(operation, given);
  refuseOtherCompany(given, run.account);
  const inner = { ...run, operation, args, at: undefined, guarding: {} };
  return { ...inner, args: await resolveNames(inner, given) };
}
