// Asks the console's API, and tells the reader what is the matter, in one sentence.

const told = document.getElementById("told");

export function tell(sentence, kind = "") {
  if (told.textContent !== sentence) told.textContent = sentence;
  told.className = kind;
}

export async function read(path, options) {
  const answer = await fetch(path, options);
  const json = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(json.failure), { status: answer.status });
  return json;
}

export const sentence = fault => fault.status ? fault.message : "The console does not answer: it was ended, or this machine is busy.";

export async function attempt(work) {
  try {
    await work();
  } catch (fault) {
    tell(sentence(fault), "bad");
  }
}
