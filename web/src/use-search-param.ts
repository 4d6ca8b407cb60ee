import { useState } from 'react';

/** A choice that is kept in the address, so that it is still made when the page is loaded again. Never a secret. */
export function useSearchParam(name: string): [string | null, (value: string | null) => void] {
  const [value, setValue] = useState(() => new URLSearchParams(location.search).get(name));
  const keep = (next: string | null): void => {
    const url = new URL(location.href);
    if (next === null) url.searchParams.delete(name);
    else url.searchParams.set(name, next);
    history.replaceState(null, '', url.pathname + url.search);
    setValue(next);
  };
  return [value, keep];
}
