// What a page does from its first byte on, before the application is there and beside it.
(() => {
  const root = document.documentElement;
  const loading = () => document.readyState === 'loading';

  // A page that the browser kept is older than the theme chosen since, which comes before anything is painted.
  const theme = /cairn-theme=(light|dark)/.exec(document.cookie)?.[1];
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;

  const each = (events, run) => events.forEach((event) => addEventListener(event, run, true));

  // While an input method puts letters together, keys are its own. Some browsers say so by the code 229 alone.
  each(['keydown'], (event) => {
    if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation();
  });

  // What is typed or chosen before the application is alive is put back and reported once it is.
  const early = new Map();
  const chosen = (field) => /checkbox|radio/.test(field.type);
  // Of a group of radio buttons, the last choice alone counts.
  const forget = (field) => {
    const rival = ({ type, name, form }) => type === 'radio' && name === field.name && form === field.form;
    for (const other of early.keys()) if (other === field || (field.type === 'radio' && rival(other))) early.delete(other);
  };
  const note = (field) => {
    forget(field);
    early.set(field, chosen(field) ? field.checked : field.value);
  };
  let reporting = false;
  const report = (field) => {
    reporting = true;
    for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true }));
    if (field !== document.activeElement) field.dispatchEvent(new FocusEvent('blur'));
    reporting = false;
  };
  const differs = (field, value) => (chosen(field) ? field.checked : field.value) !== value;
  // The application takes a draft away when it has sent what the field held.
  const isSent = (field) => {
    if (!field.matches('.keeps-draft')) return false;
    try {
      return !store(field).getItem(named(field));
    } catch {
      // The browser keeps no drafts.
      return false;
    }
  };
  const wake = (again) => {
    for (const [field, value] of early) {
      if (!field.isConnected || (again && (!differs(field, value) || isSent(field)))) continue;
      if (chosen(field)) field.checked = value;
      else if (field.type !== 'file' && differs(field, value)) field.value = value;
      report(field);
    }
  };

  // Drafts. A field that names one is kept on this device until it is empty or its draft is taken away; a form that names one
  // is kept in this tab until it is sent.
  const store = (keeper) => (keeper.elements ? sessionStorage : localStorage);
  const named = (keeper) => `cairn-draft-${keeper.dataset.draft}`;
  const parts = (form) => [...form.elements].filter((field) => field.name && !/password|hidden|file|submit|button/.test(field.type));
  const part = (field) => (chosen(field) ? `${field.name}=${field.value}` : field.name);
  const attempt = (run) => {
    try {
      run();
    } catch {
      // The browser keeps nothing, or no more: what is typed stands on the page alone.
    }
  };
  const keep = (keeper) => attempt(() => {
    const text = keeper.elements
      ? JSON.stringify(Object.fromEntries(parts(keeper).map((field) => [part(field), chosen(field) ? field.checked : field.value])))
      : keeper.value;
    if (text.trim()) store(keeper).setItem(named(keeper), `${Date.now()} ${text}`);
    else store(keeper).removeItem(named(keeper));
  });
  const put = (field, value) => {
    if (value === undefined || !differs(field, value)) return;
    if (chosen(field)) field.checked = value;
    else field.value = value;
    if ('hydrated' in root.dataset) report(field);
    else note(field);
  };
  const restored = new WeakMap();
  const restore = (keeper) => attempt(() => {
    const name = named(keeper);
    if (restored.get(keeper) === name) return;
    const reused = restored.has(keeper);
    restored.set(keeper, name);
    if (reused) forget(keeper);
    const kept = store(keeper).getItem(name)?.replace(/^\d+ /, '');
    if (!keeper.elements) {
      // The application may use one element for the next item.
      if (kept !== undefined || reused) put(keeper, kept ?? keeper.defaultValue);
    } else if (kept) {
      const values = JSON.parse(kept);
      for (const field of parts(keeper)) put(field, values[part(field)]);
    }
  });
  attempt(() => {
    if (location.pathname === '/sign-in') sessionStorage.clear();
    for (const name of Object.keys(localStorage)) {
      const age = Date.now() - parseInt(localStorage[name]);
      if (name.startsWith('cairn-draft-') && !(age < 90 * 864e5)) localStorage.removeItem(name);
    }
  });

  each(['input', 'change'], ({ target }) => {
    if (reporting || !target.matches?.('input, select, textarea')) return;
    if ('hydrated' in root.dataset) forget(target);
    else note(target);
    const keeper = target.closest('.keeps-draft');
    if (keeper) keep(keeper);
  });
  each(['submit'], ({ target }) => {
    if (target.matches('.keeps-draft')) attempt(() => sessionStorage.removeItem(named(target)));
  });

  // Moments, in the reader's time zone: near ones as people say them, each in full for those who point at it.
  const language = navigator.languages.find((tag) => tag.startsWith('en')) ?? 'en-GB';
  const formats = new Map();
  const format = (at, options) => {
    const key = JSON.stringify(options);
    if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language, options));
    return formats.get(key).format(at);
  };
  const words = (at) => {
    const now = new Date();
    const minutes = Math.trunc((at - now) / 6e4);
    if (minutes === 0) return 'just now';
    if (Math.abs(minutes) < 60) return minutes < 0 ? `${-minutes} min ago` : `in ${minutes} min`;
    const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date(now).setHours(0, 0, 0, 0)) / 864e5);
    const near = { '-1': 'yesterday ', 0: 'today ', 1: 'tomorrow ' }[days];
    const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric';
    const day = near ?? `${format(at, { day: 'numeric', month: 'short', year })}, `;
    return day + format(at, { hour: 'numeric', minute: '2-digit' });
  };
  const told = new WeakMap();
  const updateTime = (time, again) => {
    const at = new Date(time.dateTime);
    // The end of what came so far may be half a text.
    const whole = !loading() || time.nextSibling || time.parentNode.nextSibling;
    if (isNaN(at) || !whole || !time.firstChild || (!again && told.get(time) === time.dateTime)) return;
    told.set(time, time.dateTime);
    time.firstChild.data = words(at);
    time.title = format(at, { dateStyle: 'full', timeStyle: 'long' });
  };
  const updateTimes = (again) => document.querySelectorAll('time').forEach((time) => updateTime(time, again));
  setInterval(updateTimes, 3e4, true);

  // Brings an element up to date that came or changed, and with `updateTree` what is within.
  const update = (node) => {
    if (node.matches?.('time')) updateTime(node);
    if (node.matches?.('.keeps-draft')) restore(node);
  };
  const updateTree = (node) => {
    update(node);
    node.querySelectorAll?.('time, .keeps-draft').forEach(update);
  };
  // While the page is read, once a frame is enough. Afterwards only what changed is looked at: a board has sixty thousand nodes.
  const updateWhileLoading = () => {
    if (!loading()) return;
    updateTimes();
    requestAnimationFrame(updateWhileLoading);
  };
  updateWhileLoading();
  const observer = new MutationObserver((changes) => {
    for (const { attributeName, target, addedNodes } of changes) {
      if (attributeName === 'data-hydrated') {
        wake(false);
        // What waits for data comes alive a little later, and a board in two steps.
        for (const wait of [0, 100, 1000]) setTimeout(wake, wait, true);
      }
      if (attributeName === 'data-works') wake(true);
      update(target);
      addedNodes.forEach(updateTree);
    }
  });
  document.addEventListener(
    'readystatechange',
    () => {
      updateTree(root);
      observer.observe(root, {
        attributeFilter: ['data-hydrated', 'data-works', 'data-draft', 'datetime'],
        childList: true,
        subtree: true,
      });
    },
    { once: true },
  );
})();
