// Keeps what is said now in sight, until the reader scrolls away.

const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const WIDE = matchMedia("(min-width: 62rem)");

export class Following {
  constructor(said, button) {
    this.said = said;
    this.button = button;
    this.isOn = WIDE.matches;
    this.last = null;
    for (const name of ["wheel", "touchmove"]) said.addEventListener(name, () => this.stop(), { passive: true });
    said.addEventListener("keydown", (event) => {
      if (["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "].includes(event.key)) this.stop();
    });
    button.addEventListener("click", () => this.start());
  }

  start() {
    this.isOn = true;
    this.button.hidden = true;
    if (this.last) this.bring(this.last);
  }

  stop() {
    this.isOn = false;
    this.button.hidden = this.last === null;
  }

  /** Show *range*, which is said now. */
  show(range) {
    this.last = range;
    if (this.isOn) this.bring(range);
    else if (this.button.hidden) this.button.hidden = false;
  }

  /** Scroll to *range*, unless it stands well within sight; at once where *isJump*. */
  bring(range, { isJump = false } = {}) {
    const place = range.getBoundingClientRect();
    const view = WIDE.matches ? this.said.getBoundingClientRect() : { top: stickyHeight(), height: innerHeight - stickyHeight() };
    const at = place.top - view.top;
    if (at > view.height * 0.15 && at < view.height * 0.75) return;
    const by = { top: at - view.height * 0.35, behavior: isJump || CALM.matches ? "instant" : "smooth" };
    (WIDE.matches ? this.said : window).scrollBy(by);
  }
}

function stickyHeight() {
  return document.getElementById("player").getBoundingClientRect().height;
}
