/** The server's time, which is neither this machine's nor, in a simulated world, as fast. */

export class ServerClock {
  #server = Date.now();
  #page = 0;
  #rate = 1;
  #pageTime;

  /** @param {() => number} [pageTime] milliseconds that never go back */
  constructor(pageTime = () => performance.now()) {
    this.#pageTime = pageTime;
    this.#page = pageTime();
  }

  /** Seconds of the server's a second of the page's. */
  get rate() {
    return this.#rate;
  }

  /**
   * Take the time that the server told just now.
   *
   * @param {string} instant RFC 3339
   * @param {number} [rate] where known; else it stays what it was
   */
  observe(instant, rate = this.#rate) {
    const told = Date.parse(instant);
    if (Number.isFinite(told) && Number.isFinite(rate)) {
      this.#server = told;
      this.#page = this.#pageTime();
      this.#rate = rate;
    }
  }

  /** The present instant there. */
  now() {
    return new Date(this.#server + (this.#pageTime() - this.#page) * this.#rate);
  }

  /**
   * Seconds from now; negative once it has passed.
   *
   * @param {string} instant
   */
  secondsUntil(instant) {
    return (Date.parse(instant) - this.now().getTime()) / 1000;
  }
}
