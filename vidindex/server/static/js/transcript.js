// The words beside the video: each knows its time.  Nothing is wrapped in elements: words are ranges of plain text,
// coloured by the browser's own highlights, so that an hour of speech costs no more than its text.

const MOST_MARKED = 2000;

export class Transcript {
  constructor(said) {
    this.said = said;
    this.paragraphs = [...said.querySelectorAll(".para")].map((element) => new Paragraph(element));
    this.starts = this.paragraphs.map((each) => each.start);
    this.now = this.paragraphs.findIndex((each) => each.element.classList.contains("now"));
  }

  /** Mark what is said at *ms*; gives the place, or null before the first word. */
  mark(ms) {
    const number = lastAtOrBefore(this.starts, ms);
    if (number !== this.now) {
      this.paragraphs[this.now]?.element.classList.remove("now");
      this.paragraphs[number]?.element.classList.add("now");
      this.now = number;
    }
    if (number < 0) return null;
    const paragraph = this.paragraphs[number];
    const range = paragraph.range(...paragraph.word(ms));
    highlight("now", [range]);
    return range;
  }

  /** Give the milliseconds of the word under a point of the window, or null. */
  timeAt(x, y) {
    const caret = document.caretPositionFromPoint?.(x, y) ?? fromRange(document.caretRangeFromPoint?.(x, y));
    return caret ? this.timeOf(caret.offsetNode, caret.offset) : null;
  }

  timeOf(node, offset) {
    const element = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".para");
    const paragraph = this.paragraphs.find((each) => each.element === element);
    return paragraph ? paragraph.timeOf(paragraph.offsetOf(node, offset)) : null;
  }

  /** Find *text* as it is written, case and accents aside; gives ranges in order. */
  find(text) {
    const wanted = folded(text.trim().replace(/\s+/g, " "));
    const found = wanted ? this.paragraphs.flatMap((each) => each.find(wanted)).slice(0, MOST_MARKED) : [];
    highlight("found", found);
    return found;
  }
}

export function highlight(name, ranges) {
  if (!globalThis.Highlight) return;
  if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
  else CSS.highlights.delete(name);
}

class Paragraph {
  constructor(element) {
    this.element = element;
    this.start = Number(element.dataset.at);
    this.words = element.querySelector(".words");
  }

  get text() {
    return (this.written ??= this.words.textContent);
  }

  /** When each word starts. */
  get times() {
    if (!this.timed) {
      let at = this.start;
      const gaps = this.element.dataset.gaps ? this.element.dataset.gaps.split(",") : [];
      this.timed = [at, ...gaps.map((gap) => (at += 10 * Number(gap)))];
    }
    return this.timed;
  }

  /** Where each word starts in the text. */
  get offsets() {
    if (!this.placed) {
      let at = 0;
      this.placed = this.text.split(" ").map((word) => (at += word.length + 1) - word.length - 1);
    }
    return this.placed;
  }

  word(ms) {
    const number = Math.max(0, lastAtOrBefore(this.times, ms));
    const start = this.offsets[number] ?? 0;
    return [start, (this.offsets[number + 1] ?? this.text.length + 1) - 1];
  }

  timeOf(offset) {
    return this.times[Math.max(0, lastAtOrBefore(this.offsets, offset))] ?? this.start;
  }

  offsetOf(node, offset) {
    if (!this.words.contains(node)) return 0;
    const before = document.createRange();
    before.setStart(this.words, 0);
    before.setEnd(node, offset);
    return before.toString().length;
  }

  range(start, end) {
    const range = document.createRange();
    const walker = document.createTreeWalker(this.words, NodeFilter.SHOW_TEXT);
    let at = 0;
    let isOpen = false;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const length = node.data.length;
      if (!isOpen && start < at + length) {
        range.setStart(node, start - at);
        isOpen = true;
      }
      if (isOpen && end <= at + length) {
        range.setEnd(node, end - at);
        break;
      }
      at += length;
    }
    return range;
  }

  find(wanted) {
    this.plain ??= folded(this.text);
    const found = [];
    for (let at = this.plain.indexOf(wanted); at >= 0; at = this.plain.indexOf(wanted, at + wanted.length)) {
      found.push(this.range(at, at + wanted.length));
    }
    return found;
  }
}

/** Fold a text so that every character keeps its place. */
function folded(text) {
  let plain = "";
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    const isAscii = unit < "\x80";
    plain += isAscii ? unit.toLowerCase() : (unit.normalize("NFD")[0].toLowerCase()[0] ?? unit).replace("’", "'");
  }
  return plain;
}

function fromRange(range) {
  return range ? { offsetNode: range.startContainer, offset: range.startOffset } : null;
}

/** Give the number of the last of *values*, which rise, that is not above *wanted*; -1 for none. */
export function lastAtOrBefore(values, wanted) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
