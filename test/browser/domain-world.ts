/**
 * A world for the pages of domains: the program beside its sandbox, and a DNS whose zones a test writes. One domain is in order, one has every kind of fault that
 * a page has something to draw for, one has a name in letters, one does not answer.
 */
import { Resolver } from 'node:dns/promises';
import { type Asked, type Script, startAuthority } from '../dns/authority.ts';
import { answerFrom, parseZone, type Zone } from '../domain/zone.ts';
import { startWorld, type World } from '../flow/world.ts';

const OLD_KEY =
  'MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALeQ7wyzSHUCN/qBIX+QqCBvPrPAQIcaEt40UjD9a0jH6OKIqlqQ9dn25S0h8BzInkcfN2QdzbFleDR/ljtykVkCAwEAAQ==';
/** Of a sending service that no test mail goes through. */
const CRM_KEY =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1KXCf6V4T0l2dEMe+F692mf/DkdzLorkWA8vJYX0FAMCRHjw0905jQ49aaPmaxvREqteC6K4iO5I5xDY90pelIkm8vXmEPhPvH0noY+GFXRTw3d5ZPKTUmFHXLwvYsIL9MGbd4vrMQSIlm/3+KeB8dUAghLtz/4Cwrc24qCvR03ZV7rN+Cfk5qXV0eigo6+yGMWUzYEPvmBswqXCgDkmwaizAZ/hm8TqMVijS37K+mo33PLCR16W1UD6DiuRfH3xDGoDKQDSr2OyAug1f68NdWrnfQzGdmfmrnqaRbT1OGG2Dq5Xo58/Y/oWSMjO0ZEhU2/vOl/sljP0HyiQzuHe6QIDAQAB';
const ED25519 = '7OlKMGn2VNwIS7TecHnmvn3nnoUSczPp++zczeL0+aE=';

const ZONES = `
good.test                 TXT "v=spf1 ip4:203.0.113.10 -all"
_dmarc.good.test          TXT "v=DMARC1; p=reject; rua=mailto:dmarc@good.test"
good.test                 MX  10 mx.good.test
mx.good.test              A   127.0.0.9
out.good.test             A   203.0.113.10
out.good.test             TXT "v=spf1 a -all"
10.113.0.203.in-addr.arpa PTR out.good.test
_smtp._tls.good.test      TXT "v=TLSRPTv1; rua=mailto:tls@good.test"
crm._domainkey.good.test   TXT "v=DKIM1; k=rsa; p=${CRM_KEY.slice(0, 200)}" "${CRM_KEY.slice(200)}"

tangled.test              TXT "v=spf1 include:mail.esp.test include:old.esp.test a:gone.tangled.test ip4:192.0.2.0/24 ~all"
mail.esp.test             TXT "v=spf1 include:a.esp.test include:b.esp.test include:c.esp.test ~all"
a.esp.test                TXT "v=spf1 ip4:198.51.100.0/28 a:h1.esp.test a:h2.esp.test ~all"
b.esp.test                TXT "v=spf1 ip4:198.51.100.16/28 a:h3.esp.test ~all"
c.esp.test                TXT "v=spf1 ip4:198.51.100.32/28 a:h4.esp.test ~all"
old.esp.test              TXT "v=spf1 a:h5.esp.test ip4:203.0.113.12 ~all"
h1.esp.test               A   198.51.100.101
h2.esp.test               A   198.51.100.102
h3.esp.test               A   198.51.100.103
h4.esp.test               A   198.51.100.104
h5.esp.test               A   198.51.100.105
_dmarc.tangled.test       TXT "v=DMARC1; p=none; pct=50; rua=mailto:reports@elsewhere.test; ri=86400"
elsewhere.test            MX  10 mx.good.test
s1._domainkey.tangled.test  TXT "v=DKIM1; k=ed25519; p=${ED25519}"
old._domainkey.tangled.test TXT "v=DKIM1; k=rsa; t=y; p=${OLD_KEY}"
tangled.test              MX  10 mx.tangled.test
tangled.test              MX  20 mx.good.test
mx.tangled.test           A   127.0.0.9
12.113.0.203.in-addr.arpa PTR out.tangled.test
out.tangled.test          A   203.0.113.99
default._bimi.tangled.test TXT "v=BIMI1; l=http://tangled.test/logo.svg"
_mta-sts.tangled.test     TXT "v=STSv1; id=not/valid"

xn--bcher-kva.test        TXT "v=spf1 ip4:192.0.2.1 -all"
xn--bcher-kva.test        MX  0 .

silent.test               TXT !SERVFAIL
_dmarc.silent.test        TXT !TIMEOUT

2.0.0.127.list.test A 127.0.0.2
12.113.0.203.list.test A 127.0.0.2
`;

export type DomainWorld = World & {
  /** Puts another value in the place of all of a name's records of one type; null takes them away. */
  publish: (name: string, type: string, value: string | null) => void;
};

export async function startDomainWorld(now: () => number = Date.now): Promise<DomainWorld> {
  const zone: Zone = parseZone(ZONES);
  const authority = await startAuthority((name: string, type: string, asked: Asked): Script => {
    const said = answerFrom(zone, name.toLowerCase(), type, asked);
    // Nothing is kept by the client: each check sees what stands there now.
    return { ...said, soaMinimum: 0, answers: said.answers?.map((record) => ({ ...record, ttl: 0 })) ?? [] };
  });
  const settings = { TODOKU_DNS_SERVERS: authority.address, TODOKU_BLOCKLISTS: 'ip:list.test' };
  const world = await startWorld(settings, now).catch(async (error: unknown) => {
    await authority.close();
    throw error;
  });
  const publish: DomainWorld['publish'] = (name, type, value) => {
    const kept = (zone.get(name) ?? []).filter((entry) => entry.type !== type);
    const fresh = value === null ? [] : (parseZone(`${name} ${type} ${value}`).get(name) ?? []);
    if (kept.length + fresh.length === 0) zone.delete(name);
    else zone.set(name, [...kept, ...fresh]);
  };
  // The sandbox makes a key of its own each time.
  const resolver = new Resolver();
  resolver.setServers([world.sandbox.dnsServer]);
  const [key = []] = await resolver.resolveTxt('s1._domainkey.good.test');
  const strings = key.join('').match(/.{1,250}/g) ?? [];
  publish('s1._domainkey.good.test', 'TXT', strings.map((text) => `"${text}"`).join(' '));
  const stopWorld = world.stop;
  return Object.assign(world, {
    publish,
    async stop() {
      await stopWorld();
      await authority.close();
    },
  });
}

/** Checks a domain now. */
export async function checkNow(world: World, id: string): Promise<void> {
  await world.call('POST', `/api/domains/${id}/checks`);
}
