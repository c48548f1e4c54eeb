// What the pages gain from a script; every page also works without it.
//   data-key="s"              a button or link with this key, while nobody is typing
//   data-poll="/address"      this part is asked for again until it holds no [data-running]
//   data-auto                 a form that is sent when a choice changes
//   data-rows                 a list one walks with J and K, and opens with Enter
'use strict';
(() => {
  const typing = (element) => /^(input|textarea|select)$/i.test(element.tagName) && !/^(checkbox|radio|button|submit)$/i.test(element.type);

  // Keys
  const walk = (step) => {
    const rows = [...document.querySelectorAll('[data-rows] a[href]')];
    if (!rows.length) return false;
    const at = rows.indexOf(document.activeElement);
    rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))].focus();
    return true;
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === 'Escape' && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === '/') {
      const box = document.querySelector('input[name=q]');
      if (box) { event.preventDefault(); box.focus(); box.select(); }
      return;
    }
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
    if (target && !event.repeat) {
      event.preventDefault();
      if (target.matches('input, textarea, select')) target.focus(); else target.click();
      return;
    }
    if ((key === 'j' && walk(1)) || (key === 'k' && walk(-1))) event.preventDefault();
  });

  // Parts that move by themselves
  for (const part of document.querySelectorAll('[data-poll]')) {
    const again = async () => {
      if (!part.querySelector('[data-running]')) return;
      try {
        const answer = await fetch(part.dataset.poll, { headers: { Accept: 'text/html' } });
        if (answer.ok && !answer.redirected) part.innerHTML = await answer.text();
      } catch { /* the server is away for a moment: ask again */ }
      setTimeout(again, 2000);
    };
    setTimeout(again, 2000);
  }

  // Choices that are sent at once
  for (const form of document.querySelectorAll('form[data-auto]')) {
    form.addEventListener('change', () => form.requestSubmit());
  }
})();
