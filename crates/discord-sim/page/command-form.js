// One slash command being filled in: a field for each option, suggestions above, Enter sends.
// Keys: arrows and Enter pick, Tab picks or goes on, Enter sends when nothing is marked, Esc leaves.

import { element, icon, iconButton } from "./dom.js";
import { OPTION, complaint, namesAnOption, readOptions, writeLine } from "./slash.js";
import { suggestionList } from "./suggestions.js";

let counter = 0;

/** `page` answers directory(), complete(line), send(line), leave(text). */
export function commandForm(leaf, rest, page) {
  const fields = new Map();
  const box = element("div", { class: "command-fields" });
  const extra = element("div", { class: "command-extra" });
  const lists = element("div", { class: "command-lists" });
  const send = element("button", { type: "submit", class: "button button-primary command-send" }, icon("send"), element("span", { text: "Send" }));
  const problem = element("p", { class: "command-problem", role: "alert", hidden: true });
  const hint = element("p", { class: "command-hint", text: leaf.description });
  const node = element("form", { class: "command", novalidate: true, "aria-label": `Command /${leaf.path}` },
    element("div", { class: "command-head" }, element("strong", { class: "command-name", text: `/${leaf.path}` }), hint, iconButton("close", "Leave the command (Esc)", () => page.leave())),
    lists, box, extra, problem, element("div", { class: "command-foot" }, send));
  let busy = false;

  function add(option, focus) {
    if (!fields.has(option.name)) {
      const field = optionField(option, { ...page, line: (last) => writeLine(leaf, values(), last), next, remove, back, split });
      fields.set(option.name, field);
      box.append(field.node);
      lists.append(field.list);
    }
    refreshExtra();
    if (focus) fields.get(option.name).focus();
  }

  function remove(option) {
    if (option.required) return;
    const names = [...fields.keys()];
    const before = names[names.indexOf(option.name) - 1];
    fields.get(option.name).node.remove();
    fields.get(option.name).list.remove();
    fields.delete(option.name);
    refreshExtra();
    (fields.get(before) ?? { focus: () => send.focus() }).focus();
  }

  function refreshExtra() {
    const open = leaf.options.filter((option) => !fields.has(option.name));
    extra.replaceChildren(...open.map((option) => element("button", { type: "button", class: "option-chip", title: option.description, on: { click: () => add(option, true) } }, "+ ", element("span", { text: option.name }))));
    extra.hidden = !open.length;
  }

  function values() {
    return new Map([...fields].filter(([, field]) => field.value() !== "").map(([name, field]) => [name, field.value()]));
  }

  // After a pick: on to the next field that still needs something, else stay so that Enter sends.
  function next(option) {
    const all = [...fields.values()];
    const from = all.findIndex((field) => field.option === option);
    const open = [...all.slice(from + 1), ...all.slice(0, from)].find((field) => field.option.required && field.value() === "");
    if (open) open.focus();
  }

  // Somebody who types "Ada hours:2" straight on means two options.
  function split(option, text) {
    if (!namesAnOption(leaf, text)) return false;
    const read = readOptions(leaf, text, option);
    if (!read.has(option.name)) read.set(option.name, "");
    let last = option.name;
    for (const [name, words] of read) {
      add(leaf.options.find((each) => each.name === name), false);
      fields.get(name).fill(words);
      if (text.lastIndexOf(`${name}:`) > text.lastIndexOf(`${last}:`)) last = name;
    }
    fields.get(last).focus();
    return true;
  }

  function back() {
    if ([...fields.values()].every((field) => field.value() === "")) page.leave(`/${leaf.path}`);
  }

  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    let wrong = null;
    for (const field of fields.values()) if (field.check() && !wrong) wrong = field;
    if (wrong) {
      wrong.focus();
      return;
    }
    busy = true;
    send.setAttribute("aria-busy", "true");
    problem.hidden = true;
    for (const field of fields.values()) field.rest();
    const result = await page.send(writeLine(leaf, values()));
    busy = false;
    send.removeAttribute("aria-busy");
    if (!result.ok) {
      problem.textContent = result.refused;
      problem.hidden = false;
    }
  });
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      page.leave();
    }
  });

  const given = readOptions(leaf, rest);
  for (const option of leaf.options) if (option.required || given.has(option.name)) add(option, false);
  for (const [name, text] of given) fields.get(name).fill(text);
  refreshExtra();

  return {
    node,
    focus() {
      const all = [...fields.values()];
      (all.find((field) => field.value() === "") ?? all[0] ?? { focus: () => send.focus() }).focus();
    },
    close: () => node.remove(),
  };
}

function optionField(option, form) {
  const id = `option-${(counter += 1)}`;
  const numeric = option.type === OPTION.integer || option.type === OPTION.number;
  const input = element("input", {
    type: "text", id, autocomplete: "off", autocapitalize: "sentences", enterkeyhint: "send", role: "combobox", "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list",
    "aria-describedby": `${id}-hint`, inputmode: numeric ? "decimal" : null, maxlength: option.max_length ?? null,
  });
  const list = suggestionList(`${id}-list`, `Values for ${option.name}`, input);
  const wrong = element("span", { class: "option-problem", role: "alert" });
  const node = element("div", { class: "option" },
    element("label", { for: id }, option.name, option.required ? element("span", { class: "required", text: " *", title: "Required" }, element("span", { class: "visually-hidden", text: "required" })) : null),
    input,
    option.required ? null : iconButton("close", `Remove ${option.name}`, () => form.remove(option)),
    element("span", { class: "option-hint", id: `${id}-hint`, text: option.description ?? "" }), wrong);
  let chosen = null; // { label, value }
  let asked = 0;
  let timer;

  const fixed = fixedChoices(option, form.directory());
  const current = () => (chosen && chosen.label === input.value ? chosen.value : input.value.trim());

  function pick(choice) {
    chosen = choice;
    input.value = choice.label;
    list.close();
    check();
    form.next(option);
  }

  function offer(choices, typed) {
    const items = choices.map((choice) => ({ ...choice, pick: () => pick(choice) }));
    const fits = typed && items.length && items[0].label.toLowerCase().includes(typed.toLowerCase());
    const kept = chosen && chosen.label === input.value ? choices.findIndex((choice) => choice.value === chosen.value) : -1;
    const first = kept >= 0 ? kept : fixed ? (typed || option.required ? 0 : -1) : fits ? 0 : -1;
    list.show(items, { active: first, empty: fixed || option.autocomplete ? "Nothing fits." : "" });
  }

  function suggest() {
    const typed = chosen && chosen.label === input.value ? "" : input.value.trim();
    if (fixed) {
      offer(fixed.filter((choice) => `${choice.label} ${choice.description ?? ""}`.toLowerCase().includes(typed.toLowerCase())), typed);
    } else if (option.autocomplete) {
      clearTimeout(timer);
      timer = setTimeout(() => complete(typed), 120);
    }
  }

  async function complete(typed) {
    const number = (asked += 1);
    const result = await form.complete(form.line(option.name));
    if (number !== asked || document.activeElement !== input) return;
    if (!result.ok) {
      list.show([], { empty: result.refused });
    } else if (result.reply.kind === "no_answer") {
      list.show([], { empty: "Loading options failed. Type on to try again." });
    } else {
      offer((result.reply.choices ?? []).map((choice) => ({ label: choice.name, value: String(choice.value) })), typed);
    }
  }

  function check() {
    const known = fixed?.find((choice) => choice.label.toLowerCase() === input.value.trim().toLowerCase() || choice.value === input.value.trim());
    if (known && chosen?.value !== known.value) {
      chosen = known;
      input.value = known.label;
    }
    const words = complaint(option, current(), Boolean(chosen && chosen.label === input.value));
    wrong.textContent = words;
    input.setAttribute("aria-invalid", words ? "true" : "false");
    return words;
  }

  input.addEventListener("input", () => {
    if (form.split(option, input.value)) return;
    if (wrong.textContent) check();
    suggest();
  });
  input.addEventListener("focus", () => {
    node.classList.add("focused");
    node.scrollIntoView({ block: "nearest" });
    suggest();
  });
  input.addEventListener("blur", () => {
    node.classList.remove("focused");
    setTimeout(() => document.activeElement !== input && list.close(), 150);
    if (input.value) check();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.handleKey(event)) return;
    if (event.key === "Escape" && list.isOpen()) {
      event.preventDefault();
      list.close();
    } else if (event.key === "Backspace" && !input.value) {
      event.preventDefault();
      if (option.required) form.back();
      else form.remove(option);
    } else if (event.key === "Enter") {
      event.preventDefault();
      node.closest("form").requestSubmit();
    }
  });

  return {
    option, node, check,
    list: list.node,
    value: () => current(),
    fill(text) {
      input.value = text;
      if (text) check();
    },
    rest: () => list.close(),
    focus: () => input.focus(),
  };
}

function fixedChoices(option, directory) {
  if (option.choices?.length) return option.choices.map((choice) => ({ label: choice.name, value: String(choice.value) }));
  const people = () => directory.people.map((person) => ({ label: person.name, description: person.title, value: person.id }));
  const roles = () => directory.roles.map((role) => ({ label: `@${role.name}`, value: role.id }));
  switch (option.type) {
    case OPTION.boolean: return [{ label: "True", value: "true" }, { label: "False", value: "false" }];
    case OPTION.user: return people();
    case OPTION.role: return roles();
    case OPTION.mentionable: return [...people(), ...roles()];
    case OPTION.channel:
      return directory.channels.filter((channel) => !["category", "dm"].includes(channel.kind) && (!option.channel_types?.length || option.channel_types.includes(KIND_NUMBERS[channel.kind])))
        .map((channel) => ({ label: `#${channel.name}`, value: channel.id }));
    default: return null;
  }
}

const KIND_NUMBERS = { text: 0, voice: 2, announcement: 5, thread: 11, forum: 15 };
