// Search as you type: the server renders the results, this script puts them in place. The URL holds the whole state.

import { focusOnSlash, hasNoModifier, isPlainClick } from "./keys.js";

const DELAY_MS = 150;
const form = document.getElementById("search-form");
const field = document.getElementById("q");
const results = document.getElementById("results");
const announcement = document.getElementById("announcement");

let request = new AbortController();
let timer = 0;
let shownPath = location.pathname + location.search;
let isTypingSession = false; // keystrokes of one typing session share one history entry

history.scrollRestoration = "manual";

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
  if (path === location.pathname + location.search) return;
  if (isNewEntry) {
    history.replaceState({ scroll: scrollY }, "");
    history.pushState(null, "", path);
  } else {
    history.replaceState(null, "", path);
  }
  isTypingSession = true;
  load(path);
}

// Results

async function load(path, { scroll } = {}) {
  shownPath = path;
  request.abort();
  request = new AbortController();
  const { signal } = request;
  results.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(path.replace(/^\//, "/results"), { signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (response.ok) show(page);
    else showError(page.querySelector(".error-page p")?.textContent ?? "The search failed. Try again.");
    if (scroll !== undefined) scrollTo(0, scroll);
  } catch (error) {
    if (signal.aborted) return;
    showError("The server is not responding. Try again.");
  }
  results.removeAttribute("aria-busy");
}

function showError(message) {
  announcement.textContent = message;
  announcement.classList.remove("visually-hidden");
}

function show(page) {
  const focusKey = results.contains(document.activeElement) ? document.activeElement.dataset.focusKey : undefined;
  results.replaceChildren(...page.body.childNodes);
  announcement.classList.add("visually-hidden");
  announcement.textContent = results.querySelector("[data-announcement]")?.dataset.announcement ?? "";
  document.title = field.value.trim() ? `${field.value.trim().slice(0, 60)} · vidindex` : "vidindex";
  if (focusKey) restoreFocus(focusKey);
}

function restoreFocus(focusKey) {
  const element = results.querySelector(`[data-focus-key="${CSS.escape(focusKey)}"]`);
  const heading = results.querySelector("h1");
  if (element && focusKey !== "previous" && focusKey !== "next") element.focus({ preventScroll: true });
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
document.addEventListener("keydown", onKey);
focusOnSlash(field);

addEventListener("popstate", (event) => {
  clearTimeout(timer);
  isTypingSession = false;
  const path = location.pathname + location.search;
  if (path === shownPath) return; // only the fragment changed
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  load(path, { scroll: event.state?.scroll ?? 0 });
});
addEventListener("pagehide", () => history.replaceState({ scroll: scrollY }, ""));
if (history.state?.scroll) scrollTo(0, history.state.scroll);
if (!field.value && matchMedia("(hover: hover)").matches) field.focus({ preventScroll: true });
