// Search within the transcript: as one types, with the server's marks where the words themselves are not found.

import { highlight } from "./transcript.js";

const DELAY_MS = 120;

export class Finding {
  constructor(form, transcript, following) {
    this.field = form.querySelector("input");
    this.count = form.querySelector("[role=status]");
    this.transcript = transcript;
    this.following = following;
    this.marks = [...transcript.said.querySelectorAll("mark")].map(rangeOf);
    this.places = this.marks;
    this.at = -1;
    this.asked = this.field.value;
    this.field.addEventListener("input", () => this.soon());
    this.field.addEventListener("keydown", (event) => this.key(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.go(1);
    });
    form.querySelector("#previous").addEventListener("click", () => this.go(-1));
    this.tell();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.find(), DELAY_MS);
  }

  find() {
    clearTimeout(this.timer);
    const text = this.field.value;
    this.asked = text;
    const found = this.transcript.find(text);
    this.places = found.length || text !== this.field.defaultValue ? found : this.marks;
    this.at = -1;
    highlight("found-now", []);
    if (this.places.length) this.go(1);
    else this.tell();
  }

  go(step) {
    if (this.field.value !== this.asked) return this.find();
    if (!this.places.length) return;
    this.at = (this.at + step + this.places.length) % this.places.length;
    const place = this.places[this.at];
    highlight("found-now", [place]);
    this.following.stop();
    this.following.bring(place, { isJump: true });
    this.tell();
  }

  tell() {
    const size = this.places.length;
    if (!this.field.value.trim()) this.count.textContent = "";
    else if (!size) this.count.textContent = "none";
    else this.count.textContent = this.at < 0 ? String(size) : `${this.at + 1} of ${size}`;
  }

  /** Escape leads to the paragraph that was found, where Enter plays it. */
  key(event) {
    if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      this.go(-1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      const place = this.places[this.at];
      const link = place && closest(place.startContainer, ".para")?.querySelector(".at");
      if (link) link.focus({ preventScroll: true });
      else this.field.blur();
    }
  }
}

function rangeOf(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  return range;
}

function closest(node, selector) {
  return (node instanceof Element ? node : node.parentElement)?.closest(selector);
}
