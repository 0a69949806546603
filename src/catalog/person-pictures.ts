import type { Operation } from './operation.ts';

export const personPictures: readonly Operation[] = [];
