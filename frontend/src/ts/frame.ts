// What a person changes about the frame is kept in a cookie, so that the server draws the next page right at once.

const YEAR = 365 * 24 * 3600;

function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR}; SameSite=Lax`;
  document.documentElement.dataset[name] = value;
}

function foldRail(button: HTMLElement): void {
  const folded = document.documentElement.dataset["rail"] !== "folded";
  remember("rail", folded ? "folded" : "open");
  button.setAttribute("aria-expanded", String(!folded));
}

function chooseTheme(button: HTMLElement): void {
  remember("theme", button.dataset["chooseTheme"] ?? "auto");
  for (const other of document.querySelectorAll("[data-choose-theme]")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
}

function closeMenus(except: Node | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

/** A choice that stands in the menu and in the phone's dock is the same in both. */
function agree(chosen: Element): void {
  if (!(chosen instanceof HTMLSelectElement) || chosen.name !== "click_phone") return;
  for (const other of document.querySelectorAll<HTMLSelectElement>("select[name=click_phone]")) other.value = chosen.value;
}

export function furnish(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    closeMenus(target);
    const fold = target.closest<HTMLElement>("[data-fold-rail]");
    const theme = target.closest<HTMLElement>("[data-choose-theme]");
    if (fold) foldRail(fold);
    if (theme) chooseTheme(theme);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus(null);
  });
  // A choice in a list of filters needs no button; the button is there for those who run no scripts.
  document.addEventListener("change", (event) => {
    const chosen = (event.target as Element).closest<HTMLSelectElement>("select[data-submits]");
    chosen?.form?.requestSubmit();
    agree(event.target as Element);
  });
}
