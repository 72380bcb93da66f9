// Forms: one submission at a time, a question before what matters, small conveniences.

const sent = new WeakSet();

function freshKey(form) {
  const input = form.querySelector("input[name=idempotency_key]");
  if (!input) return;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  input.value = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function busy(form, on) {
  form.toggleAttribute("data-sending", on);
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
    if (on) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}

async function ask(question) {
  const dialog = document.getElementById("confirm-dialog");
  if (!dialog?.showModal) return window.confirm(question);
  dialog.querySelector("#confirm-dialog-text").textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "yes";
}

// Capture: before htmx sees the event.
document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    if (form.dataset.confirm && !form.hasAttribute("data-confirmed")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const { submitter } = event;
      if (await ask(form.dataset.confirm)) {
        form.setAttribute("data-confirmed", "");
        form.requestSubmit(submitter);
      }
      return;
    }
    form.removeAttribute("data-confirmed");
    if (!form.hasAttribute("data-once")) return;
    if (form.hasAttribute("data-sending")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    sent.add(form);
    busy(form, true);
    // An answer that does not leave the page (a download) must not lock the form for ever; the key still guards it.
    setTimeout(() => form.isConnected && busy(form, false), 15_000);
  },
  true,
);

// hx-confirm asks with the same dialog.
document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  ask(event.detail.question).then((yes) => yes && event.detail.issueRequest(true));
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt instanceof HTMLFormElement) busy(event.detail.elt, false);
});

// A form stopped by validation of its own was not sent.
document.addEventListener("invalid", (event) => event.target.form && busy(event.target.form, false), true);

// The same content keeps its key, so a repetition is recognised; changed content is a new submission.
document.addEventListener("input", (event) => {
  const { form } = event.target;
  if (form && sent.has(form)) {
    sent.delete(form);
    freshKey(form);
  }
});

// Back from the browser's memory: buttons must not stay busy.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[data-sending]")) busy(form, false);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
});

document.addEventListener("click", (event) => {
  const retry = event.target.closest("[data-retry]");
  if (retry) {
    event.preventDefault();
    window.location.reload();
  }
  if (event.target.closest("[data-back]")) window.history.back();
  if (event.target.closest("[data-refused]")) event.preventDefault();
});
