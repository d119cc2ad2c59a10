// The transcript: maps words to times and back. Words are ranges of plain text, not elements, and are colored by the
// CSS Custom Highlight API, so that an hour of speech needs few DOM nodes.

import { isSameWord, splitWords } from "./words.js";

const MAX_HIGHLIGHTS = 5000;

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

  /**
   * Return the places that have the words of *text*, in order, and highlight them. If there are none, the last word may
   * be the beginning of one, unless a space follows it.
   */
  find(text) {
    const wanted = splitWords(text).map((word) => word.text);
    let matches = this.findWords(wanted, isSameWord);
    if (!matches.length && !/\s$/.test(text)) matches = this.findWords(wanted, (word, start) => word.startsWith(start));
    highlight("match", matches.slice(0, MAX_HIGHLIGHTS).flatMap((match) => match.ranges));
    return matches;
  }

  /** *isLastWord* compares a spoken word with the last one of *wanted*. */
  findWords(wanted, isLastWord) {
    if (!wanted.length) return [];
    const matches = [];
    const spoken = this.words;
    const last = wanted.length - 1;
    for (let at = 0; at + last < spoken.length; at++) {
      if (!isLastWord(spoken[at + last].text, wanted[last])) continue;
      let size = 0;
      while (size < last && isSameWord(spoken[at + size].text, wanted[size])) size++;
      if (size < last) continue;
      matches.push(new Match(spoken.slice(at, at + last + 1)));
      at += last;
    }
    return matches;
  }

  /** All words, of all paragraphs: a sentence may go on in the next one. */
  get words() {
    return (this.cachedWords ??= this.paragraphs.flatMap((paragraph) =>
      splitWords(paragraph.text).map((word) => ({ ...word, paragraph })),
    ));
  }
}

/** Consecutive *words*, as a range for each of their paragraphs. */
class Match {
  constructor(words) {
    this.words = words;
  }

  get ranges() {
    if (!this.cachedRanges) {
      const paragraphs = [...new Set(this.words.map((word) => word.paragraph))];
      this.cachedRanges = paragraphs.map((paragraph) => {
        const words = this.words.filter((word) => word.paragraph === paragraph);
        return paragraph.range(words[0].start, words.at(-1).end);
      });
    }
    return this.cachedRanges;
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
