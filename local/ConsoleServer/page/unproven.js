// Why nobody knows whether a table has exactly the rows of its source, in the words that status has for it.

import { time } from "./drawing.js";

const causes = {
  generationBegan: generation => `generation ${generation} began`,
  loaded: generation => `a full load of generation ${generation} was merged`,
  resumed: () => "it was resumed",
  columnAdded: column => `the column ${column} was added`,
  columnWidened: column => `the column ${column} got a wider type`,
  changeDropped: () => "quarantined changes were dropped",
  changeRetried: () => "quarantined changes were merged",
};

/** That a generation began is known once its first files are merged, so its load would be told before it. */
export function reasons(unproven) {
  const subjects = cause => unproven.filter(one => one.cause === cause).map(one => one.subject);
  const [began, loaded] = [subjects("generationBegan"), subjects("loaded")];
  return unproven
    .filter(({ cause, subject }) => cause !== "generationBegan" || !loaded.includes(subject))
    .map(({ cause, subject, sinceUtc }) => (cause === "loaded" && began.includes(subject)
      ? `generation ${subject} began, and its full load was merged`
      : causes[cause]?.(subject) ?? cause) + ` at ${time(sinceUtc)}`)
    .join("; ");
}
