// Dialogs, menus, and messages that can be closed.
import { mount } from "./mount.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (dialog?.showModal && !dialog.open) {
      event.preventDefault();
      dialog.showModal();
    }
  }
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && event.target.classList.contains("dialog")) {
    const box = event.target.getBoundingClientRect();
    const outside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (outside && event.clientX + event.clientY > 0) event.target.close();
  }
  event.target.closest("[data-dismiss]")?.closest(".notice")?.remove();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const items = [...menu.querySelectorAll(".menu-item, .nav-link")];
    const next = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    items[(next + items.length) % items.length]?.focus();
  }
});

// A dialog that is shown again after a refusal lies over the page: the reason goes into it.
mount("dialog[data-open]", (dialog) => {
  const summary = document.querySelector("main .error-summary:not(dialog *)");
  if (summary) dialog.querySelector(".dialog-body").prepend(summary);
  dialog.showModal();
  summary?.focus();
});
mount("[data-toast]:not([data-toast=stays])", (toast) => {
  if (toast.closest(".toasts")) setTimeout(() => toast.remove(), 6000);
});
