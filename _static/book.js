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

// What is wider than the column is scrolled with the keyboard too, also after the window has changed. To measure a
// section it must be laid out (book.css), so they take turns where the browser has nothing else to do.
const WIDE = ":is(pre, .katex-display, table, .cell_output, .text_html > div)";
const whenIdle = window.requestIdleCallback ?? setTimeout; // Safari has none
function reachable(sections = [...document.querySelectorAll(".bd-article section")]) {
  const section = sections.shift();
  if (!section) return;
  section.style.contentVisibility = "visible"; // from now on
  const parts = [...section.querySelectorAll(WIDE)].filter((e) => e.closest("section") === section);
  const wide = parts.map((e) => e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX !== "visible");
  parts.forEach((e, i) => { // after all have been measured, so that the section is laid out once
    if (wide[i]) e.tabIndex = 0;
    else if (e.matches("[tabindex]")) e.removeAttribute("tabindex");
  });
  whenIdle(() => reachable(sections));
}
const again = () => whenIdle(() => reachable());
for (const event of ["load", "resize"]) addEventListener(event, again);
document.fonts.addEventListener("loadingdone", again); // a formula is wider with its own letters
