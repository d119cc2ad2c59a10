// Where the visitor is on a page: scroll position, focus and opened groups. The history entry of the page keeps it.

const SAVE_DELAY_MS = 300; // browsers limit how often a script may change an entry
let timer = 0;

/** The key of *element* in other renderings of its page, "" if it has none. */
export function focusKey(element) {
  if (element?.dataset?.focusKey) return element.dataset.focusKey;
  const href = element?.getAttribute?.("href"); // several links may lead to one page
  return href ? `${element.className} ${href}` : "";
}

/** Find the element with the key *key* in *root*. */
export function findByKey(root, key) {
  return [...root.querySelectorAll("a[href], [data-focus-key]")].find((element) => focusKey(element) === key);
}

/** Save the place in the current history entry now. */
export function savePlace() {
  clearTimeout(timer);
  const groups = [...document.querySelectorAll("details[data-group]")].filter((group) => group.open);
  const open = groups.map((group) => group.dataset.group);
  history.replaceState({ scroll: scrollY, focus: focusKey(document.activeElement), open }, "");
}

/** Forget a save that is due: the current entry is another one now. */
export function cancelSave() {
  clearTimeout(timer);
}

/** Restore *place*, the state of a history entry, in the page as it is now. */
export function restorePlace(place) {
  for (const group of place?.open ? document.querySelectorAll("details[data-group]") : []) {
    group.open = place.open.includes(group.dataset.group);
  }
  if (place?.focus) findByKey(document, place.focus)?.focus({ preventScroll: true });
  if (place) scrollTo(0, place.scroll);
}

/** Keep the place up to date while the visitor uses the page. */
export function trackPlace() {
  history.scrollRestoration = "manual";
  const saveSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(savePlace, SAVE_DELAY_MS);
  };
  addEventListener("scroll", saveSoon, { passive: true });
  document.addEventListener("focusin", saveSoon);
  document.addEventListener("toggle", saveSoon, { capture: true });
  // A click may lead to another page, and the event `pagehide` may come when that one is the current entry.
  document.addEventListener("click", (event) => event.target.closest("a[href]") && savePlace(), { capture: true });
}
