// The video page: connects the player, the transcript, the timeline, the keys and the links to moments.

import { connectClips } from "./clip.js";
import { QuoteCopier } from "./copy_quote.js";
import { TranscriptSearch } from "./find_in_transcript.js";
import { PlaybackFollower } from "./follow_playback.js";
import { Hits } from "./hits.js";
import { focusOnSlash, isPlainClick } from "./keys.js";
import { createPlayer } from "./player.js";
import { PlayerNote, formatClock } from "./player_note.js";
import { Transcript } from "./transcript.js";
import { Transport } from "./transport.js";

const MESSAGE_MS = 2500;

const page = document.getElementById("video-page");
const lengthMs = Number(page.dataset.lengthMs);
const container = document.getElementById("transcript-text");
const timeline = document.getElementById("timeline");
const clock = document.getElementById("clock");
const message = document.getElementById("player-message");
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
const figure = document.getElementById("player");
const note = new PlayerNote(figure, (text) => (announcement.textContent = text));
const clipEnd = connectClips({ getPlayer: () => player, seek, times: quoteCopier, say });
const player = createPlayer(figure, { onTime, onRate, say, lengthMs }, note);
const chapters = [...page.querySelectorAll(".rows [data-start-ms]")];
const hits = new Hits(document.getElementById("hits"), { player, seek, say, lengthMs });
new Transport({ player, seek, hits, say, lengthMs });

let messageTimer = 0;

function onTime(ms) {
  clipEnd.onTime(ms);
  const range = transcript?.highlightAt(ms);
  if (range && player?.isPlaying) playbackFollower.update(range);
  note.moveTo(ms);
  hits?.onTime(ms);
  markCurrentChapter(ms);
  if (!timeline) return;
  const at = String(Math.min(1000, (ms / lengthMs) * 1000));
  document.getElementById("played").setAttribute("width", at);
  document.getElementById("position").setAttribute("x", at);
  clock.textContent = player?.isEstimated ? `≈ ${formatClock(ms)}` : formatClock(ms);
}

function onRate(rate) {
  say(rate === 1 ? "Normal speed" : `Speed ${rate}×`);
}

/** Show a short message in place of the speed. */
function say(text) {
  announcement.textContent = text;
  if (!message) return;
  clearTimeout(messageTimer);
  message.textContent = text;
  messageTimer = setTimeout(showSpeed, MESSAGE_MS);
}

function showSpeed() {
  message.textContent = (player.rate ?? 1) === 1 ? "" : `${player.rate}×`;
}

function markCurrentChapter(ms) {
  const current = chapters.findLast((chapter) => Number(chapter.dataset.startMs) <= ms);
  for (const chapter of chapters) {
    if (chapter === current) chapter.setAttribute("aria-current", "true");
    else chapter.removeAttribute("aria-current");
  }
}

function seek(ms, { play = true, isPlayingAll = false } = {}) {
  if (!isPlayingAll) hits.stop();
  if (quoteCopier) quoteCopier.hasMoved = true;
  clipEnd.clear();
  const url = new URL(location);
  url.searchParams.delete("end");
  url.searchParams.set("t", String(Math.round(ms) / 1000));
  history.replaceState(history.state, "", url);
  if (isPlayingAll && player.isWaiting) player.seek(ms), player.play();
  else player.seek(ms, { play });
  const range = transcript?.highlightAt(ms);
  if (range && playbackFollower.isOn) playbackFollower.scrollTo(range);
}

/** Links to a moment of this video play it without loading the page again. */
page.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || !isPlainClick(event)) return;
  const { startMs } = link.classList.contains("start-link") ? link.parentElement.dataset : link.dataset;
  if (startMs === undefined) return;
  event.preventDefault();
  seek(Number(startMs));
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
