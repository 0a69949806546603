import type { logLevels } from './config.ts';

export type Level = (typeof logLevels)[number];
export type Log = (level: Level, message: string, facts?: Readonly<Record<string, unknown>>) => void;

const rank: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** A text for people to pass on: without the token, anything that has a token's form, or a mail address. */
export function discreet(text: string, token = ''): string {
  return (token === '' ? text : text.replaceAll(token, '[token]'))
    .replace(/\b[0-9a-f]{40}\b/gi, '[token]')
    .replace(/[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}.-]+\.\p{L}{2,}/gu, '[address]');
}

/** JSON lines on stderr, since stdout carries the protocol. */
export function createLog(least: Level, token?: string): Log {
  return (level, message, facts = {}) => {
    if (rank[level] > rank[least]) return;
    const line = JSON.stringify({ time: new Date().toISOString(), level, message, ...facts });
    process.stderr.write(`${discreet(line, token)}\n`);
  };
}
