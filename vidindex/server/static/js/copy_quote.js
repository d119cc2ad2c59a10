// "Copy quote": the server formats the citation of the selected words, or of the current paragraph.

const LABEL_RESET_MS = 2000;

export class QuoteCopier {
  constructor(link, { transcript, dialog, announce }) {
    this.link = link;
    this.transcript = transcript;
    this.dialog = dialog;
    this.announce = announce;
    this.label = link.textContent;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.copy();
    });
  }

  citationUrl() {
    const url = new URL(this.link.href);
    const [from, to] = this.selectedTimes() ?? this.playingTimes() ?? [];
    if (from !== undefined) {
      url.searchParams.set("from", String(from));
      url.searchParams.set("to", String(to));
    }
    return url;
  }

  selectedTimes() {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    if (!this.transcript?.container.contains(range.commonAncestorContainer)) return null;
    const from = this.transcript.timeOf(range.startContainer, range.startOffset);
    const to = this.transcript.timeOf(range.endContainer, Math.max(0, range.endOffset - 1));
    return from === null || to === null ? null : [Math.max(0, from - 5), Math.max(from, to) + 10];
  }

  playingTimes() {
    const paragraph = this.hasMoved ? this.transcript?.paragraphs[this.transcript.current] : null;
    return paragraph ? [paragraph.startMs, paragraph.wordTimes.at(-1) + 10] : null;
  }

  async copy() {
    const response = await fetch(this.citationUrl()).catch(() => null);
    if (!response) return this.say("Not copied", "Not copied: the server does not answer.");
    if (response.status === 404) return this.say("No words here", "There are no words to quote here.");
    if (!response.ok) return this.say("Not copied", "Not copied: the server failed.");
    const text = await response.text();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return this.showDialog(text); // browsers allow clipboard access only in secure contexts
    }
    this.say("Copied ✓", `Copied: ${text}`);
  }

  /** Show *label* for a moment, and announce *text*. */
  say(label, text) {
    this.announce(text);
    this.link.textContent = label;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.link.textContent = this.label), LABEL_RESET_MS);
  }

  showDialog(text) {
    const area = this.dialog.querySelector("textarea");
    area.value = text;
    this.dialog.showModal();
    area.select();
  }
}
