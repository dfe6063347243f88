// Many tasks sent as several calls.

/** Calls `send` with pieces of at most `size` items, `inFlight` calls at a time. */
export async function inPieces(items, size, inFlight, send) {
  let next = 0;
  const sender = async () => {
    while (next < items.length) {
      const from = next;
      next += size;
      await send(items.slice(from, from + size));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, sender));
}
