import { inOrder, type OpenDocument, type Path, wordsOf } from '../../core/document.ts';
import { type ErrorCode, type FaultlineError, FaultlineErrors } from '../../core/errors.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import { maskUrls } from '../../core/secrets.ts';

/** Collects what is wrong with a document, so that all of it is told at once. */
export class Problems {
  readonly #document: OpenDocument<unknown>;
  readonly #errors: FaultlineError[] = [];

  constructor(document: OpenDocument<unknown>) {
    this.#document = document;
  }

  /** A problem at the value at `path`, or at its key; secrets of URLs in `values` are masked. */
  add(code: ErrorCode, values: Readonly<Record<string, unknown>>, path: Path, of?: 'key' | 'value'): void {
    const shown = Object.entries({ where: wordsOf(path), ...values }).map(([name, value]) => [
      name,
      typeof value === 'string' ? maskUrls(value) : value,
    ]);
    this.#errors.push(this.#document.error(code, Object.fromEntries(shown), path, of));
  }

  /** An error that was found elsewhere, at the value at `path`. */
  addPlaced(error: FaultlineError, path: Path): void {
    this.#errors.push(error.placedAt(this.#document.placeOf(path)));
  }

  /** A problem of another document. */
  addError(error: FaultlineError): void {
    this.#errors.push(error);
  }

  /** A second use of a name that must be unique. */
  nameTaken(what: string, name: string, path: Path, first: Path): void {
    this.add('NAME_TAKEN', { what, name, line: this.#document.placeOf(first).line }, path);
  }

  /** @throws FaultlineErrors when there are any */
  throwIfAny(): void {
    if (this.#errors.length > 0) throw new FaultlineErrors(inOrder(this.#errors));
  }
}

/** How a sentence names the limits that hold. */
export function nameOf(limits: SafetyLimits): string {
  return limits.file ?? 'the built-in limits';
}
