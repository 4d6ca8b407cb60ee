/**
 * The first import of every program of ours. What is written through the `__proto__` of an object changes all objects, so it
 * leads nowhere, and no object is given another one; functions and classes may be, by packages that still inherit so, for
 * nothing that comes from outside is one. The name stays known: who refuses names that objects inherit refuses this one too.
 * Said here and not to Node, so that it holds however the program is started.
 */
Object.defineProperty(Object.prototype, '__proto__', {
  get: () => undefined,
  set(this: object, parent: object | null) {
    if (!isFunction(this) && !isOfAClass(this)) throw new TypeError('the prototype of an object is not changed');
    Object.setPrototypeOf(this, parent);
  },
  enumerable: false,
  configurable: false,
});

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

/** Whether it is what the objects of a class inherit from. */
function isOfAClass(value: object): boolean {
  const made: unknown = Object.getOwnPropertyDescriptor(value, 'constructor')?.value;
  return typeof made === 'function' && made.prototype === value;
}
