/** One of a few, as cards of the browser's own radio buttons: reached with Tab, chosen with the arrows, pressed with a thumb. */
import type { ReactNode } from 'react';

type Props<Value extends string> = {
  legend: string;
  /** On a wide page; left out: as many as there is room for. */
  columns?: 2 | 4;
  name: string;
  options: readonly { value: Value; label: ReactNode; note?: string | undefined }[];
  value: Value | null;
  onChange: (value: Value) => void;
};

export function Choices<Value extends string>({ legend, columns, name, options, value, onChange }: Props<Value>) {
  return (
    <fieldset className="choices">
      <legend>{legend}</legend>
      <div data-columns={columns}>
        {options.map((option) => (
          <label key={option.value} className="choice">
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={value === option.value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
            {option.note !== undefined && <small>{option.note}</small>}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
