// The application: one container at first, more on demand; the booking only for a frozen section.

const holder = document.querySelector("[data-parts]");

if (holder) {
  const parts = [...holder.querySelectorAll("[data-part]")];
  const more = holder.querySelector("[data-add-part]");
  let shown = Number(holder.dataset.shown) || 1;

  const draw = () => {
    parts.forEach((part, index) => {
      part.hidden = index >= shown;
    });
    more.hidden = shown >= parts.length;
  };

  more.addEventListener("click", () => {
    shown += 1;
    draw();
    parts[shown - 1].querySelector("input")?.focus();
  });
  draw();
}

const booking = document.querySelector("[data-booking]");
if (booking) {
  const items = [...document.querySelectorAll("[data-item]")];
  const draw = () => {
    booking.hidden = !items.some((item) => item.checked && item.value === "frozen-section");
  };
  for (const item of items) item.addEventListener("change", draw);
  draw();
}
