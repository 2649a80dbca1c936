/** How a domain's mail travels, for people in a terminal: servers, certificates, policies, logo and blocklists. */
import type { Records } from '../domain/audit.ts';
import { absent, coloured, faint, marked, type Section } from './check-lines.ts';
import { plain, table } from './open.ts';

const DAY_S = 86_400;

export const mx: Section<'mx'> = ({ hosts, implicit }, _findings, _width, asked) => {
  if (hosts.length === 0)
    return {
      head: implicit.length > 0 ? 'no record; the address of the domain stands in' : absent(asked),
      lines: implicit.map(({ ip }) => faint(ip)),
    };
  if (hosts.length === 1 && hosts[0]?.name === '') return { head: 'takes no mail (null MX)', lines: [] };
  const rows = hosts.map((host) => [
    String(host.priority),
    plain(host.name || '.'),
    host.addresses.map(({ ip }) => ip).join(' '),
    tlsOf(host.tls),
  ]);
  return { head: counted(hosts.length, 'server'), lines: table(rows).split('\n') };
};

function tlsOf(tls: Records['mx']['hosts'][number]['tls']): string {
  if (tls === null) return '';
  return tls.seen ? `${tls.version}, ${tls.problem ?? 'certificate fits'}` : `no TLS seen: ${tls.reason}`;
}

export const ptr: Section<'ptr'> = ({ addresses }) => ({
  head:
    addresses.length === 0 ? 'no sending address is known: name some with --ip' : counted(addresses.length, 'address'),
  lines: addresses.flatMap(({ ip, asked, names, helo }) => [
    ...(names.length === 0 ? [`${ip}: ${asked === 'unasked' ? 'no answer' : 'no reverse name'}`] : []),
    ...names.map((name) => `${ip}: ${plain(name.name)}${leadsBack(name, ip)}`),
    ...(helo === null ? [] : [faint(`  introduces itself as ${plain(helo.name)}`)]),
  ]),
});

function leadsBack(name: Records['ptr']['addresses'][number]['names'][number], ip: string): string {
  if (name.addresses.includes(ip)) return ', which leads back';
  return name.asked === 'unasked' ? ', which gives no answer' : ', which does not lead back';
}

export const mtaSts: Section<'mtaSts'> = ({ record, url, fetched, policy }, findings, width, asked) => {
  const days = policy?.maxAge === null || policy === null ? null : Math.floor(policy.maxAge / DAY_S);
  return {
    head: record === null ? absent(asked) : policy?.mode ? `mode ${policy.mode}` : 'no usable policy',
    lines: [
      ...marked(record?.record ?? null, findings, width),
      ...(record === null || fetched === null
        ? []
        : [faint(`${plain(url)}: ${fetched.got ? `status ${fetched.status}` : fetched.reason}`)]),
      ...(record === null || policy === null
        ? []
        : [
            faint(`for ${policy.mx.map(plain).join(', ') || 'no server'}${days === null ? '' : `, kept ${days} days`}`),
          ]),
    ],
  };
};

export const tlsRpt: Section<'tlsRpt'> = ({ read }, findings, width, asked) => ({
  head: read === null ? absent(asked) : counted(read.addresses.length, 'address'),
  lines: marked(read?.record ?? null, findings, width),
});

export const dane: Section<'dane'> = ({ hosts }, _findings, _width, asked) => {
  const having = hosts.filter(({ records }) => records.length > 0);
  const rows = having.flatMap(({ name, records, secure }) =>
    records.map((record) => [
      plain(name),
      `${record.usage} ${record.selector} ${record.matchingType}`,
      record.fits === null ? 'certificate not seen' : record.fits ? 'fits' : 'does not fit',
      secure ? 'protected' : 'not protected by DNSSEC',
    ]),
  );
  return {
    head: having.length === 0 ? absent(asked) : `${having.length} of ${counted(hosts.length, 'server')}`,
    lines: rows.length === 0 ? [] : table(rows).split('\n'),
  };
};

export const dnssec: Section<'dnssec'> = ({ zone, secure, ds, keys, bogus }, _findings, _width, asked) => {
  const how =
    bogus !== null
      ? coloured('critical', `signatures do not hold (${bogus.cause})`)
      : secure
        ? 'signed and validated'
        : ds.length > 0
          ? 'signed, not validated from here'
          : keys.length > 0
            ? 'signed, but the zone above does not know'
            : 'not signed';
  return {
    head: asked === 'unasked' && bogus === null ? absent(asked) : how,
    lines: zone === null ? [] : [faint(`zone ${plain(zone)}`)],
  };
};

export const bimi: Section<'bimi'> = ({ record, logo, certificate }, findings, width, asked) => ({
  head: record === null ? absent(asked) : record.declined ? 'no logo wanted' : 'a record',
  lines: [
    ...marked(record?.record ?? null, findings, width),
    ...(logo === null ? [] : [faint(`logo: ${logo.got ? `${logo.bytes} bytes` : logo.reason}`)]),
    ...(certificate === null
      ? []
      : [
          faint(
            `certificate: ${certificate.got ? (certificateOf(certificate.read) ?? 'cannot be read') : certificate.reason}`,
          ),
        ]),
  ],
});

type Certificate = Extract<Records['bimi']['certificate'], { got: true }>['read'];
function certificateOf(read: Certificate): string | null {
  if (read === null || read.problem !== null) return null;
  return plain(`${read.kind ?? 'mark certificate'} of ${read.organization ?? 'nobody named'}, ${read.dates}`);
}

export const blocklists: Section<'blocklists'> = ({ lists, entries }) => {
  const names = (state: (typeof lists)[number]['state']) => [
    ...new Set(lists.flatMap((list) => (list.state === state ? [list.name] : []))),
  ];
  const alive = names('alive');
  const others = (['refused', 'dead', 'unasked'] as const).flatMap((state) => {
    const own = names(state).filter((name) => !alive.includes(name));
    return own.length === 0 ? [] : [`${WORDS[state]}: ${own.join(', ')}`];
  });
  const listed = entries.filter(({ meaning }) => meaning === 'listed');
  return {
    head:
      lists.length === 0
        ? 'not asked'
        : listed.length > 0
          ? `listed ${listed.length} times`
          : `on none of ${counted(alive.length, 'list')} that answered`,
    lines: [...listed.map(({ target, list }) => `${plain(target)}: ${list}`), ...others.map(faint)],
  };
};

const WORDS = { refused: 'does not answer us', dead: 'not working', unasked: 'no answer' };

function counted(count: number, word: string): string {
  return `${count} ${count === 1 ? word : word.endsWith('s') ? `${word}es` : `${word}s`}`;
}
