// The report form: templates by search, coded conclusions as chips, critical values counted. Ctrl+Enter signs (forms.js).

const templates = JSON.parse(document.getElementById("report-templates")?.textContent ?? "[]");
const form = document.querySelector("form[data-report]");

if (form) {
  const picker = form.querySelector("[data-picker]");
  const search = form.querySelector("#template-search");
  const list = form.querySelector("#template-list");
  const chips = form.querySelector("[data-codes]");
  const { codes, findings, conclusion, is_abnormal: abnormal } = form.elements;
  const chosen = () => codes.value.split(",").filter(Boolean);

  const matching = () => {
    const wanted = search.value.trim().toLowerCase();
    return templates.filter(({ title, keywords, code }) => !wanted || `${title} ${keywords} ${code}`.toLowerCase().includes(wanted));
  };

  const add = (field, text) => {
    field.value = field.value.trim() ? `${field.value.trimEnd()}\n${text}` : text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  /** The caret on the first blank of the template that is not filled yet. */
  const blank = () => {
    const gap = /_{2,}|＿+/;
    const field = !gap.test(findings.value) && gap.test(conclusion.value) ? conclusion : findings;
    const found = gap.exec(field.value);
    field.focus();
    if (found) field.setSelectionRange(found.index, found.index + found[0].length);
  };

  const showCodes = () => {
    chips.replaceChildren(
      ...chosen().map((code) => {
        const chip = document.createElement("button");
        chip.type = "button";
        chip.className = "button button-s";
        chip.textContent = `${templates.find((each) => each.code === code)?.title ?? code} ×`;
        chip.setAttribute("aria-label", `${chips.dataset.remove} ${chip.textContent.slice(0, -2)}`);
        chip.addEventListener("click", () => {
          codes.value = chosen().filter((each) => each !== code).join(",");
          showCodes();
        });
        return chip;
      }),
    );
  };

  const countCriticals = () => {
    const holder = form.querySelector("[data-criticals]");
    const n = holder.querySelectorAll("input:checked").length;
    const count = holder.querySelector("[data-critical-count]");
    count.textContent = String(n);
    count.hidden = n === 0;
    if (n) {
      holder.open = true;
      abnormal.checked = true;
    }
  };

  const pick = (template) => {
    if (!chosen().includes(template.code)) {
      codes.value = [...chosen(), template.code].join(",");
      add(findings, template.findings);
      add(conclusion, template.conclusion);
    }
    if (template.abnormal) abnormal.checked = true;
    if (template.critical) {
      const box = form.querySelector(`input[name="criticals"][value="${CSS.escape(template.critical)}"]`);
      if (box) box.checked = true;
    }
    search.value = "";
    showList();
    showCodes();
    countCriticals();
    blank();
  };

  const showList = () => {
    list.replaceChildren(
      ...matching().map((template) => {
        const option = document.createElement("button");
        option.type = "button";
        option.className = "button button-s button-quiet";
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", String(chosen().includes(template.code)));
        option.title = template.conclusion;
        option.textContent = template.title;
        option.addEventListener("click", () => pick(template));
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
  form.querySelector("[data-criticals]").addEventListener("change", countCriticals);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "t" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    form.closest("details")?.setAttribute("open", "");
    search.focus();
  });
  showList();
  showCodes();
  countCriticals();
  if (form.dataset.refused === "unfilled-blanks") blank();
}
