// Search within the transcript for whole words while the visitor types; if the text itself is not found, the server's
// marks are used.

import { highlight } from "./transcript.js";

const DELAY_MS = 120;

export class TranscriptSearch {
  constructor(form, transcript, playbackFollower) {
    this.field = form.querySelector("input");
    this.count = form.querySelector("[role=status]");
    this.transcript = transcript;
    this.playbackFollower = playbackFollower;
    this.serverMarks = groupMarks(transcript.container);
    this.matches = this.serverMarks;
    this.current = -1;
    this.lastText = this.field.value;
    this.field.addEventListener("input", () => this.schedule());
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.move(1);
    });
    form.querySelector("#previous").addEventListener("click", () => this.move(-1));
  }

  schedule() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), DELAY_MS);
  }

  search() {
    clearTimeout(this.timer);
    const text = this.field.value;
    this.lastText = text;
    const matches = this.transcript.find(text);
    this.matches = matches.length || text !== this.field.defaultValue ? matches : this.serverMarks;
    this.current = -1;
    highlight("current-match", []);
    if (this.matches.length) this.move(1);
    else this.showCount();
  }

  move(step) {
    if (this.field.value !== this.lastText) return this.search();
    if (!this.matches.length) return;
    this.current = (this.current + step + this.matches.length) % this.matches.length;
    const { ranges } = this.matches[this.current];
    highlight("current-match", ranges);
    this.playbackFollower.stop();
    this.playbackFollower.scrollTo(ranges[0], { isJump: true });
    this.showCount();
  }

  showCount() {
    const size = this.matches.length;
    if (!this.field.value.trim()) this.count.textContent = "";
    else if (!size) this.count.textContent = "No matches";
    else this.count.textContent = this.current < 0 ? String(size) : `${this.current + 1} of ${size}`;
  }

  /** Escape moves the focus to the paragraph of the current match, where Enter plays it. */
  onKey(event) {
    if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      this.move(-1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      const range = this.matches[this.current]?.ranges[0];
      const link = range && closest(range.startContainer, ".paragraph")?.querySelector(".start-link");
      if (link) link.focus({ preventScroll: true });
      else this.field.blur();
    }
  }
}

/** Return the marks of the server; those with only a space between them are one match. */
function groupMarks(container) {
  const matches = [];
  let last = null;
  for (const element of container.querySelectorAll("mark, u")) {
    const gap = element.previousSibling;
    if (last && gap?.nodeType === Node.TEXT_NODE && !gap.data.trim() && gap.previousSibling === last) {
      matches.at(-1).ranges[0].setEndAfter(element);
    } else {
      const range = document.createRange();
      range.selectNodeContents(element);
      matches.push({ ranges: [range] });
    }
    last = element;
  }
  return matches;
}

function closest(node, selector) {
  return (node instanceof Element ? node : node.parentElement)?.closest(selector);
}
