import type { Operation } from './operation.ts';

export const userSettings: readonly Operation[] = [];
