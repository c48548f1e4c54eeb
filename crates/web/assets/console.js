// What the pages gain from a script; every page also works without it.
//   data-key="s"              a button or link with this key, while nobody is typing
//   data-poll="/address"      this part is asked for again: often while it holds [data-running], else now and then; the answer is
//                             the part, or a page with it, until that page no longer asks
//   data-auto                 a form that is sent when a choice changes
//   data-live="#part"         a form that is asked while one types; this part of the answer is shown
//   data-swap data-preload    a form whose next page is fetched beforehand and shown at once when the answer, or a link in it, names it
//   data-stay                 a form that leaves one where one is: the page is shown anew, what was typed stays
//   data-all="name"           a box that ticks all boxes of this name
//   data-into="#field"        a file whose text goes into a field
//   data-busy                 a form whose answer takes a while: it is sent once
//   data-dialog               a link whose page is short: its [data-part] is shown in a dialog
//   data-keys                 a button that shows the keys of the page, as the key ? does
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
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape' && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === '/') {
      const box = document.querySelector('input[name=q]');
      if (box) { event.preventDefault(); box.focus(); box.select(); }
      return;
    }
    if (key === '?') { event.preventDefault(); help(); return; }
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
    if (target && !event.repeat) {
      event.preventDefault();
      if (target.matches('input, textarea, select')) target.focus(); else target.click();
      return;
    }
    if ((key === 'j' && walk(1)) || (key === 'k' && walk(-1))) event.preventDefault();
  });

  // The keys of this page: those that hold everywhere, and those its buttons and links name
  const help = () => {
    if (document.querySelector('dialog.keys')) return;
    const dialog = document.getElementById('keys')?.content.firstElementChild.cloneNode(true);
    if (!dialog) return;
    if (!document.querySelector('[data-rows] a[href]')) for (const part of dialog.querySelectorAll('[data-for-rows]')) part.remove();
    const list = dialog.querySelector('dl');
    for (const part of document.querySelectorAll('[data-key]:not(:disabled)')) {
      const [term, told, key] = ['dt', 'dd', 'kbd'].map((name) => document.createElement(name));
      key.textContent = part.dataset.key.length === 1 ? part.dataset.key.toUpperCase() : part.dataset.key;
      const words = (part.closest('label') ?? part).cloneNode(true);
      for (const inner of words.querySelectorAll('kbd, input, textarea')) inner.remove();
      told.textContent = part.getAttribute('aria-label') ?? words.textContent.trim();
      term.append(key);
      list.prepend(term, told);
    }
    show(dialog);
  };
  const show = (dialog) => {
    document.body.append(dialog);
    dialog.addEventListener('close', () => dialog.remove());
    dialog.showModal();
  };

  // A short page in a dialog; where that fails, the page itself
  const ask = async (link) => {
    const page = await get(link.href).then(parse).catch(() => null);
    const [part, head] = ['[data-part]', 'h1'].map((name) => page?.querySelector(name));
    if (!part || document.querySelector('dialog[open]')) { if (!part) location.assign(link.href); return; }
    const [dialog, title, leave] = ['dialog', 'h2', 'form'].map((name) => document.createElement(name));
    title.textContent = head?.textContent.trim() ?? '';
    title.className = 'first';
    dialog.className = 'keys';
    dialog.ariaLabel = title.textContent;
    leave.method = 'dialog';
    leave.append(Object.assign(document.createElement('button'), { className: 'quiet small', textContent: link.dataset.dialog }));
    dialog.append(title, part, leave);
    show(dialog);
  };

  // What is wider than the page is scrolled by keys too, and says what it is
  const reach = (root) => {
    for (const part of root.querySelectorAll('.wide')) {
      if (part.scrollWidth <= part.clientWidth || part.tabIndex >= 0) continue;
      const heads = [...document.querySelectorAll('h1, h2')].filter((head) => head.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING);
      part.tabIndex = 0;
      part.role = 'region';
      part.ariaLabel = heads.at(-1)?.textContent.trim() ?? document.title;
    }
  };
  addEventListener('resize', () => reach(document));

  // What a page's parts gain; again for every page that is swapped in
  const enliven = (root) => {
    reach(root);
    for (const part of root.querySelectorAll('[data-poll]')) poll(part);
    for (const form of root.querySelectorAll('form[data-live]')) live(form);
    for (const form of root.querySelectorAll('form[data-auto]')) form.addEventListener('change', () => form.requestSubmit());
    for (const form of root.querySelectorAll('form[data-swap]')) swap(form);
    for (const form of root.querySelectorAll('form[data-stay]')) stay(form);
    for (const link of root.querySelectorAll('a[data-dialog]')) link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      ask(link);
    });
    for (const form of root.querySelectorAll('form[data-busy]')) form.addEventListener('submit', (event) => {
      if (form.ariaBusy === 'true') event.preventDefault();
      form.ariaBusy = 'true';
    });
    for (const file of root.querySelectorAll('input[data-into]')) file.addEventListener('change', async () => {
      document.querySelector(file.dataset.into).value = await (file.files[0]?.text() ?? '');
    });
    for (const box of root.querySelectorAll('input[data-all]')) {
      box.addEventListener('change', () => {
        for (const other of document.getElementsByName(box.dataset.all)) other.checked = box.checked;
      });
    }
  };

  // Parts that move by themselves
  const poll = (part) => {
    const again = async () => {
      if (!part.isConnected) return;
      if (!document.hidden) try {
        const answer = await fetch(part.dataset.poll, { headers: { Accept: 'text/html' } });
        if (answer.ok && !answer.redirected) {
          const text = await answer.text();
          const fresh = part.id && parse(text).getElementById(part.id);
          if (!fresh) { part.innerHTML = text; reach(part); } else {
            part.replaceChildren(...fresh.childNodes);
            enliven(part);
            if (!fresh.dataset.poll) return;
          }
        }
      } catch { /* the server is away for a moment: ask again */ }
      rest();
    };
    let soon = 500;
    const rest = () => {
      setTimeout(again, part.querySelector('[data-running]') ? soon : 5000);
      soon = Math.min(2000, soon * 2);
    };
    rest();
  };

  // Answers while one types: after a short rest, and only the last one counts
  const live = (form) => {
    let rest, asking;
    const ask = async () => {
      asking?.abort();
      asking = new AbortController();
      try {
        const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'text/html' }, signal: asking.signal });
        const page = parse(await answer.text());
        const [part, fresh] = [document, page].map((where) => where.querySelector(form.dataset.live));
        if (part && fresh) { part.replaceChildren(...fresh.childNodes); reach(part); }
      } catch { /* a later question took over, or the server is away: the button still asks */ }
    };
    // One character alone is asked for by the button or Enter: while one types, more is on its way.
    form.addEventListener('input', () => { clearTimeout(rest); if (form.elements.q.value.trim().length !== 1) rest = setTimeout(ask, 300); });
    form.addEventListener('submit', (event) => { event.preventDefault(); clearTimeout(rest); ask(); });
  };

  // The next page, fetched beforehand
  const parse = (text) => new DOMParser().parseFromString(text, 'text/html');
  const get = async (address) => {
    const answer = await fetch(address, { headers: { Accept: 'text/html' } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  };
  const swap = (form) => {
    const known = form.dataset.preload;
    const preloaded = known ? get(known).catch(() => null) : null;
    form.addEventListener('submit', async (event) => {
      if (!event.submitter?.name) return;
      event.preventDefault();
      const body = new URLSearchParams(new FormData(form, event.submitter));
      for (const button of form.querySelectorAll('button')) button.disabled = true;
      const answer = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'text/html', 'Console-Swap': '1' } }).catch(() => null);
      if (!answer || answer.status !== 204) {
        // Refused, signed out or away: let the browser show what the server says.
        for (const button of form.querySelectorAll('button')) button.disabled = false;
        if (answer?.redirected) { location.assign(answer.url); return; }
        const verdict = document.createElement('input');
        Object.assign(verdict, { type: 'hidden', name: event.submitter.name, value: event.submitter.value });
        form.append(verdict);
        form.submit();
        return;
      }
      const address = answer.headers.get('Location');
      const touched = (answer.headers.get('Console-Touched') ?? '').split(' ').filter(Boolean);
      const path = (text) => text.split('?')[0];
      let text = known && path(address) === path(known) ? await preloaded : null;
      if (!text || touched.some((id) => text.includes(id))) text = await get(address).catch(() => null);
      const fresh = text && parse(text).querySelector('main');
      if (!fresh) { location.assign(address); return; }
      shift(fresh, address);
    });
    // A link to the page fetched beforehand, as one skips a task.
    for (const link of form.querySelectorAll('a[href]')) link.addEventListener('click', async (event) => {
      if (!preloaded || link.getAttribute('href') !== known || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      const text = await preloaded;
      const fresh = text && parse(text).querySelector('main');
      if (fresh) shift(fresh, known); else location.assign(known);
    });
  };
  // Another page takes this one's place
  const shift = (fresh, address) => {
    const title = fresh.ownerDocument.title;
    document.querySelector('main').replaceWith(fresh);
    if (title) document.title = title;
    const said = new URL(address, location.href).searchParams.get('decided');
    history.pushState({ swapped: true }, '', address);
    if (said) tell(fresh, said);
    enliven(fresh);
    scrollTo(0, 0);
  };
  const stay = (form) => form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'text/html' } }).catch(() => null);
    const fresh = answer?.ok && parse(await answer.text()).querySelector('main');
    if (!fresh) { form.submit(); return; }
    for (const box of document.querySelectorAll('main input[data-key]')) {
      const same = fresh.querySelector(`input[name="${CSS.escape(box.name)}"][data-key]`);
      if (same) same.value = box.value;
    }
    document.querySelector('main').replaceWith(fresh);
    enliven(fresh);
  });
  // A page fetched beforehand does not know what was decided: the note is made from the page's words.
  const tell = (main, verdict) => {
    const note = main.querySelector('template[data-decided]')?.content.firstElementChild.cloneNode(true);
    if (!note || !note.dataset[verdict] || main.querySelector('p.notice')) return;
    note.textContent = note.dataset[verdict];
    main.querySelector('.crumbs').after(note);
  };
  addEventListener('popstate', () => location.reload());

  enliven(document);
  for (const button of document.querySelectorAll('[data-keys]')) {
    button.hidden = false;
    button.addEventListener('click', help);
  }
})();
