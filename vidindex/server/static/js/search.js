// The search page, while one types: the server's own list of hits, put in place; the address carries the whole state.

import { isPlain, isPlainClick, slashGoesTo } from "./keys.js";

const DELAY_MS = 150;
const form = document.getElementById("ask");
const field = document.getElementById("q");
const outcome = document.getElementById("outcome");
const news = document.getElementById("news");

let asking = new AbortController();
let timer = 0;
let shown = location.pathname + location.search;
let isTypingOn = false; // the step in the history that typing began is being written

history.scrollRestoration = "manual";

// What is asked

function addressOf(text) {
  const asked = new URLSearchParams(location.search);
  asked.delete("page");
  asked.delete("q");
  const state = new URLSearchParams(text.trim() ? { q: text } : {});
  for (const [name, value] of asked) state.append(name, value);
  return state.size ? `/?${state}` : "/";
}

function typed() {
  clearTimeout(timer);
  timer = setTimeout(() => go(addressOf(field.value)), DELAY_MS);
}

function go(address, { isStep = !isTypingOn } = {}) {
  clearTimeout(timer);
  if (address === location.pathname + location.search) return;
  if (isStep) {
    history.replaceState({ scroll: scrollY }, "");
    history.pushState(null, "", address);
  } else {
    history.replaceState(null, "", address);
  }
  isTypingOn = true;
  show(address);
}

// What is shown

async function show(address, { scroll } = {}) {
  shown = address;
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  outcome.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address.replace(/^\//, "/results"), { signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok) put(page);
    else tell(page.querySelector(".lost p")?.textContent ?? "The search did not answer. Try again.");
    if (scroll !== undefined) scrollTo(0, scroll);
  } catch (error) {
    if (signal.aborted) return;
    tell("The server does not answer. Try again.");
  }
  outcome.removeAttribute("aria-busy");
}

/** Say what went wrong where everybody sees it. */
function tell(trouble) {
  news.textContent = trouble;
  news.classList.remove("unseen");
}

function put(page) {
  const kept = outcome.contains(document.activeElement) ? document.activeElement.dataset.keep : undefined;
  outcome.replaceChildren(...page.body.childNodes);
  news.classList.add("unseen");
  news.textContent = outcome.querySelector("[data-news]")?.dataset.news ?? "";
  document.title = field.value.trim() ? `${field.value.trim().slice(0, 60)} · vidindex` : "vidindex";
  if (kept) focusAgain(kept);
}

function focusAgain(name) {
  const place = outcome.querySelector(`[data-keep="${CSS.escape(name)}"]`);
  const heading = outcome.querySelector("h1");
  if (place && name !== "earlier" && name !== "later") place.focus({ preventScroll: true });
  else heading?.setAttribute("tabindex", "-1"), heading?.focus({ preventScroll: true });
}

// What is done with it

function follow(event) {
  const link = event.target.closest("a[href]");
  if (!link || !isPlainClick(event) || link.pathname !== "/" || link.hash) return;
  event.preventDefault();
  field.value = new URLSearchParams(link.search).get("q") ?? "";
  isTypingOn = false;
  go(link.pathname + link.search, { isStep: true });
  isTypingOn = false;
  if (link.closest(".paging")) scrollTo(0, 0);
}

function move(event) {
  if (!isPlain(event) || event.isComposing) return;
  const hits = [...outcome.querySelectorAll("a.hit")].filter((hit) => hit.checkVisibility());
  const at = hits.indexOf(document.activeElement);
  const isInField = document.activeElement === field;
  if (event.key === "ArrowDown" && (at >= 0 || isInField)) hits[Math.min(at + 1, hits.length - 1)]?.focus();
  else if (event.key === "ArrowUp" && at >= 0) (hits[at - 1] ?? field).focus();
  else if (event.key === "Escape" && isInField) leave();
  else if (event.key === "Escape" && outcome.contains(document.activeElement)) field.focus();
  else return;
  event.preventDefault();
}

function leave() {
  if (!field.value) return field.blur();
  field.value = "";
  go(addressOf(""));
}

field.addEventListener("input", (event) => event.isComposing || typed());
field.addEventListener("compositionend", typed);
field.addEventListener("blur", () => (isTypingOn = false));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  go(addressOf(field.value));
  isTypingOn = false;
});
outcome.addEventListener("click", follow);
document.addEventListener("keydown", move);
slashGoesTo(field);

addEventListener("popstate", (event) => {
  clearTimeout(timer);
  isTypingOn = false;
  const address = location.pathname + location.search;
  if (address === shown) return; // only another place of the same page
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  show(address, { scroll: event.state?.scroll ?? 0 });
});
addEventListener("pagehide", () => history.replaceState({ scroll: scrollY }, ""));
if (history.state?.scroll) scrollTo(0, history.state.scroll);
if (!field.value && matchMedia("(hover: hover)").matches) field.focus({ preventScroll: true });
