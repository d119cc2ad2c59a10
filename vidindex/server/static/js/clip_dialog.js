// The dialog with the card of a clip; it is loaded when a card is opened for the first time.

import { enableCopying } from "./clip_card.js";
import { isPlainClick } from "./keys.js";

const dialog = document.getElementById("clip-dialog");
const content = document.getElementById("clip-content");
let playClip = null;

/** Show the card that is part of the page at *url*; *play* plays a clip. */
export async function showCard(url, play) {
  playClip = play;
  const [card] = await Promise.all([fetchCard(url).catch(() => null), loadStyles(dialog.dataset.styles)]);
  content.replaceChildren(card ?? failureNote(url));
  if (card) enableCopying(card);
  dialog.showModal();
}

dialog.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-clip-end-ms]");
  if (!link || !isPlainClick(event)) return;
  event.preventDefault();
  dialog.close();
  playClip(Number(link.dataset.clipStartMs), Number(link.dataset.clipEndMs));
});

async function fetchCard(url) {
  const response = await fetch(url);
  if (!response.ok) return null;
  return new DOMParser().parseFromString(await response.text(), "text/html").getElementById("clip-card");
}

function loadStyles(href) {
  if (document.querySelector(`link[rel="stylesheet"][href="${CSS.escape(href)}"]`)) return null;
  return new Promise((resolve) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    link.addEventListener("load", resolve);
    link.addEventListener("error", resolve);
    document.head.append(link);
  });
}

function failureNote(url) {
  const note = document.createElement("p");
  const link = Object.assign(document.createElement("a"), { href: String(url), textContent: "Open its page" });
  note.append("The clip did not load. ", link, ".");
  return note;
}
