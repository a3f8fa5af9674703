// Asks the console's API, and tells the reader what is the matter, in one sentence.

const teller = id => (sentence = "", kind = "") => {
  const told = document.getElementById(id);
  if (told.textContent !== sentence) told.textContent = sentence;
  told.className = kind;
};

/** Tells how the page follows the console. */
export const tell = teller("told");

/** Tells what came of what the reader did last, until they do something else. */
export const answer = teller("answer");

export async function read(path, options) {
  const answer = await fetch(path, options);
  const json = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(json.failure), { status: answer.status });
  return json;
}

export const silence = "The console does not answer: it was ended, or this machine is busy.";

export const sentence = fault => fault.status ? fault.message : silence;

/** Does what the reader asks for. */
export async function attempt(work) {
  answer();
  try {
    await work();
  } catch (fault) {
    answer(sentence(fault), "bad");
  }
}

/** Takes what is read again and again, but not what was asked for before what was taken already. */
export function inOrder() {
  let [begun, taken] = [0, 0];
  return async (work, take) => {
    const turn = ++begun;
    const got = await work();
    if (turn < taken) return;
    taken = turn;
    take(got);
  };
}
