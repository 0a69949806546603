/**
 * Starts `work` for each item, so many at once as `width` says, until `isOver`. Resolves when all that was started has
 * ended; rejects with the first error, after the others have ended.
 */
export async function pool<T>(
  items: Iterable<T> | AsyncIterable<T>,
  width: () => number,
  isOver: () => boolean,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const under = new Set<Promise<void>>();
  const failed: unknown[] = [];
  try {
    for await (const item of items) {
      while (under.size >= width()) await Promise.race(under);
      if (isOver() || failed.length > 0) break;
      const one = work(item)
        .catch((error: unknown) => {
          failed.push(error);
        })
        .finally(() => under.delete(one));
      under.add(one);
    }
  } finally {
    await Promise.all(under);
  }
  if (failed.length > 0) throw failed[0];
}
