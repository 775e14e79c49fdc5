import { UNCOUNTED } from '../canaries.ts';
import { type Course, Link, type LinkOptions } from '../link.ts';
import { pendingLinkEnds, type Side } from '../link-end.ts';
import type { LinkMeter } from '../meter.ts';

export interface InnerLinkOptions extends Omit<LinkOptions, 'client' | 'reached' | 'course'> {
  readonly course: Course;
}

/** What counts the first link of two: the first byte that it sees is none of an answer. */
export function wireMeter(meter: LinkMeter): LinkMeter {
  return {
    up: (bytes) => meter.up(bytes),
    down: (bytes) => meter.down(bytes),
    firstByte() {},
    closed: (how) => meter.closed(how),
  };
}

/**
 * A second link behind the first, for a client whose TLS ends in between. So bytes faults stay on the wire, as they are
 * without TLS, and the session reads what is under it:
 *
 *     client ⇄ [bytes faults] ⇄ pair of ends ⇄ TLS ⇄ (session) ⇄ upstream
 *     └──────── the first link ────────┘   └─────── this one ───────┘
 *
 * The far end counts as connecting until the upstream has accepted, so that a client whose upstream is away never gets as
 * far as TLS.
 */
export function startInnerLink(options: InnerLinkOptions): { readonly link: Link; readonly far: Side } {
  const { near, far, connected } = pendingLinkEnds();
  const { meter } = options;
  const link = new Link({
    ...options,
    client: near,
    reached: connected,
    meter: { ...UNCOUNTED, firstByte: (ms, injected) => meter.firstByte(ms, injected) },
  });
  link.start();
  return { link, far };
}
