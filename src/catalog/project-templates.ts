import type { Operation } from './operation.ts';

export const projectTemplates: readonly Operation[] = [];
