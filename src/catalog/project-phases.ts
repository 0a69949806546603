import type { Operation } from './operation.ts';

export const projectPhases: readonly Operation[] = [];
