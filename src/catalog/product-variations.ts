import type { Operation } from './operation.ts';

export const productVariations: readonly Operation[] = [];
