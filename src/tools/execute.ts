import type { JsonObject } from '../pipedrive/json.ts';
import { tasks } from './jobs/tasks.ts';
import { perform } from './perform.ts';
import type { Run } from './run.ts';

/** Does what a call asks for and gives its answer. Throws Problem and PipedriveError. */
export function execute(run: Run): Promise<JsonObject> {
  const { name } = run.operation;
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  return task ? task(run) : perform(run);
}
