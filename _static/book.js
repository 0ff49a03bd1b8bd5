// Opened from the file system, a page may not fetch another one to show the words around a search hit.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

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

// Paper is white: a dark page is light while it is printed.
const root = document.documentElement;
let shown = null;
matchMedia("print").addEventListener("change", ({ matches }) => {
  if (matches) shown = root.dataset.theme;
  if (shown) root.dataset.theme = matches ? "light" : shown;
});
