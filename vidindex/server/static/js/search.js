// Search as you type: the server renders the results, this script puts them in place. The URL holds the whole state.

import { focusOnSlash, hasNoModifier, isPlainClick } from "./keys.js";
import { announce, focusRetry, isRetrying, onRetry, showNotice } from "./notice.js";
import { cancelSave, findByKey, focusKey, restorePlace, savePlace, trackPlace } from "./place.js";

const DELAY_MS = 150;
const SLOW_MS = 2500; // a visitor who waits longer wants to know why
const GIVE_UP_MS = 20000; // the server itself gives up earlier
const form = document.getElementById("search-form");
const field = document.getElementById("q");
const results = document.getElementById("results");

let request = new AbortController();
let timer = 0;
let shownPath = location.pathname + location.search;
let isTypingSession = false; // keystrokes of one typing session share one history entry

// State

function pathFor(text) {
  const current = new URLSearchParams(location.search);
  current.delete("page");
  current.delete("q");
  const params = new URLSearchParams(text.trim() ? { q: text } : {});
  for (const [name, value] of current) params.append(name, value);
  return params.size ? `/?${params}` : "/";
}

function onInput() {
  clearTimeout(timer);
  timer = setTimeout(() => navigate(pathFor(field.value)), DELAY_MS);
}

function navigate(path, { isNewEntry = !isTypingSession } = {}) {
  clearTimeout(timer);
  if (path === location.pathname + location.search) {
    if (results.inert && !results.hasAttribute("aria-busy")) load(path); // it failed
    return;
  }
  if (isNewEntry) {
    savePlace();
    history.pushState(null, "", path);
  } else {
    cancelSave();
    history.replaceState(null, "", path);
  }
  isTypingSession = true;
  load(path);
}

// Results

async function load(path, { place } = {}) {
  request.abort();
  const current = (request = new AbortController());
  shownPath = path;
  const focused = results.contains(document.activeElement) ? focusKey(document.activeElement) : "";
  results.setAttribute("aria-busy", "true");
  results.inert = true; // what is shown answers another search
  const timers = [
    setTimeout(() => showNotice("The server has not answered yet. The page still shows the search before."), SLOW_MS),
    setTimeout(() => current.abort(), GIVE_UP_MS),
  ];
  try {
    const response = await fetch(path.replace(/^\//, "/results"), { signal: current.signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (current !== request) return;
    if (response.ok) show(page, focused, place);
    else fail(page.querySelector(".error-page p")?.textContent ?? "The search failed.", focused, response.status);
  } catch {
    if (current === request) fail("The server is not responding.", focused);
  } finally {
    timers.forEach(clearTimeout);
  }
  if (current === request) results.removeAttribute("aria-busy");
}

function fail(reason, focused, status = 503) {
  showNotice(`${reason} The page still shows the search before.`, { canRetry: status >= 500 });
  if (focused) focusRetry();
}

function show(page, focused, place) {
  const hasRetried = isRetrying();
  results.replaceChildren(...page.body.childNodes);
  results.inert = false;
  announce(results.querySelector("[data-announcement]")?.dataset.announcement ?? "");
  document.title = field.value.trim() ? `${field.value.trim().slice(0, 60)} · vidindex` : "vidindex";
  if (place) restorePlace(place);
  else if (focused || hasRetried) restoreFocus(focused);
}

function restoreFocus(key) {
  const element = key && key !== "previous" && key !== "next" ? findByKey(results, key) : null;
  const heading = results.querySelector("h1");
  if (element) element.focus({ preventScroll: true });
  else heading?.setAttribute("tabindex", "-1"), heading?.focus({ preventScroll: true });
}

// Links and keys

function onClick(event) {
  const link = event.target.closest("a[href]");
  if (!link || !isPlainClick(event) || link.pathname !== "/" || link.hash) return;
  event.preventDefault();
  field.value = new URLSearchParams(link.search).get("q") ?? "";
  isTypingSession = false;
  navigate(link.pathname + link.search, { isNewEntry: true });
  isTypingSession = false;
  if (link.closest(".page-links")) scrollTo(0, 0);
}

/** Apply the form of a filter, whose hidden fields are the rest of the search. */
function onSubmitFilter(event) {
  if (new URL(event.target.action).pathname !== "/") return; // a file
  event.preventDefault();
  const given = [...new FormData(event.target)].filter(([, value]) => value);
  isTypingSession = false;
  navigate(`/?${new URLSearchParams(given)}`, { isNewEntry: true });
  isTypingSession = false;
}

function onKey(event) {
  if (!hasNoModifier(event) || event.isComposing) return;
  const hits = [...results.querySelectorAll("a.hit")].filter((hit) => hit.checkVisibility());
  const current = hits.indexOf(document.activeElement);
  const isInField = document.activeElement === field;
  if (event.key === "ArrowDown" && (current >= 0 || isInField)) hits[Math.min(current + 1, hits.length - 1)]?.focus();
  else if (event.key === "ArrowUp" && current >= 0) (hits[current - 1] ?? field).focus();
  else if (event.key === "Escape" && isInField) clearOrLeave();
  else if (event.key === "Escape" && results.contains(document.activeElement)) field.focus();
  else return;
  event.preventDefault();
}

function clearOrLeave() {
  if (!field.value) return field.blur();
  field.value = "";
  navigate(pathFor(""));
}

field.addEventListener("input", (event) => event.isComposing || onInput());
field.addEventListener("compositionend", onInput);
field.addEventListener("blur", () => (isTypingSession = false));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  navigate(pathFor(field.value));
  isTypingSession = false;
});
results.addEventListener("click", onClick);
results.addEventListener("submit", onSubmitFilter);
document.addEventListener("keydown", onKey);
focusOnSlash(field);

addEventListener("popstate", (event) => {
  clearTimeout(timer);
  cancelSave();
  isTypingSession = false;
  const path = location.pathname + location.search;
  if (path === shownPath) return restorePlace(event.state); // only the fragment changed
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  load(path, { place: event.state ?? { scroll: 0 } });
});
addEventListener("pagehide", savePlace);
addEventListener("pageshow", (event) => event.persisted && results.inert && load(shownPath));
onRetry(() => load(shownPath));
trackPlace();
restorePlace(history.state);
if (!field.value && !history.state?.focus && matchMedia("(hover: hover)").matches) field.focus({ preventScroll: true });
