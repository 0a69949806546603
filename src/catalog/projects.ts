import type { Operation } from './operation.ts';

export const projects: readonly Operation[] = [];
