// What the page says on top of a player that does not play: why, the site's own page at this moment, another attempt.

export class PlayerNote {
  constructor(figure, announce) {
    this.figure = figure;
    this.announce = announce;
    this.hrefTemplate = figure.dataset.hrefTemplate ?? "";
    this.original = document.getElementById("original");
    this.ms = 0;
  }

  /** Say *reason*; *retry* is called if the visitor wants another attempt. */
  show(reason, retry) {
    this.hide();
    this.element = document.createElement("div");
    this.element.className = "player-note";
    this.element.append(Object.assign(document.createElement("p"), { textContent: reason }));
    if (this.original) this.element.append(this.makeLink());
    if (retry) this.element.append(this.makeButton("Try again", retry));
    this.element.append(this.makeButton("Close", () => this.hide()));
    this.figure.append(this.element);
    this.announce(reason);
  }

  hide() {
    this.element?.remove();
    this.element = this.link = null;
  }

  makeButton(text, onClick) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: text });
    button.className = "plain-button";
    button.addEventListener("click", onClick);
    return button;
  }

  makeLink() {
    this.link = Object.assign(document.createElement("a"), { className: "button", rel: "noreferrer", target: "_blank" });
    this.updateLink();
    return this.link;
  }

  /** Let the links to the original page lead to *ms*, if that page can be opened at a moment. */
  moveTo(ms) {
    if (Math.floor(ms / 1000) === Math.floor(this.ms / 1000)) return;
    this.ms = ms;
    if (this.original && this.hrefTemplate) this.original.href = this.hrefAt(ms);
    if (this.link) this.updateLink();
  }

  updateLink() {
    const { site } = this.figure.dataset;
    this.link.href = this.hrefTemplate ? this.hrefAt(this.ms) : this.original.href;
    this.link.textContent = this.hrefTemplate ? `Watch on ${site} from ${formatClock(this.ms)}` : `Watch on ${site}`;
  }

  hrefAt(ms) {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const units = `${Math.floor(seconds / 3600)}h${Math.floor(seconds / 60) % 60}m${seconds % 60}s`;
    return this.hrefTemplate.replace("{s}", String(seconds)).replace("{clock}", units);
  }
}

export function formatClock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const twoDigits = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours
    ? `${hours}:${twoDigits(minutes)}:${twoDigits(seconds % 60)}`
    : `${minutes}:${twoDigits(seconds % 60)}`;
}
