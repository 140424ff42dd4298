// A message may be edited between the press and the release of a mouse button; what was pressed is replaced then, and the
// browser tells of no click. The press is carried over to what stands in its place. Fingers need no help: a tap is aimed
// when it ends.

export function keepHeldPresses() {
  let held = null;
  document.addEventListener("pointerdown", (event) => {
    const node = event.target.closest?.(".message [data-key]");
    const message = node?.closest(".message").dataset.id;
    held = node && message && event.pointerType === "mouse" && event.button === 0 ? { node, message, key: node.dataset.key } : null;
  }, { capture: true });
  document.addEventListener("pointerup", (event) => {
    const was = held;
    held = null;
    if (!was || was.node.isConnected) return;
    const there = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-key]");
    const isTheSame = there?.dataset.key === was.key && there.closest(".message")?.dataset.id === was.message;
    if (isTheSame && !there.disabled) there.click();
  }, { capture: true });
}
