/** A file as a multipart body brings one. */
export class Upload {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;

  constructor(name: string, type: string, bytes: Buffer) {
    this.name = name;
    this.type = type;
    this.bytes = bytes;
  }
}

/** The parts of a multipart/form-data body: texts as they are, files as Uploads. Throws where it is none. */
export async function readMultipart(body: Buffer, contentType: string): Promise<Record<string, string | Upload>> {
  const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
  const parts: Record<string, string | Upload> = {};
  for (const [name, part] of form) {
    parts[name] =
      typeof part === 'string' ? part : new Upload(part.name, part.type, Buffer.from(await part.arrayBuffer()));
  }
  return parts;
}
