// Cells that run in the page. This adds the buttons; Python comes with the first Run (see _vendor/python).
addEventListener("DOMContentLoaded", () => {
  const home = new URL("../python/", document.querySelector("script[src*='live.js']").src).href;
  const CDN = "https://cdn.jsdelivr.net/pyodide/v314.0.7/full/"; // the second choice, which draws
  const SIZE = 9; // MB, what the first Run fetches; the tests add it up

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const button = (text, label, onclick) => {
    const made = make("button", { type: "button", textContent: text, onclick });
    if (label) made.setAttribute("aria-label", `${text} ${label}`);
    return made;
  };
  const memory = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => {
      try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* not kept */ }
    },
  };
  const announce = make("div", { className: "live-announce" });
  announce.setAttribute("role", "status");

  let worker = null; // Python, once it was asked for
  let ready = false;
  let queue = [];
  let started = 0;

  // --- A cell -------------------------------------------------------------------------------------

  class Cell {
    constructor(element, index) {
      Object.assign(this, { element, number: index + 1, ran: false, output: null });
      this.input = element.querySelector(".cell_input");
      this.pre = this.input.querySelector("pre");
      this.original = this.pre.textContent.replace(/\n$/, "");
      this.highlighted = this.pre.innerHTML;
      this.committed = [...element.querySelectorAll(".cell_output")];
      const exercise = this.original.match(/check\("([\w.]+)"/)?.[1];
      const solution = element.classList.contains("tag_solution") ? " solution" : "";
      const name = exercise ? exercise + solution : this.original;
      this.key = `live ${location.pathname} ${name}`;

      this.run = button("Run", `cell ${this.number}`, () => ask(this, [this]));
      this.run.title = "Ctrl+Enter, or Shift+Enter";
      this.upTo = button("Run all to here", `cell ${this.number}`, () => ask(this, cells.slice(0, index + 1)));
      this.edit = button("Edit", `cell ${this.number}`, () => this.open());
      this.restore = button("Restore", `cell ${this.number} as the book has it`, () => this.close());
      this.stop = button("Stop", `cell ${this.number}`, stop);
      this.reset = button("Reset", "Python, so that all cells can run anew", () => reset());
      this.note = make("span", { className: "live-note" });
      this.bar = make("progress", { max: SIZE * 1e6, hidden: true });
      this.bar.setAttribute("aria-label", "Fetching Python");
      this.tools = make("div", { className: "live-tools" },
        this.run, this.upTo, this.stop, this.edit, this.restore, this.reset, this.bar, this.note);
      this.upTo.hidden = index === 0;
      this.stop.hidden = this.restore.hidden = this.reset.hidden = true;
      // Folded input leaves its output on the page, and so its buttons; a folded solution is whole.
      const folded = element.classList.contains("tag_hide-input") && this.input.closest("details");
      (folded || this.input).after(this.tools);
      const long = element.className.match(/\btakes-(\d+)/)?.[1];
      this.torch = element.classList.contains("needs-torch");
      if (this.torch) this.say("Needs PyTorch or a server, here or in a cell above, which do not run in the page.");
      else if (long) this.say(`Takes some ${long} s in the page, less in Colab.`);
      const kept = memory.get(this.key);
      if (kept !== null) this.open(kept, false);
    }

    state(name) {
      this.element.dataset.live = name;
    }

    say(text, ...more) {
      this.note.replaceChildren(text, ...more);
    }

    get source() {
      return this.area ? this.area.value : this.original;
    }

    open(text = this.original, focus = true) {
      if (!this.area) {
        this.area = make("textarea", { value: text, spellcheck: false, className: "live-editor" });
        this.area.setAttribute("autocapitalize", "off");
        this.area.setAttribute("aria-label", `Code of cell ${this.number}. Escape leaves it.`);
        this.area.oninput = () => this.changed();
        this.area.onkeydown = (event) => this.pressed(event);
        this.pre.before(this.area);
        this.pre.classList.add("live-behind");
        this.edit.hidden = true;
        this.changed();
      }
      if (!focus) return;
      this.input.closest("details")?.setAttribute("open", "");
      this.area.focus();
    }

    close() {
      this.area.remove();
      this.area = null;
      this.pre.innerHTML = this.highlighted;
      this.pre.classList.remove("live-behind");
      memory.set(this.key, null);
      this.edit.hidden = false;
      this.restore.hidden = true;
      this.edit.focus();
    }

    changed() {
      const text = this.area.value;
      this.area.rows = text.split("\n").length;
      this.pre.textContent = text; // what the copy button copies, and what is printed
      this.restore.hidden = text === this.original;
      memory.set(this.key, text === this.original ? null : text);
    }

    pressed(event) {
      const type = (text) => { // as if typed, so that it can be undone
        event.preventDefault();
        document.execCommand("insertText", false, text);
      };
      if (event.key === "Enter" && (event.ctrlKey || event.shiftKey || event.metaKey)) {
        event.preventDefault();
        ask(this, [this]);
      } else if (event.key === "Enter") {
        const line = this.area.value.slice(0, this.area.selectionStart).split("\n").pop();
        type(`\n${line.match(/^ */)[0]}${/:\s*$/.test(line) ? "    " : ""}`);
      } else if (event.key === "Tab" && !event.shiftKey) {
        type("    ");
      } else if (event.key === "Escape") {
        if (this.area.value === this.original) this.close();
        else this.run.focus();
      }
    }

    begin() {
      this.output?.remove();
      this.output = make("div", { className: "cell_output docutils container live-output" });
      this.tools.after(this.output);
      for (const old of this.committed) {
        // A picture stays: the small Python does not draw.
        for (const part of old.children) part.hidden = !(part.matches("img, svg") || part.querySelector("img, svg"));
      }
      this.stop.hidden = false;
      this.state("running");
      this.say("Running");
    }

    show(kind, value) {
      if (kind === "picture") {
        const draw = button(`Draw it: fetch some 20 MB from ${new URL(CDN).host}`, "", () => {
          choose("full");
          ask(this, cells.slice(0, this.number));
        });
        const told = "The picture is the book's, as this small Python does not draw. ";
        if (!this.output.querySelector(".live-picture"))
          this.output.append(make("p", { className: "live-picture live-note" }, told, draw));
      } else if (kind === "png") {
        this.replacePictures();
        const url = URL.createObjectURL(new Blob([value], { type: "image/png" }));
        this.output.append(make("img", { src: url, alt: "The figure that this cell has just drawn" }));
      } else if (kind === "svg") {
        this.replacePictures();
        const url = URL.createObjectURL(new Blob([value], { type: "image/svg+xml" }));
        this.output.append(make("img", { src: url, alt: "The drawing that this cell has just made" }));
      } else if (kind === "html") {
        this.replacePictures();
        // The page allows no inline code: a style is set by script, and a script comes from an address.
        const free = value.replace(/(<[a-z](?:[^<>"']|"[^"]*"|'[^']*')*?)\sstyle="/gi, '$1 data-style="');
        const box = make("div", { className: "output text_html", innerHTML: free });
        for (const part of box.querySelectorAll("[data-style]")) part.style.cssText = part.dataset.style;
        this.output.append(box);
        for (const script of box.querySelectorAll("script")) {
          const text = new Blob([script.textContent], { type: "text/javascript" });
          script.replaceWith(make("script", { src: URL.createObjectURL(text) }));
        }
      } else {
        let box = this.output.lastElementChild;
        if (box?.dataset.kind !== kind) {
          box = make("div", { className: `output stream live-${kind}` }, make("pre"));
          box.dataset.kind = kind;
          this.output.append(box);
        }
        box.querySelector("pre").append(value);
      }
    }

    replacePictures() {
      for (const old of this.committed) old.hidden = true;
    }

    end(state, text) {
      this.state(state);
      this.ran = state !== "stopped";
      this.stop.hidden = true;
      this.reset.hidden = false;
      this.say(text);
    }

    forget() {
      this.ran = false;
      delete this.element.dataset.live;
      this.output?.remove();
      this.output = null;
      this.stop.hidden = this.reset.hidden = this.bar.hidden = true;
      for (const old of this.committed) for (const part of [old, ...old.children]) part.hidden = false;
    }
  }

  // --- Python -------------------------------------------------------------------------------------

  const chosen = () => memory.get("live python") ?? choice;
  let choice = null;
  const choose = (name) => {
    reset();
    choice = name;
    memory.set("live python", name);
  };

  // The first time, say how much is fetched and from where; then go on.
  function ask(cell, wanted) {
    if (location.protocol === "file:")
      return cell.say("Cells run where the book is served: `make serve`, then http://localhost:8000.");
    if (chosen()) return enqueue(wanted);
    const yes = button(`Fetch ${SIZE} MB and run`, "", () => {
      choose("small");
      cell.run.focus();
      enqueue(wanted);
    });
    const no = button("Not now", "", () => { cell.say(""); cell.run.focus(); });
    cell.say(`Python, NumPy and dlbook come from this site, ${location.host}: ${SIZE} MB, once. ` +
      "They run on your computer, and what you write stays there. ", yes, " ", no);
    yes.focus();
  }

  function enqueue(wanted) {
    queue.push(...wanted.filter((cell) => !queue.includes(cell)));
    if (!worker) {
      worker = new Worker(home + "worker.js", { type: "module" });
      worker.onmessage = ({ data }) => heard(...data);
      worker.onerror = (event) => heard("failed", event.message ?? "the worker does not start");
      worker.postMessage(["start", chosen() === "full" ? CDN : null]);
      started = performance.now();
      queue[0].say("Fetching Python");
      announce.textContent = "Fetching Python";
    } else if (ready && queue.length === wanted.length) next();
  }

  function next() {
    if (!queue.length) return;
    queue[0].begin();
    started = performance.now();
    worker.postMessage([`cell ${queue[0].number}`, queue[0].source]);
  }

  function heard(kind, value) {
    const cell = queue[0];
    if (kind === "arrived" && chosen() === "full") {
      cell.say(`Fetching Python from ${new URL(CDN).host}`);
    } else if (kind === "arrived") {
      cell.bar.hidden = value > 0.99 * cell.bar.max;
      cell.bar.value = value;
      cell.say(cell.bar.hidden ? "Starting Python" : `Fetching Python: ${(value / 1e6).toFixed(1)} MB`);
    } else if (kind === "ready") {
      ready = true;
      cell.bar.hidden = true;
      next();
    } else if (kind === "done") {
      const failed = cell.output.querySelector(".live-error");
      const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
      const why = !failed ? "" : cell.torch ? ". It needs PyTorch or a server, here or in a cell above: open the chapter in Colab." :
        failed.textContent.includes("NameError") ? ". Have the cells above been run? Run all to here does." : "";
      cell.end(failed ? "error" : "done", seconds + why);
      announce.textContent = `Cell ${cell.number} ${failed ? "ended with an error" : "is done"}, ${seconds}`;
      queue.shift();
      next();
    } else if (kind === "failed") {
      const where = chosen() === "full" ? new URL(CDN).host : location.host;
      reset();
      cell.say(`Python did not start (from ${where}): ${value} `);
      if (chosen() === "full") cell.note.append(button("Take the small one of this site", "", () => choose("small")));
      announce.textContent = cell.note.textContent;
    } else {
      cell.show(kind, value);
    }
  }

  function end() {
    worker?.terminate();
    worker = null;
    ready = false;
    queue = [];
  }

  // A running Python hears nothing, so it is ended, and with it all that the cells have made.
  function stop() {
    const cell = queue[0];
    end();
    for (const other of cells) other.ran = false;
    cell?.end("stopped", "Stopped. Python has forgotten everything: Run all to here starts anew.");
    announce.textContent = "Stopped";
  }

  function reset() {
    end();
    for (const cell of cells) {
      const had = cell.ran || cell.output;
      cell.forget();
      if (had) cell.say("");
    }
  }

  const cells = [...document.querySelectorAll("div.cell")].filter((cell) => cell.querySelector(".cell_input pre"))
    .map((element, index) => new Cell(element, index));
  if (cells.length) document.body.append(announce);
});
