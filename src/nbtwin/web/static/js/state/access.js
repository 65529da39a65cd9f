// Who is using the page, and what the lab lets him do. Knows roles and their order; pages ask `may`.

import { get } from "../base/api.js";

const ROLES = ["nobody", "viewer", "operator", "admin"];

export const me = { name: "", role: "nobody", tokens_needed: false };

/**
 * Is this role his, or below it?
 * @param {string} role
 */
export const may = (role) => ROLES.indexOf(me.role) >= ROLES.indexOf(role);

/** To the page where a token is typed, and from there back to where one was. */
export const toLogin = () => location.assign(`/login?next=${encodeURIComponent(`/${location.hash}`)}`);

/** Ask the lab; whoever it does not know, but must, is led to the login page. */
export async function loadMe() {
  Object.assign(me, await get("/access"));
  if (me.role === "nobody") toLogin();
  return me;
}

export async function leave() {
  await fetch("/logout", { method: "POST" }).catch(() => {});
  location.assign("/login");
}
