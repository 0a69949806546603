import { Transform } from 'node:stream';

/**
 * Passes bytes on by whole lines. What is longer than `longest` bytes without an end goes on as it is, to be refused
 * there. The SDK copies all it has of an unfinished message with every chunk: 50 MB took it 20 seconds.
 */
export function wholeLines(longest: number): Transform {
  let parts: Buffer[] = [];
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const end = chunk.lastIndexOf('\n') + 1;
      parts.push(end > 0 ? chunk.subarray(0, end) : chunk);
      size += chunk.length;
      if (end === 0 && size <= longest) return done();
      const whole = Buffer.concat(parts);
      parts = end > 0 && end < chunk.length ? [chunk.subarray(end)] : [];
      size = chunk.length - end;
      done(null, whole);
    },
  });
}
