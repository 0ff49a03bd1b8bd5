// One document of rendered pages: what tools/pdf.py prints. Run in an empty page of the browser, for its DOM.
//   pages   those to print, in order: {name, html, part}; part: the heading in the contents, at its first page
//   titles  of all pages of the book, {name: title}
//   cited   the page with the literature, for the entries that the others cite, or null where it is printed
//   from    where the pages lie, seen from the document
// Gives {html, missing}: links that lead nowhere.
(({ pages, titles, cited, from, title, author }) => {
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");
  const first = parsed(pages[0].html);
  const out = parsed(`<!doctype html><html lang="${first.documentElement.lang}" data-theme="light"></html>`);
  const make = (tag, attributes, ...children) => {
    const element = out.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children.map((c) => (c instanceof Node ? out.adoptNode(c) : c)));
    return element;
  };
  const link = (id, ...text) => make("a", { href: `#${id}` }, ...text);
  const pageOf = (id) => make("span", { class: "page-of", "data-of": id }, "000"); // filled in when it is known
  const here = (name, id) => (id ? `${name}--${id}` : name);
  const printed = new Set(pages.map(({ name }) => name));
  const named = new Set(); // pages elsewhere whose title has been said
  const entries = new Map(); // of the literature, cited
  const whole = pages.length > 1;
  const heading = (page) => page.querySelector("h1").textContent.replace(/#$/, "").trim();

  // Styles as the pages have them; of their scripts the one for print.
  out.head.append(make("meta", { charset: "utf-8" }), make("title", {}, whole ? title : `${heading(first)} – ${title}`));
  const headed = new Set();
  function takeHead(page) {
    for (const old of page.querySelectorAll("link[rel=stylesheet], script[src*='print.js']")) {
      const key = old.matches("link") ? "href" : "src", file = old.getAttribute(key);
      if (headed.has(file)) continue;
      headed.add(file);
      old.setAttribute(key, from + file);
      out.head.append(out.adoptNode(old));
    }
  }

  function unfold(page) {
    for (const useless of page.querySelectorAll("script, .headerlink, button, .bd-article > :not(section)")) useless.remove();
    for (const folded of page.querySelectorAll("details")) {
      folded.querySelector(":scope > summary").remove();
      if (folded.closest(".cell")) folded.replaceWith(...folded.childNodes);
      else folded.replaceWith(make("div", { class: "answer" }, ...folded.childNodes));
    }
    for (const picture of page.querySelectorAll("img")) {
      picture.removeAttribute("loading");
      const src = picture.getAttribute("src");
      if (!src.includes(":")) picture.setAttribute("src", from + src);
    }
    // Of the colour of the text: each would be an element of the PDF's structure, and they are most of it.
    for (const bare of page.querySelectorAll("pre span:is(.n, .nn, .nx, .p, .w)")) bare.replaceWith(...bare.childNodes);
    for (const pre of page.querySelectorAll("pre")) {
      pre.normalize();
      if (pre.textContent.split("\n").length < 16) pre.classList.add("short"); // stays on one page
    }
    for (const table of page.querySelectorAll("table")) table.classList.toggle("short", table.rows.length < 16);
  }

  // An id is unique on its page only; what mentions it follows.
  function rename(name, article) {
    for (const element of article.querySelectorAll("*")) {
      if (element.id) element.id = here(name, element.id);
      for (const { name: key, value } of [...element.attributes]) {
        if (value.includes("url(#")) element.setAttribute(key, value.replaceAll("url(#", `url(#${name}--`));
        if (/^aria-(labelledby|describedby|owns)$/.test(key)) element.setAttribute(key, value.replace(/\S+/g, (id) => here(name, id)));
        if (element.tagName === "use" && /href$/.test(key)) element.setAttribute(key, value.replace(/^#/, `#${name}--`));
      }
    }
  }

  function relink(name, a) {
    const found = a.getAttribute("href").match(/^(?:(\w+)\.html)?(?:#(.*))?$/);
    if (!found) { // another file, or another site
      if (!/^(https?|mailto):/.test(a.getAttribute("href"))) a.replaceWith(...a.childNodes);
      return;
    }
    const [, page = name, id] = found;
    if (cited && page === "bibliography" && id) {
      entries.set(id, null);
      a.setAttribute("href", `#${here(page, id)}`);
    } else if (printed.has(page)) {
      a.setAttribute("href", `#${here(page, id)}`);
    } else {
      const words = titles[page]?.replace(/^\d+ /, "");
      if (words && !id && !named.has(page) && !a.textContent.toLowerCase().includes(words.toLowerCase())) a.append(` (“${words}”)`);
      named.add(page);
      a.replaceWith(...a.childNodes);
    }
  }

  const solutions = make("section", { id: "solutions" }, make("h1", {}, "Solutions"));
  function takeSolutions(name, page) {
    const taken = [];
    for (const task of page.querySelectorAll("section.exercise, section.question")) {
      const parts = task.querySelectorAll(".tag_solution, .answer");
      if (!parts.length) continue;
      const id = `${task.id}--solution`;
      task.append(make("p", { class: "to-solution" }, link(id, task.matches(".exercise") ? "Solution" : "Answer", " on page ", pageOf(id))));
      const h3 = task.querySelector("h3").cloneNode(true);
      h3.querySelector(".work")?.remove();
      taken.push(make("section", { class: "solution", id }, make("h3", {}, link(task.id, ...h3.childNodes)), ...parts));
    }
    if (taken.length) solutions.append(make("section", {}, ...(whole ? [make("h2", {}, link(name, heading(page)))] : []), ...taken));
  }

  const contents = make("nav", { class: "listing" }, make("h1", {}, "Contents"));
  const entry = (id, words) => contents.append(make("p", {}, link(id, words), make("span", { class: "dots" }), pageOf(id)));
  const chapters = pages.map(({ name, html, part }) => {
    const page = parsed(html);
    takeHead(page);
    unfold(page);
    const article = page.querySelector("article.bd-article");
    rename(name, article);
    for (const a of article.querySelectorAll("a[href]")) relink(name, a);
    takeSolutions(name, page);
    if (part) contents.append(make("h2", {}, part));
    entry(name, heading(page));
    return make("div", { class: "chapter", id: name, "data-running": heading(page) }, ...article.childNodes);
  });
  if (solutions.children.length > 1) {
    solutions.dataset.running = "Solutions";
    entry("solutions", "Solutions");
    chapters.push(solutions);
  }
  if (entries.size) {
    const page = parsed(cited);
    unfold(page);
    const list = [...page.querySelectorAll(".citation")].filter((entry) => entries.has(entry.id));
    for (const entry of list) for (const back of entry.querySelectorAll("a:not([href^=http])")) back.replaceWith(...back.childNodes);
    const words = heading(page);
    const section = make("section", { id: "bibliography", "data-running": words }, make("h1", {}, words), ...list);
    rename("bibliography", section);
    chapters.push(section);
  }

  // The name of a chapter stands at the top of its pages.
  const running = chapters.map(({ id, dataset }) =>
    `@page ${id} { @top-center { content: ${JSON.stringify(dataset.running)}; font: 8pt sans-serif; color: #555; } }
    #${id} { page: ${id}; }`);
  out.head.append(make("style", {}, ...running));

  const cover = make("header", { class: "cover" }, make("p", {}, title), make("p", {}, first.querySelector("article em").textContent), make("p", {}, author));
  out.body.append(make("main", {}, make("article", { class: "bd-article" }, ...(whole ? [cover, contents] : []), ...chapters)));

  const ids = new Set([...out.querySelectorAll("[id]")].map(({ id }) => id));
  const missing = [...out.querySelectorAll("a[href^='#']")].map((a) => a.getAttribute("href").slice(1)).filter((id) => !ids.has(id));
  return { html: `<!doctype html>\n${out.documentElement.outerHTML}`, missing };
})
