/**
 * The lines a provider puts around a mail it received: Return-Path, Received (RFC 5321 4.4), Received-SPF (RFC 7208 9.1) and
 * Authentication-Results (RFC 8601), each in the house style of the provider. They are what a seed can tell about how a mail was
 * judged, and no two providers write them alike: Outlook gives no authserv-id and puts the address in round brackets between several
 * hops of its own, Yahoo writes `from 203.0.113.7 (EHLO …)`, and Gmail names no reason for spam. The shapes follow mails seen in
 * 2023 to 2026; names of machines are invented.
 */
import type { ProviderName } from './zones.ts';

/** What mailauth found, in the few words the headers need. */
export type Verdict = {
  spf: { result: string; domain: string };
  dkim: { result: string; domain: string; selector: string; signature: string; comment: string }[];
  dmarc: { result: string; policy: string; domain: string };
};

export type Envelope = {
  /** Sending address and its names: as DNS knows it (null: unknown) and as it said in EHLO. */
  ip: string;
  ptr: string | null;
  helo: string;
  mailFrom: string;
  recipient: string;
  /** TLS of the session: `TLSv1.3` and the cipher; null in clear. */
  tls: { version: string; cipher: string } | null;
  id: string;
  /** Epoch ms. */
  at: number;
};

/** Lines put before the mail and lines put at the end of its header. Each ends with CRLF. */
export type Around = { before: string; after: string };

export type HeaderWords = { envelope: Envelope; verdict: Verdict; spam: boolean };

export function headersOfProvider(provider: ProviderName, words: HeaderWords): Around {
  const write = { gmail, outlook, yahoo, 'yahoo-japan': yahooJapan, dovecot: plain }[provider];
  return write(words);
}

/** The authserv-id a provider signs its findings with, for forging it. Outlook has none. */
export const AUTHSERV_ID: Record<ProviderName, string | null> = {
  gmail: 'mx.google.com',
  outlook: null,
  yahoo: 'atlas-production.v2-mail-prod1-gq1.omega.yahoo.com',
  'yahoo-japan': 'mta1028.mail.djm.ynwp.yahoo.co.jp',
  dovecot: 'mx.plain.test',
};

/** `Mon, 23 Nov 2026 12:00:00 +0000`, in the zone the provider writes. */
export function mailDate(at: number, zone: '+0000' | '-0800 (PST)' | '+0900' = '+0000'): string {
  const shift = { '+0000': 0, '-0800 (PST)': -8, '+0900': 9 }[zone];
  return new Date(at + shift * 3_600_000).toUTCString().replace('GMT', zone);
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

function tlsWords(tls: Envelope['tls']): { version: string; cipher: string } {
  return { version: (tls?.version ?? 'none').replace(/^TLSv(\d)\.(\d)$/, 'TLS$1_$2'), cipher: tls?.cipher ?? 'none' };
}

function spfSentence(verdict: Verdict, envelope: Envelope): string {
  const { mailFrom, ip } = envelope;
  switch (verdict.spf.result) {
    case 'pass':
      return `domain of ${mailFrom} designates ${ip} as permitted sender`;
    case 'fail':
      return `domain of ${mailFrom} does not designate ${ip} as permitted sender`;
    case 'softfail':
      return `domain of transitioning ${mailFrom} does not designate ${ip} as permitted sender`;
    case 'permerror':
      return `permanent error in processing during lookup of ${mailFrom}`;
    case 'temperror':
      return `error in processing during lookup of ${mailFrom}`;
    default:
      return `${ip} is neither permitted nor denied by best guess record for domain of ${mailFrom}`;
  }
}

function gmail({ envelope, verdict }: HeaderWords): Around {
  const { ip, ptr, helo, mailFrom, recipient, tls, id, at } = envelope;
  const { version, cipher } = tlsWords(tls);
  const date = mailDate(at, '-0800 (PST)');
  const sentence = `google.com: ${spfSentence(verdict, envelope)}`;
  const signed = verdict.dkim.map(
    ({ result, domain, selector, signature, comment }) =>
      `       dkim=${result}${comment === '' ? '' : ` (${comment})`} header.i=@${domain} header.s=${selector} header.b=${signature};\r\n`,
  );
  const { result, policy, domain } = verdict.dmarc;
  const dmarc =
    result === 'none'
      ? []
      : [
          `       dmarc=${result} (p=${policy.toUpperCase()} sp=${policy.toUpperCase()} dis=${result === 'fail' ? policy.toUpperCase() : 'NONE'}) header.from=${domain}\r\n`,
        ];
  const findings = [
    ...signed,
    `       spf=${verdict.spf.result} (${sentence}) smtp.mailfrom=${mailFrom}${dmarc.length > 0 ? ';' : ''}\r\n`,
    ...dmarc,
  ];
  return {
    before: [
      `Delivered-To: ${recipient}\r\n`,
      `Received: by 2002:a05:7022:6b90:b0:59:31d2:77bc with SMTP id ${id}csp101;\r\n        ${date}\r\n`,
      `X-Received: by 2002:a17:902:f64f:b0:26d:d860:3dae with SMTP id ${id}mr1;\r\n        ${date}\r\n`,
      `Return-Path: <${mailFrom}>\r\n`,
      `Received: from ${helo} (${ptr ?? 'unknown'}. [${ip}])\r\n        by mx.google.com with ESMTP${tls === null ? '' : 'S'} id ${id}\r\n`,
      `        for <${recipient}>\r\n        (version=${version} cipher=${cipher} bits=256/256);\r\n        ${date}\r\n`,
      `Received-SPF: ${verdict.spf.result} (${sentence}) client-ip=${ip};\r\n`,
      `Authentication-Results: mx.google.com;\r\n${findings.join('')}`,
    ].join(''),
    after: '',
  };
}

function outlook({ envelope, verdict, spam }: HeaderWords): Around {
  const { ip, ptr, helo, mailFrom, tls, id, at } = envelope;
  const { version, cipher } = tlsWords(tls);
  const dkim = verdict.dkim[0];
  const { result, domain, policy } = verdict.dmarc;
  const comment = { pass: 'signature was verified', fail: 'signature did not verify', none: 'message not signed' };
  const dkimResult = dkim?.result ?? 'none';
  const dmarc = result === 'none' ? 'bestguesspass' : result;
  const action = result === 'fail' ? (policy === 'reject' ? 'oreject' : policy) : 'none';
  const compauth = result === 'fail' ? 'fail reason=000' : result === 'none' ? 'pass reason=109' : 'pass reason=100';
  const spf = `${verdict.spf.result[0]?.toUpperCase()}${verdict.spf.result.slice(1)}`;
  const spfDomain = domainOf(mailFrom);
  const designates = verdict.spf.result === 'pass' ? 'designates' : 'does not designate';
  const date = mailDate(at);
  const microsoft = `with Microsoft\r\n SMTP Server (version=${version},\r\n cipher=${cipher})`;
  return {
    before: [
      `Received: from SA1NAM12HT091.eop-nam12.prod.protection.outlook.com\r\n (2603:10b6:806:20::14) by LV3PR19MB8345.namprd19.prod.outlook.com with HTTPS;\r\n ${date}\r\n`,
      `Received: from SA1NAM12FT014.eop-nam12.prod.protection.outlook.com\r\n (2a01:111:e400:fc65::4f) by\r\n SA1NAM12HT091.eop-nam12.prod.protection.outlook.com (2a01:111:e400:fc65::201)\r\n ${microsoft} id\r\n 15.20.9343.9; ${date}\r\n`,
      `Authentication-Results: spf=${verdict.spf.result} (sender IP is ${ip})\r\n smtp.mailfrom=${spfDomain}; dkim=${dkimResult} (${comment[dkimResult as keyof typeof comment] ?? dkimResult})\r\n header.d=${dkim?.domain ?? 'none'};dmarc=${dmarc} action=${action}\r\n header.from=${domain};compauth=${compauth}\r\n`,
      `Received-SPF: ${spf} (protection.outlook.com: domain of ${spfDomain} ${designates}\r\n ${ip} as permitted sender) receiver=protection.outlook.com;\r\n client-ip=${ip}; helo=${helo};${verdict.spf.result === 'pass' ? ' pr=C' : ''}\r\n`,
      `Received: from ${helo} (${ip}) by\r\n SA1NAM12FT014.mail.protection.outlook.com (10.13.178.153) ${microsoft} id\r\n 15.20.9343.9 via Frontend Transport; ${date}\r\n`,
      'X-IncomingTopHeaderMarker: OriginalChecksum:00;UpperCasedChecksum:00;SizeAsReceived:0;Count:0\r\n',
    ].join(''),
    after: [
      `X-IncomingHeaderCount: 11\r\nReturn-Path: ${mailFrom}\r\n`,
      `X-MS-Exchange-Organization-Network-Message-Id: ${id}\r\nX-EOPAttributedMessage: 0\r\n`,
      `X-Microsoft-Antispam: BCL:${spam ? 5 : 0};\r\n`,
      `X-Forefront-Antispam-Report: CIP:${ip};CTRY:US;LANG:en;SCL:${spam ? 5 : 1};SRV:;IPV:NLI;SFV:${spam ? 'SPM' : 'NSPM'};H:${helo};PTR:${ptr ?? 'InfoDomainNonexistent'};CAT:${spam ? 'SPM' : 'NONE'};SFS:;DIR:INB;\r\n`,
      `X-Microsoft-Antispam-Mailbox-Delivery: abwl:0;wl:0;pcwl:0;kl:0;iwl:0;dwl:0;dkl:0;rwl:0;ucf:0;jmr:0;ex:0;auth:${result === 'pass' ? 1 : 0};dest:${spam ? 'J' : 'I'};ENG:(5062000308);${spam ? 'OFR:SpamFilterAuthJ;' : ''}\r\n`,
    ].join(''),
  };
}

function yahoo({ envelope, verdict, spam }: HeaderWords): Around {
  const { ip, helo, mailFrom, recipient, tls, id, at } = envelope;
  const { version, cipher } = tlsWords(tls);
  const host = AUTHSERV_ID.yahoo;
  const dkim = verdict.dkim.map(
    ({ result, domain, selector }) => ` dkim=${result} header.i=@${domain} header.s=${selector};\r\n`,
  );
  const { result, policy, domain } = verdict.dmarc;
  const dmarc = result === 'none' ? 'dmarc=unknown' : `dmarc=${result}(p=${policy.toUpperCase()})`;
  return {
    before: [
      `X-Apparently-To: ${recipient} via 10.217.150.13; ${mailDate(at)}\r\n`,
      `Return-Path: <${mailFrom}>\r\nX-Originating-Ip: [${ip}]\r\n`,
      `Received-SPF: ${verdict.spf.result} (${spfSentence(verdict, { ...envelope, mailFrom: domainOf(mailFrom) })})\r\n`,
      `Authentication-Results: ${host};\r\n${dkim.length === 0 ? ' dkim=unknown;\r\n' : dkim.join('')} spf=${verdict.spf.result} smtp.mailfrom=${domainOf(mailFrom)};\r\n ${dmarc} header.from=${domain};\r\n`,
      ...(spam ? [`X-YahooFilteredBulk: ${ip}\r\n`] : []),
      `X-YMailISG: ${Buffer.from(id).toString('base64url')}\r\n`,
      `Received: from ${ip} (EHLO ${helo})\r\n by 10.217.150.13 with SMTP${tls === null ? '' : 's'}\r\n (version=${version} cipher=${cipher});\r\n ${mailDate(at)}\r\n`,
    ].join(''),
    after: '',
  };
}

function yahooJapan({ envelope, verdict, spam }: HeaderWords): Around {
  const { ip, helo, mailFrom, recipient, at } = envelope;
  const host = AUTHSERV_ID['yahoo-japan'];
  const dkim = verdict.dkim.map(
    ({ result, domain, selector }) => ` dkim=${result} header.i=@${domain} header.s=${selector};\r\n`,
  );
  const { result, policy, domain } = verdict.dmarc;
  return {
    before: [
      `X-Apparently-To: ${recipient} via 183.79.57.85; ${mailDate(at, '+0900')}\r\nReturn-Path: <${mailFrom}>\r\n`,
      `X-Originating-IP: [${ip}]\r\n`,
      ...(spam ? [`X-YahooFilteredBulk: ${ip}\r\n`] : []),
      `Received-SPF: ${verdict.spf.result} (${helo}: ${spfSentence(verdict, envelope)}) receiver=${host}; client-ip=${ip}; envelope-from=${mailFrom};\r\n`,
      `Authentication-Results: ${host};\r\n spf=${verdict.spf.result} smtp.mailfrom=${mailFrom};\r\n${dkim.join('')} dmarc=${result}${result === 'none' ? '' : ` (p=${policy})`} header.from=${domain}\r\n`,
      `Received: from ${ip}  (EHLO ${helo}) (${ip})\r\n  by ${host} with SMTP; ${mailDate(at, '+0900')}\r\n`,
    ].join(''),
    after: '',
  };
}

/** A Postfix with rspamd before a Dovecot, as many small providers run it. */
function plain({ envelope, verdict, spam }: HeaderWords): Around {
  const { ip, ptr, helo, mailFrom, recipient, tls, id, at } = envelope;
  const host = AUTHSERV_ID.dovecot;
  const secured = tls === null ? '' : `\r\n\t(using ${tls.version} with cipher ${tls.cipher} (256/256 bits))`;
  const dkim = verdict.dkim.map(
    ({ result, domain, selector, signature }) =>
      `\tdkim=${result} header.d=${domain} header.s=${selector} header.b=${signature};\r\n`,
  );
  const { result, policy, domain } = verdict.dmarc;
  const dmarc = result === 'none' ? '\tdmarc=none' : `\tdmarc=${result} (policy=${policy}) header.from=${domain}`;
  const score = spam ? '16.40' : '-0.70';
  const symbols = [
    verdict.spf.result === 'pass'
      ? 'R_SPF_ALLOW(-0.20)[+ip4]'
      : `R_SPF_${verdict.spf.result.toUpperCase()}(1.00)[${verdict.spf.result}]`,
    verdict.dkim.some((each) => each.result === 'pass') ? `R_DKIM_ALLOW(-0.20)[${domain}]` : 'R_DKIM_NA(0.00)[]',
    result === 'pass'
      ? `DMARC_POLICY_ALLOW(-0.50)[${domain},${policy}]`
      : result === 'none'
        ? 'DMARC_NA(0.00)[]'
        : `DMARC_POLICY_REJECT(2.00)[${domain}]`,
    ...(spam ? ['SANDBOX_SPAM(15.00)[]'] : []),
  ];
  return {
    before: [
      `Return-Path: <${mailFrom}>\r\nDelivered-To: ${recipient}\r\n`,
      `Received: from mx.plain.test\r\n\tby mail.plain.test with LMTP\r\n\tid ${id}\r\n\t(envelope-from <${mailFrom}>)\r\n\tfor <${recipient}>; ${mailDate(at)}\r\n`,
      `Received: from ${helo} (${ptr ?? 'unknown'} [${ip}])${secured}\r\n\tby mx.plain.test (Postfix) with ESMTP${tls === null ? '' : 'S'} id ${id}\r\n\tfor <${recipient}>; ${mailDate(at)}\r\n`,
      `Authentication-Results: ${host};\r\n${dkim.join('')}\tspf=${verdict.spf.result} (${host}: ${spfSentence(verdict, envelope)}) smtp.mailfrom=${mailFrom};\r\n${dmarc}\r\n`,
      `X-Rspamd-Server: mx.plain.test\r\nX-Rspamd-Queue-Id: ${id}\r\nX-Rspamd-Action: ${spam ? 'add header' : 'no action'}\r\n`,
      `X-Spamd-Bar: ${spam ? '++++++++++++++++' : '/'}\r\n`,
      `X-Spamd-Result: default: ${spam ? 'True' : 'False'} [${score} / 15.00];\r\n${symbols.map((symbol) => `\t${symbol}`).join(';\r\n')}\r\n`,
      ...(spam ? ['X-Spam: Yes\r\nX-Spam-Flag: YES\r\n'] : []),
      `X-Spam-Status: ${spam ? 'Yes' : 'No'}, score=${score}\r\n`,
    ].join(''),
    after: '',
  };
}
