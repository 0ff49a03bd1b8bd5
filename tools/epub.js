// A rendered page as a document of an EPUB: XHTML without scripts, its formulas in MathML. Run in an empty page
// of the browser, for its DOM. Gives {xhtml, title, images, properties}; images: {name in the EPUB: address in the page}.
(({ name, html, pages }) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const article = page.querySelector("article.bd-article");
  const useless = "script, style, button, .headerlink, .only-dark, .bd-article > :not(section)";
  for (const element of article.querySelectorAll(useless)) element.remove();
  const heading = article.querySelector("h1").textContent;

  // What stands in a letter (an operator with something below) has been read as HTML, and is a row.
  function nested(element) {
    const row = element.localName === "mi" && element.children.length;
    const copy = page.createElementNS("http://www.w3.org/1998/Math/MathML", row ? "mrow" : element.localName);
    for (const { name, value } of element.attributes) if (!name.startsWith("xmlns")) copy.setAttribute(name, value);
    if (element.localName === "mo") copy.textContent = element.textContent;
    else copy.append(...[...element.childNodes].map((node) => (node.localName ? nested(node) : node)));
    return copy;
  }

  // MathML is what a reader of EPUBs sets by itself; the TeX beside it is for copying.
  for (const formula of article.querySelectorAll(".katex, .katex-display")) {
    const math = formula.querySelector("math");
    math?.querySelector("annotation")?.remove();
    math?.querySelector("semantics")?.replaceWith(...math.querySelector("semantics").childNodes);
    if (!math) continue;
    for (const sign of math.querySelectorAll("mo")) if (sign.textContent === "\u2061") sign.remove(); // "applied to"
    // A numbered formula is a table as wide as the page: [space, formula, space, number].
    const cells = math.querySelectorAll(":scope > mtable[width='100%'] > mtr > mtd");
    if (cells.length === 4) {
      const number = page.createElement("span");
      number.className = "number";
      number.textContent = cells[3].textContent;
      math.replaceChildren(...cells[1].childNodes);
      formula.replaceWith(nested(math), number);
    } else formula.replaceWith(nested(math));
  }
  for (const entry of article.querySelectorAll("[role^='doc-biblio']")) entry.removeAttribute("role"); // out of use

  const images = {};
  for (const picture of article.querySelectorAll("img")) {
    const src = picture.getAttribute("src");
    const file = src.startsWith("data:") ? `${name}-${Object.keys(images).length}.svg` : src.split("/").pop();
    images[file] = src;
    picture.setAttribute("src", `images/${file}`);
    for (const attribute of ["loading", "width", "height"]) picture.removeAttribute(attribute);
  }

  for (const a of article.querySelectorAll("a[href]")) {
    const href = a.getAttribute("href");
    const found = href.match(/^(\w+)\.html(#.*)?$/);
    if (found && pages.includes(found[1])) a.setAttribute("href", `${found[1]}.xhtml${found[2] ?? ""}`);
    else if (!/^(https?:|mailto:|#)/.test(href)) a.replaceWith(...a.childNodes); // a file of the site
  }

  for (const summary of article.querySelectorAll("summary")) summary.replaceChildren((summary.querySelector(".collapsed") ?? summary).textContent.trim());
  for (const wide of article.querySelectorAll("[tabindex]")) wide.removeAttribute("tabindex");

  const out = document.implementation.createDocument("http://www.w3.org/1999/xhtml", "html");
  const make = (tag, attributes, ...children) => {
    const element = out.createElementNS("http://www.w3.org/1999/xhtml", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const sheets = ["pygments.css", "styles.css", "epub.css"];
  out.documentElement.setAttribute("lang", "en");
  out.documentElement.setAttribute("data-theme", "light");
  out.documentElement.append(
    make("head", {}, make("title", {}, heading), ...sheets.map((href) => make("link", { rel: "stylesheet", href }))),
    make("body", {}, ...[...article.childNodes].map((node) => out.importNode(node, true))),
  );
  const properties = [["mathml", "math"], ["svg", "svg"]].filter(([, tag]) => out.querySelector(tag)).map(([name]) => name);
  const xhtml = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n' + new XMLSerializer().serializeToString(out.documentElement);
  return { xhtml, title: heading, images, properties };
})
