// What the theme leaves undone for screen readers: names that match what is seen, no roles
// that do not fit, and a landmark for the logo.
addEventListener("load", () => {
  const named = "summary, .search-button-field, .theme-switch-button";
  for (const element of document.querySelectorAll(named)) element.removeAttribute("aria-label");
  for (const entry of document.querySelectorAll(".citation-list, .citation")) entry.removeAttribute("role");
  const brand = document.querySelector(".navbar-brand")?.parentElement;
  brand?.setAttribute("role", "navigation");
  brand?.setAttribute("aria-label", "Home");
});

// The theme's buttons call these from attributes, which a page without inline code does not have.
addEventListener("click", (event) => {
  if (event.target.closest(".btn-download-pdf-button")) print();
  if (event.target.closest(".btn-fullscreen-button")) toggleFullScreen();
});

// On a phone a touch shows a picture by itself, where two fingers enlarge it; "back" returns to the text.
addEventListener("click", (event) => {
  const picture = event.target.closest(".bd-article img");
  if (picture && innerWidth < 600 && !picture.closest("a")) location.href = picture.currentSrc;
});

// What is wider than the column is scrolled with the keyboard too, also after the window has changed.
function reachable() {
  for (const wide of document.querySelectorAll(".bd-article :is(pre, .katex-display, table, .cell_output)")) {
    if (wide.scrollWidth > wide.clientWidth && getComputedStyle(wide).overflowX !== "visible") wide.tabIndex = 0;
    else if (wide.matches("[tabindex]")) wide.removeAttribute("tabindex");
  }
}
addEventListener("load", reachable);
addEventListener("resize", reachable);

// Paper is white: a dark page is light while it is printed.
const root = document.documentElement;
let shown = null;
matchMedia("print").addEventListener("change", ({ matches }) => {
  if (matches) shown = root.dataset.theme;
  if (shown) root.dataset.theme = matches ? "light" : shown;
});
