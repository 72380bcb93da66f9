// The two elements everything here is made of.

/** An element with a class and text. */
export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** A button that does `act`; `title` also names it to those who cannot see it. */
export function button(text, act, title = "") {
  const made = make("button", "ecg-button", text);
  made.type = "button";
  if (title) {
    made.title = title;
    made.ariaLabel = title;
  }
  made.addEventListener("click", act);
  return made;
}
