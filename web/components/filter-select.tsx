/**
 * Narrows a page down to one of a list (a sender, a monitor), or to all. It is the browser's own select: no script of ours opens it, and on a phone
 * it is the wheel that the reader's thumb knows.
 */
import { IconSelector } from '@tabler/icons-react';

type Props = {
  label: string;
  /** What is shown when nothing is chosen. */
  all: string;
  options: readonly { value: string; label: string }[];
  value: string | undefined;
  onChange: (value: string | undefined) => void;
};

export function FilterSelect({ label, all, options, value = '', onChange }: Props) {
  // A link may name what is gone, or the list may be on its way: it is filtered all the same, and must not look as if it were not.
  const unlisted = value !== '' && !options.some((option) => option.value === value);
  return (
    <span className="filter-select">
      <select
        aria-label={label}
        value={value}
        data-empty={value === '' || undefined}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      >
        <option value="">{all}</option>
        {unlisted && <option value={value}>…</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <IconSelector size={14} aria-hidden />
    </span>
  );
}
