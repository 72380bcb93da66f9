// Reads a resident as a telephone carries him, and what it knows; writes what a visit of a day comes to there, by programme.
import { text } from "node:stream/consumers";
import { valuesOf } from "../static/pocket/assess.js";
import { outcomesOf } from "../static/pocket/resident.js";

const { resident, known, answers, on } = JSON.parse(await text(process.stdin));
const { found } = outcomesOf(resident, known, valuesOf(answers, known.items), on, "routine");
process.stdout.write(
  JSON.stringify(Object.fromEntries(found.map(({ programme, outcome }) => [programme.slug, [outcome.grade, outcome.controlled, outcome.next_due]]))),
);
