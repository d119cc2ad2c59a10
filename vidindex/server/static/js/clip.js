// Clips on the video page: selected words become a card to cite, and a clip stops where its last word ends.

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
  if (link) connectCards(link, times, say, (startMs, endMs) => playClip(startMs, endMs, { end, getPlayer, seek }));
  return end;
}

function playClip(startMs, endMs, { end, getPlayer, seek }) {
  seek(startMs);
  end.set(endMs);
  if (getPlayer().isWaiting) getPlayer().play(); // the player of another site, which this press loads
  const url = new URL(location);
  url.searchParams.set("end", String(endMs / 1000));
  history.replaceState(history.state, "", url);
}

/** Open the card of the selected words, of the current hit, or of the current paragraph. */
function connectCards(link, times, say, play) {
  const button = document.getElementById("cite-selection");
  const open = (url) =>
    import("./clip_dialog.js").then(
      ({ showCard }) => showCard(url, play),
      () => say("The clip did not load"),
    );
  const urlOf = ([from, to]) => {
    const url = new URL(link.href);
    url.searchParams.set("from", String(from));
    url.searchParams.set("to", String(to));
    return url;
  };
  const onClick = (target, findTimes) =>
    target?.addEventListener("click", (event) => {
      if (!isPlainClick(event)) return;
      event.preventDefault();
      const found = findTimes();
      open(found ? urlOf(found) : target.href);
    });
  onClick(link, () => times.selectedTimes() ?? times.playingTimes());
  onClick(document.getElementById("clip-link"), () => null);
  let selected = null; // kept, because the click on the button may end the selection
  onClick(button, () => selected);
  let timer = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (document.getElementById("clip-dialog").open) return;
      const found = times.selectedTimes();
      button.hidden = !found;
      selected = found ?? selected;
    }, SELECTION_DELAY_MS);
  });
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
