import { type ReactNode, useId } from 'react';

export interface Choice {
  value: string;
  title: string;
  hint?: string | null;
}

interface Props {
  legend: string;
  choices: readonly Choice[];
  value: string | null;
  onChange: (value: string) => void;
}

/** One of a few, each a card that can be pressed as a whole; radio buttons for the keyboard and for who does not see them. */
export function Choices({ legend, choices, value, onChange }: Props): ReactNode {
  const name = useId();
  return (
    <fieldset className="choices">
      <legend>{legend}</legend>
      <div className="choices-in">
        {choices.map((choice) => (
          <label key={choice.value} className="choice">
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
            />
            <span className="choice-title break">{choice.title}</span>
            {choice.hint && <span className="choice-hint break">{choice.hint}</span>}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
