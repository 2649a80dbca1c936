/** Asks for the TXT records at a name, and at the domain itself where such a record is put by mistake; adds nothing. */
import { askedOf, textsOf, type UnaskedList } from './answers.ts';
import type { Reach } from './reach.ts';
import type { Asked } from './types.ts';

export type TextsAt = {
  asked: Asked;
  /** Records of the protocol. */
  records: string[];
  others: string[];
  /** Records of the protocol at `elsewhere`; only looked for where there are none. */
  misplaced: string[];
};

/** @param begins how the protocol's records begin */
export async function gatherTexts(
  reach: Reach,
  name: string,
  elsewhere: string,
  begins: RegExp,
  unasked: UnaskedList,
): Promise<TextsAt> {
  const answer = await reach.ask(name, 'TXT');
  unasked.note(name, 'TXT', answer);
  const { own, others } = chooseTexts(textsOf(answer), begins);
  const asked = askedOf(answer, own.length > 0);
  const there = asked === 'none' ? textsOf(await reach.ask(elsewhere, 'TXT')) : [];
  return { asked, records: own, others, misplaced: chooseTexts(there, begins).own };
}

/** Which of the TXT records at a name are a protocol's, by how they begin. */
export function chooseTexts(texts: readonly string[], begins: RegExp): { own: string[]; others: string[] } {
  return { own: texts.filter((text) => begins.test(text)), others: texts.filter((text) => !begins.test(text)) };
}
