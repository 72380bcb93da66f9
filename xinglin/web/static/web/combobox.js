// Type to search: htmx fetches the options, this chooses one. Posts <name> and <name>_text.
import { mount, say } from "./mount.js";

mount("[data-combobox]", (box) => {
  const hidden = box.querySelector("input[type=hidden]");
  const input = box.querySelector("[role=combobox]");
  const list = box.querySelector("[role=listbox]");
  const options = () => [...list.querySelectorAll("[role=option]")];
  let active = -1;

  const mark = (index) => {
    const all = options();
    active = all.length ? (index + all.length) % all.length : -1;
    all.forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === active));
      option.id ||= `${list.id}-${i}`;
    });
    if (active >= 0) {
      input.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };

  const close = () => {
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  };

  const check = () => {
    const loose = "free" in box.dataset || hidden.value || !input.value.trim();
    input.setCustomValidity(loose ? "" : say("choose"));
  };

  const pick = (option) => {
    const { value, text } = option.dataset;
    const clears = "clears" in box.dataset;
    hidden.value = clears ? "" : value;
    input.value = clears ? "" : text;
    close();
    check();
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
    box.dispatchEvent(new CustomEvent("picked", { bubbles: true, detail: { value, text } }));
  };

  input.addEventListener("htmx:configRequest", (event) => {
    const { parameters } = event.detail;
    for (const key of Object.keys(parameters)) delete parameters[key];
    parameters.q = input.value.trim();
  });
  input.addEventListener("htmx:beforeRequest", (event) => {
    if (input.value.trim().length < Number(box.dataset.min || 1)) {
      event.preventDefault();
      close();
    }
  });
  list.addEventListener("htmx:afterSwap", () => {
    input.setAttribute("aria-expanded", String(list.children.length > 0));
    mark(0);
  });
  input.addEventListener("input", () => {
    hidden.value = "";
    check();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const open = options().length > 0;
    if (event.key === "ArrowDown" && open) mark(active + 1);
    else if (event.key === "ArrowUp" && open) mark(active - 1);
    else if (event.key === "Enter" && open && active >= 0) pick(options()[active]);
    else if (event.key === "Escape" && list.children.length) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) pick(option);
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  check();
});
