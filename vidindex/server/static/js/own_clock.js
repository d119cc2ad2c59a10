// A clock that moves the transcript when the player does not tell its time.

const TICK_MS = 100;

export class OwnClock {
  rate = 1;

  /** *onTime* is called with the time in milliseconds while the clock runs, at most until *endMs*. */
  constructor(onTime, endMs) {
    this.onTime = onTime;
    this.endMs = endMs || Infinity;
    this.baseMs = 0;
    this.startedAt = null;
  }

  get isRunning() {
    return this.startedAt !== null;
  }

  get ms() {
    return this.isRunning ? this.baseMs + (performance.now() - this.startedAt) * this.rate : this.baseMs;
  }

  set(ms) {
    this.baseMs = ms;
    if (this.isRunning) this.startedAt = performance.now();
  }

  setRate(rate) {
    this.set(this.ms);
    this.rate = rate;
  }

  start() {
    if (this.isRunning) return;
    this.startedAt = performance.now();
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  tick() {
    this.onTime(Math.min(this.ms, this.endMs));
    if (this.ms >= this.endMs) this.stop();
  }

  stop() {
    this.baseMs = this.ms;
    this.startedAt = null;
    clearInterval(this.timer);
  }
}
