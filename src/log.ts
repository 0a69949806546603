import type { logLevels } from './config.ts';

export type Level = (typeof logLevels)[number];
export type Log = (level: Level, message: string, facts?: Readonly<Record<string, unknown>>) => void;

const rank: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** JSON lines on stderr, since stdout carries the protocol. */
export function createLog(least: Level): Log {
  return (level, message, facts = {}) => {
    if (rank[level] > rank[least]) return;
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...facts })}\n`);
  };
}
