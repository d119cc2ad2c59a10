// Keeps the spoken words visible during playback, until the visitor scrolls away.

const REDUCED_MOTION = matchMedia("(prefers-reduced-motion: reduce)");
const WIDE = matchMedia("(min-width: 62rem)");

export class PlaybackFollower {
  constructor(container, button) {
    this.container = container;
    this.button = button;
    this.isOn = WIDE.matches;
    this.lastRange = null;
    for (const name of ["wheel", "touchmove"]) container.addEventListener(name, () => this.stop(), { passive: true });
    container.addEventListener("keydown", (event) => {
      if (["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "].includes(event.key)) this.stop();
    });
    button.addEventListener("click", () => this.start());
  }

  start() {
    this.isOn = true;
    this.button.hidden = true;
    if (this.lastRange) this.scrollTo(this.lastRange);
  }

  stop() {
    this.isOn = false;
    this.button.hidden = this.lastRange === null;
  }

  /** Call with the *range* that is being spoken. */
  update(range) {
    this.lastRange = range;
    if (this.isOn) this.scrollTo(range);
    else if (this.button.hidden) this.button.hidden = false;
  }

  /** Scroll to *range* unless it is well within view; without animation if *isJump*. */
  scrollTo(range, { isJump = false } = {}) {
    const box = range.getBoundingClientRect();
    const view = WIDE.matches ? this.container.getBoundingClientRect() : viewBelowPlayer();
    const offset = box.top - view.top;
    if (offset > view.height * 0.15 && offset < view.height * 0.75) return;
    const behavior = isJump || REDUCED_MOTION.matches ? "instant" : "smooth";
    (WIDE.matches ? this.container : window).scrollBy({ top: offset - view.height * 0.35, behavior });
  }
}

/** On a narrow screen, the player and the links below it stick to the top of the window. */
function viewBelowPlayer() {
  const heights = [...document.querySelectorAll("#player, .jump")].map((each) => each.getBoundingClientRect().height);
  const top = heights.reduce((sum, height) => sum + height, 0);
  return { top, height: innerHeight - top };
}
