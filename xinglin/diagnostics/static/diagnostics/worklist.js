// c claims the line under the cursor (or the first one), so that a reader needs no mouse; the cursor survives each refresh.

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "c" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const line = document.activeElement?.closest(".ecg-line") ?? document.querySelector(".ecg-line:has([data-claim])");
  line?.querySelector("form[data-claim]")?.requestSubmit();
});

let focused = "";

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "worklist") focused = document.activeElement?.closest(".ecg-line a.list-item")?.id ?? "";
});

document.addEventListener("htmx:afterSwap", () => {
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  focused = "";
});
