// Copy as quote: the server writes the citation, for the selected words, else for what is said now.

export class Quoting {
  constructor(link, { transcript, dialog, tell }) {
    this.link = link;
    this.transcript = transcript;
    this.dialog = dialog;
    this.tell = tell;
    this.label = link.textContent;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.copy();
    });
  }

  /** What is said now is the paragraph that plays. */
  address() {
    const address = new URL(this.link.href);
    const [from, to] = this.selected() ?? this.playing() ?? [];
    if (from !== undefined) {
      address.searchParams.set("from", String(from));
      address.searchParams.set("to", String(to));
    }
    return address;
  }

  selected() {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    if (!this.transcript?.said.contains(range.commonAncestorContainer)) return null;
    const from = this.transcript.timeOf(range.startContainer, range.startOffset);
    const to = this.transcript.timeOf(range.endContainer, Math.max(0, range.endOffset - 1));
    return from === null || to === null ? null : [Math.max(0, from - 5), Math.max(from, to) + 10];
  }

  playing() {
    const paragraph = this.hasMoved ? this.transcript?.paragraphs[this.transcript.now] : null;
    return paragraph ? [paragraph.start, paragraph.times.at(-1) + 10] : null;
  }

  async copy() {
    const answer = await fetch(this.address());
    const text = await answer.text();
    if (!answer.ok) return this.tell("There is nothing to quote here.");
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return this.show(text); // no clipboard outside a secure address
    }
    this.tell(`Copied: ${text}`);
    this.link.textContent = "Copied ✓";
    setTimeout(() => (this.link.textContent = this.label), 2000);
  }

  show(text) {
    const area = this.dialog.querySelector("textarea");
    area.value = text;
    this.dialog.showModal();
    area.select();
  }
}
