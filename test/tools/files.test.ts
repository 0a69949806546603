import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Attachment, Files } from '../../src/tools/files.ts';
import { Problem } from '../../src/vocabulary/problem.ts';

let allowed: string;
let outside: string;
let files: Files;
let attached: Attachment[];

beforeEach(() => {
  const base = mkdtempSync(join(tmpdir(), 'pipedrive-files-'));
  allowed = join(base, 'allowed');
  outside = join(base, 'allowed-not');
  mkdirSync(allowed);
  mkdirSync(outside);
  files = new Files([allowed]);
  attached = [];
});

const request = { method: 'POST' as const, path: '/api/v1/files', cost: 10 };
const upload = (args: Record<string, string>) => files.withUpload({ name: 'upload_file' }, 'file', request, args);
const bytesOf = async (args: Record<string, string>) => {
  const { file } = await upload(args);
  return { name: file?.name, bytes: (await file?.content.text()) ?? '' };
};
const why = (work: Promise<unknown>) =>
  work.then(
    () => 'it worked',
    (error: unknown) => (error instanceof Problem ? `${error.message} ${error.why} ${error.next}` : String(error)),
  );

describe('a file to upload', () => {
  test('comes from an allowed directory, by its whole path or within it, or as it is', async () => {
    writeFileSync(join(allowed, 'offer.txt'), 'An offer');
    expect(await bytesOf({ path: join(allowed, 'offer.txt') })).toEqual({ name: 'offer.txt', bytes: 'An offer' });
    expect(await bytesOf({ path: 'offer.txt', file_name: 'Angebot.txt' })).toEqual({
      name: 'Angebot.txt',
      bytes: 'An offer',
    });
    const content = Buffer.from('Grüße').toString('base64');
    expect(await bytesOf({ content, file_name: 'a.txt' })).toEqual({ name: 'a.txt', bytes: 'Grüße' });
  });

  test('comes from nowhere else, whatever the path looks like', async () => {
    writeFileSync(join(outside, 'secret.txt'), 'secret');
    symlinkSync(join(outside, 'secret.txt'), join(allowed, 'link.txt'));
    symlinkSync(outside, join(allowed, 'folder'));
    for (const path of [
      join(outside, 'secret.txt'),
      '../allowed-not/secret.txt',
      'link.txt',
      'folder/secret.txt',
      `${allowed}/../allowed-not/secret.txt`,
      '/etc/passwd',
      allowed,
    ]) {
      expect(await why(upload({ path })), path).toMatch(/not in a directory that the user allows/);
    }
    expect(await why(upload({ path: 'missing.txt' }))).toMatch(/no such file/);
    mkdirSync(join(allowed, 'sub'));
    expect(await why(upload({ path: 'sub' }))).toMatch(/is not a file/);
    execFileSync('mkfifo', [join(allowed, 'pipe')]);
    expect(await why(upload({ path: 'pipe' }))).toMatch(/is not a file/);
    files = new Files([]);
    expect(await why(upload({ path: join(allowed, 'link.txt') }))).toMatch(/PIPEDRIVE_FILES/);
  });

  test('has a size that Pipedrive takes, a name, and one source', async () => {
    writeFileSync(join(allowed, 'big.bin'), '');
    truncateSync(join(allowed, 'big.bin'), 50 * 1024 * 1024 + 1);
    expect(await why(upload({ path: 'big.bin' }))).toMatch(/52428801 bytes/);
    expect(await why(upload({ content: 'QUJD' }))).toMatch(/no name/);
    expect(await why(upload({ content: 'not base64!', file_name: 'a' }))).toMatch(/not base64/);
    expect(await why(upload({}))).toMatch(/one of them/);
    expect(await why(upload({ path: 'a', content: 'QUJD' }))).toMatch(/one of them/);
  });
});

describe('a file that was fetched', () => {
  const keep = (bytes: Buffer | string, type: string, name = 'a.txt', save = false) =>
    files.keep({ bytes: Buffer.from(bytes), type, name }, { uri: 'pipedrive://file/1', name, save }, (one) =>
      attached.push(one),
    );

  test('stands beside the answer while it is small: pictures as pictures, text as text', async () => {
    const png = Buffer.from('\x89PNG\r\n\x1a\n rest', 'latin1');
    expect(await keep(png, 'application/octet-stream', 'p')).toMatchObject({ type: 'image/png', attached: true });
    expect(await keep('Grüße', 'text/plain')).toMatchObject({ attached: true, bytes: 7 });
    expect(await keep(Buffer.from([0xff, 0xfe, 0x41]), 'text/plain')).toMatchObject({ attached: true });
    expect(attached).toEqual([
      { type: 'image', mimeType: 'image/png', data: png.toString('base64') },
      { type: 'resource', resource: { uri: 'pipedrive://file/1', mimeType: 'text/plain', text: 'Grüße' } },
      { type: 'resource', resource: { uri: 'pipedrive://file/1', mimeType: 'text/plain', blob: '//5B' } },
    ]);
  });

  test('is saved when it is large or is to be, under a free name', async () => {
    const large = Buffer.alloc(1024 * 1024 + 1, 'x');
    const first = await keep(large, 'application/zip', 'a.zip');
    const second = await keep('new', 'application/zip', 'a.zip', true);
    expect([first['saved_as'], second['saved_as']]).toEqual(
      ['a.zip', 'a (2).zip'].map((name) =>
        expect.stringMatching(new RegExp(`/allowed/${name.replace(/[()]/g, '\\$&')}$`)),
      ),
    );
    expect(readFileSync(String(first['saved_as'])).equals(large)).toBe(true);
    expect(attached).toEqual([]);
    files = new Files([]);
    expect(await why(keep(large, 'application/zip'))).toMatch(/PIPEDRIVE_FILES/);
    files = new Files([join(allowed, 'gone')]);
    expect(await why(keep(large, 'application/zip'))).toMatch(/There is no directory/);
  });

  test('never leaves the directory, whatever its name', async () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom(
        '../../x',
        '..',
        '.',
        '',
        '/etc/passwd',
        'C:\\x.txt',
        'con',
        'a/b/c',
        'a\0b',
        '\u202Etxt.exe',
        '.bashrc',
      ),
    );
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const { saved_as: path } = await keep('x', 'application/zip', name, true);
        const [made] = readdirSync(allowed).filter((one) => String(path) === join(allowed, one));
        expect(made).toBeDefined();
        expect(made).toMatch(/^[^./\\\p{C}][^/\\\p{C}]*$/u);
        expect(Buffer.byteLength(made ?? '')).toBeLessThan(255);
      }),
      { numRuns: 200 },
    );
    expect(readdirSync(outside)).toEqual([]);
  });
});
