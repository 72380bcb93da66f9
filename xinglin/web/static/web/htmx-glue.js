// What htmx needs around it: refusals beside the page, passing messages, a line while something loads.
import { say } from "./mount.js";
import { show, toast } from "./toast.js";

document.addEventListener("toast", (event) => {
  const detail = event.detail?.value ?? event.detail;
  for (const each of Array.isArray(detail) ? detail : [detail]) toast(typeof each === "string" ? { tone: "ok", text: each } : each);
});

// A fragment marked data-problem speaks about the request as a whole: it never replaces the part of the page that asked.
// A 409 or 422 without the mark is the form or the panel drawn anew, and is swapped in.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400) return;
  const problem = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-problem]");
  if (problem) {
    event.detail.shouldSwap = false;
    event.detail.isError = false;
    show(document.importNode(problem, true), true);
  } else if (xhr.status !== 409 && xhr.status !== 422) {
    toast({ tone: "critical", text: say("failed") });
  }
});

document.addEventListener("htmx:sendError", () => toast({ tone: "critical", text: say("offline") }));
document.addEventListener("htmx:timeout", () => toast({ tone: "warning", text: say("timeout"), stays: true }));

// A part of a page that renews itself rests while nobody looks.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  const polls = elt.getAttribute?.("hx-trigger")?.trim().startsWith("every ");
  if (polls && document.hidden && !requestConfig?.triggeringEvent) event.preventDefault();
});

let running = 0;
const line = document.querySelector(".busy-line");
const busy = (step) => {
  running = Math.max(0, running + step);
  line?.toggleAttribute("data-on", running > 0);
};
document.addEventListener("htmx:beforeSend", () => busy(1));
document.addEventListener("htmx:afterRequest", () => busy(-1));

// Bring the cursor to what is wrong.
document.addEventListener("htmx:afterSettle", (event) => event.detail.elt.querySelector?.("[data-focus]")?.focus());
document.querySelector("[data-focus]")?.focus();
