// Slash commands as pure data: which there are, which fit the typed letters, what a typed line means.

/** Discord's option types. */
export const OPTION = { subcommand: 1, group: 2, string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10, attachment: 11 };

/** Every command a person can really send: `{ path: "inc new", description, options }`. */
export function leaves(commands) {
  return commands.filter((command) => command.kind === "slash").flatMap((command) => descend(command, command.name));
}

function descend(node, path) {
  const nested = (node.options ?? []).filter((option) => option.type === OPTION.subcommand || option.type === OPTION.group);
  if (nested.length) return nested.flatMap((child) => descend(child, `${path} ${child.name}`));
  return [{ path, description: node.description ?? "", options: node.options ?? [] }];
}

/** The leaves that fit what was typed after the "/", the best first. */
export function matching(all, typed) {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return all;
  const words = wanted.split(/\s+/);
  const rank = (leaf) => {
    if (leaf.path.startsWith(wanted)) return 0;
    const parts = leaf.path.split(" ");
    if (words.every((word) => parts.some((part) => part.startsWith(word)))) return 1;
    if (inOrder(words, parts)) return 2;
    if (wanted.length > 2 && leaf.description.toLowerCase().includes(wanted)) return 3;
    return 9;
  };
  return all.map((leaf) => [rank(leaf), leaf]).filter(([score]) => score < 9).sort((a, b) => a[0] - b[0]).map(([, leaf]) => leaf);
}

// Every word is inside a part of its own, in the order typed.
function inOrder(words, parts) {
  let from = 0;
  return words.every((word) => {
    const found = parts.findIndex((part, index) => index >= from && part.includes(word));
    from = found + 1;
    return found >= 0;
  });
}

/** The leaf a typed line begins with, and the rest after it: "/inc new title:x" -> new, "title:x". */
export function leafOf(all, line) {
  const text = line.replace(/^\//, "");
  const found = all.filter((leaf) => text === leaf.path || text.startsWith(`${leaf.path} `)).sort((a, b) => b.path.length - a.path.length)[0];
  return found ? { leaf: found, rest: text.slice(found.path.length).trimStart() } : null;
}

/** Reads "title:Checkout is down severity:sev1"; words before the first name go to `current`, else to the first option that takes them. */
export function readOptions(leaf, rest, current) {
  const values = new Map();
  const names = leaf.options.map((option) => option.name);
  if (!names.length || !rest) return values;
  const mark = new RegExp(`(^|\\s)(${names.map((name) => name.replace(/[^\p{L}\p{N}_]/gu, "\\$&")).join("|")}):`, "gu");
  const marks = [...rest.matchAll(mark)];
  const lead = rest.slice(0, marks[0]?.index ?? rest.length).trim();
  marks.forEach((found, index) => {
    values.set(found[2], rest.slice(found.index + found[0].length, marks[index + 1]?.index ?? rest.length).trim());
  });
  const first = current ?? leaf.options.find((option) => option.required && !values.has(option.name)) ?? leaf.options.find((option) => !values.has(option.name));
  if (lead && first) values.set(first.name, lead);
  return values;
}

/** Whether the text names an option of the command, as in "Ada hours:2". */
export function namesAnOption(leaf, text) {
  return leaf.options.some((option) => text.startsWith(`${option.name}:`) || text.includes(` ${option.name}:`));
}

/** The line to send: "/inc new title:Checkout is down". `last` puts one option at the end, for completion. */
export function writeLine(leaf, values, last) {
  const order = leaf.options.map((option) => option.name).filter((name) => values.has(name) && name !== last);
  if (last !== undefined) order.push(last);
  return [`/${leaf.path}`, ...order.map((name) => `${name}:${values.get(name) ?? ""}`)].join(" ");
}

/** What is wrong with one typed value, or "". `value` is the text or the chosen value. */
export function complaint(option, value, isChosen) {
  const text = String(value ?? "").trim();
  if (!text) return option.required ? "needed" : "";
  if (option.choices?.length && !isChosen) return "pick one from the list";
  if (option.type === OPTION.integer && !/^-?\d+$/.test(text)) return "a whole number";
  if (option.type === OPTION.number && !Number.isFinite(Number(text))) return "a number";
  if (option.type === OPTION.boolean && !isChosen) return "True or False";
  if ([OPTION.user, OPTION.channel, OPTION.role, OPTION.mentionable].includes(option.type) && !isChosen) return "pick one from the list";
  if (option.type === OPTION.integer || option.type === OPTION.number) {
    if (option.min_value !== undefined && option.min_value !== null && Number(text) < option.min_value) return `at least ${option.min_value}`;
    if (option.max_value !== undefined && option.max_value !== null && Number(text) > option.max_value) return `at most ${option.max_value}`;
  }
  if (option.min_length && [...text].length < option.min_length) return `at least ${option.min_length} characters`;
  if (option.max_length && [...text].length > option.max_length) return `at most ${option.max_length} characters`;
  return "";
}
