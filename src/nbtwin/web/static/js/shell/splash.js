// Before the console runs: when it cannot be fetched, or cannot begin, this says so. It is no module and asks for
// nothing, so it is there in any case; the words of the console are not, so it speaks both languages.

(() => {
  const SAID = [
    ["en", "The console could not be loaded: the lab does not answer."],
    ["zh-CN", "控制台加载失败：实验室没有响应。"],
  ];

  /** @param {string[]} said */
  function line([lang, text]) {
    const made = document.createElement("p");
    made.lang = lang;
    made.textContent = text;
    return made;
  }

  function failed() {
    const splash = document.querySelector(".starting");
    if (!splash) return;
    const again = document.createElement("button");
    again.textContent = "Try again · 重试";
    again.onclick = () => location.reload();
    splash.setAttribute("role", "alert");
    splash.replaceChildren(...SAID.map(line), again);
  }

  addEventListener("error", failed, true);
  addEventListener("unhandledrejection", failed);
})();
