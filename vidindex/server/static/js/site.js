// On every page: the theme switch and the setting for thumbnails of other sites.

const YEAR_S = 31536000;
const root = document.documentElement;

function savePreference(name, value) {
  document.cookie = `${name}=${value}; path=/; SameSite=Strict; max-age=${value ? YEAR_S : 0}`;
}

function switchTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
  if (theme === system) delete root.dataset.theme;
  else root.dataset.theme = theme;
  savePreference("theme", theme === system ? "" : theme);
}

function switchThumbnails(event) {
  savePreference("pictures", event.currentTarget.getAttribute("aria-pressed") === "true" ? "" : "on");
  location.reload();
}

root.classList.add("has-script");
document.getElementById("theme").addEventListener("click", switchTheme);
document.getElementById("thumbnails")?.addEventListener("click", switchThumbnails);
