// Saves ticks and notes on the quotations of an article, one change after the other.

const TIMEOUT_MS = 10000; // the server waits some seconds for other writers of the index

export class ReviewSaver {
  constructor(article) {
    this.article = article;
    this.unsaved = 0;
    this.last = Promise.resolve();
  }

  /** Whether leaving the page would lose a change: the one that is being sent goes on without the page. */
  get hasWaiting() {
    return this.unsaved > 1;
  }

  /** Save a *change*, `{done}` or `{note}`, and return the review as the server has stored it. */
  save(quote, change) {
    this.unsaved += 1;
    const saved = this.last.then(() => this.send(quote, change)).finally(() => (this.unsaved -= 1));
    this.last = saved.catch(() => {});
    return saved;
  }

  async send(quote, change) {
    const body = JSON.stringify({ article: this.article, quote, ...change });
    const headers = { "Content-Type": "application/json" };
    const options = { method: "POST", headers, body, keepalive: true, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const response = await fetch("/api/reviews", options).catch(() => null);
    if (!response) throw new Error("the server is not responding");
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.detail ?? `the server answered ${response.status}`);
    return answer;
  }
}
