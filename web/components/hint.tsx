/**
 * The few words beside a button that shows only an icon. They come with the mouse and with the keyboard, stay inside the window, and go with Esc
 * (WCAG 2.2, 1.4.13). Screen readers are told nothing here: the button's own label says the same, or more.
 */
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** Between the button and its hint, and between the hint and the edge of the window. */
const GAP_PX = 5;

export function Hint({ label, children }: { label: string; children: ReactNode }) {
  const [shown, setShown] = useState(false);
  const around = useRef<HTMLSpanElement>(null);
  const bubble = useRef<HTMLSpanElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: other words take other room
  useLayoutEffect(() => {
    const button = around.current?.firstElementChild;
    const node = bubble.current;
    if (!shown || !button || !node) return;
    const target = button.getBoundingClientRect();
    const { width, height } = node.getBoundingClientRect();
    const wanted = target.left + (target.width - width) / 2;
    const left = Math.max(GAP_PX, Math.min(document.documentElement.clientWidth - width - GAP_PX, wanted));
    const above = target.top - height - GAP_PX;
    node.style.left = `${left}px`;
    node.style.top = `${above < GAP_PX ? target.bottom + GAP_PX : above}px`;
  }, [shown, label]);

  useEffect(() => {
    if (!shown) return;
    const hide = (): void => setShown(false);
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') hide();
    };
    // It stands where the button was when it came.
    window.addEventListener('scroll', hide, { capture: true, passive: true });
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('scroll', hide, { capture: true });
      window.removeEventListener('keydown', onKey);
    };
  }, [shown]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches what happens to the button inside
    <span
      className="hint-around"
      ref={around}
      onPointerEnter={(event) => event.pointerType !== 'touch' && setShown(true)}
      onPointerLeave={() => setShown(false)}
      onFocus={(event) => event.target.matches(':focus-visible') && setShown(true)}
      onBlur={() => setShown(false)}
    >
      {children}
      {shown && (
        <span className="hint" ref={bubble} aria-hidden="true">
          {label}
        </span>
      )}
    </span>
  );
}
