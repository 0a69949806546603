import type { Operation } from './operation.ts';

export const products: readonly Operation[] = [];
