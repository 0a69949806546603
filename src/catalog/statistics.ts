import type { Operation } from './operation.ts';

export const statistics: readonly Operation[] = [];
