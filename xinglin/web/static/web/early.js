// On a slow line a field is filled in before the scripts have come, or the browser fills it in again on the way back:
// what listens to it hears of it as soon as it can, once.
const written = (field) => {
  if (field instanceof HTMLSelectElement) {
    const given = [...field.options].filter((option) => option.defaultSelected);
    return field.multiple ? [...field.options].some((option) => option.selected !== option.defaultSelected) : field.selectedIndex !== (given.at(-1)?.index ?? 0);
  }
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.type === "radio") return field.checked && !field.defaultChecked;
  if (field.getAttribute("role") === "combobox") return false;
  return !["hidden", "file", "password"].includes(field.type) && field.value !== field.defaultValue;
};

// Right after htmx has taken hold of the page, in the same event: no choice falls between.
document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll("input, select, textarea")) {
    if (!written(field)) continue;
    for (const name of field.type === "search" ? ["input", "search"] : ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  }
});
