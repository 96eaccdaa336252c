// Makes the calls that the page describes, and shows what comes back.

for (const form of document.querySelectorAll("[data-call]")) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    call(form);
  });
}

// A link to a call opens it.
function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named?.matches("details")) named.open = true;
}
addEventListener("hashchange", openNamed);
openNamed();

async function call(form) {
  const area = form.querySelector("[data-answer]");
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(...requestOf(form));
    area.replaceChildren(line(`${answer.status} ${answer.statusText}`), headersOf(answer), await bodyOf(answer));
  } catch {
    area.replaceChildren(line("The web app does not answer. Is it running?"));
  } finally {
    button.disabled = false;
  }
}

function requestOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const options = { method: form.dataset.method, headers: {} };
  for (const input of form.querySelectorAll("[data-place]")) {
    const { name, value, dataset } = input;
    if (dataset.place === "body") {
      options.body = value;
      options.headers["Content-Type"] = "application/json";
    } else if (dataset.place === "path") {
      path = path.replace(`{${name}}`, encodeURIComponent(value));
    } else if (value !== "") {
      if (dataset.place === "query") query.set(name, value);
      else options.headers[name] = value;
    }
  }
  return [query.size ? `${path}?${query}` : path, options];
}

function line(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

function headersOf(answer) {
  const told = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
  return block(told.join("\n"));
}

// As it is, or laid out where JavaScript's numbers hold it exactly.
async function bodyOf(answer) {
  const text = await answer.text();
  try {
    const value = JSON.parse(text);
    if (JSON.stringify(value).length === text.length) return block(JSON.stringify(value, null, 2));
  } catch {
    // It is no JSON.
  }
  return block(text);
}

function block(text) {
  const made = document.createElement("pre");
  made.tabIndex = 0;
  made.textContent = text;
  return made;
}
