// Clips on the video page: selected words become a card to cite, and a clip stops where its last word ends.

import { enableCopying } from "./clip_card.js";
import { isPlainClick } from "./keys.js";

const MAX_STEP_MS = 3000; // a longer step over the end is a jump
const SELECTION_DELAY_MS = 150;

/**
 * Connect the links to clips and return where the clip of this page ends. *getPlayer* returns the player, *seek* plays
 * from a moment, *times* finds the moments of words, *say* shows a message.
 */
export function connectClips({ getPlayer, seek, times, say }) {
  const end = new ClipEnd(getPlayer, say);
  const note = document.getElementById("clip-note");
  if (note) end.set(Number(note.dataset.endMs));
  const link = document.getElementById("cite");
  if (link) {
    const play = (startMs, endMs) => {
      seek(startMs);
      end.set(endMs);
      if (getPlayer().isWaiting) getPlayer().play(); // the player of another site, which this press loads
      const url = new URL(location);
      url.searchParams.set("end", String(endMs / 1000));
      history.replaceState(history.state, "", url);
    };
    new ClipCard({ link, times, play });
  }
  return end;
}

/** Opens the card of the selected words, of the current hit, or of the current paragraph. */
class ClipCard {
  constructor({ link, times, play }) {
    Object.assign(this, { link, times, play });
    this.dialog = document.getElementById("clip-dialog");
    this.content = document.getElementById("clip-content");
    this.button = document.getElementById("cite-selection");
    for (const each of [link, document.getElementById("clip-link")]) {
      each?.addEventListener("click", (event) => this.onLinkClick(event, each));
    }
    this.button.addEventListener("click", () => this.open(this.selectedUrl));
    document.addEventListener("selectionchange", () => this.onSelectionChange());
    this.dialog.addEventListener("click", (event) => this.onDialogClick(event));
  }

  onLinkClick(event, link) {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    const times = link === this.link ? (this.times.selectedTimes() ?? this.times.playingTimes()) : null;
    this.open(times ? this.urlOf(times) : link.href);
  }

  /** Keep the times of the selection: the click on the button may end it. */
  onSelectionChange() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.dialog.open) return;
      const times = this.times.selectedTimes();
      this.button.hidden = !times;
      if (times) this.selectedUrl = this.urlOf(times);
    }, SELECTION_DELAY_MS);
  }

  urlOf([from, to]) {
    const url = new URL(this.link.href);
    url.searchParams.set("from", String(from));
    url.searchParams.set("to", String(to));
    return url;
  }

  /** Show the card that is part of the page at *url*. */
  async open(url) {
    const card = await fetchCard(url).catch(() => null);
    this.content.replaceChildren(card ?? failureNote(url));
    if (card) enableCopying(card);
    this.dialog.showModal();
  }

  onDialogClick(event) {
    const link = event.target.closest("a[data-clip-end-ms]");
    if (!link || !isPlainClick(event)) return;
    event.preventDefault();
    this.dialog.close();
    this.play(Number(link.dataset.clipStartMs), Number(link.dataset.clipEndMs));
  }
}

async function fetchCard(url) {
  const response = await fetch(url);
  if (!response.ok) return null;
  return new DOMParser().parseFromString(await response.text(), "text/html").getElementById("clip-card");
}

function failureNote(url) {
  const note = document.createElement("p");
  const link = Object.assign(document.createElement("a"), { href: String(url), textContent: "Open its page" });
  note.append("The clip did not load. ", link, ".");
  return note;
}

/** Pauses the player where a clip ends, once; afterwards it plays on. */
class ClipEnd {
  constructor(getPlayer, say) {
    this.getPlayer = getPlayer;
    this.say = say;
    this.endMs = null;
    this.lastMs = null;
  }

  set(endMs) {
    this.endMs = endMs;
    this.lastMs = null;
  }

  clear() {
    this.endMs = null;
  }

  /** Call with each time that the player tells. */
  onTime(ms) {
    const before = this.lastMs;
    this.lastMs = ms;
    if (this.endMs === null || before === null || ms < this.endMs || before >= this.endMs) return;
    this.clear();
    const player = this.getPlayer();
    if (ms - before > MAX_STEP_MS || !player?.isPlaying || !player.canControl) return;
    player.pause();
    this.say("End of the clip");
  }
}
