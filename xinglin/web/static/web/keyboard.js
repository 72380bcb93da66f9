// Shortcuts: / search, g then a letter or digit, j and k in lists, ? for help.

const typing = (target) => target.closest("input, textarea, select, [contenteditable], [role=combobox]");
let goUntil = 0;

function rows() {
  const main = document.getElementById("main");
  return main ? [...main.querySelectorAll("a.list-item, .table tbody tr a[href]:first-of-type")].filter((row) => row.offsetParent) : [];
}

function step(by) {
  const all = rows();
  const now = all.findIndex((row) => row === document.activeElement || row.closest("tr")?.contains(document.activeElement));
  all[Math.max(0, Math.min(all.length - 1, now + by))]?.focus();
}

function go(key) {
  const { home, inbox } = document.body.dataset;
  if (key === "h" && home) window.location.assign(home);
  else if (key === "i" && inbox) window.location.assign(inbox);
  else if (/^[1-9]$/.test(key)) document.querySelectorAll(".nav-rail .nav-link")[Number(key) - 1]?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (Date.now() < goUntil) {
    goUntil = 0;
    go(event.key);
    return;
  }
  if (event.key === "/") {
    const search = document.querySelector("[data-search-home]") ?? document.querySelector("#main input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  } else if (event.key === "g") goUntil = Date.now() + 1500;
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "?") document.getElementById("shortcuts")?.showModal();
});

document.addEventListener("click", (event) => {
  const help = document.getElementById("shortcuts");
  if (event.target.closest("[data-shortcuts]") && help?.showModal) {
    event.preventDefault();
    help.showModal();
  }
});
