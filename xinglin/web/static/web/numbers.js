// Figures: full-width digits become plain ones, the usual range is shown as a word, Enter goes on to the next figure.
import { mount, say } from "./mount.js";

const FULL = "０１２３４５６７８９．。，";
const PLAIN = "0123456789...";
const plain = (text) => [...text].map((letter) => (FULL.includes(letter) ? PLAIN[FULL.indexOf(letter)] : letter)).join("");

function judge(input) {
  const text = input.value.trim();
  const { min, max, low, high } = input.dataset;
  if (!text) return { refusal: "", word: "" };
  const value = Number(text);
  if (!/^-?\d+(\.\d+)?$/.test(text) || Number.isNaN(value)) return { refusal: say("not_a_number"), word: "" };
  if ((min && value < Number(min)) || (max && value > Number(max))) {
    return { refusal: say("out_of_range", { min: min ?? "−∞", max: max ?? "∞" }), word: "" };
  }
  const word = low && value < Number(low) ? say("low") : high && value > Number(high) ? say("high") : "";
  return { refusal: "", word };
}

mount("input[data-number]", (input) => {
  const output = input.closest(".field")?.querySelector("[data-range-word]");
  const look = () => {
    const { refusal } = judge(input);
    input.setCustomValidity(refusal);
    if (!output) return;
    const all = [...input.closest(".field").querySelectorAll("input[data-number]")].map(judge);
    output.textContent = (all.find((each) => each.refusal) ?? all.find((each) => each.word) ?? { word: "" }).word || all.find((each) => each.refusal)?.refusal || "";
  };
  input.addEventListener("input", (event) => {
    if (event.isComposing) return;
    const written = plain(input.value);
    if (written !== input.value) input.value = written;
    look();
    if (input.dataset.advance && written.length >= Number(input.dataset.advance) && !judge(input).refusal) {
      const all = [...input.closest(".field").querySelectorAll("input[data-number]")];
      all[all.indexOf(input) + 1]?.select();
    }
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !input.form) return;
    const all = [...input.form.querySelectorAll("input[data-number]:not(:disabled)")];
    const next = all[all.indexOf(input) + 1];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  look();
});
