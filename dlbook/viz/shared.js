// What the figures share: elements, controls, axes, points to drag. Each figure is registered with
//   dlbookViz.add("name", {compute: {...pure functions...}, draw(root, data, viz) {...}})
// and drawn by dlbookViz.mount(id, "name", data). Plain JavaScript, nothing from elsewhere.
window.dlbookViz ??= (() => {
  const figures = {};
  let mounting = "", plots = 0, dressed = false;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const COLOURS = ["--blue", "--orange", "--green", "--red", "--purple", "--sky"].map((c) => `var(${c})`);

  function fill(element, attributes, children) {
    for (const [key, value] of Object.entries(attributes ?? {})) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (key === "style") element.style.cssText = value ?? "";  // an attribute would be inline code
      else if (value === true) element.setAttribute(key, "");
      else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }
  const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  const s = (tag, attributes, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  // 0.1234 -> "0.123", 2e9 -> "2·10⁹", with a real minus
  function number(x, digits = 3) {
    if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "∞" : "−∞";
    return Math.abs(x) < 1e5 ? String(+x.toFixed(digits)).replace("-", "−") : power(x);
  }
  function power(x) {
    const [m, e] = x.toExponential(1).split("e").map(Number);
    return `${m}·10`.replace(/^(-?)1·/, "$1").replace("-", "−") + [...String(e)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("");
  }
  // A number that may be very small and is then not 0: 0.00012, 2.2·10⁻⁶
  function fine(x, digits = 3) {
    const size = Math.abs(x);
    return !size || !(size < 10 ** -digits) ? number(x, digits) : size < 1e-4 ? power(x) : number(x, 5);
  }

  // A labelled range; `to` turns its position into the value (for a logarithmic one, x => 10 ** x).
  function slider(label, {min, max, step, value, to = (x) => x, show = number}, change) {
    const out = h("output", {});
    const input = h("input", {type: "range", min, max, step, value});
    const renew = () => {
      out.textContent = show(to(+input.value));
      input.setAttribute("aria-valuetext", out.textContent);
    };
    input.addEventListener("input", () => { renew(); change(to(+input.value)); });
    renew();
    const element = h("label", {}, h("span", {}, label), input, out);
    element.set = (x) => { input.value = x; renew(); };  // x: a position
    return element;
  }

  const button = (label, press) => h("button", {type: "button", onclick: press}, label);

  function choice(label, options, value, change) {
    const select = h("select", {onchange: () => change(select.value)},
      options.map((o) => h("option", {value: o, selected: o === value}, o)));
    return h("label", {}, h("span", {}, label), select);
  }

  const controls = (...children) => h("div", {class: "controls"}, ...children);

  // Five or so round numbers between a and b.
  function ticks(a, b, n = 5) {
    const raw = Math.abs(b - a) / n, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((m) => m >= raw);
    const list = [];
    for (let t = Math.ceil(Math.min(a, b) / step - 1e-9) * step; t <= Math.max(a, b) + step * 1e-9; t += step) {
      list.push(Math.abs(t) < step * 1e-9 ? 0 : +t.toPrecision(12));
    }
    return list;
  }

  // Axes with a scale: p.X(x), p.Y(y) lead to the picture, p.x(px), p.y(py) back; draw into p.g.
  function plot({width = 320, height = 240, x, y, xlabel = "", ylabel = "", logy = false,
                 left = 48, bottom = 40, top = 10, right = 10, label = ""}) {
    const show = logy ? fine : number, at = logy ? Math.log10 : (v) => v, back = logy ? (v) => 10 ** v : (v) => v;
    const [lo, hi] = y.map(at);
    const X = (v) => left + ((v - x[0]) / (x[1] - x[0])) * (width - left - right);
    const Y = (v) => height - bottom - ((at(v) - lo) / (hi - lo)) * (height - bottom - top);
    const g = s("g", {});
    const clip = `${mounting}-${plots++}`;
    const svg = s("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label || `${ylabel} over ${xlabel}`},
      s("defs", {}, s("clipPath", {id: clip},
        s("rect", {x: left, y: top, width: width - left - right, height: height - bottom - top}))));
    for (const t of ticks(...x)) {
      svg.append(s("line", {class: "grid", x1: X(t), x2: X(t), y1: top, y2: height - bottom}),
        s("text", {x: X(t), y: height - bottom + 14, "text-anchor": "middle"}, number(t)));
    }
    for (const t of logy ? ticks(Math.ceil(lo), Math.floor(hi)).filter(Number.isInteger).map(back) : ticks(lo, hi)) {
      svg.append(s("line", {class: "grid", x1: left, x2: width - right, y1: Y(t), y2: Y(t)}),
        s("text", {x: left - 5, y: Y(t) + 4, "text-anchor": "end"}, show(t)));
    }
    svg.append(s("text", {x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle"}, xlabel),
      s("text", {transform: `translate(12 ${(top + height - bottom) / 2}) rotate(-90)`, "text-anchor": "middle"}, ylabel));
    const inner = s("g", {"clip-path": `url(#${clip})`}, g);
    svg.append(inner);
    const path = (points) => points.map(([a, b], k) => `${k ? "L" : "M"}${X(a).toFixed(1)} ${Y(b).toFixed(1)}`).join("");
    const within = (v, [a, b]) => Math.min(b, Math.max(a, v));
    return {svg, g, X, Y, path, width, height, logy, show, inside: (a, b) => [within(a, x), within(b, y)],
      x: (px) => x[0] + ((px - left) / (width - left - right)) * (x[1] - x[0]),
      y: (py) => back(lo + ((height - bottom - py) / (height - bottom - top)) * (hi - lo)),
      line: (points, attributes) => s("path", {d: path(points), fill: "none", "stroke-width": 2, ...attributes}),
      dot: (a, b, attributes) => s("circle", {cx: X(a), cy: Y(b), r: 4, ...attributes}),
      clear: () => g.replaceChildren()};
  }

  // Where the pointer is, in the coordinates of the picture.
  function place(svg, event) {
    const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [p.x, p.y];
  }

  // A point that is dragged with mouse or finger, and moved with the arrow keys: move(x, y), never out of the axes.
  function handle(p, label, step, where, move) {
    const element = s("circle", {class: "handle", r: 8, tabindex: 0, role: "slider", "aria-label": label});
    p.svg.setAttribute("role", "group");  // a picture may hold nothing that takes the focus
    const set = (a, b) => { move(...p.inside(a, b)); renew(); };
    function renew() {
      const [a, b] = where();
      element.setAttribute("cx", p.X(a));
      element.setAttribute("cy", p.Y(b));
      element.setAttribute("aria-valuenow", +a.toFixed(4));
      element.setAttribute("aria-valuetext", `${number(a)}, ${p.show(b)}`);
    }
    element.addEventListener("pointerdown", (event) => { element.setPointerCapture(event.pointerId); event.preventDefault(); element.focus(); });
    element.addEventListener("pointermove", (event) => {
      if (!element.hasPointerCapture(event.pointerId)) return;
      const [px, py] = place(p.svg, event);
      set(p.x(px), p.y(py));
    });
    element.addEventListener("keydown", (event) => {
      const way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key];
      if (!way) return;
      event.preventDefault();
      const [a, b] = where();
      set(a + way[0] * step, p.logy ? b * 2 ** way[1] : b + way[1] * step);
    });
    renew();
    element.renew = renew;
    return element;
  }

  // A number that is changed where it stands: dragged to the right or up, or with the arrow keys (pages: ten steps).
  function scrub(element, label, step, get, set) {
    fill(element, {"data-drag": true, tabindex: 0, role: "slider", "aria-label": label, style: "touch-action: none; cursor: ew-resize"}, []);
    const put = (x) => { set(Math.round(x / step) * step); element.renew(); };
    element.renew = () => { element.setAttribute("aria-valuenow", +get().toFixed(4)); element.setAttribute("aria-valuetext", number(get())); };
    let from = null;
    element.addEventListener("pointerdown", (event) => { element.setPointerCapture(event.pointerId); event.preventDefault(); element.focus(); from = [event.clientX - event.clientY, get()]; });
    element.addEventListener("pointermove", (event) => {
      if (from && element.hasPointerCapture(event.pointerId)) put(from[1] + Math.round((event.clientX - event.clientY - from[0]) / 4) * step);
    });
    element.addEventListener("keydown", (event) => {
      const steps = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10}[event.key];
      if (!steps) return;
      event.preventDefault();
      put(get() + steps * step);
    });
    element.renew();
    return element;
  }

  // The line f(x, y) = level as pieces [[x, y], [x, y]], found on n by n cells.
  function contour(f, [x0, x1], [y0, y1], level, n = 48) {
    const x = (i) => x0 + (i * (x1 - x0)) / n, y = (j) => y0 + (j * (y1 - y0)) / n, pieces = [];
    const v = Array.from({length: n + 1}, (_, i) => Array.from({length: n + 1}, (_, j) => f(x(i), y(j)) - level));
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], cuts = [];
      corners.forEach(([a, b], k) => {
        const [c, d] = corners[(k + 1) % 4], p = v[a][b], q = v[c][d];
        if (p < 0 !== q < 0) cuts.push([x(a) + (p / (p - q)) * (x(c) - x(a)), y(b) + (p / (p - q)) * (y(d) - y(b))]);
      });
      for (let k = 0; k + 1 < cuts.length; k += 2) pieces.push([cuts[k], cuts[k + 1]]);
    }
    return pieces;
  }

  // A picture, for an <image>, of values -1 to 1 on n by n places row by row: blue below 0, orange above.
  function heat(root, values, n, [low, high] = ["--blue", "--orange"]) {
    const look = getComputedStyle(root), canvas = document.createElement("canvas");
    const [below, above] = [low, high].map((name) => [1, 3, 5].map((k) => parseInt(look.getPropertyValue(name).trim().slice(k, k + 2), 16)));
    canvas.width = canvas.height = n;
    const context = canvas.getContext("2d"), image = context.createImageData(n, n);
    values.forEach((v, k) => image.data.set([...(v > 0 ? above : below), 140 * Math.min(1, Math.abs(v))], 4 * k));
    context.putImageData(image, 0, 0);
    return canvas.toDataURL();
  }

  // Repeats step() until it returns false; with reduced motion all at once. The button starts and stops, and goes on
  // where it was stopped; everywhere else begin() comes first.
  function player(label, step, pause = 0, begin = () => {}) {
    let timer = null, halfway = false;
    const element = button(label, () => (timer ? (stop(), (halfway = true)) : start()));
    function stop() { halfway = false; clearTimeout(timer); timer = null; element.textContent = label; }
    function tick() { timer = step() === false ? null : setTimeout(tick, pause || 16); if (!timer) stop(); }
    function start() {
      if (!halfway) begin();
      if (still) { for (let k = 0; k < 10000 && step() !== false; k++); return; }
      element.textContent = "Stop";
      tick();
    }
    element.stop = stop;
    return element;
  }

  // The same numbers for a seed on every machine: uniform in [0, 1), and normal.
  function random(seed) {
    let a = seed >>> 0;
    const uniform = () => {
      a = (a + 0x6d2b79f5) >>> 0;
      let t = Math.imul(a ^ (a >>> 15), 1 | a);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    return {uniform, normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())};
  }

  function rules(css) {  // of a style sheet; where no inline code is allowed, neither is <style>
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }

  function mount(id, name, data) {
    // The same figure may stand twice in a page, so the one before this script is meant.
    const root = document.currentScript?.previousElementSibling ?? document.getElementById(id);
    if (!root) return;
    root.addEventListener("keydown", (event) => event.stopPropagation());  // Jupyter has uses for keys
    if (!dressed) rules(CSS);
    dressed = true;
    fill(root, {role: "group", "aria-label": root.querySelector("img")?.alt}, []);
    root.replaceChildren();
    [mounting, plots] = [id, 0];
    figures[name].draw(root, data, viz);
    root.dataset.live = "yes";
  }

  const CSS = `
.dlbook-viz { --blue: #0072B2; --orange: #B87400; --green: #008a63; --red: #C54E00; --purple: #A85385; --sky: #2b86bd;
  --ground: rgba(128,128,128,.1); --grid: rgba(128,128,128,.25); margin: 1em 0; font-size: 14px; max-width: 44rem; }
html[data-theme="dark"] .dlbook-viz, [data-jp-theme-light="false"] .dlbook-viz, html[theme="dark"] .dlbook-viz { --blue: #4FA9DC; --orange: #E69F00; --green: #20B98A; --red: #EF7B32; --purple: #DB93BA; --sky: #8CCBF0; }
.dlbook-viz .row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: flex-start; }
.dlbook-viz .row > * { flex: 1 1 15rem; min-width: 0; }
.dlbook-viz svg { display: block; width: 100%; height: auto; overflow: hidden; }
.dlbook-viz svg text { font-size: 11px; fill: currentColor; stroke: none; font-family: inherit; }
.dlbook-viz .grid { stroke: var(--grid); stroke-width: 1; }
.dlbook-viz .controls { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; align-items: center; padding: .4rem .6rem; background: var(--ground); border-radius: 6px; margin: .4rem 0; }
.dlbook-viz label { display: inline-flex; gap: .5rem; align-items: center; margin: 0; }
.dlbook-viz input[type=range] { width: 9rem; accent-color: var(--blue); }
.dlbook-viz output { min-width: 3.2em; font-variant-numeric: tabular-nums; }
.dlbook-viz button, .dlbook-viz select { font: inherit; color: inherit; background: transparent; border: 1px solid currentColor; border-radius: 5px; padding: .15rem .7rem; min-height: 28px; cursor: pointer; }
.dlbook-viz option { color: black; background: white; }
.dlbook-viz button:disabled { opacity: .5; cursor: default; }
.dlbook-viz .handle { fill: var(--red); stroke: currentColor; cursor: grab; touch-action: none; }
.dlbook-viz :focus-visible { outline: 3px solid var(--orange); outline-offset: 2px; }
.dlbook-viz svg :focus-visible { outline-offset: -2px; }
.dlbook-viz .handle:focus-visible { outline-offset: 0; }
.dlbook-viz .say { min-height: 1.5em; margin: .2rem 0; }
@media print { .dlbook-viz .controls { display: none; } }`;

  const viz = {h, s, rules, number, fine, slider, button, choice, controls, ticks, plot, place, handle, scrub, contour, heat, player, random, still, COLOURS};
  return {...viz, figures, mount, add: (name, figure) => { figures[name] ??= figure; }};
})();
