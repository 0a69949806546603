import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Clock } from '../../src/sandbox/clock.ts';
import type { User } from '../../src/sandbox/model.ts';
import { standardAccess } from '../../src/sandbox/resources/permission-sets.ts';
import { fillEmpty, sampleCompany } from '../../src/sandbox/sample/index.ts';
import { createWorld, type World } from '../../src/sandbox/world.ts';

/** An account that was just opened, with what `fill` adds to it, in a file as sandboxes keep theirs. */
export function craftedFile(now: string, fill: (world: World) => void): string {
  const world = createWorld(new Clock(new Date(now)), sampleCompany);
  fillEmpty(world, 1);
  fill(world);
  const file = join(mkdtempSync(join(tmpdir(), 'pipedrive-mcp-')), 'account.json');
  writeFileSync(file, JSON.stringify({ company: world.company, tables: world.db }));
  return file;
}

/** Changes what no operation of the API changes; no sandbox is to have the file open. */
export function editFile(file: string, edit: (text: string) => string): void {
  writeFileSync(file, edit(readFileSync(file, 'utf8')));
}

export function removeFile(file: string): void {
  rmSync(dirname(file), { recursive: true });
}

/** A colleague of the account's owner. */
export function insertUser(world: World, name: string, email: string, isActive = true): User {
  const { db } = world;
  return db.users.insert({
    ...world.me(),
    id: db.users.nextId(),
    name,
    email,
    access: standardAccess(false),
    active_flag: isActive,
  });
}
