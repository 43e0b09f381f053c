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
  const value = (field) => (chosen(field) ? field.checked : field.value);
  // Of a group of radio buttons, the last choice alone counts.
  const forget = (field) => {
    const isRival = ({ type, name, form }) => type === 'radio' && name === field.name && form === field.form;
    for (const other of early.keys()) if (other === field || isRival(other)) early.delete(other);
  };
  const note = (field) => {
    forget(field);
    early.set(field, value(field));
  };
  let reporting = false;
  const report = (field) => {
    reporting = true;
    for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true }));
    if (field !== document.activeElement) field.dispatchEvent(new FocusEvent('blur'));
    reporting = false;
  };
  const write = (field, to) => {
    if (chosen(field)) field.checked = to;
    else if (field.type !== 'file' && field.value !== to) field.value = to;
  };
  // The application takes a draft away when it has sent what the field held.
  const isSent = (field) => field.matches('.keeps-draft') && kept(field) === undefined;
  const wake = (again) => {
    for (const [field, noted] of early) {
      if (!field.isConnected || (again && (value(field) === noted || isSent(field)))) continue;
      write(field, noted);
      report(field);
    }
  };

  // Drafts, kept on this device. A field that names one is kept until it is empty or its draft is taken away; a form that names
  // one is kept for this person until it is accepted: what was changed in it, beside what stood there before.
  const person = () => document.querySelector('.rail')?.dataset.person;
  const named = (keeper) => `cairn-draft-${keeper.elements ? `${person()}-` : ''}${keeper.dataset.draft}`;
  // Where the browser keeps nothing, or no more, what is typed stands on the page alone.
  const attempt = (run) => {
    try {
      return run();
    } catch {
      return null;
    }
  };
  const kept = (keeper) => attempt(() => localStorage[named(keeper)]?.replace(/^\d+ /, ''));
  // Passwords are never kept, and a ballot keeps its amounts itself.
  const parts = ({ elements }) =>
    [...elements].filter(({ name, type }) => !/^$|^amounts/.test(name) && !/password|file|submit/.test(type));
  const part = (field) => field.name + (chosen(field) ? field.value : '');
  const initial = (field) => {
    if (field.options) return (field.querySelector('[selected]') ?? field.options[0]).value;
    return chosen(field) ? field.defaultChecked : field.defaultValue;
  };
  const keep = (keeper) => attempt(() => {
    let text = keeper.value;
    if (keeper.elements) {
      const changed = parts(keeper).filter((field) => value(field) !== initial(field));
      text = JSON.stringify(Object.fromEntries(changed.map((field) => [part(field), [initial(field), value(field)]])));
    }
    if (/[^{}\s]/.test(text)) localStorage[named(keeper)] = `${Date.now()} ${text}`;
    else delete localStorage[named(keeper)];
  });
  const put = (field, to) => {
    if (value(field) === to) return;
    write(field, to);
    field.closest('details')?.setAttribute('open', '');
    ('hydrated' in root.dataset ? report : note)(field);
  };
  const restored = new WeakMap();
  const restore = (keeper) => attempt(() => {
    const name = named(keeper);
    const before = restored.get(keeper);
    if (before === name) return;
    restored.set(keeper, name);
    if (before) forget(keeper);
    const draft = kept(keeper);
    if (!keeper.elements) {
      // The application may use one element for the next item.
      if (draft || before) put(keeper, draft ?? keeper.defaultValue);
    } else if (draft) {
      const made = JSON.parse(draft);
      const fields = parts(keeper).filter((field) => made[part(field)]);
      // What somebody else has changed meanwhile stays as they left it.
      const stale = fields.filter((field) => made[part(field)][0] !== initial(field)).map(({ name }) => name);
      for (const field of fields) if (!stale.includes(field.name)) put(field, made[part(field)][1]);
    }
  });
  // A form that the browser posted leads to a page that says what is wrong, or it was accepted.
  const arrive = () => attempt(() => {
    const [{ redirectCount }] = performance.getEntriesByType('navigation');
    if (redirectCount && person() && !document.querySelector('p[role=alert], [role=alert] p')) {
      delete localStorage[sessionStorage.cairnSent];
    }
    delete sessionStorage.cairnSent;
  });
  attempt(() => {
    for (const [name, text] of Object.entries(localStorage)) {
      if (name.startsWith('cairn-draft-') && !(Date.now() - parseInt(text) < 90 * 864e5)) delete localStorage[name];
    }
  });

  each(['input', 'change'], ({ target }) => {
    if (reporting || !target.matches?.('input, select, textarea')) return;
    ('hydrated' in root.dataset ? forget : note)(target);
    const keeper = target.closest('.keeps-draft');
    if (keeper) keep(keeper);
  });
  // What is cancelled is kept no longer, and what it stands in closes.
  each(['reset'], ({ target }) => setTimeout(() => {
    if (target.matches('.keeps-draft')) keep(target);
    const opened = target.closest('details');
    opened?.removeAttribute('open');
    opened?.firstElementChild.focus();
  }));
  each(['submit'], ({ target }) => attempt(() => {
    [...target.elements].forEach(forget);
    sessionStorage.cairnSent = target.matches('.keeps-draft') ? named(target) : '';
  }));

  // Moments, in the reader's time zone: near ones as people say them, each in full for those who point at it. Where `data-show`
  // says so, the day or the time of day alone.
  const language = navigator.languages.find((tag) => tag.startsWith('en')) ?? 'en-GB';
  const formats = new Map();
  const format = (at, options) => {
    const key = JSON.stringify(options);
    if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language, options));
    return formats.get(key).format(at);
  };
  const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);
  const words = (at, show) => {
    const now = new Date();
    const clock = format(at, { hour: 'numeric', minute: '2-digit' });
    if (show === 'clock') return clock;
    const days = Math.round((midnight(at) - midnight(now)) / 864e5);
    const near = { '-1': 'Yesterday', 0: 'Today', 1: 'Tomorrow' }[days];
    const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric';
    if (show) return near ?? format(at, { weekday: 'long', day: 'numeric', month: 'long', year });
    const minutes = Math.trunc((at - now) / 6e4);
    if (!minutes) return 'just now';
    if (Math.abs(minutes) < 60) return minutes < 0 ? `${-minutes} min ago` : `in ${minutes} min`;
    return near ? `${near.toLowerCase()} ${clock}` : `${format(at, { day: 'numeric', month: 'short', year })}, ${clock}`;
  };
  const told = new WeakMap();
  const updateTime = (time, again) => {
    const at = new Date(time.dateTime);
    // The end of what came so far may be half a text.
    const whole = !loading() || time.nextSibling || time.parentNode.nextSibling;
    if (isNaN(at) || !whole || !time.firstChild || (!again && told.get(time) === time.dateTime)) return;
    told.set(time, time.dateTime);
    const { show, after } = time.dataset;
    time.firstChild.data = words(at, show);
    // Of a day's lines the first alone stands below its name.
    if (show === 'day') time.closest('li').hidden = midnight(at) === midnight(after);
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
  const whileLoading = () => {
    if (!loading()) return;
    updateTimes();
    requestAnimationFrame(whileLoading);
  };
  whileLoading();
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
      arrive();
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
