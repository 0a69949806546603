import type { Operation } from './operation.ts';

export const roles: readonly Operation[] = [];
