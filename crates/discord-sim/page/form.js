// A bot's form. The words a person typed outlive a refused submit, a server that is away,
// and a form closed by mistake: they wait until the same form opens again.

import { element, icon, iconButton } from "./dom.js";
import { choose } from "./overlay.js";
import { markdown } from "./markdown.js";
import { selectOptions } from "./components.js";

const kept = new Map();

/** Opens `form` {title, custom_id, fields}. `submit(answers)` takes {custom_id: text or values} and answers { ok, refused? }. */
export function openForm(form, names, directory, submit) {
  const opener = document.activeElement;
  const key = `${directory.as}:${form.custom_id}`;
  const remembered = kept.get(key);
  const dialog = element("dialog", { class: "form", "aria-labelledby": "form-title" });
  const problem = element("div", { class: "form-problem", role: "alert", hidden: true });
  const send = element("button", { type: "submit", class: "button button-1" }, element("span", { text: "Submit" }));
  const fields = (form.fields ?? []).map((part) => field(part, names, directory, remembered));
  const close = () => dialog.close();

  const sheet = element("form", { class: "form-body", novalidate: true },
    element("div", { class: "form-head" }, element("h2", { id: "form-title", text: form.title ?? "Form" }), iconButton("close", "Close the form", close)),
    remembered ? element("p", { class: "form-note" }, "Your earlier words are back. ",
      element("button", { type: "button", class: "text-button", text: "Start over", on: { click: () => (kept.delete(key), fields.forEach((each) => each.reset())) } })) : null,
    element("div", { class: "form-fields" }, fields.map((each) => each.node)),
    problem,
    element("div", { class: "form-buttons" }, element("button", { type: "button", class: "button button-2", text: "Cancel", on: { click: close } }), send));

  const say = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
    if (text) problem.scrollIntoView({ block: "nearest" });
  };
  let busy = false;
  sheet.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    const wrong = fields.map((each) => [each, each.complaint()]).filter(([, words]) => words);
    for (const each of fields) each.show(each.complaint());
    if (wrong.length) {
      wrong[0][0].focus();
      return;
    }
    busy = true;
    send.setAttribute("aria-busy", "true");
    say("");
    const result = await submit(Object.fromEntries(fields.filter((each) => each.id).map((each) => [each.id, each.value()])));
    busy = false;
    send.removeAttribute("aria-busy");
    if (result.ok) {
      kept.delete(key);
      dialog.dataset.sent = "yes";
      dialog.close();
    } else {
      say(`${result.refused} Your words are still here.`);
    }
  });
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) sheet.requestSubmit();
  });
  dialog.addEventListener("close", () => {
    if (!dialog.dataset.sent) {
      const words = Object.fromEntries(fields.filter((each) => each.changed()).map((each) => [each.id, each.text()]));
      if (Object.keys(words).length) kept.set(key, words);
    }
    dialog.remove();
    // The browser has moved the focus back already, but left the caret in the form that is gone: focus afresh.
    if (opener?.isConnected) {
      opener.blur();
      opener.focus({ preventScroll: true });
    }
  });
  dialog.append(sheet);
  document.body.append(dialog);
  dialog.showModal();
  (fields.find((each) => each.id) ?? { focus() {} }).focus();
}

let counter = 0;
function field(part, names, directory, remembered) {
  if (part.kind === "text") return textField(part, remembered);
  if (part.kind === "select") return selectField(part, directory);
  return fixedText(part, names);
}

function fixedText(part, names) {
  const nothing = () => "";
  return { node: element("div", { class: "form-text" }, markdown(part.label, names)), id: null, complaint: nothing, show: nothing, reset: nothing, focus: nothing, changed: () => false };
}

function frame(part, input, required, extra) {
  const id = `field-${(counter += 1)}`;
  input.id = id;
  const complaint = element("div", { class: "field-problem", id: `${id}-problem`, role: "alert" });
  input.setAttribute("aria-describedby", `${id}-problem`);
  const node = element("div", { class: "field" },
    element("label", { for: id }, part.label ?? part.placeholder ?? "Text", required ? element("span", { class: "required", title: "Required", text: " *" }, element("span", { class: "visually-hidden", text: "required" })) : null),
    part.description ? element("small", { class: "field-hint", text: part.description }) : null,
    input, extra ?? null, complaint);
  const show = (words) => {
    complaint.textContent = words || "";
    input.setAttribute("aria-invalid", words ? "true" : "false");
  };
  return { node, show };
}

function textField(part, remembered) {
  const required = part.required !== false;
  const longest = part.max_length ?? 4000;
  const isShort = part.style !== "paragraph";
  const first = part.value ?? "";
  const input = isShort ? element("input", { type: "text", autocomplete: "off" }) : element("textarea", { rows: 5 });
  input.placeholder = part.placeholder ?? "";
  input.value = remembered?.[part.custom_id] ?? first;
  const count = element("div", { class: "field-count", "aria-hidden": "true" });
  const { node, show } = frame(part, input, required, count);
  const length = () => [...input.value].length;
  const complaint = () => {
    if (required && !input.value.trim()) return "Please fill this in.";
    if (input.value && part.min_length && length() < part.min_length) return `At least ${part.min_length} characters are needed; there are ${length()}.`;
    if (length() > longest) return `At most ${longest} characters fit; there are ${length()}.`;
    return "";
  };
  const refresh = () => {
    const near = length() > longest * 0.8 || (part.min_length > 1 && length() < part.min_length);
    count.textContent = near || part.max_length ? `${length()} / ${longest}` : "";
    count.classList.toggle("over", length() > longest);
  };
  input.addEventListener("input", () => {
    refresh();
    if (input.getAttribute("aria-invalid") === "true") show(complaint());
  });
  refresh();
  return {
    node, show, complaint,
    id: part.custom_id,
    value: () => input.value,
    text: () => input.value,
    changed: () => input.value !== first,
    reset: () => ((input.value = first), refresh()),
    focus: () => {
      input.focus();
      input.setSelectionRange?.(input.value.length, input.value.length);
    },
  };
}

function selectField(part, directory) {
  const options = selectOptions(part, directory);
  const required = part.required !== false;
  let values = options.filter((option) => option.isDefault).map((option) => option.value);
  const words = element("span", { class: "select-words" });
  const input = element("button", { type: "button", class: "select" }, words, icon("chevron"));
  const { node, show } = frame(part, input, required);
  const refresh = () => {
    words.textContent = values.length ? options.filter((option) => values.includes(option.value)).map((option) => option.label).join(", ") : (part.placeholder ?? "Choose");
    words.classList.toggle("placeholder", !values.length);
  };
  input.addEventListener("click", async () => {
    const limits = { min: required ? (part.min_values ?? 1) : 0, max: part.max_values ?? 1 };
    const picked = await choose(input, part.label ?? part.placeholder ?? "Choose", options.map((option) => ({ ...option, isDefault: values.includes(option.value) })), limits);
    if (picked) values = picked;
    refresh();
  });
  refresh();
  return {
    node, show,
    id: part.custom_id,
    complaint: () => (required && !values.length ? "Please choose." : ""),
    value: () => values,
    text: () => undefined,
    changed: () => false,
    reset: () => {},
    focus: () => input.focus(),
  };
}
