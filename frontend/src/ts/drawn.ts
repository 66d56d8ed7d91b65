// What the server has drawn for an open page. A card that is drawn for many holds nobody's token: it gets this page's own.

export function pageToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** The first element of it. */
export function drawn(html: string): HTMLElement | null {
  const template = document.createElement("template");
  template.innerHTML = html;
  const fields = template.content.querySelectorAll<HTMLInputElement>('input[name="csrf_token"]');
  for (const field of fields) field.value = pageToken();
  return template.content.firstElementChild as HTMLElement | null;
}
