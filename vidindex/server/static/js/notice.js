// The message about a search that failed or takes long, with a button that repeats it.

const notice = document.getElementById("notice");
const announcement = document.getElementById("announcement");
const retry = document.getElementById("retry");

/** Tell screen readers *message*; it is not shown. */
export function announce(message) {
  hideNotice();
  announcement.textContent = message;
}

/** Show *message*, with the button if *canRetry*. */
export function showNotice(message, { canRetry = true } = {}) {
  announcement.textContent = message;
  announcement.classList.remove("visually-hidden");
  notice.classList.add("is-shown");
  retry.hidden = !canRetry;
}

export function hideNotice() {
  announcement.classList.add("visually-hidden");
  notice.classList.remove("is-shown");
  retry.hidden = true;
}

/** Whether the button has the focus. */
export function isRetrying() {
  return document.activeElement === retry;
}

export function focusRetry() {
  if (!retry.hidden) retry.focus({ preventScroll: true });
}

/** Call *repeat* when the visitor presses the button, which stays until there is an answer. */
export function onRetry(repeat) {
  retry.addEventListener("click", () => {
    announcement.textContent = "Trying again…";
    repeat();
  });
}
