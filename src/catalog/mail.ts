import type { Operation } from './operation.ts';

export const mail: readonly Operation[] = [];
