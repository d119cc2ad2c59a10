// Keys that control the player: the same ones for files and for the players of other sites.

import { isTyping } from "./keys.js";

const RATES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const SMALL_STEP_MS = 5000;
const LARGE_STEP_MS = 10000;

export class Transport {
  /** *seek* moves the player to a time; *hits* are those of the query; *say* shows a short message. */
  constructor({ player, seek, hits, say, lengthMs }) {
    Object.assign(this, { player, seek, hits, say, lengthMs });
    this.help = document.getElementById("keys");
    this.actions = {
      " ": (event) => this.onSpace(event),
      k: () => this.toggle(),
      j: () => this.step(-LARGE_STEP_MS),
      l: () => this.step(LARGE_STEP_MS),
      arrowleft: () => this.step(-SMALL_STEP_MS),
      arrowright: () => this.step(SMALL_STEP_MS),
      "[": () => this.changeRate(-1),
      "]": () => this.changeRate(1),
      n: () => this.hits.move(1),
      p: () => this.hits.move(-1),
      escape: () => this.stopAll(),
      "?": () => this.help.showModal(),
    };
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.getElementById("show-keys").addEventListener("click", () => this.help.showModal());
  }

  onKey(event) {
    if (event.defaultPrevented || event.isComposing || isTyping(event.target) || !isPlainKey(event)) return;
    if (document.querySelector("dialog[open]")) return;
    const action = this.actions[event.key.toLowerCase()];
    if (action && action(event) !== false) event.preventDefault();
  }

  /** Space activates the button that has the focus, and scrolls text; it never loads the player of another site. */
  onSpace(event) {
    if (event.target.closest("a, button, summary, #transcript-text") || this.player.isWaiting || this.player.isSilent)
      return false;
    this.toggle();
    return true;
  }

  toggle() {
    if (!this.player.canControl && !this.player.isSilent) return this.say("Use the buttons of this player");
    if (this.player.isPlaying) this.player.pause();
    else this.player.play();
  }

  step(ms) {
    const target = Math.max(0, this.player.ms + ms);
    this.seek(this.lengthMs ? Math.min(target, this.lengthMs) : target, { play: this.player.isPlaying });
  }

  changeRate(step) {
    const { rate, canControl, isWaiting } = this.player;
    if (!canControl || isWaiting) return this.say(isWaiting ? "Press play first" : "This player has one speed");
    const faster = RATES.find((each) => each > rate + 0.01) ?? RATES.at(-1);
    const slower = RATES.findLast((each) => each < rate - 0.01) ?? RATES[0];
    this.player.setRate(step > 0 ? faster : slower);
  }

  stopAll() {
    if (!this.hits.isPlayingAll) return false;
    this.hits.stop("Stopped");
    this.player.pause();
    return true;
  }
}

/** Whether no modifier is held, except for those that a keyboard layout needs for `?` and the brackets. */
function isPlainKey(event) {
  if (event.metaKey) return false;
  if (event.shiftKey && event.key !== "?") return false;
  return (!event.ctrlKey && !event.altKey) || ("[]?".includes(event.key) && event.getModifierState("AltGraph"));
}
