// Before a page is printed: what is folded opens (dark becomes light in book.js), and a formula wider than paper becomes smaller.
(() => {
  const COLUMN = 178 / 25.4 * 96, TEXT = 10 * 96 / 72; // of print.css, in px

  // How wide a displayed formula is, its number included. KaTeX centres the formula and puts the number over it.
  function wide(formula) {
    const parts = [...formula.querySelector(".katex-html").children];
    const tags = parts.filter((e) => getComputedStyle(e).position === "absolute");
    const sum = (list) => list.reduce((width, e) => width + e.getBoundingClientRect().width, 0);
    return sum(parts.filter((e) => !tags.includes(e))) + 2 * sum(tags) + (tags.length ? 20 : 0);
  }

  function fit() {
    const article = document.querySelector(".bd-article");
    const text = parseFloat(getComputedStyle(article).fontSize);
    for (const formula of article.querySelectorAll("div.math")) {
      formula.style.removeProperty("--fit");
      const indented = article.clientWidth - formula.clientWidth;
      const factor = (COLUMN - indented - 1) / (wide(formula) / text * TEXT);
      if (factor < 0.995) formula.style.setProperty("--fit", factor.toFixed(3));
    }
  }

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(".bd-article details:not([open])")];
    for (const folded of opened) folded.open = true;
    fit();
  });
  addEventListener("afterprint", () => {
    for (const folded of opened) folded.open = false;
  });
})();
