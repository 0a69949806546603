import type { Operation } from './operation.ts';

export const projectTasks: readonly Operation[] = [];
