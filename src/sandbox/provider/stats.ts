/** What the simulator has been asked and has answered since it started. */
export class Stats {
  requests = 0;
  /** Answered in full. */
  completed = 0;
  /** The client went away first. */
  abandoned = 0;
  readonly status: Record<string, number> = {};
  #active = 0;

  begin(): { end(status: number, whole: boolean): void } {
    this.requests++;
    this.#active++;
    let ended = false;
    return {
      end: (status, whole) => {
        if (ended) return;
        ended = true;
        this.#active--;
        this.status[status] = (this.status[status] ?? 0) + 1;
        if (!whole) this.abandoned++;
        else if (status < 400) this.completed++;
      },
    };
  }

  toJSON() {
    const { requests, completed, abandoned, status } = this;
    return { simulator: true, requests, active: this.#active, completed, abandoned, status };
  }
}
