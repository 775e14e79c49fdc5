/**
 * Does `act` for each item, `lanes` of them at a time, each as soon as there is room for it. Answers in the items' order; with
 * `signal` aborted no further one is begun, and those have no answer.
 */
export async function inLanes<T, R>(
  items: readonly T[],
  lanes: number,
  act: (item: T) => Promise<R>,
  signal?: AbortSignal,
): Promise<readonly R[]> {
  const answers = new Map<number, R>();
  let next = 0;
  async function lane(): Promise<void> {
    while (next < items.length && !signal?.aborted) {
      const index = next++;
      answers.set(index, await act(items[index]!));
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return [...answers].sort(([left], [right]) => left - right).map(([, answer]) => answer);
}
