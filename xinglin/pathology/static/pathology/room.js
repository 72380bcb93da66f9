// The page of a case: templates by search, coded wording as choices, orders that show only what their way needs.

const templates = JSON.parse(document.getElementById("pathology-templates")?.textContent ?? "[]");

const button = (text, title, deed) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-s button-quiet";
  made.textContent = text;
  made.title = title;
  made.addEventListener("click", deed);
  return made;
};

const append = (field, text) => {
  field.value = field.value.trim() ? `${field.value.trimEnd()}\n${text}` : text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

/** The caret on the first blank that is not filled yet. */
const blank = (...fields) => {
  const gap = /_{2,}|＿+/;
  const field = fields.find((each) => gap.test(each.value)) ?? fields[0];
  const found = gap.exec(field.value);
  field.focus();
  if (found) field.setSelectionRange(found.index, found.index + found[0].length);
};

const grossForm = document.querySelector("[data-gross]");
if (grossForm && templates.length) {
  const picks = grossForm.querySelector("[data-gross-picks]");
  const { gross } = grossForm.elements;
  picks.replaceChildren(
    ...templates.map((template) =>
      button(template.title, template.gross, () => {
        append(gross, template.gross);
        blank(gross);
      }),
    ),
  );
  picks.hidden = false;
}

const form = document.querySelector("form[data-report]");
if (form && templates.length) {
  const picker = form.querySelector("[data-picker]");
  const search = form.querySelector("#template-search");
  const list = form.querySelector("#template-list");
  const chips = form.querySelector("[data-codes]");
  const holder = form.querySelector("[data-choices]");
  const { codes, gross, microscopic, diagnosis, is_abnormal: abnormal } = form.elements;
  const picked = new Set([...holder.querySelectorAll("input")].map((input) => input.value));
  const chosen = () => codes.value.split(",").filter(Boolean);
  const of = (code) => templates.find((each) => each.code === code);

  const matching = () => {
    const wanted = search.value.trim().toLowerCase();
    return templates.filter(({ title, keywords, code }) => !wanted || `${title} ${keywords} ${code}`.toLowerCase().includes(wanted));
  };

  const selectOf = (choice) => {
    const field = document.createElement("div");
    field.className = "field";
    const label = document.createElement("label");
    label.className = "label";
    label.textContent = choice.title;
    const select = document.createElement("select");
    select.name = "choices";
    select.id = `choice-${choice.options[0].code.replaceAll("/", "-")}`;
    label.htmlFor = select.id;
    select.append(new Option(holder.dataset.blank, ""));
    for (const option of choice.options) select.append(new Option(option.title, option.code, false, picked.has(option.code)));
    select.addEventListener("change", () => {
      for (const option of choice.options) picked.delete(option.code);
      if (select.value) picked.add(select.value);
    });
    field.append(label, select);
    return field;
  };

  const showCodes = () => {
    chips.replaceChildren(
      ...chosen().map((code) => {
        const chip = button(`${of(code)?.title ?? code} ×`, "", () => {
          codes.value = chosen().filter((each) => each !== code).join(",");
          showCodes();
        });
        chip.setAttribute("aria-label", `${chips.dataset.remove} ${of(code)?.title ?? code}`);
        return chip;
      }),
    );
    holder.replaceChildren(...chosen().flatMap((code) => (of(code)?.choices ?? []).map(selectOf)));
  };

  const pick = (template) => {
    if (!chosen().includes(template.code)) {
      codes.value = [...chosen(), template.code].join(",");
      if (!gross.value.trim()) append(gross, template.gross);
      append(microscopic, template.findings);
      if (/[^_＿]/.test(template.conclusion)) append(diagnosis, template.conclusion);
    }
    if (template.abnormal) abnormal.checked = true;
    search.value = "";
    showList();
    showCodes();
    blank(gross, microscopic, diagnosis);
  };

  const showList = () => {
    list.replaceChildren(
      ...matching().map((template) => {
        const option = button(template.title, template.conclusion, () => pick(template));
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", String(chosen().includes(template.code)));
        return option;
      }),
    );
  };

  picker.hidden = false;
  search.addEventListener("input", showList);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    const [first] = matching();
    if (first && search.value.trim()) pick(first);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "t" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    form.closest("details")?.setAttribute("open", "");
    search.focus();
  });
  showList();
  showCodes();
}

const order = document.querySelector("form[data-order]");
if (order) {
  const groups = [...order.querySelectorAll("[data-for]")];
  const draw = () => {
    const way = new FormData(order).get("way");
    for (const group of groups) {
      const wanted = group.dataset.for.split(" ").includes(way);
      group.hidden = !wanted;
      for (const input of group.querySelectorAll("input, select")) input.disabled = !wanted;
    }
  };
  order.addEventListener("change", draw);
  draw();
}
