// Entry: every page loads this module. Without it each form and link still works.
import "./forms.js";
import "./htmx-glue.js";
import "./clock.js";
import "./combobox.js";
import "./early.js";
import "./filedrop.js";
import "./keyboard.js";
import "./numbers.js";
import "./overlays.js";
import "./scroll-end.js";
import "./signature.js";
import "./charts.js";
import "./map.js";

document.documentElement.classList.add("js");
