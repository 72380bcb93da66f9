// Small helps of the laboratory pages; every form works without them.
import { mount } from "../web/mount.js";

// The containers that the chosen panels need, each once.
mount("[data-tubes]", (line) => {
  const boxes = [...document.querySelectorAll("input[data-tube]")];
  const draw = () => {
    const needed = new Map(boxes.filter((box) => box.checked).map((box) => [box.dataset.tube, box.dataset.colour]));
    line.replaceChildren(needed.size ? line.dataset.words : line.dataset.none);
    for (const [title, tint] of needed) {
      const tube = document.createElement("span");
      const cap = document.createElement("span");
      tube.className = "lab-tube";
      cap.className = "lab-cap";
      cap.dataset.colour = tint;
      tube.append(cap, title);
      line.append(tube);
    }
  };
  for (const box of boxes) box.addEventListener("change", draw);
  draw();
});

// A scanned barcode ticks its line in the box and is gone; one that is not listed stays for the server to judge.
mount("[data-scan]", (field) => {
  const form = field.form;
  const boxes = () => [...form.querySelectorAll('input[name="barcodes"]')];
  const count = form.querySelector("[data-count]");
  const tell = () => {
    if (count) count.value = `${boxes().filter((box) => box.checked).length} / ${boxes().length}`;
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const codes = field.value.toUpperCase().split(/\s+/).filter(Boolean);
    const last = codes.at(-1);
    const box = boxes().find((each) => each.value === last);
    if (!box) return;
    box.checked = true;
    box.closest("li").scrollIntoView({ block: "nearest" });
    field.value = codes.slice(0, -1).join(" ");
    tell();
  });
  form.addEventListener("change", tell);
  tell();
});

// Enter goes to the next item, Control and Enter registers.
mount("[data-entry]", (field) => {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      field.form.requestSubmit();
      return;
    }
    const fields = [...field.form.querySelectorAll("[data-entry]")];
    const next = fields[fields.indexOf(field) + 1];
    (next ?? field.form.querySelector("button[type=submit]")).focus();
    next?.select?.();
  });
});
