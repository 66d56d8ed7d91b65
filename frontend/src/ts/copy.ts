// Copies what a field holds. Where the browser keeps its clipboard shut (an address without TLS), the field is marked.

async function copy(button: HTMLButtonElement): Promise<void> {
  const field = document.getElementById(button.dataset["copy"] ?? "") as HTMLInputElement | null;
  const word = button.querySelector<HTMLElement>("[data-word]");
  if (!field || !word) return;
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    return; // it stays marked: Ctrl C does the rest
  }
  const before = word.textContent;
  word.textContent = button.dataset["copied"] ?? before;
  window.setTimeout(() => (word.textContent = before), 2000);
}

export function copyByButton(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-copy]");
    if (button) void copy(button);
  });
}
