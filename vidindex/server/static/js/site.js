// What every page can do: change between light and dark, load pictures of other sites or not.

const YEAR_S = 31536000;
const root = document.documentElement;

function keep(name, value) {
  document.cookie = `${name}=${value}; path=/; SameSite=Strict; max-age=${value ? YEAR_S : 0}`;
}

function changeTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const chosen = (root.dataset.theme || system) === "dark" ? "light" : "dark";
  if (chosen === system) delete root.dataset.theme;
  else root.dataset.theme = chosen;
  keep("theme", chosen === system ? "" : chosen);
}

function changePictures(event) {
  keep("pictures", event.currentTarget.getAttribute("aria-pressed") === "true" ? "" : "on");
  location.reload();
}

root.classList.add("live");
document.getElementById("theme").addEventListener("click", changeTheme);
document.getElementById("pictures")?.addEventListener("click", changePictures);
