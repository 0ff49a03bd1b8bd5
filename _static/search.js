// The search page: the sections that answer a learner's words. `_ext/search.py` wrote what is searched.
"use strict";

const STOP = new Set(("a an and are as at be but by can do does for from how i if in into is it my no not of on or so"
  + " such that the their then there these they this to was what when where which who why will with you").split(" "));
// What the book calls otherwise than many a learner.
const ALSO = [
  [/\bparameters?\b/i, "weights"], [/\bnormal equations?\b/i, "closed form"], [/\bskip connections?\b/i, "shortcut"],
  [/\bcnns?\b/i, "convolution"], [/\brnns?\b/i, "recurrent"], [/\bmlps?\b/i, "layers"], [/\blr\b/i, "learning rate"],
  [/\bbptt\b/i, "back through time"], [/\bautograd\b/i, "automatic differentiation"], [/\bdying\b/i, "dead"],
  [/\bregulari[sz]ation\b/i, "weight decay"], [/\bhyperparameters?\b/i, "settings"],
];
const SHOWN = 20;

const stemmer = new Stemmer();
const stems = new Map();

// A word as it is looked up: "Normalisation", "normalized" and "normalize" are one.
const stem = (word) => {
  word = word.toLowerCase();
  if (STOP.has(word)) return null;
  if (!stems.has(word)) {
    const american = word.replace(/is(e[ds]?|ing|ations?)$/, "iz$1").replace(/^(col|neighb|behavi)our/, "$1or");
    stems.set(word, stemmer.stemWord(american));
  }
  return stems.get(word);
};
const words = (text) => text.match(/[\p{L}\p{N}]+/gu) ?? [];

// Chapters come before the reference, and before what they ask of the reader.
const weight = ({ url, anchor }) => url.endsWith("/api.html") ? 0.4 : /^(exercise|question)-\d+$/.test(anchor) ? 0.6 : 1;

const SECTIONS = PAGES.flatMap(({ sections, ...page }) => sections.map((section) => ({ ...page, ...section })));
const index = new MiniSearch({ fields: ["title", "terms", "page", "text", "code"], tokenize: words, processTerm: stem });
index.addAll(SECTIONS.map((section, id) => ({ id, ...section })));
const known = new Set(stems.values());
const unknown = (term) => !known.has(term); // half typed, or mistyped

function find(query) {
  const also = ALSO.filter(([other]) => other.test(query)).map(([, ours]) => ours);
  const hits = index.search([query, ...also].join(" "), {
    boost: { title: 2, page: 0.5, code: 0.1 },
    bm25: { k: 1.2, b: 0.3, d: 0.5 },
    boostDocument: (id) => weight(SECTIONS[id]),
    prefix: unknown,
    fuzzy: (term) => unknown(term) && 0.2,
  });
  return hits.filter((hit) => hit.score > hits[0].score / 5)
    .map((hit) => ({ ...SECTIONS[hit.id], found: new Set(hit.terms) }));
}

// The 30 words of a text with the most of what was found, in pieces; every second piece was found.
function excerpt(text, found) {
  const pieces = text.split(/([\p{L}\p{N}]+)/u);
  const marked = pieces.map((piece, i) => i % 2 === 1 && found.has(stem(piece)));
  const kinds = (start) => new Set(pieces.slice(start, start + 60).filter((_, i) => marked[start + i]).map(stem)).size;
  let best = 0;
  marked.forEach((mark, i) => {
    const start = Math.max(0, i - 13);
    if (mark && kinds(start) > kinds(best)) best = start;
  });
}
