const KEEP_MS = 10 * 60_000;

/** What was seen of each probe and proxy since the page was opened; a state has the newest only. */
const seen = new Map();

/** All points so far, each of them beginning with its time, ms of the run. */
export function remember(key, points) {
  const list = seen.get(key) ?? [];
  // Runs of blind items have one id: another one begins again from nothing.
  if (points.at(-1)?.[0] < list.at(-1)?.[0]) list.length = 0;
  const last = list.at(-1)?.[0] ?? -1;
  for (const point of points) if (point[0] > last) list.push(point);
  const oldest = (list.at(-1)?.[0] ?? 0) - KEEP_MS;
  while (list.length > 0 && list[0][0] < oldest) list.shift();
  seen.set(key, list);
  return list;
}

/** Share of failed samples over the window that ends with each. */
export function failureShares(samples, windowMs, least = 20) {
  const shares = [];
  let first = 0;
  let failed = 0;
  for (const [index, [at, , ok]] of samples.entries()) {
    if (!ok) failed += 1;
    while (samples[first][0] <= at - windowMs && index - first >= least) {
      if (!samples[first][2]) failed -= 1;
      first += 1;
    }
    shares.push([at / 1000, failed / (index - first + 1)]);
  }
  return shares;
}
