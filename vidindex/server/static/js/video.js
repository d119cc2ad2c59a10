// The video page: the player, the transcript beside it, the timeline under it, and what ties them together.

import { Finding } from "./finding.js";
import { Following } from "./following.js";
import { isPlainClick, slashGoesTo } from "./keys.js";
import { clock, playerIn } from "./player.js";
import { Quoting } from "./quoting.js";
import { Transcript } from "./transcript.js";

const watch = document.getElementById("watch");
const lengthMs = Number(watch.dataset.length);
const said = document.getElementById("said");
const timeline = document.getElementById("timeline");
const news = document.getElementById("news");
const transcript = said && new Transcript(said);
const following = said && new Following(said, document.getElementById("follow"));
const quoteLink = document.getElementById("quote");
const quoting =
  quoteLink &&
  new Quoting(quoteLink, {
    transcript,
    dialog: document.getElementById("citation"),
    tell: (text) => (news.textContent = text),
  });
const player = playerIn(document.getElementById("player"), reached);
const stops = [...watch.querySelectorAll(".rows [data-at], .moments [data-at]")];

function reached(ms) {
  const range = transcript?.mark(ms);
  if (range && player?.isPlaying) following.show(range);
  if (!timeline) return;
  document.getElementById("played").setAttribute("width", String(Math.min(1000, (ms / lengthMs) * 1000)));
  document.getElementById("clock").textContent = clock(ms);
  markStops(".rows", ms);
}

/** Tell which chapter plays. */
function markStops(list, ms) {
  const rows = stops.filter((stop) => stop.closest(list));
  const here = rows.findLast((row) => Number(row.dataset.at) <= ms);
  for (const row of rows) row.toggleAttribute("aria-current", row === here);
}

function seek(ms) {
  if (!player) return false;
  if (quoting) quoting.hasMoved = true;
  const address = new URL(location);
  address.searchParams.set("t", String(Math.round(ms) / 1000));
  history.replaceState(history.state, "", address);
  player.seek(ms);
  return true;
}

/** Links to a moment of this video play it here. */
watch.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || !isPlainClick(event)) return;
  const at = link.dataset.at ?? (link.classList.contains("at") ? link.parentElement.dataset.at : undefined);
  if (at !== undefined && seek(Number(at))) event.preventDefault();
});

said?.addEventListener("click", (event) => {
  if (!event.target.closest(".words") || !getSelection().isCollapsed) return;
  const ms = transcript.timeAt(event.clientX, event.clientY);
  if (ms !== null) seek(ms);
});

timeline?.addEventListener("click", (event) => {
  const box = timeline.querySelector("svg").getBoundingClientRect();
  const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  seek(share * lengthMs);
});

if (said) {
  document.getElementById("previous").hidden = false;
  new Finding(document.getElementById("seek"), transcript, following);
  slashGoesTo(document.getElementById("words"));
  const at = Number(watch.dataset.at);
  const range = at ? transcript.mark(at) : null;
  if (range && following.isOn) following.bring(range, { isJump: true });
}
