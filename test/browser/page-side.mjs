// Runs in every page of the tests: notes what its policy forbade, and judges what it shows.
(() => {
  const violations = [];
  addEventListener('securitypolicyviolation', (event) =>
    violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`),
  );

  const shown = (element) => {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return style.visibility !== 'hidden' && style.display !== 'none' && box.width > 1 && box.height > 1;
  };
  const colour = (text) => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return text.startsWith('color(srgb') ? { r: r * 255, g: g * 255, b: b * 255, a } : { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const background = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const layer = colour(getComputedStyle(at).backgroundColor);
      layers.unshift(layer);
      if (layer.a === 1) break;
    }
    return layers.reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const nameOf = (element) => {
    const by = (element.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean);
    const parts = by.map((id) => document.getElementById(id)?.textContent ?? '');
    const labels = [...(element.labels ?? [])].map((label) => label.textContent ?? '');
    const own = element.matches('input') ? '' : (element.textContent ?? '');
    return [element.getAttribute('aria-label') ?? '', ...parts, ...labels, own].join(' ').trim();
  };
  const where = (element) => `<${element.tagName.toLowerCase()}> ${nameOf(element).slice(0, 60)}`;
  const CONTROLS = 'a[href], button, input, select, textarea, summary, [role=button], [tabindex="0"]';

  const judge = {
    violations: () => violations,
    /** WCAG 2.2 1.4.3: text against what is behind it. */
    contrast() {
      const faults = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.textContent.trim() || !shown(element) || element.closest('script,noscript,style,[disabled]'))
          continue;
        const style = getComputedStyle(element);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        const behind = background(element);
        const ratio = contrast(over(colour(style.color), behind), behind);
        if (ratio < (large ? 3 : 4.5)) faults.push(`${ratio.toFixed(2)} ${node.textContent.trim().slice(0, 60)}`);
      }
      return faults;
    },
    /** Names, labels, landmarks, and sizes of what is pressed. */
    structure(language = 'en') {
      const faults = [];
      if (document.documentElement.lang !== language) faults.push('no language');
      if (document.querySelectorAll('main').length !== 1) faults.push('not one main');
      if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
      if (document.title === '' || document.title === 'Rollcall') faults.push('no title');
      for (const element of document.querySelectorAll(CONTROLS)) {
        if (!shown(element)) continue;
        if (nameOf(element) === '') faults.push(`nameless ${where(element)}`);
        const { width, height } = element.getBoundingClientRect();
        if (width < 24 || height < 24) faults.push(`small ${where(element)} ${width}x${height}`);
      }
      for (const image of document.querySelectorAll('img'))
        if (!image.hasAttribute('alt')) faults.push('picture without alt');
      for (const element of document.querySelectorAll('[tabindex]')) if (element.tabIndex > 0) faults.push('tab order');
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
      if (new Set(ids).size !== ids.length) faults.push('an id twice');
      if (document.documentElement.scrollWidth > innerWidth) faults.push('scrolls sideways');
      return faults;
    },
    /** How many stops there are for who comes by Tab: those of a dialog, while there is one. */
    stops() {
      const within = document.querySelector('[role=dialog]') ?? document;
      const stops = [...within.querySelectorAll(CONTROLS)].filter((element) => shown(element) && !element.disabled);
      // Of radio buttons that go together one is a stop; the arrow keys lead to the others.
      const one = new Set();
      return stops.filter(({ type, name }) => type !== 'radio' || (!one.has(name) && one.add(name))).length;
    },
    /** What has the focus, and whether it shows. */
    focused() {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const style = getComputedStyle(element);
      const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
      // WCAG 2.2 1.4.11: around the control, so against what is behind it.
      const ring = drawn && contrast(colour(style.outlineColor), background(element.parentElement)) >= 3;
      const field =
        element.matches('input, select, textarea') && contrast(colour(style.borderTopColor), background(element)) >= 3;
      const all = [...document.querySelectorAll(CONTROLS)];
      return { name: nameOf(element), at: all.indexOf(element), shows: ring || field };
    },
  };
  Object.defineProperty(globalThis, 'judge', { value: judge });
})();
