// What the floors of several metrics are measured with.

/** Milliseconds that some work takes. */
export async function timed(work: () => Promise<void> | void): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** A database of its own; gives what stores rows in one strict commit. */
export async function openDisk(): Promise<(rows: readonly Uint8Array[]) => Promise<void>> {
  const asked = indexedDB.open('floor', 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore('rows');
  await new Promise((resolve) => (asked.onsuccess = resolve));
  let next = 0;
  return (rows) =>
    new Promise((resolve, reject) => {
      const transaction = asked.result.transaction('rows', 'readwrite', { durability: 'strict' });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(new Error('floor: not stored'));
      for (const row of rows) transaction.objectStore('rows').put(row, next++);
    });
}
