// Firmware packages: the list, and a file of the user's (or one that is dropped here) as a new one, with what is
// known of it where it does not say that itself.

import { html } from "../base/view.js";
import { call, del, get, query, seg } from "../base/api.js";
import { bytes } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";
import { resource } from "../base/lifecycle.js";
import { requireRole } from "../parts/require_role.js";
import { formField } from "../parts/fields.js";
import { card, shown } from "../parts/states.js";
import { may } from "../state/access.js";
import { tryDestructive, tryForm } from "../state/actions.js";
import { reloadOn } from "../state/changes.js";

const MAGIC = "NBFW"; // of nbtwin's own container

/** @param {Lifecycle} lifecycle @param {(name: string) => void} choose */
export function newPackages(lifecycle, choose) {
  const own = {
    file: /** @type {File | null} */ (null),
    name: "",
    raw: false, // it says nothing of itself
    version: "",
    models: "",
    checksum: "",
    notes: "",
    problem: /** @type {unknown} */ (null),
  };
  /** @type {Resource<FirmwarePackage[]>} */
  const packages = resource(lifecycle, () => get("/firmware", { signal: lifecycle.signal }));
  reloadOn(lifecycle, ["firmware"], packages.reload);
  /** @param {string} name */
  const safe = (name) => name.replace(/[^A-Za-z0-9._-]/g, "-").slice(0, 100);

  /** @param {File | undefined} file */
  function take(file) {
    if (!file) return;
    own.file = file;
    own.name = safe(file.name);
    own.version = own.models = own.checksum = own.notes = "";
    own.raw = false;
    lifecycle.redraw();
    file
      .slice(0, MAGIC.length)
      .text()
      .then((begins) => {
        if (own.file !== file) return;
        own.raw = begins !== MAGIC;
        lifecycle.redraw();
      });
  }

  async function upload() {
    const { file } = own;
    if (!file) return;
    const said = own.raw ? { version: own.version, checksum: own.checksum.trim(), notes: own.notes } : {};
    const models = own.raw ? own.models.split(/\s*,\s*/).filter(Boolean) : [];
    const more = models.map((model) => `&models=${encodeURIComponent(model)}`).join("");
    const path = `/firmware${query({ name: own.name, ...said })}${more}`;
    const made = await tryForm(
      own,
      ["name", "version", "models", "checksum", "notes"],
      async () => call("POST", path, await file.arrayBuffer(), { raw: true }),
      t("campaign-uploaded"),
    );
    if (made) {
      own.file = null;
      choose(made.name);
    }
    packages.reload();
  }

  /** @param {string} name */
  async function remove(name) {
    const question = { title: t("remove_title", { name }), word: t("remove") };
    await tryDestructive(question, () => del(`/firmware/${seg(name)}`));
    packages.reload();
  }

  /** @param {FirmwarePackage} one @param {string | null} chosen */
  const row = (one, chosen) => html`
    <li key=${one.name} class="row" style=${{ "flex-wrap": "nowrap" }}>
      <button class="pick" aria-pressed=${String(chosen === one.name)} onclick=${() => choose(one.name)}>
        <b>${one.name}</b>
        <span>
          ${[
            one.model || t("campaign-any_model"),
            one.version || t("campaign-no_version"),
            one.base && t("campaign-delta", { base: one.base }),
            bytes(one.size),
            one.notes,
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </button>
      ${requireRole(
        "operator",
        html`
          <button class="plain small" aria-label=${`${t("remove")} ${one.name}`} onclick=${() => remove(one.name)}>
            ${icon("trash")}
          </button>
        `,
      )}
    </li>
  `;

  /** @param {"version" | "models" | "checksum" | "notes"} name */
  const said = (name) =>
    formField(
      { label: t(`campaign-said_${name}`), name, id: `firmware-${name}`, error: own.problem },
      (about) => html`
        <input
          class=${name === "notes" ? "" : "mono"}
          placeholder=${t("campaign-optional")}
          value=${own[name]}
          ...${about}
          oninput=${(e) => {
            own[name] = e.target.value;
          }} />
      `,
    );

  return {
    list: () => packages.value || [],
    /** @param {string | null} chosen */
    view: (chosen) =>
      card(t("campaign-packages"), null, [
        shown(packages, (list) =>
          list.length
            ? html`
                <ul class="picklist" id="packages" style=${{ margin: "-12px -14px 12px" }}>
                  ${list.map((one) => row(one, chosen))}
                </ul>
              `
            : html` <p class="soft" style=${{ "margin-bottom": "10px" }}>${t("campaign-no_packages")}</p> `,
        ),
        html`
          <form
            key="up"
            class="stack"
            onsubmit=${(e) => {
              e.preventDefault();
              upload();
            }}
            ondragover=${(e) => e.preventDefault()}
            ondrop=${(e) => {
              e.preventDefault();
              if (may("operator")) take(e.dataTransfer.files[0]);
            }}>
            ${requireRole(
              "operator",
              html`
                <label class="field">
                  ${t("campaign-file")}
                  <input type="file" id="firmware-file" onchange=${(e) => take(e.target.files[0])} />
                </label>
              `,
              own.file &&
                own.raw &&
                html`
                  <p class="soft small">${t("campaign-raw")}</p>
                  ${said("version")}${said("models")}${said("checksum")}${said("notes")}
                `,
              own.file &&
                html`
                  <div class="row" style=${{ "flex-wrap": "nowrap" }}>
                    <div class="grow">
                      ${formField(
                        { label: t("campaign-name"), name: "name", id: "firmware-name", error: own.problem },
                        (about) => html`
                          <input
                            class="mono"
                            value=${own.name}
                            ...${about}
                            oninput=${(e) => {
                              own.name = safe(e.target.value);
                            }} />
                        `,
                      )}
                    </div>
                    <button id="upload" class="main-act">${t("campaign-upload")}</button>
                  </div>
                `,
            )}
          </form>
        `,
      ]),
  };
}
