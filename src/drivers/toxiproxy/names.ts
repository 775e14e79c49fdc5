const SEPARATOR = '~';
const OWN = `faultline${SEPARATOR}`;

/** Name of a toxic that a run sets: the server keeps it, so that whoever comes later still knows whose it is. */
export function toxicName(run: string, epoch: number, id: string): string {
  return `${runPrefix(run)}${epoch}${SEPARATOR}${plain(id)}`;
}

/** What the names of all toxics of a run begin with. */
export function runPrefix(run: string): string {
  return `${OWN}${plain(run)}${SEPARATOR}`;
}

/** The client puts names into paths as they are, so they hold only what a path may. */
function plain(text: string): string {
  return text.replace(/[^\w.-]/g, '_');
}
