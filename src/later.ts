/**
 * What a start does not need: the client, the catalogue with zod's schemas, the sandbox. The build keeps all that is
 * reached from here as text inside the one file that ships, and the first `import('./later.ts')` compiles it, since
 * compiling a megabyte that most starts never use took longer than everything else they do.
 */
export { PlanCodes } from './guard/codes.ts';
export { Jobs } from './guard/jobs.ts';
export { Journal } from './guard/journal.ts';
export { Leftovers } from './guard/leftovers.ts';
export { Taint } from './guard/taint.ts';
export { apiBase } from './pipedrive/address.ts';
export { createClient } from './pipedrive/client.ts';
export { budgetFile } from './state/budget-file.ts';
export { StateDirectory, systemPlace } from './state/directory.ts';
export { Heartbeat } from './state/heartbeat.ts';
export { Tools } from './tools/index.ts';
export { api } from './tools/writing/api.ts';

export const commands = {
  sandbox: () => import('./sandbox/command.ts'),
  demo: () => import('./demo.ts'),
  doctor: () => import('./doctor.ts'),
} as const;
