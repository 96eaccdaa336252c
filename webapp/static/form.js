// Submits a form to the API and shows what comes of it, in the same place.

import { follow, showPiece } from "./follow.js";

export function listen(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, "again" in (event.submitter?.dataset ?? {}));
  });
}

async function submit(form, again) {
  const area = form.closest("[data-computation]");
  const name = form.dataset.form;
  tell(form, {});
  setBusy(form, true);
  try {
    const answer = await fetch(`/api/v1/computations/${name}/requests`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: bodyOf(form, again),
    });
    const found = await answer.json();
    if (answer.status === 202) {
      const before = found.previous && (await isShown(area, found.previous));
      if (!before) area.querySelector("[data-value]").replaceChildren();
      follow(found.id, area);
    } else if (answer.ok) {
      await showPiece(area, `/computations/${name}/value?${queryOf(form)}`, "Fresh value");
    } else {
      tell(form, found);
    }
  } catch {
    tell(form, { detail: "The web app does not answer. Is it running?" });
  } finally {
    setBusy(form, false);
  }
}

// The old value stays in sight while the new one is computed.
async function isShown(area, previous) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(previous.params)) {
    if (value !== null) query.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  await showPiece(area, `/computations/${previous.computation}/value?${query}`, "");
  return true;
}

// The parameters' JSON text, as typed: a number with many digits keeps them all.
function bodyOf(form, again) {
  const params = inputs(form).map((input) => `${JSON.stringify(input.name)}:${jsonOf(input)}`);
  const age = again ? ',"max_age":0' : "";
  return `{"params":{${params.join(",")}},"priority":"interactive"${age}}`;
}

function jsonOf(input) {
  const text = input.value.trim();
  switch (input.dataset.kind) {
    case "switch":
      return String(input.checked);
    case "choice":
      return input.selectedOptions[0].dataset.json;
    case "number":
      return /^-?\d+$/.test(text) ? String(BigInt(text)) : String(Number(text));
    case "json":
      return isJson(text) ? text : JSON.stringify(text);
    default:
      return JSON.stringify(input.value);
  }
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function queryOf(form) {
  const pairs = inputs(form).map((input) => [
    input.name,
    input.dataset.kind === "switch" ? String(input.checked) : input.value,
  ]);
  return new URLSearchParams(pairs);
}

// A blank input says nothing, unless it is a text that must be given.
function inputs(form) {
  const isText = (input) => ["text", "long_text"].includes(input.dataset.kind);
  return [...form.elements].filter(
    (input) =>
      input.dataset.kind &&
      (input.dataset.kind === "switch" ||
        input.value !== "" ||
        (isText(input) && "required" in input.dataset)),
  );
}

function tell(form, problem) {
  const errors = problem.errors ?? [];
  for (const input of form.elements) {
    if (!input.dataset.kind) continue;
    const own = errors.find((error) => error.field.split(".")[0] === input.name);
    form.querySelector(`[data-error="${CSS.escape(input.name)}"]`).textContent = own?.message ?? "";
    if (own) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  const names = new Set([...form.elements].map((input) => input.name));
  const others = errors.filter((error) => !names.has(error.field.split(".")[0]));
  const told = others.map((error) => `${error.field}: ${error.message}`).join("; ");
  form.querySelector('[data-error=""]').textContent = errors.length ? told : (problem.detail ?? "");
  form.querySelector("[aria-invalid]")?.focus();
}

function setBusy(form, busy) {
  form.setAttribute("aria-busy", String(busy));
  for (const button of form.querySelectorAll("button")) button.disabled = busy;
}
