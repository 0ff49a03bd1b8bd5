// The search page: the sections that answer a learner's words. `_ext/search.py` wrote what is searched.
"use strict";

const STOP = new Set(("a an and are as at be but by can do does for from how i if in into is it my no not of on or so"
  + " such that the their then there these they this to was what when where which who why will with you").split(" "));
// Names that learners know, and what the book says.
const ALSO = [
  [/\bparameters?\b/i, "weights"], [/\bnormal equations?\b/i, "closed form"], [/\bskip connections?\b/i, "shortcut"],
  [/\bcnns?\b/i, "convolution"], [/\brnns?\b/i, "recurrent"], [/\bmlps?\b/i, "layers"], [/\blr\b/i, "learning rate"],
  [/\bbptt\b/i, "back through time"], [/\bautograd\b/i, "automatic differentiation"], [/\bdying\b/i, "dead"],
  [/\bregulari[sz]ation\b/i, "weight decay"], [/\btime series\b/i, "forecasting"], [/\bhyperparameters?\b/i, "settings"],
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
// Names are typed in one word: "layernorm" is LayerNorm, and so also a layer norm.
const compounds = new Map();
for (const { title } of SECTIONS) {
  const parts = title.match(/[A-Z][a-z]+/g) ?? [];
  if (parts.length > 1 && /^\w+\.\w+$/.test(title)) compounds.set(parts.join("").toLowerCase(), parts.join(" "));
}
const written = new Map(stems);
const known = new Set(written.values());

// What is looked up for a word of a query: itself; if the book has no such word, also those that begin with it.
function meant(word) {
  const term = stem(word);
  if (!term || known.has(term)) return term;
  const begun = [...written].filter(([whole]) => whole.startsWith(word.toLowerCase())).map(([, its]) => its);
  return [term, ...new Set(begun)];
}

function find(query) {
  const also = ALSO.filter(([other]) => other.test(query)).map(([, ours]) => ours);
  also.push(...words(query).map((word) => compounds.get(word.toLowerCase()) ?? ""));
  const hits = index.search([query, ...also].join(" "), {
    boost: { title: 2, terms: 1.5, page: 0.5, code: 0.1 },
    bm25: { k: 1.2, b: 0.3, d: 0.5 },
    boostDocument: (id) => weight(SECTIONS[id]),
    processTerm: meant,
    fuzzy: (term) => !known.has(term) && 0.2,
  });
  return hits.filter((hit) => hit.score > hits[0].score / 5)
    .map((hit) => ({ ...SECTIONS[hit.id], found: new Set(hit.terms) }));
}

// Where most of what was found stands together in a text: pieces, of which every second one is a word.
function excerpt(text, found) {
  const pieces = text.split(/([\p{L}\p{N}]+)/u);
  const marked = pieces.map((piece, i) => i % 2 === 1 && found.has(stem(piece)));
  const kinds = (start) => new Set(pieces.slice(start, start + 60).filter((_, i) => marked[start + i]).map(stem)).size;
  let start = 0;
  marked.forEach((mark, i) => {
    const here = Math.max(0, i - 12);
    if (mark && kinds(here) > kinds(start)) start = here;
  });
  const end = start + 60;
  const parts = pieces.slice(start, end).map((piece, i) => (marked[start + i] ? make("mark", piece) : piece));
  return [start ? "… " : "", ...parts, end < pieces.length ? " …" : ""];
}

// --- The page -------------------------------------------------------------------------------------

function make(tag, ...children) {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}

function item({ url, anchor, page, title, text = "", found }) {
  const name = page === title ? [title] : [make("span", page), " ", title];
  const link = make("a", ...name);
  const light = [...new Set(words(`${title} ${text}`.toLowerCase()))].filter((word) => word.length > 2 && found.has(stem(word)));
  link.href = `${url}?${new URLSearchParams({ highlight: light.join(" ") })}#${anchor}`;
  return make("li", link, make("p", ...excerpt(text, found)));
}

addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector(".bd-search-container input");
  const show = () => {
    const query = field.value.trim();
    const hits = query ? find(query) : [];
    const [results, status, nothing] = ["results", "status", "nothing"].map((id) => document.getElementById(`search-${id}`));
    results.replaceChildren(...hits.slice(0, SHOWN).map(item));
    nothing.hidden = !query || hits.length > 0;
    const count = hits.length > 1 ? `${hits.length} sections` : hits.length ? "One section" : "No section";
    const best = hits.length > SHOWN ? `, of which here are the best ${SHOWN}` : "";
    status.textContent = query && `${count} found${best}.`;
    history.replaceState(null, "", query ? `?${new URLSearchParams({ q: query })}` : location.pathname);
  };
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  field.addEventListener("input", show);
  field.form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  field.focus();
  show();
});
