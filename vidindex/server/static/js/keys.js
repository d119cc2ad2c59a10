// Keyboard and click helpers for all pages.

export function isTyping(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

export function hasNoModifier(event) {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
}

/** Whether a click would follow a link in this tab. */
export function isPlainClick(event) {
  return event.button === 0 && hasNoModifier(event) && !event.defaultPrevented;
}

/** Make the key `/` focus *field*. */
export function focusOnSlash(field) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || !hasNoModifier(event) || isTyping(event.target)) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}
