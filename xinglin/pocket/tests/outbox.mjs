// Reads entries of an outbox, what is carried, and the moment; writes what a contact leaves of them.
import { text } from "node:stream/consumers";
import { isAhead, tidied } from "../static/pocket/outbox.js";

const { entries, residents, now } = JSON.parse(await text(process.stdin));
const ahead = entries.filter((each) => isAhead(each, residents, now)).map((each) => each.change.client_id);
process.stdout.write(JSON.stringify({ ahead, ...tidied(entries, residents, now) }));
