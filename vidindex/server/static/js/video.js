// The video page: connects the player, the transcript, the timeline and the links to moments.

import { QuoteCopier } from "./copy_quote.js";
import { TranscriptSearch } from "./find_in_transcript.js";
import { PlaybackFollower } from "./follow_playback.js";
import { focusOnSlash, isPlainClick } from "./keys.js";
import { createPlayer, formatClock } from "./player.js";
import { Transcript } from "./transcript.js";

const page = document.getElementById("video-page");
const lengthMs = Number(page.dataset.lengthMs);
const container = document.getElementById("transcript-text");
const timeline = document.getElementById("timeline");
const announcement = document.getElementById("announcement");
const transcript = container && new Transcript(container);
const playbackFollower = container && new PlaybackFollower(container, document.getElementById("follow"));
const quoteLink = document.getElementById("copy-quote");
const quoteCopier =
  quoteLink &&
  new QuoteCopier(quoteLink, {
    transcript,
    dialog: document.getElementById("citation"),
    announce: (text) => (announcement.textContent = text),
  });
const player = createPlayer(document.getElementById("player"), onTime);
const chapters = [...page.querySelectorAll(".rows [data-start-ms]")];

function onTime(ms) {
  const range = transcript?.highlightAt(ms);
  if (range && player?.isPlaying) playbackFollower.update(range);
  if (!timeline) return;
  document.getElementById("played").setAttribute("width", String(Math.min(1000, (ms / lengthMs) * 1000)));
  document.getElementById("clock").textContent = formatClock(ms);
  markCurrentChapter(ms);
}

function markCurrentChapter(ms) {
  const current = chapters.findLast((chapter) => Number(chapter.dataset.startMs) <= ms);
  for (const chapter of chapters) chapter.toggleAttribute("aria-current", chapter === current);
}

function seek(ms) {
  if (!player) return false;
  if (quoteCopier) quoteCopier.hasMoved = true;
  const url = new URL(location);
  url.searchParams.set("t", String(Math.round(ms) / 1000));
  history.replaceState(history.state, "", url);
  player.seek(ms);
  return true;
}

/** Links to a moment of this video play it without loading the page again. */
page.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || !isPlainClick(event)) return;
  const { startMs } = link.classList.contains("start-link") ? link.parentElement.dataset : link.dataset;
  if (startMs !== undefined && seek(Number(startMs))) event.preventDefault();
});

container?.addEventListener("click", (event) => {
  if (!event.target.closest(".words") || !getSelection().isCollapsed) return;
  const ms = transcript.timeAt(event.clientX, event.clientY);
  if (ms !== null) seek(ms);
});

timeline?.addEventListener("click", (event) => {
  const box = timeline.querySelector("svg").getBoundingClientRect();
  const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  seek(share * lengthMs);
});

if (container) {
  document.getElementById("previous").hidden = false;
  new TranscriptSearch(document.getElementById("find-form"), transcript, playbackFollower);
  focusOnSlash(document.getElementById("find"));
  const startMs = Number(page.dataset.startMs);
  const range = startMs ? transcript.highlightAt(startMs) : null;
  if (range && playbackFollower.isOn) playbackFollower.scrollTo(range, { isJump: true });
}
