// The transcript: maps words to times and back. Words are ranges of plain text, not elements, and are colored by the
// CSS Custom Highlight API, so that an hour of speech needs few DOM nodes.

const MAX_HIGHLIGHTS = 2000;

export class Transcript {
  constructor(container) {
    this.container = container;
    this.paragraphs = [...container.querySelectorAll(".paragraph")].map((element) => new Paragraph(element));
    this.starts = this.paragraphs.map((paragraph) => paragraph.startMs);
    this.current = this.paragraphs.findIndex((paragraph) => paragraph.element.classList.contains("current"));
  }

  /** Highlight the word spoken at *ms*; return its range, or null before the first word. */
  highlightAt(ms) {
    const index = lastAtOrBefore(this.starts, ms);
    if (index !== this.current) {
      this.paragraphs[this.current]?.element.classList.remove("current");
      this.paragraphs[index]?.element.classList.add("current");
      this.current = index;
    }
    if (index < 0) return null;
    const paragraph = this.paragraphs[index];
    const range = paragraph.range(...paragraph.wordAt(ms));
    highlight("current-word", [range]);
    return range;
  }

  /** Return the time in milliseconds of the word at a point of the window, or null. */
  timeAt(x, y) {
    const caret = document.caretPositionFromPoint?.(x, y) ?? caretFromRange(document.caretRangeFromPoint?.(x, y));
    return caret ? this.timeOf(caret.offsetNode, caret.offset) : null;
  }

  timeOf(node, offset) {
    const element = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".paragraph");
    const paragraph = this.paragraphs.find((each) => each.element === element);
    return paragraph ? paragraph.timeOf(paragraph.offsetOf(node, offset)) : null;
  }

  /** Return the ranges that contain *text*, in order, ignoring case and accents, and highlight them. */
  find(text) {
    const folded = fold(text.trim().replace(/\s+/g, " "));
    const matches = folded
      ? this.paragraphs.flatMap((paragraph) => paragraph.find(folded)).slice(0, MAX_HIGHLIGHTS)
      : [];
    highlight("match", matches);
    return matches;
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
    this.startMs = Number(element.dataset.startMs);
    this.words = element.querySelector(".words");
  }

  get text() {
    return (this.cachedText ??= this.words.textContent);
  }

  /** Start time of each word. */
  get wordTimes() {
    if (!this.cachedTimes) {
      let ms = this.startMs;
      const gaps = this.element.dataset.gaps ? this.element.dataset.gaps.split(",") : [];
      this.cachedTimes = [ms, ...gaps.map((gap) => (ms += 10 * Number(gap)))];
    }
    return this.cachedTimes;
  }

  /** Offset of each word in the text. */
  get wordOffsets() {
    if (!this.cachedOffsets) {
      let offset = 0;
      this.cachedOffsets = this.text.split(" ").map((word) => (offset += word.length + 1) - word.length - 1);
    }
    return this.cachedOffsets;
  }

  /** Return the offsets of the start and end of the word spoken at *ms*. */
  wordAt(ms) {
    const index = Math.max(0, lastAtOrBefore(this.wordTimes, ms));
    const start = this.wordOffsets[index] ?? 0;
    return [start, (this.wordOffsets[index + 1] ?? this.text.length + 1) - 1];
  }

  timeOf(offset) {
    return this.wordTimes[Math.max(0, lastAtOrBefore(this.wordOffsets, offset))] ?? this.startMs;
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
    let offset = 0;
    let hasStart = false;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const length = node.data.length;
      if (!hasStart && start < offset + length) {
        range.setStart(node, start - offset);
        hasStart = true;
      }
      if (hasStart && end <= offset + length) {
        range.setEnd(node, end - offset);
        break;
      }
      offset += length;
    }
    return range;
  }

  find(folded) {
    this.foldedText ??= fold(this.text);
    const matches = [];
    let start = this.foldedText.indexOf(folded);
    while (start >= 0) {
      matches.push(this.range(start, start + folded.length));
      start = this.foldedText.indexOf(folded, start + folded.length);
    }
    return matches;
  }
}

/** Remove case and accents; every character keeps its offset. */
function fold(text) {
  let folded = "";
  for (const unit of text.split("")) {
    const isAscii = unit < "\x80";
    folded += isAscii ? unit.toLowerCase() : (unit.normalize("NFD")[0].toLowerCase()[0] ?? unit).replace("’", "'");
  }
  return folded;
}

function caretFromRange(range) {
  return range ? { offsetNode: range.startContainer, offset: range.startOffset } : null;
}

/** Return the index of the last of the ascending *values* that is at most *limit*; -1 if there is none. */
export function lastAtOrBefore(values, limit) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
