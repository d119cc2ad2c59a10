// Words as the search within a transcript compares them: without case, accents, apostrophes and hyphens.

const UNSPACED = "[\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}\\p{sc=Tibt}ー]";
const SPACED = `(?:(?!${UNSPACED})[\\p{L}\\p{N}\\p{M}])+`;
// Scripts without spaces are compared letter by letter.
const WORD = new RegExp(`${UNSPACED}\\p{M}*|${SPACED}(?:['’ʼ＇]${SPACED})*`, "gu");
const APOSTROPHE = /['’ʼ＇]/gu;
// Latin, Greek and Cyrillic accents, Hebrew points and Arabic vowel signs; the marks of other scripts make other letters.
const ACCENT = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670]/gu;
const SPELLINGS = { ß: "ss", ς: "σ", ё: "е" };
const IS_ASCII = /^[\x00-\x7f]*$/;
const HANGUL = /\p{sc=Hang}/u;

/** Return the words of *text*, folded, with their offsets. */
export function splitWords(text) {
  return Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({
    text: fold(word),
    start: index,
    end: index + word.length,
  }));
}

/** Whether the spoken word is the *wanted* one; Korean words may have a particle after them. */
export function isSameWord(spoken, wanted) {
  return spoken === wanted || (HANGUL.test(wanted) && spoken.startsWith(wanted));
}

function fold(word) {
  if (IS_ASCII.test(word)) return word.toLowerCase().replaceAll("'", "");
  const letters = word.normalize("NFKD").toLowerCase().replaceAll("и\u0306", "й"); // й is a letter of its own
  const plain = letters.replace(ACCENT, "").normalize("NFC").replace(APOSTROPHE, "");
  return plain.replace(/[ßςё]/g, (letter) => SPELLINGS[letter]);
}
