// Keys that mean the same on every page.

export function isTyping(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

export function isPlain(event) {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
}

/** A click that would only follow the link here, not open it elsewhere. */
export function isPlainClick(event) {
  return event.button === 0 && isPlain(event) && !event.defaultPrevented;
}

/** `/` goes to *field*. */
export function slashGoesTo(field) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || !isPlain(event) || isTyping(event.target)) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}
