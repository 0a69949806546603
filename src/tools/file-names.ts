import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../vocabulary/problem.ts';

/** A name longer than this fits into no directory, once it is numbered. In bytes. */
const LONGEST_NAME = 200;

/** A new, empty file under the first name that is free. */
export async function claimed(
  root: string,
  name: string,
  lost: (error: Error) => Problem,
): Promise<{ path: string; file: FileHandle }> {
  const [stem, ending] = plainName(name);
  for (let copy = 1; ; copy++) {
    const path = join(root, copy === 1 ? stem + ending : `${stem} (${copy})${ending}`);
    const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return undefined;
      throw lost(error);
    });
    if (file) return { path, file };
  }
}

/** A name from outside as a stem and an ending that no system takes for anything but a name. */
function plainName(name: string): [stem: string, ending: string] {
  const plain = (name.split(/[\\/]/).at(-1) ?? '')
    .normalize('NFC')
    .replaceAll(/[\p{C}<>:"|?*]/gu, '')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  const [, stem = '', ending = ''] = /^(.*?)(\.[A-Za-z0-9]{1,10})?$/su.exec(plain) ?? [];
  let short = stem === '' || /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(stem) ? `file ${stem}`.trim() : stem;
  while (Buffer.byteLength(short + ending) > LONGEST_NAME) short = short.slice(0, -1);
  return [short, ending];
}
