/**
 * How a reader gets off the list. Gmail, Yahoo and Outlook show a button of their own when the header says where to (RFC 2369) and that one click is enough (RFC 8058); since
 * 2024 they ask bulk senders for it. What laws ask to be shown is information, not advice of a lawyer. Pure.
 */
import { firstOf, readParameters } from '../fields.ts';
import { raise } from '../findings.ts';
import type { Facts, Field, Finding } from '../types.ts';

export const ONE_CLICK = 'List-Unsubscribe=One-Click';
/** Words of links that lead off a list. */
export const UNSUBSCRIBE_WORDS =
  /unsubscri|opt[\s_-]?out|(?:e?mail|subscription|notification)[\s_-]?preferences|manage (?:your )?(?:subscription|preference)|stop receiving|配信(?:を|の)?(?:停止|解除|中止|変更)|(?:登録|購読)(?:を|の)?(?:解除|停止|中止|変更)|退会|メール(?:の)?(?:停止|解除)|受信(?:を)?(?:停止|拒否)|abmelden|abbestellen|désabonn|desinscri|darse de baja|cancelar (?:la )?suscripci/i;

export function checkUnsubscribe(facts: Facts): Finding[] {
  return [...header(facts.fields), ...signed(facts.fields), ...shown(facts), ...laws(facts)];
}

/** What one-click needs and has; used by the checklist of bulk senders too. */
export function oneClick(fields: readonly Field[]): boolean {
  const own = [...header(fields), ...signed(fields)];
  return own.every(({ id }) => id === 'unsubscribe-header-plain');
}

/** The addresses in angle brackets. */
export function unsubscribeAddresses(fields: readonly Field[]): string[] {
  const value = firstOf(fields, 'list-unsubscribe')?.value ?? '';
  return [...value.slice(0, 20_000).matchAll(/<\s*([^<>\s]+)\s*>/g)].map(([, address = '']) => address);
}

function header(fields: readonly Field[]): Finding[] {
  const list = firstOf(fields, 'list-unsubscribe');
  if (list === null) return [raise('unsubscribe-header-missing')];
  const place = { line: list.line, column: 1 };
  const addresses = unsubscribeAddresses(fields);
  const known = addresses.filter((address) => /^(?:https?:\/\/[^/]|mailto:[^@]+@)/i.test(address));
  if (known.length === 0) return [raise('unsubscribe-header-invalid', { ...place, value: list.value.slice(0, 200) })];
  const plain = known.find((address) => /^http:/i.test(address));
  const secure = known.some((address) => /^https:/i.test(address));
  const post = firstOf(fields, 'list-unsubscribe-post');
  const found = plain === undefined ? [] : [raise('unsubscribe-header-plain', { ...place, url: plain })];
  if (post === null)
    return [
      ...found,
      raise('unsubscribe-one-click-missing', place, { header: 'List-Unsubscribe-Post', value: ONE_CLICK }),
    ];
  const postPlace = { line: post.line, column: 1 };
  if (post.value.replace(/\s/g, '').toLowerCase() !== ONE_CLICK.toLowerCase())
    found.push(
      raise(
        'unsubscribe-one-click-value',
        { ...postPlace, value: post.value.slice(0, 200) },
        { header: 'List-Unsubscribe-Post', value: ONE_CLICK },
      ),
    );
  if (!secure) found.push(raise('unsubscribe-one-click-https', postPlace));
  return found;
}

/** RFC 8058 §4: a valid signature covers both. Whether it holds is a matter of authentication. */
function signed(fields: readonly Field[]): Finding[] {
  const signatures = fields.filter(({ key }) => key === 'dkim-signature');
  const wanted = ['list-unsubscribe', 'list-unsubscribe-post'].filter((key) => firstOf(fields, key) !== null);
  if (signatures.length === 0 || wanted.length === 0) return [];
  const covered = signatures.some(({ value }) => {
    const names = (readParameters(`;${value}`).parameters.get('h') ?? '').toLowerCase().split(/\s*:\s*/);
    return wanted.every((key) => names.includes(key));
  });
  const [first] = signatures;
  return covered ? [] : [raise('unsubscribe-unsigned', { line: first?.line ?? 1, column: 1, fields: wanted })];
}

function shown({ html, text }: Facts): Finding[] {
  if (html === null && text === null) return [];
  const linked =
    html !== null
      ? html.links.some(({ href, text }) => UNSUBSCRIBE_WORDS.test(`${text} ${href.slice(0, 1000)}`)) ||
        // "To unsubscribe, click here": the words stand beside the link.
        (UNSUBSCRIBE_WORDS.test(html.text) && html.links.some(({ text }) => /^(?:click )?here$|こちら/i.test(text)))
      : UNSUBSCRIBE_WORDS.test(text?.text ?? '') && /https?:\/\/|mailto:|@/.test(text?.text ?? '');
  return linked ? [] : [raise('unsubscribe-link-missing', { part: html?.part ?? text?.part ?? '0' })];
}

/** 特定電子メール法 §4: who sends, that mail can be refused, where to, an address, and where to complain. CAN-SPAM §7704(a)(5): a postal address. */
function laws({ html, text, languages }: Facts): Finding[] {
  const words = `${html?.text ?? ''}\n${text?.text ?? ''}`;
  const part = html?.part ?? text?.part ?? '0';
  const [language] = languages;
  if (language === 'ja') {
    const missing = [
      ...(/株式会社|有限会社|合同会社|法人|(?:運営|発行|配信|送信)(?:者|元|会社)|事務局/.test(words) ? [] : ['sender']),
      ...(UNSUBSCRIBE_WORDS.test(words) ? [] : ['refusal']),
      ...(/〒\s?\d{3}|[都道府県].{1,12}[市区町村]/.test(words) ? [] : ['address']),
      ...(/問い?合わ?せ|お客様(?:窓口|相談)|連絡先|\d{2,4}-\d{2,4}-\d{3,4}/.test(words) ? [] : ['contact']),
    ];
    return missing.length === 0 ? [] : [raise('unsubscribe-law-japan', { part, missing })];
  }
  if (language !== 'en') return [];
  const address =
    /\b[A-Z]{2}\s+\d{5}(?:-\d{4})?\b|\bP\.?\s?O\.?\s+Box\b|\b\d{1,5}\s+(?:[A-Z][\w.]*\s){1,4}(?:St|Street|Ave|Avenue|Rd|Road|Blvd|Boulevard|Lane|Ln|Drive|Dr|Way|Square|Suite)\b|〒\s?\d{3}|\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b/;
  return address.test(words) ? [] : [raise('unsubscribe-law-us', { part })];
}
