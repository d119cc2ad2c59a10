// The hits of the query: next and previous, all of them one after the other, and the whole list.

const TAIL_MS = 700; // what is heard after a hit
const ARRIVAL_MS = 1500; // a player may tell the time before a jump for so long
const SAME_HIT_MS = 200;

export class Hits {
  /** *section* may be null; *seek* plays a moment. */
  constructor(section, { player, seek, say, lengthMs }) {
    Object.assign(this, { section, player, seek, say, lengthMs });
    this.hits = readTimes(section?.dataset.times ?? "");
    this.playing = -1;
    this.button = document.getElementById("play-all");
    this.status = document.getElementById("play-all-status");
    this.button?.addEventListener("click", () => (this.isPlayingAll ? this.stop() : this.playAll()));
    document.getElementById("show-all")?.addEventListener("click", (event) => this.showAll(event));
  }

  get isPlayingAll() {
    return this.playing >= 0;
  }

  /** Go to the hit after the current moment, or before it. */
  move(step) {
    if (!this.hits.length) return this.say("There are no matches to go to");
    const current = this.indexAt(this.player.ms);
    const next = step > 0 ? current + 1 : this.previousOf(current);
    if (!this.hits[next]) return this.say(step > 0 ? "No later match" : "No earlier match");
    if (this.isPlayingAll) return this.playHit(next);
    this.seek(this.hits[next].startMs);
    this.say(`Match ${next + 1} of ${this.hits.length}`);
  }

  /** Return the last hit that has started at *ms*; -1 before the first. */
  indexAt(ms) {
    return this.hits.findLastIndex((hit) => hit.startMs <= ms + SAME_HIT_MS);
  }

  /** Return the hit before the *current* one, which may have started together with others. */
  previousOf(current) {
    const { startMs } = this.hits[current] ?? { startMs: 0 };
    return this.hits.findLastIndex((hit) => hit.startMs < startMs);
  }

  playAll() {
    const current = this.indexAt(this.player.ms);
    this.playHit(current >= 0 && current < this.hits.length - 1 ? current : 0);
  }

  playHit(index) {
    const hit = this.hits[index];
    this.isArriving = true;
    this.seek(hit.startMs, { isPlayingAll: true });
    this.playing = index;
    this.arriveBy = performance.now() + ARRIVAL_MS;
    this.isArriving = false;
    this.showPlaying();
  }

  showPlaying() {
    this.button.textContent = "Stop";
    this.status.textContent = `Playing ${this.playing + 1} of ${this.hits.length}`;
  }

  stop(message = "") {
    if (!this.isPlayingAll) return;
    this.playing = -1;
    this.button.textContent = "Play all";
    this.status.textContent = message;
  }

  /** Call with each time that the player tells. */
  onTime(ms) {
    this.markCurrent(ms);
    if (!this.isPlayingAll || this.isArriving) return;
    const hit = this.hits[this.playing];
    if (performance.now() < this.arriveBy && (ms < hit.startMs - ARRIVAL_MS || ms > hit.endMs + TAIL_MS)) return;
    const endMs = Math.min(hit.endMs + TAIL_MS, (this.lengthMs || Infinity) - SAME_HIT_MS);
    const next = this.hits[this.playing + 1];
    if (next && next.startMs <= ms && next.startMs <= endMs) {
      this.playing += 1;
      this.showPlaying();
    } else if (ms >= endMs && next) {
      this.playHit(this.playing + 1);
    } else if (ms >= endMs) {
      this.player.pause();
      this.stop(`Played all ${this.hits.length}`);
    }
  }

  markCurrent(ms) {
    const index = this.indexAt(ms);
    if (index === this.marked || !this.section) return;
    this.marked = index;
    const startMs = this.hits[index]?.startMs;
    for (const link of this.section.querySelectorAll("a.hit")) {
      if (Number(link.dataset.startMs) === startMs) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  /** Put all hits in place of the folded list. */
  async showAll(event) {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const link = event.currentTarget;
    const list = document.getElementById("hit-list");
    try {
      const response = await fetch(link.href);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      list.replaceChildren(...page.getElementById("hit-list").children);
    } catch {
      location.assign(link.href);
      return;
    }
    document.getElementById("fold").remove();
    this.marked = undefined;
    this.markCurrent(this.player.ms);
    (list.querySelector("[aria-current]") ?? list.querySelector("a"))?.focus();
  }
}

/** Read the hits from the gaps between their starts, each with its duration. */
function readTimes(text) {
  const numbers = text ? text.split(",").map(Number) : [];
  const hits = [];
  let startMs = 0;
  for (let at = 0; at < numbers.length; at += 2) {
    startMs += numbers[at];
    hits.push({ startMs, endMs: startMs + numbers[at + 1] });
  }
  return hits;
}
