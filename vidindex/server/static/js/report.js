// The report on the quotations of an article: ticks, notes, and the keyboard.

import { hasNoModifier } from "./keys.js";
import { ReviewSaver } from "./reviews.js";

const report = document.getElementById("quotes");
const quotes = [...report.querySelectorAll(".quote")];
const editorTemplate = document.getElementById("note-editor");
const canWrite = editorTemplate !== null;
const saver = new ReviewSaver(report.dataset.article);
const announcement = document.getElementById("announcement");
const keysHelp = document.getElementById("keys");

let current = null; // the quotation that the keyboard was in last

// Ticks

function showCounts(step) {
  for (const count of report.querySelectorAll("[data-count='checked'], #checked-count")) addTo(count, step);
  for (const count of report.querySelectorAll("[data-count='to check']")) addTo(count, -step);
}

function addTo(element, step) {
  element.textContent = String(Number(element.textContent) + step);
}

async function saveTick(quote, box) {
  const done = box.checked;
  showCounts(done ? 1 : -1);
  const answer = await save(quote, { done });
  if (answer) return say(done ? "Checked" : "Not checked any more");
  box.checked = !done;
  showCounts(done ? -1 : 1);
}

// Notes

function editNote(quote) {
  const open = quote.querySelector(".note-editor textarea");
  if (open) return open.focus();
  const text = quote.querySelector(".note-text");
  const form = editorTemplate.content.firstElementChild.cloneNode(true);
  const area = form.querySelector("textarea");
  area.value = text.textContent;
  text.hidden = true;
  quote.querySelector(".edit-note").hidden = true;
  text.after(form);
  area.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leaveNote(quote, form);
  });
  form.addEventListener("keydown", (event) => {
    const isSave = event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey));
    if (!isSave || event.isComposing) return;
    event.preventDefault();
    leaveNote(quote, form);
  });
  form.addEventListener("focusout", (event) => {
    if (document.hasFocus() && !form.contains(event.relatedTarget)) closeNote(quote, form);
  });
}

/** Save the note and go on with the keyboard in its quotation. */
function leaveNote(quote, form) {
  closeNote(quote, form);
  quote.focus();
}

async function closeNote(quote, form) {
  if (form.inert) return; // is being saved
  const text = quote.querySelector(".note-text");
  const note = form.querySelector("textarea").value;
  form.inert = true;
  const isSaved = note.trim() === text.textContent || (await save(quote, { note }));
  form.inert = false;
  if (!isSaved) return;
  if (isSaved !== true) text.textContent = isSaved.note;
  form.remove();
  text.hidden = !text.textContent;
  const button = quote.querySelector(".edit-note");
  button.hidden = false;
  button.textContent = text.textContent ? "Edit the note" : "Add a note";
}

function isEdited(quote) {
  const form = quote.querySelector(".note-editor:not([inert])");
  return form && form.querySelector("textarea").value.trim() !== quote.querySelector(".note-text").textContent;
}

addEventListener("beforeunload", (event) => {
  if (saver.hasWaiting || quotes.some(isEdited)) event.preventDefault();
});

// Saving

async function save(quote, change) {
  const state = quote.querySelector(".review-state");
  try {
    const review = await saver.save(quote.dataset.quote, change);
    quote.querySelector(".review-date").textContent = `Last change ${review.changed.slice(0, 10)}`;
    state.textContent = "";
    return review;
  } catch (error) {
    state.textContent = `Not saved: ${error.message}`;
    say(state.textContent);
    return null;
  }
}

function say(text) {
  announcement.textContent = text;
}

// Keyboard

function quoteOf(element) {
  return element instanceof Element ? element.closest(".quote") : null;
}

function go(step) {
  const at = quotes.indexOf(quoteOf(document.activeElement) ?? current);
  const top = (quote) => quote.getBoundingClientRect().top;
  const below = quotes.findIndex((quote) => top(quote) >= 0);
  const next = at >= 0 ? at + step : step > 0 ? below : (below < 0 ? quotes.length : below) - 1;
  const quote = quotes[Math.max(0, Math.min(next, quotes.length - 1))];
  quote?.focus({ preventScroll: true });
  quote?.scrollIntoView({ block: "nearest" });
}

function play(quote) {
  const details = quote.querySelector(".inline-player");
  if (!details) return quote.querySelector(".play-link")?.click();
  details.open = true;
  const media = details.querySelector("video, audio");
  if (media.paused) media.play().catch(() => {}); // browsers may block it
  else media.pause();
}

function onKey(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return;
  if (event.key === "?") return showKeys();
  if (!hasNoModifier(event)) return;
  const isOnQuote = document.activeElement?.classList.contains("quote");
  const key = event.key.toLowerCase();
  const quote = quoteOf(document.activeElement) ?? current;
  if (key === "j" || (key === "arrowdown" && isOnQuote)) go(1);
  else if (key === "k" || (key === "arrowup" && isOnQuote)) go(-1);
  else if (key === "p" && quote) play(quote);
  else if (key === "x" && quote && canWrite) quote.querySelector(".tick input").click();
  else if (canWrite && quote && (key === "e" || (key === "enter" && isOnQuote))) editNote(quote);
  else return;
  event.preventDefault();
}

/** Whether *target* uses the keys itself. */
function isBusy(target) {
  return target instanceof Element && target.closest("textarea, select, video, audio, dialog, input:not([type=checkbox])");
}

function showKeys() {
  if (!keysHelp.open) keysHelp.showModal();
}

for (const quote of quotes) {
  quote.addEventListener("focusin", () => (current = quote));
  if (!canWrite) continue;
  const box = quote.querySelector(".tick input");
  box.disabled = false;
  box.addEventListener("change", () => saveTick(quote, box));
  quote.querySelector(".edit-note").addEventListener("click", () => editNote(quote));
}
document.getElementById("show-keys")?.addEventListener("click", showKeys);
if (keysHelp) document.addEventListener("keydown", onKey);
