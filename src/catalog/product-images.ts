import type { Operation } from './operation.ts';

export const productImages: readonly Operation[] = [];
