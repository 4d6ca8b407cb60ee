import type { ReactNode } from 'react';

interface Props {
  /** What is asked. */
  label: string;
  picks: readonly { value: string; title: string }[];
  /** What was picked before. */
  value: string | null;
  onPick: (value: string) => void;
}

/** One of a few at a press. Buttons: with radio buttons the arrow keys would go on by themselves. */
export function Picks({ label, picks, value, onPick }: Props): ReactNode {
  return (
    <div role="group" aria-label={label} className="choices">
      <p className="choices-label">{label}</p>
      <div className="choices-in">
        {picks.map((pick) => (
          <button
            key={pick.value}
            type="button"
            className="pick break"
            aria-pressed={pick.value === value}
            onClick={() => onPick(pick.value)}
          >
            {pick.title}
          </button>
        ))}
      </div>
    </div>
  );
}
