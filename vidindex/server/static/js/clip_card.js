// The card of a clip: its buttons copy a format, or select it if the browser does not allow that.

/** Make the Copy buttons of *card* work; without a script, its texts can be selected and downloaded. */
export function enableCopying(card) {
  const status = card.querySelector(".clip-status");
  for (const button of card.querySelectorAll("button[data-copies]")) {
    const source = card.querySelector(`#${CSS.escape(button.dataset.copies)}`);
    button.hidden = false;
    button.addEventListener("click", () => copy(source, button.dataset.name, status));
  }
}

async function copy(source, name, status) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    status.textContent = `Copied: ${name}`;
  } catch {
    select(source);
    status.textContent = `Not copied: the browser does not allow it here. ${name} is selected: press Ctrl+C or ⌘C.`;
  }
}

function select(source) {
  source.closest("details").open = true;
  source.focus();
  getSelection().selectAllChildren(source);
}
