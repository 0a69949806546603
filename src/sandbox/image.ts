type Image = { readonly type: 'image/png' | 'image/jpeg' | 'image/gif'; width: number; height: number };

/** Kind and size in pixels of a PNG, JPEG or GIF, by what its bytes say; undefined for anything else. */
export function readImage(bytes: Buffer): Image | undefined {
  const start = bytes.subarray(0, 8).toString('latin1');
  if (start === '\x89PNG\r\n\x1a\n' && bytes.length >= 24) {
    return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  }
  if (/^GIF8[79]a/.test(start) && bytes.length >= 10) {
    return { type: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  }
  return start.startsWith('\xff\xd8\xff') ? readJpeg(bytes) : undefined;
}

/** Goes from segment to segment up to the one that begins the picture, which tells the size. */
function readJpeg(bytes: Buffer): Image | undefined {
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { type: 'image/jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
  }
  return undefined;
}
