import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve, sep } from 'node:path';
import type { Operation } from '../catalog/operation.ts';
import type { ApiRequest, Downloaded } from '../pipedrive/client.ts';
import type { JsonObject } from '../pipedrive/json.ts';
import { Problem } from '../vocabulary/problem.ts';
import { claimed } from './file-names.ts';
import type { Arguments } from './request.ts';

/** What stands beside an answer. Bytes are in base64. */
export type Attachment =
  | { readonly type: 'image'; readonly data: string; readonly mimeType: string }
  | {
      readonly type: 'resource';
      readonly resource: { readonly uri: string; readonly mimeType: string } & (
        | { readonly text: string }
        | { readonly blob: string }
      );
    };

/** Pipedrive takes no larger file. In bytes. */
const LARGEST_UPLOAD = 50 * 1024 * 1024;
/** No larger file is read piece by piece. In bytes. */
const LARGEST_READ = 200 * 1024 * 1024;
/** Larger ones are saved rather than put into an answer: in bytes, and in characters of plain text. */
const LARGEST_ATTACHED = 1024 * 1024;
const LONGEST_TEXT = 30_000;

const PICTURES = /^image\/(png|jpeg|gif|webp)$/;
const TEXTS = /^(text\/|application\/(json|xml|csv)\b)/;

/** The arguments that give a file; they are sent as its part of a multipart body. */
const UPLOADED = ['path', 'content', 'file_name'];

/** What went wrong with a file, by its cause and the remedy. */
type Fail = (why: string, next: string) => Problem;

/** A file to be read piece by piece, as often as it takes, without ever being held whole. */
export type Source = {
  readonly name: string;
  /** Where it really is. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Its bytes from the beginning; rejects where it is no longer the file that was opened. */
  chunks(): AsyncGenerator<Buffer>;
};

/** A file under way, which has its name only once it is whole. */
export type Draft = {
  /** In bytes. */
  readonly size: number;
  write(part: string | Uint8Array): Promise<void>;
  /** Gives it a name that is free and tells its path. */
  finish(): Promise<string>;
  /** Leaves nothing of it. */
  discard(): Promise<void>;
};

/** Reads and writes files, in the directories that the user allows and nowhere else. */
export class Files {
  readonly #allowed: readonly string[];

  constructor(allowed: readonly string[]) {
    this.#allowed = allowed;
  }

  /** The request with the file that the arguments give. Throws Problem. */
  async withUpload(
    operation: Pick<Operation, 'name'>,
    field: string,
    request: ApiRequest,
    args: Arguments,
  ): Promise<ApiRequest> {
    const { path, content, file_name: given } = args;
    const fail = (why: string, next: string) => new Problem(`${operation.name}: no file was sent.`, why, next);
    const next = 'Give either path, or content in base64 with file_name.';
    if ((path === undefined) === (content === undefined))
      throw fail('It takes a path or a content, one of them.', next);
    if (typeof path === 'string') {
      const { bytes, name } = await this.#read(path, fail);
      return withFile(request, field, typeof given === 'string' ? given : name, bytes);
    }
    const base64 = String(content).replaceAll(/\s/g, '');
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 === 1) throw fail('content is not base64.', next);
    if (typeof given !== 'string' || given === '') throw fail('A content has no name of its own.', next);
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.length > LARGEST_UPLOAD) throw fail(tooLarge(bytes.length), 'Upload a smaller file.');
    return withFile(request, field, given, bytes);
  }

  /** Puts a small file beside the answer and saves any other. Gives what the answer says of it. Throws Problem. */
  async keep(
    file: Downloaded,
    { uri, name, save }: { uri: string; name: string; save: boolean },
    attach: (content: Attachment) => void,
  ): Promise<JsonObject> {
    const { bytes } = file;
    const type = file.type === 'application/octet-stream' ? (typeOf(bytes) ?? file.type) : file.type;
    const facts = { name, type, bytes: bytes.length };
    if (save || bytes.length > LARGEST_ATTACHED) {
      const what = `A file of ${bytes.length} bytes was fetched and not saved.`;
      const fail = (why: string, next: string) => new Problem(what, why, next);
      return { ...facts, saved_as: await this.#save(name, bytes, fail) };
    }
    const text = TEXTS.test(type) && bytes.length <= LONGEST_TEXT ? utf8(bytes) : undefined;
    if (PICTURES.test(type)) attach({ type: 'image', data: bytes.toString('base64'), mimeType: type });
    else if (text !== undefined) attach({ type: 'resource', resource: { uri, mimeType: type, text } });
    else attach({ type: 'resource', resource: { uri, mimeType: type, blob: bytes.toString('base64') } });
    return { ...facts, attached: true };
  }

  /** A file of at most 200 MB, of which no more than a piece is held at a time. Throws what `fail` makes. */
  async source(path: string, fail: Fail): Promise<Source> {
    const { file, real } = await this.#open(path, fail);
    const opened = await file.stat().finally(() => file.close());
    if (!opened.isFile()) throw fail('It is not a file.', 'Give the path of a file.');
    if (opened.size > LARGEST_READ) {
      const most = `${LARGEST_READ / 1024 / 1024} MB`;
      throw fail(`It has ${opened.size} bytes, and at most ${most} are read.`, 'Split it into smaller files.');
    }
    const reopen = async () => {
      const { file: again } = await this.#open(real, fail);
      const now = await again.stat();
      if (now.ino === opened.ino && now.size === opened.size && now.mtimeMs === opened.mtimeMs) return again;
      await again.close();
      throw fail('It was changed while it was read.', 'Call again when nothing writes it any more.');
    };
    return { name: basename(real), path: real, size: opened.size, chunks: () => chunksOf(reopen) };
  }

  /** Begins a file in the first allowed directory. Throws what `fail` makes. */
  async draft(name: string, fail: Fail): Promise<Draft> {
    const [root] = await this.#roots();
    if (root === undefined) throw this.#notAllowed(fail, 'A file of records has to be in one.');
    const path = join(root, `.${randomUUID()}.part`);
    const lost = lostBy(fail);
    const file = await open(path, 'wx', 0o600).catch((error: Error) => {
      throw lost(error);
    });
    let size = 0;
    const discard = async () => {
      await file.close();
      await rm(path, { force: true });
    };
    return {
      get size() {
        return size;
      },
      async write(part) {
        const bytes = typeof part === 'string' ? Buffer.from(part) : part;
        await file.appendFile(bytes).catch((error: Error) => {
          throw lost(error);
        });
        size += bytes.length;
      },
      async finish() {
        await file.close();
        const { path: free, file: claim } = await claimed(root, name, lost);
        await claim.close();
        // Over the empty file that holds the name: nobody can have taken it meanwhile.
        await rename(path, free);
        return free;
      },
      discard,
    };
  }

  async #read(path: string, fail: Fail): Promise<{ bytes: Buffer; name: string }> {
    const { file, real } = await this.#open(path, fail);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw fail('It is not a file.', 'Give the path of a file.');
      if (stat.size > LARGEST_UPLOAD) throw fail(tooLarge(stat.size), 'Upload a smaller file.');
      return { bytes: await file.readFile(), name: basename(real) };
    } finally {
      await file.close();
    }
  }

  /** Opens what the path leads to, where that is allowed. */
  async #open(path: string, fail: Fail): Promise<{ file: FileHandle; real: string }> {
    const [directory] = this.#allowed;
    if (directory === undefined) throw this.#notAllowed(fail, 'A small file can come as content.');
    const asked = isAbsolute(path) ? path : resolve(directory, path);
    // What a link points to counts, so that none leads out.
    const real = await realpath(asked).catch(() => undefined);
    const roots = await this.#roots();
    if (!real || !roots.some((root) => real.startsWith(root + sep))) {
      const why = real ? 'It is not in a directory that the user allows.' : 'There is no such file.';
      throw fail(why, `Files may come from ${this.#allowed.join(' or ')}.`);
    }
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(real, flags).catch((error: Error) => {
      throw fail(`It cannot be read: ${error.message}`, 'Give the path of a file that the user may read.');
    });
    return { file, real };
  }

  /** Writes under a name that is free, and never over a file that is there. */
  async #save(name: string, bytes: Buffer, fail: Fail): Promise<string> {
    const [root] = await this.#roots();
    if (root === undefined) {
      const isLarge = bytes.length > LARGEST_ATTACHED;
      const besides = isLarge ? 'Files over 1 MB do not fit into an answer.' : 'Without save it comes in the answer.';
      throw this.#notAllowed(fail, besides);
    }
    const lost = lostBy(fail);
    const { path, file } = await claimed(root, name, lost);
    try {
      await file.writeFile(bytes);
    } catch (error) {
      await rm(path, { force: true });
      throw lost(error instanceof Error ? error : new Error(String(error)));
    } finally {
      await file.close();
    }
    return path;
  }

  #notAllowed(fail: Fail, besides: string): Problem {
    const named = this.#allowed.join(', ');
    return fail(
      named === '' ? 'No directory is allowed.' : `There is no directory ${named}.`,
      `The user can name directories in PIPEDRIVE_FILES and restart the server. ${besides}`,
    );
  }

  /** The allowed directories that exist. */
  async #roots(): Promise<string[]> {
    const found = await Promise.all(this.#allowed.map((directory) => realpath(directory).catch(() => undefined)));
    return found.filter((root) => root !== undefined);
  }
}

function lostBy(fail: Fail): (error: Error) => Problem {
  return (error) => fail(`It cannot be written: ${error.message}`, 'The user has to look at the disk.');
}

async function* chunksOf(reopen: () => Promise<FileHandle>): AsyncGenerator<Buffer> {
  const file = await reopen();
  try {
    for await (const chunk of file.createReadStream({ autoClose: false })) yield Buffer.from(chunk);
  } finally {
    await file.close();
  }
}

/** The arguments without those of a file. */
export function withoutUpload(args: Arguments): Arguments {
  return Object.fromEntries(Object.entries(args).filter(([name]) => !UPLOADED.includes(name)));
}

function withFile(request: ApiRequest, field: string, name: string, bytes: Buffer): ApiRequest {
  const type = typeOf(bytes) ?? 'application/octet-stream';
  // A copy of its own kind: Node's pool is shared.
  const content = new Blob([new Uint8Array(bytes)], { type });
  return { ...request, file: { field, name, content } };
}

function tooLarge(size: number): string {
  return `It has ${size} bytes, and Pipedrive takes at most ${LARGEST_UPLOAD}.`;
}

/** The kind of a picture, by its first bytes: what others say of it may be wrong. */
function typeOf(bytes: Buffer): string | undefined {
  const start = bytes.subarray(0, 12).toString('latin1');
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(start)) return 'image/gif';
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'image/webp';
  return start.startsWith('%PDF-') ? 'application/pdf' : undefined;
}

function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Some other encoding: its bytes are given as they are.
    return undefined;
  }
}
