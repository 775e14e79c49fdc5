import type { z } from 'zod';
import type { Message, Notice, Occasion } from '../contract.ts';
import type { Reference } from '../reference.ts';

/** Reads a reference, or leaves a literal that may be one as it is. */
export type Read = (reference: Reference) => string;

/** A kind of channel: what stands in the file for it, and how it tells a notice. */
export interface ChannelKind<Settings> {
  readonly kind: string;
  /** Keys beside `kind`, `name`, `on` and `experiments`. */
  readonly shape: z.ZodRawShape;
  /** What it tells of where the file does not say. */
  readonly on: readonly Occasion[];
  message(notice: Notice, settings: Settings, context: MessageContext): Message;
}

export interface MessageContext {
  readonly read: Read;
  /** The same for every attempt. */
  readonly id: string;
  /** Wall clock, ms. */
  readonly now: number;
}

/** Kinds differ in their settings; each is only ever given its own. */
// biome-ignore lint/suspicious/noExplicitAny: a list of kinds holds settings of different shapes
export type AnyChannelKind = ChannelKind<any>;
