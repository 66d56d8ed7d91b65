// The phone in the browser, where there is one: its code is fetched only then.

export function beAPhone(): void {
  const root = document.querySelector<HTMLElement>("[data-softphone]");
  if (root) void import("../softphone/dock").then(({ pickUp }) => pickUp(root));
}
