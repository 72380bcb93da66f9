// The page of a visit: words that are tapped instead of typed, and the cursor going on from a full figure.
import { mount } from "../web/mount.js";

mount("[data-chips-for]", (holder) => {
  holder.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-chip]");
    const field = document.getElementById(holder.dataset.chipsFor);
    if (!chip || !field) return;
    const word = chip.dataset.chip;
    const text = field.value.trim();
    const joins = "chipJoins" in chip.dataset || !text || /[，,；;、]$/.test(text);
    if (!text.includes(word)) field.value = joins ? text + word : `${text}，${word}`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
});

// 30 and more cannot grow into a third digit that is possible: the pulse is next.
mount("#id_diastolic", (input) => {
  input.addEventListener("input", () => {
    const full = /^(\d{3}|[3-9]\d)$/.test(input.value.trim());
    if (full && document.activeElement === input) document.getElementById("id_pulse")?.select();
  });
});

// A step still on its way is named in the form: saved before its answer is here, the server does it first.
mount("#visit-form", (form) => {
  const { pending } = form.elements;
  form.addEventListener("htmx:configRequest", (event) => {
    const step = event.detail.parameters.op;
    if (step && step !== "look") pending.value = step;
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.target?.id === "plan") pending.value = "";
  });
});
