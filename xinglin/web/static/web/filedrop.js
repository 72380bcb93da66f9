// Files: drop, names and sizes, limits, progress while htmx or the browser sends them.
import { mount, say } from "./mount.js";

const size = (bytes) => (bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`);

function fits(file, accept) {
  if (!accept) return true;
  return accept.split(",").some((part) => {
    const kind = part.trim().toLowerCase();
    if (kind.startsWith(".")) return file.name.toLowerCase().endsWith(kind);
    return kind.endsWith("/*") ? file.type.startsWith(kind.slice(0, -1)) : file.type === kind;
  });
}

mount("[data-drop]", (drop) => {
  const input = drop.querySelector("input[type=file]");
  const names = drop.querySelector(".drop-files");
  const progress = drop.querySelector("progress");
  const limit = Number(drop.dataset.maxMb || 0);

  const look = () => {
    const files = [...input.files];
    const tooLarge = limit && files.some((file) => file.size > limit * 1_048_576);
    const wrong = files.some((file) => !fits(file, input.accept));
    const problem = tooLarge ? say("too_large", { mb: limit }) : wrong ? say("wrong_kind") : "";
    input.setCustomValidity(problem);
    names.textContent = problem || files.map((file) => `${file.name} ${size(file.size)}`).join(say("mark"));
    names.classList.toggle("text-critical", Boolean(problem));
  };

  input.addEventListener("change", look);
  for (const type of ["dragenter", "dragover"]) {
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.add("drop-over");
    });
  }
  for (const type of ["dragleave", "drop"]) drop.addEventListener(type, () => drop.classList.remove("drop-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  const { form } = input;
  form?.addEventListener("htmx:xhr:progress", (event) => {
    if (!event.detail.lengthComputable) return;
    progress.hidden = false;
    progress.value = (100 * event.detail.loaded) / event.detail.total;
  });
  form?.addEventListener("submit", () => {
    if (!input.files.length || form.hasAttribute("hx-post")) return;
    progress.hidden = false;
    progress.removeAttribute("value");
  });
});
