// Reads cases as JSON, one a line, from standard input; writes what the telephone's evaluator computes, one a line.
import { createInterface } from "node:readline";
import { assess, jointItems, standing } from "../static/pocket/assess.js";

let known = null;
for await (const line of createInterface({ input: process.stdin })) {
  const given = JSON.parse(line);
  if (known === null) {
    known = given;
    continue;
  }
  const programme = known.programmes[given.version];
  const found = assess(programme, known.items, given.person, given.answers, given.past, given.on, given.kind);
  const before = programme.alerts.map(({ code }) => ({ code, programme: programme.slug, stays: true }));
  const form = jointItems([programme], known.items, given.kind, given.person, given.past, given.on);
  process.stdout.write(
    JSON.stringify({
      grade: found.grade, controlled: found.controlled, on_target: found.on_target, next_due: found.next_due,
      alerts: found.alerts.map((each) => each.code), advice: found.advice.map((each) => each.code),
      education: found.education.map((each) => each.point), missing: found.missing, tests_due: found.tests_due, refused: Object.keys(found.refused),
      complete: found.complete, may_move: found.may_move, refuted: found.refuted, standing: standing(before, [{ programme, outcome: found }]).map((each) => each.code), in_a_row: found.in_a_row, computed: found.computed,
      form: form.map((each) => [each.item.code, each.programmes, each.required, each.value, each.value_on, each.item.options.map((one) => one.code)]),
    }) + "\n",
  );
}
