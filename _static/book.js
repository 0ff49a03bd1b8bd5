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
